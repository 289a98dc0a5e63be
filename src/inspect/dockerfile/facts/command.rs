//! Every command of a RUN, with what it does to packages.

use super::layer::{Arg, Command, Layer};
use super::manager::{self, Call};
use super::state::State;
use super::{CommandFact as Subject, Out, Package, Run, habit, optional, pipe, pitfall, risk};
use crate::fact::{Data, Value};
use crate::inspect::dockerfile::document::{Base, Body, Command as Written, Instruction, Keyword};
use crate::span::Span;
use crate::syntax::shell::Connector;

/// A command in its layer, with what is in force.
pub(super) struct At<'a, 's> {
    pub(super) layer: &'a Layer<'s>,
    pub(super) index: usize,
    pub(super) command: &'a Command<'s>,
    pub(super) now: &'a State<'s>,
}

impl<'s> Out<'_, 's> {
    /// The RUN, and each of its commands.
    pub(super) fn run(&mut self, index: usize, instruction: &Instruction<'s>, layer: &Layer<'s>, now: &State<'s>) {
        if instruction.keyword != Keyword::Run {
            return;
        }
        self.whole_run(index, instruction, layer, now);
        let stage = self.stage_of(instruction);
        for (index, command) in layer.commands.iter().enumerate() {
            if !command.name.is_empty() {
                let at = At { layer, index, command, now };
                let fact = self.command(&at, stage.clone());
                let path = self.path();
                self.facts.push(fact.fact(command.name_span, path, self.role));
            }
        }
    }

    fn whole_run(&mut self, index: usize, instruction: &Instruction<'s>, layer: &Layer<'s>, now: &State<'s>) {
        let span = instruction.keyword_span();
        let last = layer.commands.iter().rfind(|command| command.inside.is_none() && command.wrapped_by.is_none());
        let last_span = last.map_or(span, |command| command.name_span);
        let in_cd = last
            .is_some_and(|command| command.name == "cd" && command.depth == 0 && command.connector != Connector::Or);
        let alone = in_cd && layer.commands.iter().all(|command| command.name == "cd");
        let service = last.is_some_and(starts_service);
        let root = now.root.and_then(|root| self.document.stages.get(root)).map(|stage| stage.base);
        let shell = matches!(&instruction.body, Body::Command(Written::Shell { .. }));
        let fact = Run {
            stops_at_error: Value::bool(stops_at_error(layer, now), span),
            ends_in_cd: Value::bool(alone, last_span),
            ends_in_service: Value::bool(service, last_span),
            lacks_shell: Value::bool(shell && root == Some(Base::Scratch) && !now.may_have_shell, span),
            first_line: self.first_line(instruction, layer),
            commands: Value::int(layer.commands.len() as i64, span),
            begins_in: begins_in(layer, span),
            follows_run: Value::bool(self.follows_run(index, instruction, layer), span),
            stage: self.stage_of(instruction),
        };
        let path = self.path();
        self.facts.push(fact.fact(span, path, self.role));
    }

    fn command(&self, at: &At<'_, 's>, stage: Value<'s>) -> Subject<'s> {
        let command = at.command;
        let span = command.name_span;
        let call = manager::call(command);
        let action_span = call.as_ref().map_or(span, |call| call.action_word.span);
        let subcommand = command.args.iter().find(|word| !word.text.starts_with('-'));
        let flagged = |found: Option<Span>| Value::bool(found.is_some(), found.unwrap_or(span));
        let off = risk::checks_turned_off(command);
        let plain = risk::plain_text(at);
        let tools = call.as_ref().map(|call| build_tools(at, call)).unwrap_or_default();
        let loose = call.as_ref().map(|call| unpinned(at, call)).unwrap_or_default();
        let lock = call.as_ref().and_then(|call| lock(at, call));
        Subject {
            name: Value::str(command.name.clone(), span),
            subcommand: optional(subcommand.map(|word| word.text.clone()), subcommand.map_or(span, |word| word.span)),
            args: texts(command.args.iter(), span),
            manager: optional(call.as_ref().map(|call| call.manager), span),
            action: optional(call.as_ref().map(|call| call.action), action_span),
            packages: packages(at, call.as_ref(), span),
            unpinned: texts(loose.iter().copied(), loose.first().map_or(span, |word| word.span)),
            asks: Value::bool(call.as_ref().is_some_and(|call| asks(at, call)), span),
            leaves_cache: Value::bool(call.as_ref().is_some_and(|call| leaves_cache(at, call)), span),
            installs_recommended: Value::bool(call.as_ref().is_some_and(|call| recommends(at, call)), action_span),
            is_used_at_once: Value::bool(call.as_ref().is_none_or(|call| used_at_once(at, call)), action_span),
            build_tools: texts(tools.iter().copied(), tools.first().map_or(span, |word| word.span)),
            lock: optional(lock, action_span),
            follows_source: Value::bool(lock.is_some() && at.now.has_source && !at.now.has_manifest, action_span),
            verifies: Value::bool(off.is_none(), off.unwrap_or(span)),
            is_plain_text: flagged(plain),
            feeds_shell: Value::bool(pipe::feeds_shell(at), span),
            fails_unseen: Value::bool(pipe::fails_unseen(at), span),
            saves_error_page: Value::bool(risk::saves_error_page(at), span),
            opens_to_all: flagged(risk::opens_to_all(command)),
            sets_password: flagged(risk::sets_password(at)),
            passes_secret: flagged(risk::passes_secret(at)),
            is_fixed: Value::bool(risk::is_fixed(at), subcommand.map_or(span, |word| word.span)),
            fills_log: Value::bool(risk::fills_log(command), span),
            ignores_failed_cd: Value::bool(pitfall::ignores_failed_cd(at), span),
            reads_escapes: Value::bool(pitfall::reads_escapes(command), span),
            takes_glob_as_flag: flagged(pitfall::glob_as_flag(command)),
            has_bracket_pattern: flagged(pitfall::bracket_pattern(command)),
            joins_tests: flagged(pitfall::joins_tests(command)),
            splits_names: Value::bool(pitfall::splits_names(at), span),
            lacks_target: Value::bool(pitfall::lacks_target(command), span),
            sets_mode_of_last: flagged(pitfall::mode_of_last(command)),
            keeps_dollar: flagged(pitfall::keeps_dollar(command, at.now)),
            formats_with_variable: flagged(pitfall::format_of_variable(command)),
            may_remove_root: flagged(pitfall::removes_root(at)),
            bypasses_hashes: flagged(pitfall::bypasses_hashes(at)),
            flags: texts(command.args.iter().filter(|word| is_flag(&word.text)), span),
            writes_files: targets(command, &[">", ">>", ">|", "&>", "&>>"], span),
            reads_files: targets(command, &["<", "<>"], span),
            reads_from: optional(name_at(at, command.reads_from), span),
            writes_to: optional(name_at(at, command.writes_to), span),
            position: Value::int(at.index as i64, span),
            gains_root: Value::bool(risk::gains_root(command), span),
            replaces_sh: Value::bool(risk::replaces_sh(command), span),
            is_instruction: Value::bool(is_instruction(command), span),
            is_verbatim: self.is_verbatim(at),
            chain_end: self.chain_end(at),
            needless: self.needless(at),
            checked_flag: self.checked_flag(at, off),
            pipefail: self.pipefail(at),
            feeds_later: Value::bool(self.feeds_later, span),
            repeats_downloader: Value::bool(habit::repeats_downloader(at), span),
            is_nested: Value::bool(command.inside.is_some(), span),
            asks_gpu: Value::bool(habit::asks_gpu(at), span),
            is_unverified: Value::bool(habit::is_unverified(at), span),
            mounts_secret: Value::bool(at.layer.mounts_secret(), span),
            leaves_out_development: Value::bool(habit::leaves_out_development(at), action_span),
            mounts_cache: Value::bool(at.layer.mounts_cache(), span),
            changes_copied: flagged(habit::changes_copied(at)),
            removes_earlier: flagged(habit::removes_earlier(at)),
            leaks_secret: flagged(habit::leaks_secret(at)),
            stage,
        }
    }
}

