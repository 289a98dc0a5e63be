//! Why a run could not happen: exit code 2. Mistakes in one file, or in several PATHs, are reported together.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};
use thiserror::Error as ThisError;

/// The run cannot happen.
#[derive(Debug, Clone, ThisError, Diagnostic)]
#[non_exhaustive]
pub enum Error {
    /// A PATH that is not there.
    #[error("`{path}` does not exist")]
    #[diagnostic(code(seaworthy::path), help("name a file, a folder, or `-` for standard input"))]
    Missing {
        /// As it was given.
        path: String,
    },
    /// A PATH or one of seaworthy's own files that cannot be read.
    #[error("cannot read `{path}`: {reason}")]
    #[diagnostic(code(seaworthy::path))]
    Unreadable {
        /// As it was given.
        path: String,
        /// What the operating system said.
        reason: String,
    },
    /// A PATH that is a pipe, a device or a socket.
    #[error("`{path}` is neither a file nor a folder")]
    #[diagnostic(code(seaworthy::path), help("pipe into `seaworthy check - --stdin-filename NAME` instead"))]
    Special {
        /// As it was given.
        path: String,
    },
    /// A PATH whose name below the root is not UTF-8, so that no report could name it.
    #[error("the name of `{path}` is not UTF-8")]
    #[diagnostic(code(seaworthy::path), help("rename it, or name the folder above it"))]
    NotUtf8 {
        /// As it was given, with the bytes that are not UTF-8 replaced.
        path: String,
    },
    /// PATHs that do not share one root.
    #[error("`{first}` and `{second}` do not lie in the same repository")]
    #[diagnostic(code(seaworthy::root), help("one run judges one repository: run seaworthy once for each"))]
    TwoRoots {
        /// A PATH as it was given.
        first: String,
        /// Another.
        second: String,
    },
    /// Standard input without a name: what it is could only be guessed.
    #[error("standard input has no name")]
    #[diagnostic(code(seaworthy::stdin), help("say what it is: `--stdin-filename Dockerfile`"))]
    StdinUnnamed,
    /// Nothing that any inspector reads.
    #[error("there is nothing here that seaworthy can judge")]
    #[diagnostic(
        code(seaworthy::empty),
        help("name a folder with a Dockerfile or manifests, or say `--allow-empty` when that is fine")
    )]
    Nothing,
    /// Flags or words on the command line that make no sense.
    #[error("{message}")]
    #[diagnostic(code(seaworthy::usage))]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// A report that could not be written.
    #[error("cannot write the output: {reason}")]
    #[diagnostic(code(seaworthy::output))]
    Output {
        /// What the operating system said.
        reason: String,
    },
    /// Mistakes in one of seaworthy's own files.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Mistakes(#[from] Mistakes),
    /// Several of the above, told together.
    #[error("{} mistakes", .0.len())]
    #[diagnostic(code(seaworthy::several))]
    Several(#[related] Vec<Error>),
}

impl Error {
    /// A mistake on the command line.
    pub fn usage(message: impl Into<String>, help: Option<String>) -> Error {
        Error::Usage { message: message.into(), help }
    }

    /// A failure to write.
    pub fn output(error: std::io::Error) -> Error {
        Error::Output { reason: error.to_string() }
    }

    /// One error from many: the only one as it is, more of them together; `None` when there are none.
    pub fn from_many(mut errors: Vec<Error>) -> Option<Error> {
        match errors.len() {
            0 => None,
            1 => errors.pop(),
            _ => Some(Error::Several(errors)),
        }
    }
}

impl Error {
    /// The same with every text as `hide` gives it; `stars` gives a file's text, as long as it was, and hides what it
    /// left out there in other texts.
    #[must_use]
    pub fn masked(self, hide: &Hide<'_>, stars: &Stars<'_>) -> Error {
        let own = |text: String| hide(&text);
        match self {
            Error::Missing { path } => Error::Missing { path: own(path) },
            Error::Unreadable { path, reason } => Error::Unreadable { path: own(path), reason: own(reason) },
            Error::Special { path } => Error::Special { path: own(path) },
            Error::NotUtf8 { path } => Error::NotUtf8 { path: own(path) },
            Error::TwoRoots { first, second } => Error::TwoRoots { first: own(first), second: own(second) },
            Error::Usage { message, help } => Error::Usage { message: own(message), help: help.map(own) },
            Error::Output { reason } => Error::Output { reason: own(reason) },
            Error::Mistakes(mistakes) => Error::Mistakes(mistakes.masked(stars)),
            Error::Several(list) => Error::Several(list.into_iter().map(|one| one.masked(hide, stars)).collect()),
            other @ (Error::StdinUnnamed | Error::Nothing) => other,
        }
    }
}

/// Masks the secrets of a text.
pub type Hide<'h> = dyn Fn(&str) -> String + 'h;
/// The text of a file without its secrets, and what masks them elsewhere.
pub type Stars<'h> = dyn Fn(&str, &str) -> (String, Box<Hide<'h>>) + 'h;

/// Everything that is wrong with one of seaworthy's own files (policy, rule, product, attestation).
#[derive(Debug, Clone)]
pub struct Mistakes {
    file: Arc<NamedSource<Arc<str>>>,
    list: Vec<Mistake>,
}

