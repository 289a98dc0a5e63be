//! What is in force where: user, folder, shell and commands, followed through stages.

use std::collections::HashSet;
use std::sync::Arc;

use super::dialect::Dialect;
use super::flow::Flow;
use super::layer::Layer;
use super::shell_state::{Shell, speaks_of_windows};
use super::variable::Variables;
use super::{copy, pitfall, reference};
use crate::inspect::dockerfile::document::{Base, Body, Document, Instruction, Keyword, Resolved, Word};
use crate::span::Span;

/// How many names and paths stages take over from one another in all: each stage may keep those of the stage below.
const MOST_INHERITED: usize = 200_000;

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

    /// How many names and paths are known.
    fn len(&self) -> usize {
        self.copied.len() + self.folders.len() + self.variables.len() + self.flow.len()
    }

    /// The same without names and paths, which may have been anything.
    fn without_names(self) -> Self {
        let flow = self.flow.without_names();
        let (copied, folders, variables) = (Arc::default(), Arc::default(), Variables::default());
        Self { copied, folders, variables, copied_more: true, flow, ..self }
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
    let mut inherited = 0;
    for number in 0..document.stages.len() {
        let mut state = start(document, &ends, Some(number));
        let range = document.stages.get(number).map(|stage| stage.instructions.clone()).unwrap_or_default();
        let instructions = document.instructions.get(range.clone()).unwrap_or_default();
        let steps = instructions.iter().zip(layers.get(range.clone()).unwrap_or_default());
        let steps = (range.start..).zip(steps);
        for (index, (instruction, layer)) in steps {
            state.step(document, index, instruction, layer);
        }
        inherited += state.len();
        ends.push(if inherited > MOST_INHERITED { state.without_names() } else { state });
    }
    ends
}