/// The folder that a RUN changes to before it does anything else.
fn begins_in<'s>(layer: &Layer<'s>, span: Span) -> Value<'s> {
    let mut commands = layer.commands.iter().filter(|command| command.name != "set");
    let first = commands.next().filter(|command| command.name == "cd" && command.depth == 0 && !layer.is_heredoc);
    let folder = first.and_then(|command| Some((command, command.args.first()?)));
    match folder.filter(|_| commands.next().is_some()) {
        Some((command, word)) => Value::str(word.text.clone(), command.name_span),
        None => Value::absent(span),
    }
}

impl<'s> Out<'_, 's> {
    /// Whether the instruction before is a RUN too, with the same flags, and both are short.
    fn follows_run(&self, index: usize, instruction: &Instruction<'s>, layer: &Layer<'s>) -> bool {
        // A chain was made one on purpose.
        const SHORT: usize = 1;
        let Some(before) = index.checked_sub(1).and_then(|at| self.document.instructions.get(at)) else { return false };
        let flags = |it: &Instruction<'s>| -> Vec<String> {
            it.flags.iter().map(|flag| it.line.get(flag.place.clone()).to_owned()).collect()
        };
        let short =
            |layer: Option<&Layer<'s>>| layer.is_some_and(|layer| layer.commands.len() <= SHORT && !layer.is_heredoc);
        before.keyword == Keyword::Run
            && before.onbuild.is_some() == instruction.onbuild.is_some()
            && flags(before) == flags(instruction)
            && short(Some(layer))
            && short(self.layers.get(index - 1))
    }
}

