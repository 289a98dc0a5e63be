//! What a path says about the role of a file. Whole words only: `latest` is no test, `device` no dev.

use std::fmt;

use super::names::{ending, is_code};
use crate::fact::Role;
use crate::path::file_name;

/// What shows a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// A folder on the way.
    Folder(Box<str>),
    /// The file's own name.
    Name(Box<str>),
    /// A glob under `roles:` in the policy.
    Policy(Box<str>),
    /// Words in the first lines.
    Marker(&'static str),
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Evidence::Folder(part) => write!(f, "it lies in `{part}/`"),
            Evidence::Name(part) => write!(f, "it is called `{part}`"),
            Evidence::Policy(glob) => write!(f, "the policy says so (`{glob}`)"),
            Evidence::Marker(words) => write!(f, "its first lines say `{words}`"),
        }
    }
}

/// Where in a name a word tells a role. A name is split at `.` into pieces, a piece at `-` and `_` into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Nowhere.
    No,
    /// As a whole piece: `local` in `compose.local.yml`, not in `local-storage.yaml`.
    Whole,
    /// As the last word of a piece: `dev` in `overlay-dev`, not in `dev-portal`.
    Last,
    /// As the first or last word of a piece: `test` in `test-connection.yaml`, not in `ab-test-config`.
    Ends,
    /// Anywhere.
    Any,
    /// As the last word of a piece, in program text: `spec` in `cart_spec.rb`, not in `pod-spec.yaml`.
    Code,
}

