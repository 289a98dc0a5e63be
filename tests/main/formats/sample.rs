//! A report made by hand: a small service with mistakes of the kind people make.

use std::sync::Arc;

use seaworthy::checklist::{Evidence, Gate, Item, Phase, State};
use seaworthy::fact::{Reason, Role};
use seaworthy::finding::{Category, Finding, Related, Severity, Status, Tally, Unknown, Waiver};
use seaworthy::mask::Masker;
use seaworthy::report::{Inputs, Needs, NotRun, Report, RuleInfo, Run, Skipped, Tool};
use seaworthy::score::Weights;
use seaworthy::source::{Encoding, Origin, Source};
use seaworthy::span::{SourceId, Span};

pub(crate) const TOKEN: &str = "s3cr3t-Value-1234567890";

const DOCKERFILE: &str = "\
FROM node:latest AS build
WORKDIR /app
COPY . .
RUN npm ci && \\
    npm run build && \\
    rm -rf /tmp/* && \\
    apt-get update && \\
    apt-get install -y curl

FROM node
COPY --from=build /app/dist /app
ENV API_TOKEN=s3cr3t-Value-1234567890 NODE_ENV=production
EXPOSE 3000
CMD [\"node\", \"/app/server.js\"]
";

const API: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 1
  selector:
    matchLabels: {app: api}
  template:
    metadata:
      labels: {app: web}   # größer als 日本 gedacht
    spec:
      containers:
        - name: api
          image: registry.example.com/shop/api:latest
          securityContext:
            privileged: true
          livenessProbe:
            httpGet: {path: /health, port: 8081}
\tports: [{containerPort: 3000}]
";

const SERVICE: &str = "\
apiVersion: v1
kind: Service
metadata:
  name: api
spec:
  selector: {app: api}
  ports: [{port: 80, targetPort: 8080}]
";

struct Maker {
    sources: Vec<Source>,
    findings: Vec<Finding>,
}

impl Maker {
    fn source(&mut self, path: &str, text: &str) -> SourceId {
        let id = SourceId(self.sources.len() as u32);
        let origin = Origin::File(path.into());
        self.sources.push(Source::new(id, origin, Encoding::Utf8, Role::Production, text));
        id
    }

    /// The span of the first `needle`.
    fn at(&self, id: SourceId, needle: &str) -> Span {
        let start = self.sources[id.0 as usize].text().find(needle).expect(needle);
        Span::new(id, start..start + needle.len())
    }

    fn add(
        &mut self,
        rule: &str,
        severity: Severity,
        category: Category,
        primary: Span,
        message: &str,
    ) -> &mut Finding {
        let fingerprint = format!("{:032x}", self.findings.len() + 1);
        self.findings.push(Finding {
            rule: rule.into(),
            format: None,
            severity,
            category,
            message: message.into(),
            subject: "Deployment/shop/api".into(),
            role: Role::Production,
            primary,
            related: Vec::new(),
            fingerprint,
            group: None,
            fix: None,
            status: Status::Open,
        });
        self.findings.last_mut().expect("one was just added")
    }
}

/// The sample, with everything that formats can show.
pub(crate) fn report() -> Report {
    build(maker(), Severity::Info, Gate { min_score: Some(70), max_unknown: Some(1), ..Gate::default() })
}

/// The sample with no more than `needs` asks for.
pub(crate) fn needing(needs: Needs) -> Report {
    let gate = Gate { min_score: Some(70), max_unknown: Some(1), ..Gate::default() };
    build_for(maker(), Severity::Info, gate, needs)
}

/// Nothing was found.
pub(crate) fn clean() -> Report {
    build(Maker { sources: Vec::new(), findings: Vec::new() }, Severity::Info, Gate::default())
}

/// The sample, of which only `least` and worse is shown.
pub(crate) fn at_least(least: Severity) -> Report {
    build(maker(), least, Gate::default())
}

/// A report about any text, with a finding at each of `places` (start and length, cut to what is there).
pub(crate) fn of(text: &str, places: &[(usize, usize)]) -> Report {
    let mut maker = Maker { sources: Vec::new(), findings: Vec::new() };
    let id = maker.source(text.get(..9).unwrap_or("any/thing"), text);
    let cut = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    for (nth, (start, length)) in places.iter().enumerate() {
        let span = Span::new(id, cut(*start)..cut(start + length));
        let severity = Severity::ALL[nth % 5];
        let finding = maker.add("kubernetes/any", severity, Category::ALL[nth], span, text);
        finding.related.push(Related { span: Span::new(id, 0..cut(*length)), message: text.into() });
    }
    build(maker, Severity::Info, Gate::default())
}

fn maker() -> Maker {
    let mut maker = Maker { sources: Vec::new(), findings: Vec::new() };
    dockerfile(&mut maker);
    kubernetes(&mut maker);
    many(&mut maker);
    maker.findings.sort_by_key(|finding| (finding.primary, finding.rule.clone()));
    maker
}

fn dockerfile(maker: &mut Maker) {
    use Category::{Efficiency, Reliability, Security};
    let id = maker.source("services/api/Dockerfile", DOCKERFILE);
    let latest = maker.at(id, "node:latest");
    let message = "image `node:latest` is not pinned: the next build may get another one";
    maker.add("dockerfile/image-untagged", Severity::Medium, Reliability, latest, message);
    let run = maker.at(id, "RUN npm ci && \\\n    npm run build && \\\n    rm -rf /tmp/* && \\\n    apt-get update && \\\n    apt-get install -y curl");
    let message = "the lists of apt stay in the layer: 20 MB in every copy of the image";
    maker.add("dockerfile/apt-lists-kept", Severity::Low, Efficiency, run, message);
    let last = maker.at(id, "FROM node\n");
    let last = Span { end: last.end - 1, ..last };
    let cmd = maker.at(id, "CMD");
    let root = maker.add(
        "dockerfile/runs-as-root",
        Severity::High,
        Security,
        last,
        "the last stage runs as root: it has no `USER`",
    );
    root.related.push(Related { span: cmd, message: "this command runs as root".into() });
    let secret = maker.at(id, TOKEN);
    let message = "`API_TOKEN` looks like a secret, and stays in the image for everybody who can pull it";
    let secret = maker.add("secrets/value-in-source", Severity::Critical, Security, secret, message);
    secret.format = Some("generic-token".into());
    secret.group = Some("token".into());
    let key = maker.at(id, "API_TOKEN");
    let env = maker.add("dockerfile/secret-in-env", Severity::High, Security, key, "`API_TOKEN` is set with `ENV`");
    env.group = Some("token".into());
    let port = maker.at(id, "3000");
    let waived =
        maker.add("dockerfile/port-unused", Severity::Low, Category::Correctness, port, "nobody listens on 3000");
    waived.status = Status::Waived(Waiver {
        by: "inline".into(),
        reason: "the sidecar does".into(),
        until: Some("2027-01-31".into()),
    });
}

fn kubernetes(maker: &mut Maker) {
    use Category::{Availability, Correctness, Observability, Security};
    let id = maker.source("deploy/api.yaml", API);
    let service = maker.source("deploy/service.yaml", SERVICE);
    let label = maker.at(id, "web");
    let selector = maker.at(id, "{app: api}");
    let message = "the selector of Deployment `api` does not match the labels of its own pods";
    let mismatch = maker.add("kubernetes/selector-mismatch", Severity::Critical, Correctness, label, message);
    mismatch.related.push(Related { span: selector, message: "selects `app=api`".into() });
    let privileged = maker.at(id, "privileged: true");
    let message = "container `api` is privileged: who breaks into it owns the node";
    maker.add("kubernetes/privileged", Severity::Critical, Security, privileged, message);
    let probe = maker.at(id, "8081");
    let ports = maker.at(id, "3000");
    let message = "the liveness probe asks port 8081, on which the container does not listen";
    let probe = maker.add("kubernetes/probe-port-closed", Severity::High, Availability, probe, message);
    probe.related.push(Related { span: ports, message: "the only port of the container".into() });
    let replicas = maker.at(id, "replicas: 1");
    let message = "Deployment `api` has one replica: every update and every lost node is an outage";
    maker.add("kubernetes/replicas-single", Severity::Medium, Availability, replicas, message);
    let target = maker.at(service, "8080");
    let message = "Service `api` sends to port 8080, on which no container listens";
    let closed = maker.add("kubernetes/service-port-closed", Severity::High, Availability, target, message);
    closed.related.push(Related { span: ports, message: "container `api` listens here".into() });
    closed.role = Role::Staging;
    let name = maker.at(service, "api\n");
    let name = Span { end: name.end - 1, ..name };
    maker.add(
        "kubernetes/labels-missing",
        Severity::Info,
        Observability,
        name,
        "Service `api` has no `app.kubernetes.io` labels",
    );
    let kind = maker.at(service, "v1");
    maker.add("kubernetes/baseline-one", Severity::High, Security, kind, "was there before").status = Status::Baseline;
}

/// The same mistake in many files.
fn many(maker: &mut Maker) {
    for n in 1..=12 {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: worker-{n}}}\nspec:\n  containers:\n    - name: worker\n      image: shop/worker:1.{n}\n"
        );
        let id = maker.source(&format!("deploy/workers/worker-{n:02}.yaml"), &text);
        let name = maker.at(id, "worker\n");
        let name = Span { end: name.end - 1, ..name };
        let message = format!("container `worker` of Pod `worker-{n}` has no memory limit");
        maker.add("kubernetes/memory-unlimited", Severity::Medium, Category::Reliability, name, &message);
    }
}

fn build(maker: Maker, min_severity: Severity, gate: Gate) -> Report {
    let all = Needs { table_frames: true, page_frames: true, all_frames: true, line_hashes: true };
    build_for(maker, min_severity, gate, all)
}

fn build_for(maker: Maker, min_severity: Severity, gate: Gate, needs: Needs) -> Report {
    let masker = Masker::new(maker.sources.len(), |source| {
        source.text().match_indices(TOKEN).map(|(at, token)| at..at + token.len()).collect()
    });
    let full = !maker.findings.is_empty();
    let rules = rules(&maker.findings);
    Report::new(Inputs {
        sources: &maker.sources,
        masker: &masker,
        tool: Tool { version: "0.1.0".into(), rules_digest: "sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f0".into() },
        run: Run {
            paths: vec![".".into()],
            now: "2026-11-21T00:00:00Z".into(),
            env: full.then(|| "production".into()),
            profile: "recommended".into(),
            online: false,
            partial: false,
            policy_path: full.then(|| "seaworthy.yaml".into()),
            policy_digest: full.then(|| "sha256:00112233445566778899aabbccddeeff".into()),
        },
        unknown: if full { unknown(&maker.sources) } else { Vec::new() },
        not_run: if full { not_run() } else { Vec::new() },
        skipped: if full { skipped() } else { Vec::new() },
        checklist: if full { checklist() } else { Vec::new() },
        tallies: tallies(&maker.findings),
        rules,
        asked: 0,
        inspected: if full { 16 } else { 3 },
        findings: maker.findings,
        weights: &Weights::default(),
        gate: &gate,
        min_severity,
        needs,
    })
}

fn unknown(sources: &[Source]) -> Vec<Unknown> {
    let at =
        sources.iter().find(|source| source.path() == "deploy/service.yaml").map(|source| source.whole().at_start());
    vec![
        Unknown {
            inspector: "kubernetes".into(),
            path: "charts/shop".into(),
            endpoint: None,
            span: None,
            reason: Reason::Template("the templates of this chart need Helm and its values".into()),
            rules: 38,
            required: false,
        },
        Unknown {
            inspector: "kubernetes".into(),
            path: "deploy/service.yaml".into(),
            endpoint: None,
            span: at,
            reason: Reason::Unresolved("the image depends on `${TAG}`, which nothing here sets".into()),
            rules: 2,
            required: true,
        },
    ]
}

fn not_run() -> Vec<NotRun> {
    vec![NotRun { inspector: "tls".into(), target: "shop.example.com:443".into(), reason: "needs --online".into() }]
}

fn skipped() -> Vec<Skipped> {
    let one = |path: &str, reason: &str| Skipped { path: path.into(), reason: reason.into() };
    vec![
        one("web/logo.png", "binary"),
        one("web/index.html", "no inspector"),
        one("web/main.css", "no inspector"),
        one("vendor/lib/Dockerfile", "vendored"),
    ]
}

fn checklist() -> Vec<Item> {
    let by = |kind: &str, reference: &str, message: &str| Evidence {
        kind: kind.into(),
        reference: reference.into(),
        message: message.into(),
    };
    let item = |id: &str, title: &str, phase, required, state, by: Vec<Evidence>| Item {
        id: id.into(),
        title: title.into(),
        phase,
        section: None,
        required,
        state,
        by,
        records: Vec::new(),
    };
    vec![
        item(
            "secrets-out",
            "No secret is in the repository or in an image",
            Phase::Pre,
            true,
            State::Fail,
            vec![
                by("rule", "secrets/value-in-source", "1 open finding, the first at services/api/Dockerfile:12:15"),
                by("rule", "dockerfile/secret-in-env", "1 open finding"),
            ],
        ),
        item(
            "migrations",
            "Migrations run before the first pod that needs them",
            Phase::Pre,
            false,
            State::Pass,
            vec![by("rule", "kubernetes/migration-order", "passed for 2 workloads")],
        ),
        item(
            "rollback",
            "The rollback was rehearsed in an environment like production",
            Phase::Pre,
            true,
            State::Waiting,
            Vec::new(),
        ),
        item(
            "announce",
            "The people named in the communication plan were told",
            Phase::During,
            false,
            State::Unknown,
            Vec::new(),
        ),
        item(
            "smoke",
            "The smoke test passes against the new release",
            Phase::Post,
            false,
            State::NotApplicable,
            vec![by("attestation", "01J0EXAMPLE", "no public route in this release")],
        ),
    ]
}

fn tallies(findings: &[Finding]) -> Vec<Tally> {
    let mut ids: Vec<(Arc<str>, Category)> = findings.iter().map(|f| (f.rule.clone(), f.category)).collect();
    ids.push(("dockerfile/workdir-relative".into(), Category::Correctness));
    ids.push(("env/placeholder-value".into(), Category::Operability));
    ids.sort();
    ids.dedup();
    let count =
        |rule: &str, open: bool| findings.iter().filter(|f| *f.rule == *rule && f.is_open() == open).count() as u32;
    let tally = |(rule, category): (Arc<str>, Category)| Tally {
        pass: 4,
        fail: count(&rule, true),
        waived: count(&rule, false),
        unknown: u32::from(&*rule == "env/placeholder-value"),
        not_applicable: 1,
        category,
        rule,
    };
    ids.into_iter().map(tally).collect()
}

fn rules(findings: &[Finding]) -> Vec<RuleInfo> {
    let mut rules: Vec<RuleInfo> = findings.iter().map(rule).collect();
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    rules.dedup_by(|a, b| a.id == b.id);
    rules
}

fn rule(finding: &Finding) -> RuleInfo {
    let (title, fix) = match &*finding.rule {
        "dockerfile/runs-as-root" => (
            "Image runs as root",
            "Write `USER 10001` before `CMD`. A number, so that Kubernetes can check it.\n\n```dockerfile\nUSER 10001\n```\n",
        ),
        "dockerfile/image-untagged" => {
            ("Image is not pinned", "Name a version and its digest: `node:22.11-bookworm-slim@sha256:…`.")
        }
        "kubernetes/privileged" => (
            "Container is privileged",
            "Remove `privileged: true` and grant the one capability it needs; most programs need none.",
        ),
        "kubernetes/memory-unlimited" => {
            ("Container has no memory limit", "Set `resources.limits.memory` to what it needs at its worst.")
        }
        "kubernetes/selector-mismatch" => {
            ("Selector matches no pod", "Give the pod template the labels that the selector asks for.")
        }
        _ => ("Something is wrong", "Mend it <b>now</b>."),
    };
    RuleInfo {
        id: finding.rule.to_string(),
        title: title.into(),
        severity: finding.severity,
        category: finding.category,
        why: "It goes wrong when nobody looks. It does not matter in a test.".into(),
        fix: fix.into(),
        references: vec!["https://docs.example.com/hardening".into()],
        tags: vec!["cwe-250".into()],
        precision: "high".into(),
        url: Some(format!("https://docs.example.com/rules/{}", finding.rule)),
    }
}