fn texts<'a, 's: 'a>(words: impl Iterator<Item = &'a Arg<'s>>, span: Span) -> Value<'s> {
    Value::list(words.map(|word| Value::str(word.text.clone(), word.span)).collect(), span)
}

fn is_flag(text: &str) -> bool {
    text.len() > 1 && text.starts_with('-')
}

/// The files that redirections with one of `operators` name.
fn targets<'s>(command: &Command<'s>, operators: &[&str], span: Span) -> Value<'s> {
    let named = command.redirections.iter().filter(|(operator, _)| operators.contains(&operator.as_str()));
    texts(named.map(|(_, word)| word), span)
}

/// The program of the command at `index`.
fn name_at(at: &At<'_, '_>, index: Option<usize>) -> Option<String> {
    index.and_then(|index| at.layer.commands.get(index)).map(|it| it.name.clone()).filter(|name| !name.is_empty())
}

fn is_instruction(command: &Command<'_>) -> bool {
    let upper = command.name.bytes().all(|byte| byte.is_ascii_uppercase());
    // `./RUN` is a program.
    let bare = command.name_span.range().len() == command.name.len();
    upper && bare && Keyword::of(&command.name) != Keyword::Unknown
}

fn starts_service(command: &Command<'_>) -> bool {
    let starts = |at: usize| command.args.get(at).is_some_and(|word| matches!(&*word.text, "start" | "restart"));
    match command.name.as_str() {
        "service" | "rc-service" => starts(1),
        "systemctl" => starts(0),
        _ => false,
    }
}

/// A script goes on after an error unless it is told not to; a chain of `&&` does not.
fn stops_at_error(layer: &Layer<'_>, now: &State<'_>) -> bool {
    let top =
        || layer.commands.iter().filter(|it| it.inside.is_none() && it.wrapped_by.is_none() && !it.name.is_empty());
    let several = top().filter(|it| it.connector == Connector::Sequence).count() > 0;
    let set = top().any(|it| it.name == "set" && (it.short('e', "o").is_some() || it.has("errexit")));
    let shebang = layer.interpreter.as_deref().is_some_and(|line| line.contains(" -e") || line.contains(" -xe"));
    !layer.is_heredoc || !several || set || shebang || now.shell.errexit || !now.shell.is_posix
}

fn packages<'s>(at: &At<'_, 's>, call: Option<&Call<'_, 's>>, span: Span) -> Value<'s> {
    let Some(call) = call.filter(|call| names_packages(call)) else { return Value::list(Vec::new(), span) };
    let packages = operands(at, call).map(|word| {
        let named = manager::package(call, at.command, &word.text);
        let package = Package {
            name: Value::str(named.name.to_owned(), word.span),
            version: optional(named.version.map(str::to_owned), word.span),
            is_pinned: Value::bool(named.pinned || (word.has_expansion && named.name.contains('$')), word.span),
            is_build_tool: Value::bool(manager::is_build_tool(named.name), word.span),
        };
        Value::new(Data::Record(package.record()), word.span)
    });
    Value::list(packages.collect(), call.action_word.span)
}

