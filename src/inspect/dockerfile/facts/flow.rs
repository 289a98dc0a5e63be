//! What earlier instructions of a stage, and of the stages below it, leave behind: folders, files, volumes, programs.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::layer::{Command, Layer};
use super::manager;
use crate::inspect::dockerfile::document::{Body, Instruction, Keyword, Word};

/// Files and folders that are remembered: a longer list would take quadratic time.
const MOST: usize = 100;

/// What is there so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Flow {
    /// The working folder; `None` when it is not known.
    pub(super) folder: Option<String>,
    /// What COPY, ADD and downloads of earlier instructions put where.
    pub(super) brought: Arc<Vec<Brought>>,
    /// The folders that are declared as volumes, absolute.
    pub(super) volumes: Arc<Vec<String>>,
    /// What ENV sets, as far as it is known.
    pub(super) env: Arc<HashMap<String, String>>,
    /// The keys of the labels.
    pub(super) labels: Arc<BTreeSet<String>>,
    /// Programs and packages that were installed or copied in, by name.
    pub(super) tools: Arc<BTreeSet<String>>,
    /// Whether packages were installed by the hashes that a file lists.
    pub(super) checks_hashes: bool,
    /// Which of curl and wget ran.
    pub(super) downloaders: BTreeSet<&'static str>,
    /// More may have been installed than can be seen.
    pub(super) may_have_more: bool,
    /// Whether anything at all was put into the image.
    pub(super) holds_files: bool,
}

/// A file or folder that an instruction brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Brought {
    /// Absolute.
    pub(super) path: String,
    /// Whether it came with COPY or ADD, which could have set its owner and mode.
    pub(super) is_copied: bool,
    /// The stage that did, and which of its instructions.
    pub(super) at: usize,
    pub(super) stage: Option<usize>,
}

impl Flow {
    /// What `instruction`, the one of number `index`, changes.
    pub(super) fn step(&mut self, index: usize, instruction: &Instruction<'_>, layer: &Layer<'_>) {
        match (&instruction.body, instruction.keyword) {
            (Body::Text(word), Keyword::Workdir) => {
                self.folder = self.resolve(word);
                self.holds_files = true;
            }
            (Body::Words { words, .. }, Keyword::Copy | Keyword::Add) => self.copy(index, instruction, words),
            (Body::Words { words, .. }, Keyword::Volume) => {
                let more: Vec<String> = words.iter().filter_map(|word| self.resolve(word)).collect();
                Arc::make_mut(&mut self.volumes).extend(more.into_iter().filter(|path| path != "/"));
            }
            (Body::Pairs { pairs, .. }, Keyword::Env) => {
                let env = Arc::make_mut(&mut self.env);
                for pair in pairs {
                    let value = pair.value.as_ref().and_then(|word| word.value.known()).unwrap_or_default();
                    env.insert(pair.key.to_string(), value.to_owned());
                }
            }
            (Body::Pairs { pairs, .. }, Keyword::Label) => {
                Arc::make_mut(&mut self.labels).extend(pairs.iter().map(|pair| pair.key.to_string()));
            }
            (Body::Command(_), Keyword::Run) => self.run(index, instruction, layer),
            _ => {}
        }
    }

    /// How many names and paths are known.
    pub(super) fn len(&self) -> usize {
        self.brought.len() + self.volumes.len() + self.env.len() + self.labels.len() + self.tools.len()
    }

    /// The same without names and paths.
    pub(super) fn without_names(self) -> Self {
        let Self { folder, checks_hashes, downloaders, holds_files, .. } = self;
        Self { folder, checks_hashes, downloaders, holds_files, may_have_more: true, ..Self::default() }
    }

    /// The absolute path that a word means.
    pub(super) fn resolve(&self, word: &Word<'_>) -> Option<String> {
        self.absolute(word.value.known()?)
    }

    /// The absolute path that `path` means.
    pub(super) fn absolute(&self, path: &str) -> Option<String> {
        let path = path.trim_matches(['"', '\'']);
        if path.starts_with('/') {
            return Some(format!("/{}", crate::path::tidy(path)?));
        }
        let folder = self.folder.as_deref()?;
        Some(format!("/{}", crate::path::join(folder, path)?))
    }

    fn bring(&mut self, path: Option<String>, is_copied: bool, at: usize, stage: Option<usize>) {
        if let Some(path) = path.filter(|path| path != "/" && self.brought.len() < MOST) {
            Arc::make_mut(&mut self.brought).push(Brought { path, is_copied, at, stage });
        }
    }

