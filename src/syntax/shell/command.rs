//! Questions about a command: its name, flags and operands, the command behind `sudo`, the script behind `sh -c`.

use super::{Command, Connector, Lines, Place, Script, Word, read};
use crate::path;
use crate::span::Span;

/// Programs that run the program named in their arguments, with those of their flags that take a value.
const WRAPPERS: [(&str, &[&str]); 17] = [
    ("sudo", &["-u", "--user", "-g", "--group", "-h", "-p", "-C", "-D", "-R", "-T"]),
    ("doas", &["-u", "-C"]),
    ("env", &["-u", "--unset", "-C", "--chdir", "-S"]),
    ("exec", &["-a"]),
    ("command", &[]),
    ("builtin", &[]),
    ("nohup", &[]),
    ("setsid", &[]),
    ("nice", &["-n", "--adjustment"]),
    ("ionice", &["-c", "-n", "-p"]),
    ("stdbuf", &["-i", "-o", "-e"]),
    ("timeout", &["-s", "--signal", "-k", "--kill-after"]),
    ("tini", &["-p", "-e"]),
    ("dumb-init", &["-r", "--rewrite"]),
    ("gosu", &[]),
    ("su-exec", &[]),
    ("eatmydata", &[]),
];

/// Wrappers whose first operand is not yet the program: a duration, a user.
const WITH_OPERAND: [&str; 3] = ["timeout", "gosu", "su-exec"];

const SHELLS: [&str; 7] = ["sh", "bash", "ash", "dash", "zsh", "ksh", "busybox"];

impl<'t> Command<'t> {
    /// A command given as a list of words, as in `CMD ["a", "b"]` or `command:` of a container.
    pub fn of_words(words: Vec<Word<'t>>) -> Self {
        let span = words.first().zip(words.last()).map(|(first, last)| first.span.to(last.span));
        Self { words, span, ..Self::default() }
    }

    /// The program as written.
    pub fn name(&self) -> Option<&Word<'t>> {
        self.words.first()
    }

    /// The program without its folder; empty when there is none or it depends on a variable.
    pub fn program(&self) -> &str {
        self.words.first().filter(|word| !word.has_expansion).map_or("", |word| path::file_name(&word.text))
    }

    /// Everything behind the program.
    pub fn args(&self) -> &[Word<'t>] {
        self.words.get(1..).unwrap_or_default()
    }

    /// The arguments that start with `-`, up to `--`.
    pub fn flags(&self) -> impl Iterator<Item = &Word<'t>> {
        let args = self.args().iter().take_while(|word| word.text != "--");
        args.filter(|word| word.text.len() > 1 && word.text.starts_with('-'))
    }

    /// The arguments that are no flags. Values of flags are among them: what a flag takes only its program knows.
    pub fn positional(&self) -> impl Iterator<Item = &Word<'t>> {
        let mut only_operands = false;
        self.args().iter().filter(move |word| {
            if !only_operands && word.text == "--" {
                only_operands = true;
                return false;
            }
            only_operands || !word.text.starts_with('-') || word.text == "-"
        })
    }

    /// The flag itself if it is given: `--yes` also as `--yes=…`, `-y` also within `-qy`.
    pub fn flag(&self, flag: &str) -> Option<&Word<'t>> {
        self.flags().find(|word| is_flag(&word.text, flag))
    }

    /// Whether the flag is given.
    pub fn has_flag(&self, flag: &str) -> bool {
        self.flag(flag).is_some()
    }

    /// The value of a flag: `--output=x`, `--output x`, `-o x`, `-ox`. The word is the one that holds the value.
    pub fn flag_value(&self, flag: &str) -> Option<(&str, &Word<'t>)> {
        let args = self.args();
        let end = args.iter().position(|word| word.text == "--").unwrap_or(args.len());
        args.iter().take(end).enumerate().find_map(|(at, word)| {
            let rest = word.text.strip_prefix(flag)?;
            if rest.is_empty() {
                return args.get(at + 1).map(|value| (&*value.text, value));
            }
            match rest.strip_prefix('=') {
                Some(value) => Some((value, word)),
                None if !flag.starts_with("--") && flag.len() == 2 => Some((rest, word)),
                None => None,
            }
        })
    }

    /// The words from the program that really runs: behind `sudo`, `env`, `exec`, `nice`, `timeout`, `tini`, … and
    /// their flags. Empty when nothing is left.
    pub fn unwrapped(&self) -> &[Word<'t>] {
        let mut words = self.words.as_slice();
        while let Some((first, rest)) = words.split_first() {
            let name = path::file_name(&first.text);
            let Some((_, with_value)) = WRAPPERS.iter().find(|(wrapper, _)| *wrapper == name) else { break };
            let mut at = skip_flags(rest, with_value);
            if name == "env" {
                at += rest.get(at..).unwrap_or_default().iter().take_while(|word| word.text.contains('=')).count();
            }
            at += usize::from(WITH_OPERAND.contains(&name));
            words = rest.get(at..).unwrap_or_default();
        }
        words
    }

    /// The same command without what [`Command::unwrapped`] leaves out.
    pub fn without_wrappers(&self) -> Command<'t> {
        Command { words: self.unwrapped().to_vec(), ..self.clone() }
    }

    /// The script in `sh -c SCRIPT`, also with other shells and behind wrappers.
    pub fn inner_script(&self) -> Option<&Word<'t>> {
        let mut words = self.unwrapped();
        if words.first().is_some_and(|word| path::file_name(&word.text) == "busybox") {
            words = &words[1..];
        }
        let (shell, args) = words.split_first()?;
        if shell.has_expansion || !SHELLS.contains(&path::file_name(&shell.text)) {
            return None;
        }
        let (mut at, mut has_script) = (0, false);
        while let Some(flag) = args.get(at).filter(|word| word.text.starts_with(['-', '+'])) {
            let is_cluster = !flag.text.starts_with("--");
            has_script |= is_cluster && flag.text.contains('c');
            // `-o` takes the name of an option.
            at += 1 + usize::from(is_cluster && flag.text.contains('o'));
        }
        args.get(at).filter(|_| has_script)
    }

    /// Whether it reads what another command writes.
    pub fn is_piped_into(&self) -> bool {
        self.connector == Connector::Pipe
    }

    /// Its place: from first to last word, assignment or redirection.
    pub fn place(&self) -> Option<Span> {
        self.span
    }
}

impl<'t> Word<'t> {
    /// A word that is no shell text: an item of a list, without quotes or expansions of a shell.
    pub fn literal(text: impl Into<std::borrow::Cow<'t, str>>, span: Span) -> Self {
        Self { text: text.into(), span, has_expansion: false, quoted: true, parts: Vec::new() }
    }

    /// Reads the word's text as a script of its own (`sh -c WORD`); all its spans are the word's.
    pub fn script(&self) -> Script<'_> {
        read(&self.text, Place::Within(self.span), Lines::Shell)
    }
}

fn is_flag(word: &str, flag: &str) -> bool {
    if word.starts_with("--") || flag.starts_with("--") || flag.len() != 2 {
        return word.strip_prefix(flag).is_some_and(|rest| rest.is_empty() || rest.starts_with('='));
    }
    word.starts_with('-') && flag.chars().nth(1).is_some_and(|letter| word.chars().skip(1).any(|c| c == letter))
}

fn skip_flags(words: &[Word<'_>], with_value: &[&str]) -> usize {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word.text == "--" {
            return at + 1;
        }
        if !word.text.starts_with('-') || word.text.len() < 2 {
            return at;
        }
        at += 1 + usize::from(with_value.contains(&&*word.text));
    }
    at.min(words.len())
}