/// Whether a RUN installs packages of apt from an index that it does not fetch itself.
pub(super) fn installs_from_earlier(layer: &Layer<'_>) -> bool {
    let calls = || layer.commands.iter().filter_map(manager::call).filter(|call| call.manager == "apt");
    calls().any(|call| call.action == "install") && !calls().any(|call| call.action == "update")
}

/// Packages that come in whatever version is newest.
fn unpinned<'c, 's>(at: &At<'_, 's>, call: &Call<'c, 's>) -> Vec<&'c Arg<'s>> {
    const RENEWED: [&str; 7] = ["pip", "setuptools", "wheel", "npm", "uv", "corepack", "virtualenv"];
    if !names_packages(call) {
        return Vec::new();
    }
    let loose = |word: &&&'c Arg<'s>| {
        let named = manager::package(call, at.command, &word.text);
        let unseen = word.has_expansion && named.name.contains('$');
        !(named.pinned || unseen || RENEWED.contains(&named.name))
    };
    operands(at, call).filter(loose).copied().collect()
}

fn names_packages(call: &Call<'_, '_>) -> bool {
    matches!((call.manager, call.action), (_, "install") | ("go", "get" | "run") | ("composer", "require"))
}

/// The operands that are packages: of `go run`, only the first is.
fn operands<'a, 'c, 's>(at: &At<'_, 's>, call: &'a Call<'c, 's>) -> impl Iterator<Item = &'a &'c Arg<'s>> {
    let most = if call.action == "run" && call.manager == "go" { 1 } else { usize::MAX };
    let global = match call.manager {
        // Without -g, what is installed is written to the project's manifest and lock, when there is one.
        "npm" | "yarn" | "pnpm" => {
            let said = at.command.args.iter().any(|word| matches!(&*word.text, "-g" | "--global" | "global"));
            said || at.command.flag("--location").is_some() || !at.now.copied_more && at.now.copied.is_empty()
        }
        // A file of constraints says the versions.
        "pip" | "uv" => at.command.flag("-c").is_none() && at.command.flag("--constraint").is_none(),
        // Groups have no versions; after `module` comes what is to be done with it.
        "dnf" | "yum" => !matches!(&*call.action_word.text, "group" | "groupinstall"),
        _ => true,
    };
    let skipped = usize::from(call.action_word.text == "module");
    call.operands.iter().skip(skipped).filter(move |_| global).take(most)
}

fn asks(at: &At<'_, '_>, call: &Call<'_, '_>) -> bool {
    let command = at.command;
    let piped = command.reads_from.and_then(|from| at.layer.commands.get(from)).is_some_and(|it| it.name == "yes");
    // Where nothing is left over, which is the rule in an image, `autoremove` asks nothing.
    if piped || command.has("--help") || call.action_word.text == "autoremove" {
        return false;
    }
    match (call.manager, call.action) {
        ("apt", "install" | "upgrade" | "dist-upgrade" | "build-dep" | "remove") => {
            let quiet = command.args.iter().filter(|word| matches!(&*word.text, "-q" | "--quiet")).count();
            let yes = [
                "--yes",
                "--assume-yes",
                "--force-yes",
                "--assume-no",
                "-qq",
                "--simulate",
                "--dry-run",
                "--download-only",
            ];
            let told = yes.iter().any(|flag| command.has(flag))
                || command.short('y', "otca").is_some()
                || command.short('s', "otca").is_some();
            let option = command.args.iter().any(|word| {
                word.text.contains("Assume-Yes")
                    || word.text.starts_with("-q=2")
                    || word.text.starts_with("-qq")
                    || word.text.starts_with("-yq")
            });
            // `-d` only downloads, and clusters such as `-qqy` are found above.
            !(told
                || option
                || quiet >= 2
                || at.now.apt_says_yes
                // Asked for by name, and nothing beside it: a package that was built here.
                || call.action == "install" && call.operands.iter().all(|word| word.text.starts_with("./")))
        }
        ("dnf" | "yum", "install" | "upgrade" | "remove") => {
            // microdnf never asked before version 4, and `-y` is accepted by it.
            let yes = command.has("--assumeyes")
                || command.short('y', "cdex").is_some()
                || command.flag("--setopt").is_some_and(|word| word.text.contains("assumeyes"));
            !(yes || command.name == "microdnf" || at.now.apt_says_yes)
        }
        ("zypper", "install" | "upgrade" | "dist-upgrade" | "remove") => {
            let yes = ["--non-interactive", "--no-confirm"].iter().any(|flag| command.has(flag));
            !(yes || command.short('n', "rtRpD").is_some() || command.short('y', "rtRpD").is_some())
        }
        _ => false,
    }
}

