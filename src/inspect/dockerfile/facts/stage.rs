//! What is in force where: user, folder, shell and commands, followed through stages; and the record of each stage.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use super::dialect::Dialect;
use super::flow::Flow;
use super::layer::{self, Layer};
use super::shell_state::{Shell, speaks_of_windows};
use super::variable::Variables;
use super::{Stage, copy, gapped, later, optional, pitfall, reference, word_value};
use crate::fact::{Data, Reason, Record, Role, Value};
use crate::inspect::dockerfile::document::{Base, Body, Command, Document, Instruction, Keyword, Resolved, Word};
use crate::product::known;
use crate::span::Span;

/// What the instructions so far leave in force.
#[derive(Debug, Clone)]
pub(super) struct State<'s> {
    /// The last USER.
    pub(super) user: Option<(Resolved<'s>, Span)>,
    /// Whether a WORKDIR is set.
    pub(super) has_workdir: bool,
    /// The last CMD, as an index of instructions.
    pub(super) cmd: Option<usize>,
    /// The last ENTRYPOINT.
    pub(super) entrypoint: Option<usize>,
    /// The last HEALTHCHECK that is one.
    pub(super) healthcheck: Option<Span>,
    /// The last HEALTHCHECK, NONE included, as an index of instructions.
    pub(super) last_healthcheck: Option<usize>,
    /// Whether SHELL was used.
    pub(super) sets_shell: bool,
    /// The shell that reads commands.
    pub(super) shell: Shell,
    /// `PIP_NO_CACHE_DIR` is on.
    pub(super) pip_keeps_nothing: bool,
    /// `APT::Get::Assume-Yes` or its like was written to a file.
    pub(super) apt_says_yes: bool,
    /// `APT::Install-Recommends` was written to a file.
    pub(super) apt_recommends_off: bool,
    /// The names of manifests and lock files copied from the context.
    pub(super) copied: Arc<HashSet<String>>,
    /// Folders or patterns were copied, which may hold anything.
    pub(super) copied_more: bool,
    /// The whole context was copied.
    pub(super) has_source: bool,
    /// A manifest was copied before the whole context.
    pub(super) has_manifest: bool,
    /// Whether a shell may have been copied in.
    pub(super) may_have_shell: bool,
    /// Whether a list of users may have been copied in.
    pub(super) may_know_users: bool,
    /// The first command that creates a user.
    pub(super) creates_user: Option<Span>,
    /// Something that leaves root was installed or is run.
    pub(super) drops_privileges: bool,
    /// The stage at the bottom of the chain, which is built on an image or on nothing.
    pub(super) root: Option<usize>,
    /// The stage itself.
    pub(super) stage: Option<usize>,
    /// A `chown` ran: who owns what is not followed.
    pub(super) has_changed_owner: bool,
    /// Folders, files, volumes and programs.
    pub(super) flow: Flow,
    /// What ENV and ARG set.
    pub(super) variables: Variables<'s>,
    /// Folders that instructions made: WORKDIR, COPY, mkdir, git clone.
    pub(super) folders: Arc<HashSet<String>>,
}

impl<'s> State<'s> {
    pub(super) fn before_from() -> Self {
        Self {
            shell: Shell {
                is_posix: true,
                pipefail: false,
                errexit: false,
                dialect: Dialect::Unknown,
                evidence: None,
                sh: Dialect::Unknown,
                reads_profile: false,
            },
            variables: Variables::default(),
            folders: Arc::default(),
            pip_keeps_nothing: false,
            apt_says_yes: false,
            apt_recommends_off: false,
            copied: Arc::default(),
            copied_more: false,
            has_source: false,
            has_manifest: false,
            user: None,
            has_workdir: false,
            cmd: None,
            entrypoint: None,
            healthcheck: None,
            last_healthcheck: None,
            sets_shell: false,
            may_know_users: false,
            may_have_shell: false,
            creates_user: None,
            drops_privileges: false,
            root: None,
            stage: None,
            has_changed_owner: false,
            flow: Flow::default(),
        }
    }