struct Word(&'static str, Role, At /* in folders */, At /* in file names */);

use At::{Any, Code, Ends, Last, No, Whole};
use Role::{Development, Example, Patch, Staging, Template, Test, Tool};

/// Sorted by word.
#[rustfmt::skip]
const WORDS: &[Word] = &[
    Word("acceptance", Test, Whole, Whole),
    Word("archived", Example, Whole, No),
    Word("bench", Test, Whole, Whole),
    Word("benches", Test, Whole, No),
    Word("benchmark", Test, Last, Last),
    Word("benchmarks", Test, Last, Last),
    Word("ci", Tool, Ends, Last),
    Word("codegen", Tool, Any, Last),
    Word("codesandbox", Development, Any, Any),
    Word("conformance", Test, Any, Ends),
    Word("cookbook", Example, Whole, No),
    Word("cypress", Test, Any, Last),
    Word("ddev", Development, Any, Any),
    Word("debug", Development, Last, Last),
    Word("demo", Example, Any, Ends),
    Word("demos", Example, Any, Ends),
    Word("dev", Development, Last, Ends),
    Word("devcontainer", Development, Any, Any),
    Word("devel", Development, Last, Ends),
    Word("develop", Development, Last, Ends),
    Word("developer", Development, Whole, No),
    Word("development", Development, Last, Ends),
    Word("devenv", Development, Any, Any),
    Word("doc", Example, Whole, No),
    Word("docs", Example, Last, No),
    Word("documentation", Example, Whole, No),
    Word("dredd", Test, Any, Any),
    Word("dummy", Test, Whole, Whole),
    Word("dusk", Test, Whole, Whole),
    Word("e2e", Test, Any, Any),
    Word("e2etest", Test, Any, Any),
    Word("e2etests", Test, Any, Any),
    Word("emulator", Development, Last, Last),
    Word("emulators", Development, Last, Last),
    Word("example", Example, Any, Ends),
    Word("examples", Example, Any, Ends),
    Word("fixture", Test, Any, Any),
    Word("fixtures", Test, Any, Any),
    Word("genproto", Tool, Any, Last),
    Word("gitpod", Development, Any, Any),
    Word("hack", Tool, Whole, No),
    Word("idea", Development, Whole, No),
    Word("integrationtest", Test, Any, Any),
    Word("integrationtests", Test, Any, Any),
    Word("k3d", Development, Whole, Last),
    Word("loadtest", Test, Any, Any),
    Word("local", Development, Last, Last),
    Word("localdev", Development, Any, Any),
    Word("localhost", Development, Whole, Last),
    Word("minikube", Development, Whole, Last),
    Word("mock", Test, No, Whole),
    Word("mocks", Test, No, Whole),
    Word("obsolete", Example, No, Last),
    Word("old", Example, No, Last),
    Word("orig", Example, No, Last),
    Word("original", Example, No, Last),
    Word("patch", Patch, Whole, Last),
    Word("patches", Patch, Whole, Last),
    Word("playground", Example, Last, Last),
    Word("playwright", Test, Any, Last),
    Word("poc", Example, Any, Ends),
    Word("preprod", Staging, Last, Ends),
    Word("preproduction", Staging, Last, Ends),
    Word("qa", Staging, Last, Last),
    Word("quickstart", Example, Whole, Ends),
    Word("quickstarts", Example, Whole, No),
    Word("sample", Example, Any, Ends),
    Word("samples", Example, Any, Ends),
    Word("sandbox", Development, Whole, Last),
    Word("skeleton", Template, Whole, No),
    Word("snippets", Example, Whole, No),
    Word("spec", Test, Whole, Code),
    Word("specs", Test, Whole, No),
    Word("stage", Staging, Whole, Whole),
    Word("staging", Staging, Last, Ends),
    Word("stg", Staging, Last, Last),
    Word("stubs", Test, Whole, No),
    Word("suites", Test, Whole, No),
    Word("test", Test, Any, Ends),
    Word("testdata", Test, Any, Any),
    Word("testing", Test, Any, Ends),
    Word("testresources", Test, Any, Any),
    Word("tests", Test, Any, Any),
    Word("tool", Tool, Whole, No),
    Word("tooling", Tool, Whole, No),
    Word("tools", Tool, Whole, No),
    Word("travis", Tool, Last, Last),
    Word("tutorial", Example, Whole, Last),
    Word("tutorials", Example, Whole, No),
    Word("uat", Staging, Last, Last),
    Word("uffizzi", Development, Any, Any),
    Word("unittest", Test, Any, Any),
    Word("unittests", Test, Any, Any),
    Word("vagrant", Development, Whole, Last),
    Word("vscode", Development, Whole, No),
    Word("workshop", Example, Whole, No),
];

/// How the names of folders begin that stand for something else: `mockserver`, `mock-bank`.
const STAND_IN: &str = "mock";

/// Homes of pipelines: what they are called says which job they do, not whom they serve.
const PIPELINE_FOLDERS: &[&str] = &[
    ".azure-pipelines",
    ".azuredevops",
    ".buildkite",
    ".circleci",
    ".drone",
    ".gitea",
    ".github",
    ".gitlab",
    ".semaphore",
    ".tekton",
    ".woodpecker",
];

/// How the names of pipelines begin or end.
const PIPELINE_NAMES: &[&str] = &[
    ".drone",
    ".gitlab-ci",
    ".travis",
    ".woodpecker",
    "azure-pipelines",
    "bitbucket-pipelines",
    "cloudbuild",
    "jenkinsfile",
];

/// Ends of names of files that another program fills in.
const TEMPLATE_ENDS: &[&str] =
    &["dist", "ejs", "erb", "gotmpl", "hbs", "in", "j2", "jinja", "jinja2", "mustache", "template", "tmpl", "tpl"];

/// Ends that say how a file is written, not what it is for.
const FORMATS: &[&str] = &[
    "bak",
    "cfg",
    "conf",
    "config",
    "env",
    "hcl",
    "ini",
    "json",
    "json5",
    "jsonc",
    "properties",
    "sh",
    "tf",
    "tfvars",
    "toml",
    "txt",
    "xml",
    "yaml",
    "yml",
];

/// The role that `path` shows, and the part that shows it: the path below the PATH that was named on the command
/// line. Nothing shows [`Role::Production`]. What is not shipped outranks staging; of equals, the outermost counts.
pub fn role_of_path(path: &str) -> (Role, Option<Evidence>) {
    let name = file_name(path);
    let folders = path.get(..path.len() - name.len()).unwrap_or_default().trim_end_matches('/');
    let mut best: Option<(Role, Evidence)> = None;
    for folder in folders.split('/').filter(|folder| !folder.is_empty()) {
        if PIPELINE_FOLDERS.contains(&folder) {
            return decided(best);
        }
        if let Some(role) = role_of_folder(folder) {
            keep(&mut best, role, || Evidence::Folder(folder.into()));
        }
    }
    if let Some(role) = role_of_name(name) {
        keep(&mut best, role, || Evidence::Name(name.into()));
    }
    decided(best)
}

fn decided(best: Option<(Role, Evidence)>) -> (Role, Option<Evidence>) {
    best.map_or((Role::Production, None), |(role, evidence)| (role, Some(evidence)))
}

fn keep(best: &mut Option<(Role, Evidence)>, role: Role, evidence: impl FnOnce() -> Evidence) {
    if best.as_ref().is_none_or(|(old, _)| old.is_shipped() && !role.is_shipped()) {
        *best = Some((role, evidence()));
    }
}

fn role_of_folder(folder: &str) -> Option<Role> {
    if folder.contains("{{") {
        return Some(Template); // cookiecutter's `{{cookiecutter.name}}`
    }
    let folder = folder.to_ascii_lowercase();
    if matches!(folder.as_str(), ".snapshots" | "__snapshots__") {
        return Some(Test); // what a test compares with
    }
    if folder == "_static" {
        return Some(Example); // what Sphinx hands out with a documentation
    }
    // A dot is no more than a dash in the name of a folder.
    let piece = folder.trim_start_matches(['.', '_']).replace('.', "-").replace("dev-env", "devenv");
    if piece.starts_with(STAND_IN) {
        return Some(Test);
    }
    role_of_piece(&piece, |word| word.2, false)
}

fn role_of_name(name: &str) -> Option<Role> {
    let lower = name.to_ascii_lowercase();
    if PIPELINE_NAMES.iter().any(|start| lower.starts_with(start)) || lower.ends_with(".gitlab-ci.yml") {
        return None;
    }
    let pieces: Vec<&str> = lower.split('.').filter(|piece| !piece.is_empty()).collect();
    let count = pieces.len();
    let last_is_format = count > 1 && pieces.last().is_some_and(|last| FORMATS.contains(last));
    let pieces = pieces.get(..count - usize::from(last_is_format)).unwrap_or_default();
    let code = is_code(name);
    if let Some(role) = pieces.iter().find_map(|piece| role_of_piece(piece, |word| word.3, code)) {
        return Some(role);
    }
    let is_compose = pieces.first().is_some_and(|first| first.ends_with("compose"));
    if is_compose && pieces.contains(&"override") {
        return Some(Development); // merged by `up` on a developer's machine without being asked
    }
    (pieces.len() > 1 && TEMPLATE_ENDS.contains(&ending(name).as_str()))
        .then_some(Template)
        .or_else(|| (lower == "vagrantfile" || lower == "tiltfile").then_some(Development))
}

fn role_of_piece(piece: &str, at: impl Fn(&Word) -> At, code: bool) -> Option<Role> {
    let words: Vec<&str> = piece.split(['-', '_', ' ']).filter(|word| !word.is_empty()).collect();
    let last = words.len().checked_sub(1)?;
    words.iter().enumerate().find_map(|(index, text)| {
        let found = WORDS.binary_search_by(|word| word.0.cmp(text)).ok()?;
        let word = WORDS.get(found)?;
        let tells = match at(word) {
            No => false,
            Whole => last == 0,
            Last => index == last,
            Ends => index == 0 || index == last,
            Any => true,
            Code => code && index == last,
        };
        tells.then_some(word.1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted_so_that_they_can_be_searched() {
        assert!(WORDS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn paths_show_roles() {
        let cases: &[(&str, Role)] = &[
            ("test/telemetry/Dockerfile", Test),
            ("src/test/resources/application.yml", Test),
            ("__tests__/Dockerfile", Test),
            ("e2e/compose.yaml", Test),
            ("e2e-tests/Dockerfile", Test),
            ("pkg/testdata/x.yaml", Test),
            ("spec/fixtures/a.yml", Test),
            ("chart/templates/tests/test-connection.yaml", Test),
            ("docker-compose.test.yml", Test),
            ("src/frontend/Dockerfile.cypress", Test),
            ("cart_spec.rb", Test),
            ("pkg/main_test.go", Test),
            ("examples/voting-app/Dockerfile", Example),
            ("config/samples/a.yaml", Example),
            ("docs/Dockerfile", Example),
            ("src/_static/compose.yaml", Example),
            (".env.example", Example),
            ("config.sample.yaml", Example),
            (".env.dist", Template),
            ("app.yaml.j2", Template),
            ("{{cookiecutter.name}}/Dockerfile", Template),
            ("Dockerfile.dev", Development),
            ("dev.Dockerfile", Development),
            ("docker-compose.override.yml", Development),
            ("compose.override.yaml", Development),
            ("deploy/values-dev.yaml", Development),
            ("overlays/dev/kustomization.yaml", Development),
            (".devcontainer/Dockerfile", Development),
            (".env.local", Development),
            ("local.env", Development),
            ("hack/build/Dockerfile", Tool),
            ("tools/Dockerfile", Tool),
            ("ci/Dockerfile", Tool),
            ("src/checkout/genproto/Dockerfile", Tool),
            ("overlays/staging/app.yaml", Staging),
            ("values.uat.yaml", Staging),
            ("overlays/prod/patches/replicas.yaml", Patch),
            ("deployment-patch.yaml", Patch),
            ("ui/.snapshots/node.json", Test),
            ("docker/devenv/compose.yaml", Development),
            ("docker-compose.gitpod.yaml", Development),
            ("quickstart-mysql.yml", Example),
            ("_archived/app.yaml", Example),
            ("releases/db-conformance.sh", Test),
            ("deployment/compose/dredd/base.yml", Test),
            ("uffizzi/docker-compose.yml", Development),
            ("deploy/mock-bank/Dockerfile", Test),
            ("mockserver/compose.yaml", Test),
            ("__mocks__/Dockerfile", Test),
        ];
        for (path, role) in cases {
            let (got, evidence) = role_of_path(path);
            assert_eq!(got, *role, "{path}");
            assert!(evidence.is_some(), "{path}");
        }
    }

    #[test]
    fn words_inside_words_show_nothing() {
        for path in [
            "Dockerfile",
            "latest/Dockerfile",
            "contest/deploy.yaml",
            "device-plugin/daemonset.yaml",
            "services/attestation/Dockerfile",
            "services/dev-portal/Dockerfile",
            "local-storage/provisioner.yaml",
            "pod-spec.yaml",
            "spec.yaml",
            "ab-test-config.yaml",
            "chart/templates/deployment.yaml",
            "overlays/production/app.yaml",
            ".github/workflows/test.yml",
            ".github/workflows/ci.yml",
            ".gitlab-ci.yml",
            "ci.gitlab-ci.yml",
            "Jenkinsfile.test",
            "demonstrate.yaml",
            "sampler.yaml",
            "development-tools-api/x.yaml",
            "",
            "/",
            "...",
        ] {
            assert_eq!(role_of_path(path), (Role::Production, None), "{path}");
        }
    }

    #[test]
    fn what_is_not_shipped_outranks_staging_and_the_outermost_counts() {
        let says = |path| {
            let (role, evidence) = role_of_path(path);
            (role, evidence.map(|evidence| evidence.to_string()).unwrap_or_default())
        };
        assert_eq!(says("staging/tests/a.yaml"), (Test, "it lies in `tests/`".into()));
        assert_eq!(says("examples/dev/a.yaml"), (Example, "it lies in `examples/`".into()));
        assert_eq!(says("staging/Dockerfile.dev"), (Development, "it is called `Dockerfile.dev`".into()));
        assert_eq!(says("examples/.github/workflows/test.yml"), (Example, "it lies in `examples/`".into()));
    }
}