fn leaves_cache(at: &At<'_, '_>, call: &Call<'_, '_>) -> bool {
    let removed = |path: &str| {
        at.layer.mounts_over(path)
            || at.layer.after(at.index).any(|it| {
                matches!(it.name.as_str(), "rm" | "find")
                    && it.args.iter().any(|word| {
                        word.text.contains(path)
                            || path.starts_with(word.text.trim_end_matches(['/', '*'])) && word.text.len() > 4
                    })
            })
    };
    let cleaned = || {
        at.layer.after(at.index).any(|it| {
            // microdnf keeps its cache elsewhere than dnf.
            let same = (it.name == "microdnf") == (at.command.name == "microdnf");
            same && (manager::call(it).is_some_and(|later| later.manager == call.manager && later.action == "clean")
                || (matches!(it.name.as_str(), "dnf" | "microdnf" | "yum" | "tdnf") && it.has("clean")))
        })
    };
    match (call.manager, call.action) {
        ("apt", "update") => {
            let clean = at.layer.after(at.index).any(|it| it.has("distclean") || it.has("dist-clean"));
            !(removed("/var/lib/apt/lists") || clean)
        }
        ("apk", "install") => {
            // Without the network it fetches nothing that could stay.
            let off = ["--no-cache", "--no-network"].iter().any(|flag| at.command.has(flag));
            !(off || removed("/var/cache/apk") || removed("/etc/apk/cache"))
        }
        ("dnf" | "yum", "install" | "upgrade") => {
            let kept = ["/var/cache/dnf", "/var/cache/yum", "/var/cache/libdnf5"].iter().any(|path| removed(path));
            !(kept || cleaned())
        }
        ("zypper", "install" | "upgrade" | "dist-upgrade") => !(removed("/var/cache/zypp") || cleaned()),
        ("pip", "install") => {
            let off = at.command.has("--no-cache-dir") || at.command.has("--no-cache") || at.now.pip_keeps_nothing;
            let here = at.layer.commands.iter().any(|it| {
                let assigned = it.assignments.iter().filter(|(name, _)| name == "PIP_NO_CACHE_DIR");
                let assigned = assigned.map(|(_, word)| &*word.text);
                let exported = it.args.iter().filter_map(|word| word.text.strip_prefix("PIP_NO_CACHE_DIR="));
                assigned
                    .chain(exported)
                    .any(|value| super::state::is_truthy(value.strip_prefix("PIP_NO_CACHE_DIR=").unwrap_or(value)))
            });
            let purged = at.layer.after(at.index).any(|it| it.has("cache") && it.has("purge"));
            !(off || here || purged || removed(".cache") || removed("/root/.cache/pip"))
        }
        ("yarn", "install") => {
            let cleaned = at.layer.after(at.index).any(|it| it.name == "yarn" && it.has("cache") && it.has("clean"));
            !(cleaned || removed(".cache/yarn") || removed("/root/.cache") || removed("/usr/local/share/.cache"))
        }
        _ => false,
    }
}

fn recommends(at: &At<'_, '_>, call: &Call<'_, '_>) -> bool {
    let off = at.command.has("--no-install-recommends")
        || at.command.args.iter().any(|word| word.text.contains("Install-Recommends"))
        || at.now.apt_recommends_off;
    (call.manager, call.action) == ("apt", "install") && !off && !call.operands.is_empty()
}