    /// What `instruction` changes.
    pub(super) fn step(
        &mut self,
        document: &Document<'s>,
        index: usize,
        instruction: &Instruction<'s>,
        layer: &Layer<'s>,
    ) {
        if instruction.onbuild.is_some() {
            return;
        }
        self.flow.step(index, instruction, layer);
        self.variables.step(document, instruction);
        match (&instruction.body, instruction.keyword) {
            (Body::Text(word), Keyword::User) => {
                self.user = Some((word.value.clone(), instruction.line.span(word.place.clone())));
            }
            (Body::Text(word), Keyword::Workdir) => {
                self.has_workdir = true;
                self.folder(&word.value.text);
            }
            (Body::Words { words, .. }, Keyword::Shell) => {
                self.sets_shell = true;
                self.shell = Shell::of(words, self.shell.sh, instruction.keyword_span());
            }
            (Body::Words { words, .. }, Keyword::Copy | Keyword::Add) => self.copy(instruction, words),
            (Body::Pairs { pairs, .. }, Keyword::Env | Keyword::Arg) => {
                if let Some(pair) = pairs.iter().rfind(|pair| pair.key == "PIP_NO_CACHE_DIR") {
                    self.pip_keeps_nothing = pair.value.as_ref().is_some_and(|word| is_truthy(&word.value.text));
                }
            }
            (Body::Command(_), Keyword::Cmd) => self.cmd = Some(index),
            (Body::Command(_), Keyword::Entrypoint) => {
                if self.cmd.is_some_and(|cmd| !same_stage(document, cmd, index)) {
                    self.cmd = None;
                }
                self.entrypoint = Some(index);
            }
            (body, Keyword::Healthcheck) => {
                self.last_healthcheck = Some(index);
                self.healthcheck = matches!(body, Body::Command(_)).then_some(instruction.keyword_span());
            }
            _ => {}
        }
        self.run(document, instruction, layer);
    }

    fn copy(&mut self, instruction: &Instruction<'s>, words: &[Word<'s>]) {
        let brings = copy::may_bring_shell(words);
        self.may_have_shell |= brings;
        self.may_know_users |= brings || words.iter().any(|word| word.value.text.contains("etc"));
        let Some((destination, sources)) = words.split_last() else { return };
        self.folder(&destination.value.text);
        if instruction.flag("from").is_some() {
            self.copied_more = true;
            return;
        }
        for source in sources {
            let name = source.value.text.rsplit('/').next().unwrap_or_default();
            const PROJECT: [&str; 9] = [
                "package.json",
                "package-lock.json",
                "npm-shrinkwrap.json",
                "yarn.lock",
                "pnpm-lock.yaml",
                "composer.json",
                "composer.lock",
                "Gemfile",
                "Gemfile.lock",
            ];
            if PROJECT.contains(&name) {
                Arc::make_mut(&mut self.copied).insert(name.to_owned());
                self.has_manifest |= !self.has_source;
            } else if name.starts_with("package") && name.contains('*') {
                // `package*.json` is written to bring the lock along where there is one.
                Arc::make_mut(&mut self.copied).extend(["package.json".to_owned(), "package-lock.json".to_owned()]);
                self.has_manifest |= !self.has_source;
            } else if matches!(&*source.value.text, "." | "./" | "/") {
                self.has_source = true;
                self.copied_more = true;
            } else if !name.contains('.') || name.contains(['*', '?', super::GAP]) || name.starts_with('.') {
                self.copied_more = true;
            }
        }
    }

    fn run(&mut self, document: &Document<'s>, instruction: &Instruction<'s>, layer: &Layer<'s>) {
        for command in &layer.commands {
            let name = command.name.as_str();
            self.has_changed_owner |= matches!(name, "chown" | "chmod") || command.has("-o");
            if matches!(name, "useradd" | "adduser") && instruction.keyword == Keyword::Run {
                self.creates_user.get_or_insert(command.name_span);
            }
            let leaves = |text: &str| {
                let name = text.rsplit('/').next().unwrap_or_default();
                matches!(
                    name,
                    "gosu"
                        | "su-exec"
                        | "setpriv"
                        | "runuser"
                        | "s6-setuidgid"
                        | "chpst"
                        | "setuidgid"
                        | "dumb-init-su"
                        | "s6"
                        | "s6-overlay"
                        | "nginx"
                        | "httpd"
                        | "apache2"
                        | "apache2-foreground"
                        | "apache2ctl"
                        | "apachectl"
                        | "php-fpm"
                        | "supervisord"
                        | "sshd"
                )
            };
            self.drops_privileges |= leaves(name) || command.args.iter().any(|word| leaves(&word.text));
        }
        if instruction.keyword == Keyword::Run {
            self.shell_changes(layer);
            for path in layer.commands.iter().flat_map(pitfall::made) {
                self.folder(&path);
            }
            let text = document.text.get(instruction.range.clone()).unwrap_or_default();
            self.apt_says_yes |= text.contains("Assume-Yes") || text.contains("assumeyes");
            self.apt_recommends_off |= text.contains("Install-Recommends");
        }
    }
}