/// One mistake in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// What is wrong, as a sentence without a full stop.
    pub message: String,
    /// Where: bytes of the file's text.
    pub span: Range<usize>,
    /// The words at the place itself; empty when the message says it all.
    pub label: String,
    /// What to do.
    pub help: Option<String>,
}

impl Mistake {
    /// A mistake without label or help.
    pub fn new(message: impl Into<String>, span: Range<usize>) -> Self {
        Self { message: message.into(), span, label: String::new(), help: None }
    }

    /// With words at the place itself.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// With advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Mistakes {
    /// The mistakes `list` in the file shown as `name`, in the order of their places; `None` when there are none.
    pub fn new(name: impl AsRef<str>, text: impl Into<Arc<str>>, mut list: Vec<Mistake>) -> Option<Self> {
        if list.is_empty() {
            return None;
        }
        let text: Arc<str> = text.into();
        for mistake in &mut list {
            let start = text.floor_char_boundary(mistake.span.start);
            let end = text.ceil_char_boundary(mistake.span.end.max(mistake.span.start));
            mistake.span = start..end;
        }
        list.sort_by(|a, b| (a.span.start, a.span.end, &a.message).cmp(&(b.span.start, b.span.end, &b.message)));
        Some(Self { file: Arc::new(NamedSource::new(name, text)), list })
    }

    /// The same without the secrets of the file.
    fn masked(mut self, stars: &Stars<'_>) -> Self {
        let (text, hide) = stars(self.file.name(), self.file.inner());
        self.file = Arc::new(NamedSource::new(hide(self.file.name()), Arc::from(text)));
        for mistake in &mut self.list {
            mistake.message = hide(&mistake.message);
            mistake.label = hide(&mistake.label);
            mistake.help = mistake.help.as_deref().map(&hide);
        }
        self
    }

    /// The mistakes, by place.
    pub fn list(&self) -> &[Mistake] {
        &self.list
    }

    /// `file:line:column: message`, one a mistake.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.list.iter().map(|mistake| {
            let (line, column) = place(self.file.inner(), mistake.span.start);
            format!("{}:{line}:{column}: {}", self.file.name(), mistake.message)
        })
    }
}

/// 1-based line and column (code points) of the byte `at`. `error` stands left of `span`, so it counts by itself.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[start..].trim_start_matches('\u{feff}').chars().count() + 1)
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, line) in self.lines().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            f.write_str(&line)?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}

impl Diagnostic for Mistakes {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new("seaworthy::file"))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&*self.file)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.list.iter().map(|mistake| {
            let label = if mistake.label.is_empty() { mistake.message.clone() } else { mistake.label.clone() };
            LabeledSpan::new_with_span(Some(label), mistake.span.clone())
        })))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let mut advice: Vec<&str> = Vec::new();
        for help in self.list.iter().filter_map(|mistake| mistake.help.as_deref()) {
            if !advice.contains(&help) {
                advice.push(help);
            }
        }
        (!advice.is_empty()).then(|| Box::new(advice.join("\n")) as Box<dyn fmt::Display>)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(error: &Error) -> String {
        let mut text = String::new();
        let handler = miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor());
        handler.render_report(&mut text, error).expect("a report is text");
        text
    }

    #[test]
    fn mistakes_are_told_together_by_place() {
        let text = "gate:\n  fail-onn: high\nrules: 3\n";
        let list = vec![
            Mistake::new("`rules` is not a map", 30..31).label("a number"),
            Mistake::new("unknown key `fail-onn`", 8..16).help("did you mean `fail-on`?"),
        ];
        let mistakes = Mistakes::new("seaworthy.yaml", text, list).expect("two mistakes");
        let lines: Vec<String> = mistakes.lines().collect();
        assert_eq!(lines, ["seaworthy.yaml:2:3: unknown key `fail-onn`", "seaworthy.yaml:3:8: `rules` is not a map"]);
        let page = shown(&Error::from(mistakes));
        for part in ["seaworthy.yaml:2:3", "fail-onn: high", "a number", "did you mean `fail-on`?"] {
            assert!(page.contains(part), "{part} is missing from\n{page}");
        }
    }

    #[test]
    fn spans_out_of_bounds_are_moved_to_character_boundaries() {
        let mistakes = Mistakes::new("a", "ä", vec![Mistake::new("x", 1..99), Mistake::new("y", 7..9)]).expect("two");
        let spans: Vec<Range<usize>> = mistakes.list().iter().map(|mistake| mistake.span.clone()).collect();
        assert_eq!(spans, [0..2, 2..2]);
        assert!(shown(&Error::from(mistakes)).contains('x'));
    }

    #[test]
    fn nothing_wrong_is_no_error() {
        assert!(Mistakes::new("a", "", Vec::new()).is_none());
        assert!(Error::from_many(Vec::new()).is_none());
    }

    #[test]
    fn several_paths_are_told_together() {
        let missing = |path: &str| Error::Missing { path: path.into() };
        let page = shown(&Error::from_many(vec![missing("a"), missing("b")]).expect("two"));
        assert!(page.contains("`a` does not exist") && page.contains("`b` does not exist"), "{page}");
    }
}