    fn copy(&mut self, index: usize, instruction: &Instruction<'_>, words: &[Word<'_>]) {
        self.holds_files = true;
        let Some((destination, sources)) = words.split_last() else { return };
        let target = self.resolve(destination);
        let text = &*destination.value.text;
        let into = text.ends_with('/') || matches!(text, "." | "..") || sources.len() > 1;
        let from = instruction.flag("from").is_some();
        for source in sources {
            let name = source.value.text.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            let is_file = name.contains('.') && !matches!(name, "." | "..") && !name.contains('*');
            let path = target.as_ref().map(|target| match (into, is_file) {
                (true, true) => format!("{}/{name}", target.trim_end_matches('/')),
                _ => target.clone(),
            });
            let program = if into { name } else { text.rsplit('/').next().unwrap_or_default() };
            Arc::make_mut(&mut self.tools).insert(program.to_owned());
            let whole = source.value.unknown.is_some() || !is_file && (from || name.is_empty());
            self.may_have_more |= whole && !matches!(name, "curl" | "wget") && holds_programs(&source.value.text);
            self.bring(path, true, index, instruction.stage);
        }
    }

    fn run(&mut self, index: usize, instruction: &Instruction<'_>, layer: &Layer<'_>) {
        self.holds_files = true;
        let moves = layer.commands.iter().any(|command| command.name == "cd");
        for (at, command) in layer.commands.iter().enumerate() {
            let downloader = ["curl", "wget"].into_iter().find(|name| *name == command.name);
            self.downloaders.extend(downloader);
            self.checks_hashes |= manager::checks_hashes(command);
            if let Some(call) = manager::call(command) {
                if matches!(call.action, "install") {
                    let tools = Arc::make_mut(&mut self.tools);
                    for word in &call.operands {
                        self.may_have_more |= word.has_expansion;
                        let name = manager::package(&call, command, &word.text).name;
                        tools.insert(name.to_owned());
                    }
                }
                continue;
            }
            let reads_text = super::layer::is_shell(&command.name) || matches!(command.name.as_str(), "." | "source");
            let is_script = command.name.ends_with(".sh") || command.name.contains("install");
            self.may_have_more |=
                reads_text || is_script || matches!(command.name.as_str(), "make" | "tar" | "dpkg" | "ln");
            for output in outputs(command).filter(|path| path.starts_with('/') || !moves) {
                let name = output.rsplit('/').next().unwrap_or_default();
                Arc::make_mut(&mut self.tools).insert(name.to_owned());
                let removed = |it: &Command<'_>| {
                    it.name == "rm"
                        && it.args.iter().any(|word| is_within(output, word.text.trim_end_matches(['*', '/'])))
                };
                let path = self.absolute(output).filter(|_| !layer.after(at).any(removed));
                self.bring(path, false, index, instruction.stage);
            }
        }
    }

    /// The volume that `path` lies in.
    pub(super) fn volume_of(&self, path: &str) -> Option<&str> {
        self.volumes.iter().map(String::as_str).find(|volume| is_within(path, volume))
    }
}

/// Whether `path` is `folder` or lies in it.
pub(super) fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a folder of that name may hold programs that come along.
fn holds_programs(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    path.is_empty() || ["bin", "local", "usr", "opt", "rootfs", "root", "."].iter().any(|end| path.ends_with(end))
}

/// The files that a download is written to.
fn outputs<'c>(command: &'c Command<'_>) -> impl Iterator<Item = &'c str> {
    let flags: &[&str] = match command.name.as_str() {
        "curl" => &["-o", "--output"],
        "wget" => &["-O", "--output-document"],
        _ => &[],
    };
    let plain = |text: &&str| !text.contains(['$', '*', '`']) && *text != "-" && !text.starts_with("/dev/");
    let pairs = command.args.windows(2).filter(move |pair| {
        let ends = |flag: &&str| flag.len() == 2 && is_cluster(&pair[0].text, flag.as_bytes()[1]);
        flags.iter().any(|flag| pair[0].text == *flag || ends(flag))
    });
    pairs.map(|pair| &*pair[1].text).filter(plain)
}

/// `-fsSLo`: short flags of which the last is `letter`.
fn is_cluster(text: &str, letter: u8) -> bool {
    text.len() > 2 && text.starts_with('-') && !text.starts_with("--") && text.as_bytes().last() == Some(&letter)
}