/// Whether a switch is on.
pub(super) fn is_truthy(text: &str) -> bool {
    !matches!(text.to_ascii_lowercase().as_str(), "" | "0" | "false" | "no" | "off")
}

fn same_stage(document: &Document<'_>, one: usize, other: usize) -> bool {
    let stage = |index: usize| document.instructions.get(index).and_then(|instruction| instruction.stage);
    stage(one) == stage(other)
}

/// What is in force where stage `index` begins.
pub(super) fn start<'s>(document: &Document<'s>, ends: &[State<'s>], index: Option<usize>) -> State<'s> {
    let base = index.and_then(|index| document.stages.get(index)).map(|stage| stage.base);
    match base {
        Some(Base::Stage(base)) => State { stage: index, ..ends.get(base).cloned().unwrap_or_else(State::before_from) },
        Some(base) => {
            let may_have_shell = base != Base::Scratch;
            let flow = Flow { folder: (base == Base::Scratch).then(|| "/".to_owned()), ..Flow::default() };
            let state = State { root: index, stage: index, may_have_shell, flow, ..State::before_from() };
            let image = index.and_then(|index| document.stages.get(index)).map(|stage| &*stage.image.value.text);
            let parts = reference::parts(image.unwrap_or_default());
            let windows = reference::family(parts.name, parts.tag) == Some("windows") || document.escape == b'`';
            let known = image.filter(|text| !text.contains(super::GAP) && base == Base::Image);
            let sh = if windows { Dialect::Foreign } else { known.map_or(Dialect::Unknown, Dialect::of_image) };
            let sh = if sh == Dialect::Unknown && speaks_of_windows(document, index) { Dialect::Foreign } else { sh };
            let from = index.and_then(|index| document.instructions.get(document.stages.get(index)?.from));
            let evidence = from.map(|from| from.keyword_span());
            State { shell: Shell { is_posix: !windows, dialect: sh, sh, evidence, ..state.shell }, ..state }
        }
        None => State::before_from(),
    }
}

/// What is in force at the end of every stage.
pub(super) fn ends<'s>(document: &Document<'s>, layers: &[Layer<'s>]) -> Vec<State<'s>> {
    let mut ends: Vec<State<'s>> = Vec::with_capacity(document.stages.len());
    for number in 0..document.stages.len() {
        let mut state = start(document, &ends, Some(number));
        let range = document.stages.get(number).map(|stage| stage.instructions.clone()).unwrap_or_default();
        let instructions = document.instructions.get(range.clone()).unwrap_or_default();
        let steps = instructions.iter().zip(layers.get(range.clone()).unwrap_or_default());
        let steps = (range.start..).zip(steps);
        for (index, (instruction, layer)) in steps {
            state.step(document, index, instruction, layer);
        }
        ends.push(state);
    }
    ends
}

/// What a stage is for: what its file is for, unless its name says that it is for less.
pub(super) fn role(document: &Document<'_>, stage: Option<usize>, file: Role) -> Role {
    let name = stage.and_then(|index| document.stages.get(index)).and_then(|stage| stage.name.as_deref());
    let mut words = name.unwrap_or_default().split(['-', '_', '.']);
    let said = words.find_map(|word| match word {
        "dev" | "devel" | "development" | "devcontainer" | "debug" | "local" => Some(Role::Development),
        "test" | "tests" | "testing" | "e2e" | "lint" | "ci" => Some(Role::Test),
        "docs" | "proto" | "protoc" => Some(Role::Tool),
        _ => None,
    });
    said.filter(|_| file.is_shipped()).unwrap_or(file)
}

/// The record of every stage.
pub(super) fn records<'s>(document: &Document<'s>, ends: &[State<'s>]) -> Vec<Arc<Record<'s>>> {
    let circles = later::circles(document);
    let mut names = std::collections::HashSet::new();
    let runs = ends.last().is_some_and(|end| end.cmd.or(end.entrypoint).is_some());
    let mut records = Vec::with_capacity(ends.len());
    for (index, end) in ends.iter().enumerate() {
        let (Some(stage), Some(root)) =
            (document.stages.get(index), end.root.and_then(|root| document.stages.get(root)))
        else {
            continue;
        };
        let Some(from) = document.instructions.get(stage.from) else { continue };
        let repeats = stage.name.as_ref().is_some_and(|name| !names.insert(name.clone()));
        let in_circle = circles.contains(&index);
        let about = About {
            in_circle,
            document,
            runs,
            index,
            stage,
            from,
            root,
            end,
            repeats,
            is_final: index + 1 == ends.len(),
        };
        records.push(about.record());
    }
    records
}

struct About<'d, 's> {
    /// Whether it needs itself through others.
    in_circle: bool,
    /// Whether the last stage starts a process.
    runs: bool,
    document: &'d Document<'s>,
    index: usize,
    stage: &'d crate::inspect::dockerfile::document::Stage<'s>,
    from: &'d Instruction<'s>,
    root: &'d crate::inspect::dockerfile::document::Stage<'s>,
    end: &'d State<'s>,
    repeats: bool,
    is_final: bool,
}

impl<'s> About<'_, 's> {
    fn record(&self) -> Arc<Record<'s>> {
        let Self { index, stage, from, end, .. } = *self;
        let image = from.line.span(stage.image.place.clone());
        let name_span = from.line.span(stage.name_place.clone().unwrap_or(stage.image.place.clone()));
        let label = stage.name.clone().unwrap_or_else(|| index.to_string());
        let reserved = stage.name.as_deref().is_some_and(|name| matches!(name, "scratch" | "context"));
        let written = stage.name_place.clone().map(|place| from.line.get(place)).unwrap_or_default();
        let platform = from.flag("platform").and_then(|flag| flag.value.as_ref());
        let platform_span = platform.map_or(image, |word| from.line.span(word.place.clone()));
        let start = self.start();
        Stage {
            name: optional(stage.name.clone(), name_span),
            label: Value::str(label, name_span),
            index: Value::int(index as i64, image),
            is_final: Value::bool(self.is_final, image),
            is_shipped: Value::bool(stage.is_shipped, image),
            is_used: Value::bool(stage.is_used, name_span),
            base: self.base(image),
            base_image: self.base_image(image),
            family: self.family(image),
            user: self.user(image),
            sets_user: Value::bool(end.user.is_some(), end.user.as_ref().map_or(image, |(_, span)| *span)),
            runs_as_root: self.runs_as_root(image),
            starts_process: Value::bool(start.is_some(), start.unwrap_or(image)),
            is_run: Value::bool(stage.is_shipped && self.runs, image),
            drops_privileges: Value::bool(end.drops_privileges, image),
            creates_user: Value::bool(end.creates_user.is_some(), end.creates_user.unwrap_or(image)),
            repeats_name: Value::bool(self.repeats, name_span),
            has_reserved_name: Value::bool(reserved, name_span),
            has_lower_case_name: Value::bool(!written.chars().any(char::is_uppercase), name_span),
            as_matches_from: self.as_matches_from(image),
            as_like_from: super::rewrite::as_like_from(self.from, image),
            has_platform: Value::bool(platform.is_some(), platform_span),
            platform: platform.map_or_else(|| Value::absent(image), |word| word_value(from, word)),
            platform_flag: super::rewrite::platform_flag(from, image),
            platform_is_literal: Value::bool(platform.is_some_and(|word| !word.has_variable), platform_span),
            platform_is_default: Value::bool(platform.is_some_and(|word| self.is_target(word)), platform_span),
            is_in_circle: Value::bool(self.in_circle, name_span),
            declares_volume: Value::bool(!end.flow.volumes.is_empty(), image),
            labels: Value::list(end.flow.labels.iter().map(|key| Value::str(key.clone(), image)).collect(), image),
            undeclared: self.undeclared(platform, image),
            has_default_image: Value::bool(reference::is_valid_without_gaps(&stage.image.value), image),
        }
        .record()
    }

    /// The instruction that says what the image runs. A file that cannot be a program is exported, not run.
    fn start(&self) -> Option<Span> {
        let last = self.end.entrypoint.or(self.end.cmd)?;
        let instruction = self.document.instructions.get(last)?;
        let is_data = match &instruction.body {
            Body::Command(Command::Exec { args, .. }) => args.first().is_some_and(|word| {
                [".apk", ".ipa", ".zip", ".txt", ".html", ".tgz", ".gz"]
                    .iter()
                    .any(|end| word.value.text.ends_with(end))
            }),
            _ => false,
        };
        // An image that only opens a shell is a tool for people.
        let is_shell = match &instruction.body {
            Body::Command(Command::Exec { args, .. }) => match args.as_slice() {
                [only] => layer::is_shell(only.value.text.rsplit('/').next().unwrap_or_default()),
                _ => false,
            },
            _ => false,
        };
        (!is_data && !is_shell).then(|| instruction.keyword_span())
    }

    fn is_target(&self, word: &Word<'s>) -> bool {
        let text = self.from.line.get(word.place.clone()).trim_matches(['"', '\'']);
        matches!(text, "$TARGETPLATFORM" | "${TARGETPLATFORM}")
    }

    fn base(&self, image: Span) -> Value<'s> {
        match self.stage.base {
            Base::Stage(_) => Value::str("stage", image),
            Base::Scratch => Value::str("scratch", image),
            Base::Image => Value::str("image", image),
            Base::Unknown => self.unknown_image(image),
        }
    }

    fn unknown_image(&self, image: Span) -> Value<'s> {
        let why = self.root.image.value.unknown.clone();
        Value::unknown(Reason::Unresolved(why.unwrap_or_else(|| "the image is not known".into())), image)
    }

    fn base_image(&self, image: Span) -> Value<'s> {
        let value = &self.root.image.value;
        gapped(Some(reference::parts(&value.text).name), value.unknown.as_ref(), image)
    }

    fn family(&self, image: Span) -> Value<'s> {
        let parts = reference::parts(&self.root.image.value.text);
        let family = match self.root.base {
            Base::Scratch => Some("scratch"),
            _ => reference::family(parts.name, parts.tag),
        };
        optional(family, image)
    }

    fn user(&self, image: Span) -> Value<'s> {
        match &self.end.user {
            Some((user, span)) => match &user.unknown {
                None => Value::str(user.text.clone(), *span),
                Some(reason) => Value::unknown(Reason::Unresolved(Arc::clone(reason)), *span),
            },
            None => Value::absent(image),
        }
    }

    fn runs_as_root(&self, image: Span) -> Value<'s> {
        if let Some((user, span)) = &self.end.user {
            return match (is_root(&user.text), &user.unknown) {
                (root, None) => Value::bool(root, *span),
                (_, Some(reason)) => Value::unknown(Reason::Unresolved(Arc::clone(reason)), *span),
            };
        }
        let text = &self.root.image.value.text;
        let hints = ["nonroot", "non-root", "unprivileged", "rootless"];
        match self.root.base {
            Base::Scratch => Value::bool(true, image),
            _ if hints.iter().any(|hint| text.contains(hint)) => Value::bool(false, image),
            Base::Unknown => self.unknown_image(image),
            // The entry point of the image leaves root, unless this file puts another in its place.
            _ if self.end.entrypoint.is_none() && known(text).is_some_and(|known| leaves_root(&known)) => {
                Value::bool(false, image)
            }
            _ => match known(text).and_then(|known| known.runs_as_non_root()) {
                Some(non_root) => Value::bool(!non_root, image),
                None => {
                    Value::unknown(Reason::Unresolved("it is not known which user the base image sets".into()), image)
                }
            },
        }
    }

    fn as_matches_from(&self, image: Span) -> Value<'s> {
        let Body::From { as_place: Some(place), .. } = &self.from.body else { return Value::bool(true, image) };
        let keyword = self.from.line.get(self.from.keyword_place.clone());
        let word = self.from.line.get(place.clone());
        let same = |upper: bool| [keyword, word].iter().all(|text| text.chars().all(|c| c.is_uppercase() == upper));
        let mixed = keyword.chars().any(char::is_uppercase) && keyword.chars().any(char::is_lowercase);
        Value::bool(mixed || same(true) || same(false), self.from.line.span(place.clone()))
    }

    fn undeclared(&self, platform: Option<&Word<'s>>, image: Span) -> Value<'s> {
        let words = platform.into_iter().chain([&self.stage.image]);
        let uses = words.flat_map(|word| &word.undefined).map(|undefined| {
            Value::str(Cow::Owned(undefined.name.clone()), self.from.line.span(undefined.place.clone()))
        });
        Value::new(Data::List(uses.collect::<Vec<_>>().into()), image)
    }
}

fn leaves_root(known: &crate::product::Known<'_>) -> bool {
    known.user().is_some_and(|user| user.drops_to.is_some())
}

/// Whether a USER means root: by name or number, whatever the group.
pub(super) fn is_root(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or_default().trim();
    name == "root" || (!name.is_empty() && name.bytes().all(|byte| byte == b'0'))
}