/// Whether an `update` is followed by what needs it, or by what may.
fn used_at_once(at: &At<'_, '_>, call: &Call<'_, '_>) -> bool {
    if call.action != "update"
        || !matches!(call.manager, "apt" | "apk" | "zypper")
        || at.layer.mounts_over("/var/lib/apt/lists")
    {
        return true;
    }
    const HARMLESS: [&str; 16] = [
        "rm", "echo", "true", ":", "mkdir", "ln", "chmod", "chown", "sed", "cp", "mv", "cat", "touch", "set", "export",
        "sleep",
    ];
    at.layer.after(at.index).any(|it| match manager::call(it) {
        Some(later) if later.manager == call.manager => !matches!(later.action, "update" | "clean" | "remove"),
        _ => !it.name.is_empty() && !HARMLESS.contains(&it.name.as_str()),
    })
}

/// Build tools that the same layer does not take away again.
fn build_tools<'c, 's>(at: &At<'_, 's>, call: &Call<'c, 's>) -> Vec<&'c Arg<'s>> {
    if call.action != "install" || !matches!(call.manager, "apt" | "apk" | "dnf" | "yum" | "zypper") {
        return Vec::new();
    }
    let group =
        at.command.args.windows(2).find(|pair| matches!(&*pair[0].text, "-t" | "--virtual")).map(|pair| &*pair[1].text);
    let named = at.command.flag("--virtual").and_then(|word| word.text.split_once('=')).map(|(_, name)| name).or(group);
    let removed: Vec<&str> = at
        .layer
        .after(at.index)
        .filter_map(|it| Some((it, manager::call(it)?)))
        .filter(|(_, later)| later.manager == call.manager && later.action == "remove")
        .flat_map(|(it, _)| it.args.iter().map(|word| &*word.text))
        .collect();
    // What is marked as automatic goes with the next `--auto-remove`, by no name.
    let marked = at.layer.after(at.index).any(|it| it.name == "apt-mark" && it.has("auto"));
    let unsure = marked || removed.iter().any(|word| word.contains('$'));
    if unsure || named.is_some_and(|name| removed.contains(&name)) {
        return Vec::new();
    }
    let kept = |word: &&&'c Arg<'s>| {
        let name = manager::package(call, at.command, &word.text).name;
        manager::is_build_tool(name) && !removed.contains(&name)
    };
    call.operands.iter().filter(kept).copied().collect()
}

/// How a project's dependencies are resolved, as far as the files copied before show it.
fn lock(at: &At<'_, '_>, call: &Call<'_, '_>) -> Option<&'static str> {
    let has = |flag: &str| at.command.flag(flag).is_some();
    let files = &at.now.copied;
    let global = has("-g") || has("--global");
    let (manifest, locks, held): (_, &[&str], _) = match (call.manager, call.action) {
        ("npm", "ci") => return Some("used"),
        ("npm", "install") if call.operands.is_empty() && !global => {
            ("package.json", &["package-lock.json", "npm-shrinkwrap.json"], has("--package-lock-only"))
        }
        ("yarn", "install") if call.operands.is_empty() => {
            ("package.json", &["yarn.lock"], has("--frozen-lockfile") || has("--immutable") || has("--pure-lockfile"))
        }
        ("pnpm", "install") if call.operands.is_empty() && !global => {
            ("package.json", &["pnpm-lock.yaml"], has("--frozen-lockfile") || has("--offline"))
        }
        ("composer", "install") => ("composer.json", &["composer.lock"], true),
        ("bundle", "install") => ("Gemfile", &["Gemfile.lock"], true),
        _ => return None,
    };
    let copied = |name: &str| files.iter().any(|file| file == name);
    // `if [ -f yarn.lock ]; then yarn …`: it only runs with one.
    let tests = |it: &Command<'_>| matches!(it.name.as_str(), "[" | "[[" | "test");
    let asked = at
        .layer
        .commands
        .iter()
        .take(at.index)
        .filter(|it| tests(it))
        .any(|it| it.args.iter().any(|word| locks.contains(&word.text.trim_start_matches("./"))));
    if asked && !locks.iter().any(|lock| copied(lock)) {
        return None;
    }
    match locks.iter().any(|lock| copied(lock)) {
        true if held => Some("used"),
        true => Some("ignored"),
        // A pattern or a folder may have brought the lock along.
        false if copied(manifest) && !at.now.copied_more => Some("missing"),
        false if held && call.manager != "composer" && call.manager != "bundle" => Some("used"),
        false => None,
    }
}
