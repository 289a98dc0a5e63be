//! A Dockerfile as it is written: pieces that tile the text, instructions with their words, stages.
//!
//! Nothing is thrown away: [`Document::print`] gives the text back byte for byte. Instructions are read from their
//! *line*, the text that is left when continuations, comments and blank lines between are taken out
//! ([`Line`]); every range of a line maps back to the bytes it came from.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::span::{SourceId, Span};

/// A Dockerfile.
#[derive(Debug)]
pub struct Document<'s> {
    /// The text it was read from.
    pub text: &'s str,
    /// The source of that text.
    pub source: SourceId,
    /// The character that continues a line: `\` or a backtick.
    pub escape: u8,
    /// The parser directives at the top, and comments further down that look like one.
    pub directives: Vec<Directive>,
    /// What the text consists of, without gaps, in order.
    pub pieces: Vec<Piece>,
    /// The instructions, in order, broken ones included.
    pub instructions: Vec<Instruction<'s>>,
    /// The stages, in order.
    pub stages: Vec<Stage<'s>>,
}

impl Document<'_> {
    /// The text again, put together from the pieces.
    pub fn print(&self) -> String {
        self.pieces.iter().filter_map(|piece| self.text.get(piece.range.clone())).collect()
    }

    /// The comments, in order: whole-line ones, those inside continued instructions included, directives not.
    pub fn comments(&self) -> impl Iterator<Item = Span> + '_ {
        let comments = self.pieces.iter().filter(|piece| piece.kind == PieceKind::Comment);
        comments.map(|piece| Span::new(self.source, piece.range.clone()))
    }
}

/// A stretch of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// Which bytes.
    pub range: Range<usize>,
}

/// What a stretch of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceKind {
    /// Blanks before a comment or an instruction, or a line of nothing else, its break included.
    Blank,
    /// A comment, from `#` to the end of its line.
    Comment,
    /// A parser directive (`# syntax=…`).
    Directive,
    /// Text of an instruction, on one physical line.
    Code,
    /// The escape character that continues a line, with what follows it up to the next line.
    Continuation,
    /// A line break.
    Break,
    /// The lines of a heredoc.
    Body,
    /// The line that ends a heredoc, without its break.
    Terminator,
}

/// A parser directive, or what was meant as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// Where the key stands.
    pub key: Range<usize>,
    /// Where the value stands.
    pub value: Range<usize>,
    /// Why the builder ignores or refuses it; `None` for one that counts.
    pub ignored: Option<&'static str>,
}

/// The text of one instruction as the builder sees it, with the way back to the file.
#[derive(Debug, Clone)]
pub struct Line<'s> {
    text: Cow<'s, str>,
    file: &'s str,
    source: SourceId,
    /// Where each stretch begins: in the line, and in the file. Sorted; never empty.
    stretches: Vec<(u32, u32)>,
}

impl<'s> Line<'s> {
    /// A line that is one stretch of the file.
    pub fn verbatim(source: SourceId, file: &'s str, range: Range<usize>) -> Self {
        let text = file.get(range.clone()).unwrap_or_default();
        Self { text: Cow::Borrowed(text), file, source, stretches: vec![(0, range.start as u32)] }
    }

    /// Adds the bytes `range` of the file to the end.
    pub fn push(&mut self, range: Range<usize>) {
        let Some(more) = self.file.get(range.clone()) else { return };
        if self.text.is_empty() {
            self.text = Cow::Borrowed(more);
            self.stretches = vec![(0, range.start as u32)];
        } else if !more.is_empty() {
            self.stretches.push((self.text.len() as u32, range.start as u32));
            self.text.to_mut().push_str(more);
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of `range`, empty when it is out of bounds.
    pub fn get(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    /// The same, borrowed from the file where it stands there in one stretch.
    pub fn cow(&self, range: Range<usize>) -> Cow<'s, str> {
        let place = self.place(range.clone());
        if place.len() == range.len()
            && let Some(text) = self.file.get(place)
        {
            return Cow::Borrowed(text);
        }
        Cow::Owned(self.get(range).to_owned())
    }

    /// Where `range` of the line stands in the file: from its first byte to its last, whatever lies between.
    pub fn place(&self, range: Range<usize>) -> Range<usize> {
        let start = self.offset(range.start);
        if range.end <= range.start {
            return start..start;
        }
        start..self.offset(range.end - 1) + 1
    }

    /// The same as a span.
    pub fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.source, self.place(range))
    }

    fn offset(&self, at: usize) -> usize {
        let index = self.stretches.partition_point(|(line, _)| *line as usize <= at).saturating_sub(1);
        let (line, file) = self.stretches.get(index).copied().unwrap_or_default();
        (file as usize + at.saturating_sub(line as usize)).min(self.file.len())
    }

    /// The line from `range` on, as a line of its own.
    pub fn slice(&self, range: Range<usize>) -> Line<'s> {
        let mut line = Line::verbatim(self.source, self.file, self.offset(range.start)..self.offset(range.start));
        let mut at = range.start;
        while at < range.end.min(self.text.len()) {
            let next = self.stretches.partition_point(|(start, _)| *start as usize <= at);
            let end = self.stretches.get(next).map_or(range.end, |(start, _)| (*start as usize).min(range.end));
            let start = self.offset(at);
            line.push(start..start + (end - at));
            at = end;
        }
        line
    }

    /// Whether it is put together from several stretches of the file.
    pub fn is_joined(&self) -> bool {
        self.stretches.len() > 1
    }

    /// The source it comes from.
    pub fn source(&self) -> SourceId {
        self.source
    }
}

/// A range of an instruction's line.
pub type Place = Range<usize>;

/// Text with its variables filled in as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved<'s> {
    /// The text; [`Resolved::GAP`] stands for each part that is not known.
    pub text: Cow<'s, str>,
    /// Why a part is not known.
    pub unknown: Option<Arc<str>>,
}

impl Resolved<'_> {
    /// Stands for a part that is not known.
    pub const GAP: char = '\u{fffc}';

    /// The text, if all of it is known.
    pub fn known(&self) -> Option<&str> {
        self.unknown.is_none().then_some(&*self.text)
    }
}

/// A word of an instruction.
#[derive(Debug, Clone)]
pub struct Word<'s> {
    /// Where it stands in the line, quotes included.
    pub place: Place,
    /// What it says: unquoted, variables filled in.
    pub value: Resolved<'s>,
    /// The variables it uses that nothing in this file sets at that point.
    pub undefined: Vec<Undefined>,
    /// Whether it uses a variable at all.
    pub has_variable: bool,
}

/// A variable that nothing in this file sets at the point where it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undefined {
    /// Its name.
    pub name: String,
    /// Where it is used, in the line.
    pub place: Place,
    /// Why it is not set.
    pub why: WhyUndefined,
}

/// Why a variable is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyUndefined {
    /// Nothing sets it, and nothing outside this file can.
    NotDeclared,
    /// It is declared before the first FROM (or given by the builder), but the stage does not declare it again.
    OnlyBeforeFrom,
    /// The image that the stage is built on may set it.
    BaseMaySetIt,
}

/// A flag: `--from=build`.
#[derive(Debug, Clone)]
pub struct Flag<'s> {
    /// Where the whole flag stands.
    pub place: Place,
    /// Its name, without dashes.
    pub name: Cow<'s, str>,
    /// What follows `=`.
    pub value: Option<Word<'s>>,
}

/// A key with its value, of ENV, LABEL or ARG.
#[derive(Debug, Clone)]
pub struct Pair<'s> {
    /// The key, unquoted.
    pub key: Cow<'s, str>,
    /// Where the key stands.
    pub key_place: Place,
    /// The value; `None` for `ARG name`.
    pub value: Option<Word<'s>>,
}

/// A heredoc of RUN, COPY or ADD.
#[derive(Debug, Clone)]
pub struct Heredoc {
    /// Where `<<EOF` stands in the line.
    pub word: Place,
    /// Its name, unquoted.
    pub name: String,
    /// Whether leading tabs are taken off (`<<-`).
    pub chomp: bool,
    /// Whether variables are expanded: the name is not quoted.
    pub expand: bool,
    /// Which bytes of the file are its lines.
    pub body: Range<usize>,
    /// The line that ends it, with its indentation and without its break.
    pub terminator: Range<usize>,
}

/// An instruction's keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Keyword {
    /// ADD
    Add,
    /// ARG
    Arg,
    /// CMD
    Cmd,
    /// COPY
    Copy,
    /// ENTRYPOINT
    Entrypoint,
    /// ENV
    Env,
    /// EXPOSE
    Expose,
    /// FROM
    From,
    /// HEALTHCHECK
    Healthcheck,
    /// LABEL
    Label,
    /// MAINTAINER
    Maintainer,
    /// ONBUILD without a keyword that it could trigger
    Onbuild,
    /// RUN
    Run,
    /// SHELL
    Shell,
    /// STOPSIGNAL
    Stopsignal,
    /// USER
    User,
    /// VOLUME
    Volume,
    /// WORKDIR
    Workdir,
    /// Anything else.
    Unknown,
}

impl Keyword {
    /// All that a builder knows, with their names.
    pub const ALL: [(Keyword, &'static str); 18] = [
        (Keyword::Add, "ADD"),
        (Keyword::Arg, "ARG"),
        (Keyword::Cmd, "CMD"),
        (Keyword::Copy, "COPY"),
        (Keyword::Entrypoint, "ENTRYPOINT"),
        (Keyword::Env, "ENV"),
        (Keyword::Expose, "EXPOSE"),
        (Keyword::From, "FROM"),
        (Keyword::Healthcheck, "HEALTHCHECK"),
        (Keyword::Label, "LABEL"),
        (Keyword::Maintainer, "MAINTAINER"),
        (Keyword::Onbuild, "ONBUILD"),
        (Keyword::Run, "RUN"),
        (Keyword::Shell, "SHELL"),
        (Keyword::Stopsignal, "STOPSIGNAL"),
        (Keyword::User, "USER"),
        (Keyword::Volume, "VOLUME"),
        (Keyword::Workdir, "WORKDIR"),
    ];

    /// The keyword that `text` is, in any case.
    pub fn of(text: &str) -> Keyword {
        let known = Self::ALL.iter().find(|(_, name)| name.eq_ignore_ascii_case(text));
        known.map_or(Keyword::Unknown, |(keyword, _)| *keyword)
    }

    /// Its name; empty for [`Keyword::Unknown`].
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(keyword, _)| *keyword == self).map_or("", |(_, name)| name)
    }
}

/// A command in shell or exec form.
#[derive(Debug, Clone)]
pub enum Command<'s> {
    /// Text for a shell.
    Shell {
        /// Where it stands in the line.
        place: Place,
        /// It begins like a JSON list but is none: why.
        failed_json: Option<&'static str>,
    },
    /// A JSON list of strings.
    Exec {
        /// The list, brackets included.
        place: Place,
        /// The strings.
        args: Vec<Word<'s>>,
    },
}

/// What follows an instruction's keyword and flags.
#[derive(Debug, Clone)]
pub enum Body<'s> {
    /// FROM
    From {
        /// The image or stage, variables filled in from the ARGs before the first FROM.
        image: Word<'s>,
        /// Where `AS` stands.
        as_place: Option<Place>,
        /// The stage's name as written.
        name: Option<Place>,
    },
    /// ENV, LABEL, ARG
    Pairs {
        /// The pairs.
        pairs: Vec<Pair<'s>>,
        /// Written as `KEY value`, without `=`.
        legacy: bool,
    },
    /// RUN, CMD, ENTRYPOINT, HEALTHCHECK CMD
    Command(Command<'s>),
    /// COPY, ADD: sources and destination; VOLUME, EXPOSE: items; SHELL: its words
    Words {
        /// The words.
        words: Vec<Word<'s>>,
        /// Written as a JSON list.
        json: bool,
    },
    /// WORKDIR, USER, STOPSIGNAL, MAINTAINER: one text
    Text(Word<'s>),
    /// HEALTHCHECK NONE
    Nothing,
    /// It could not be read.
    Broken,
}

/// Why an instruction could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// What is wrong, for the person who wrote it.
    pub message: String,
    /// Where, in the line.
    pub place: Place,
}

/// One instruction.
#[derive(Debug, Clone)]
pub struct Instruction<'s> {
    /// Its text as the builder sees it, without heredoc bodies.
    pub line: Line<'s>,
    /// Its extent in the file, from the keyword to the end of its last line (heredocs included).
    pub range: Range<usize>,
    /// Its keyword; of `ONBUILD RUN …` that is RUN.
    pub keyword: Keyword,
    /// Where the keyword stands in the line.
    pub keyword_place: Place,
    /// Where `ONBUILD` stands in the line, for an instruction that only a later build runs.
    pub onbuild: Option<Place>,
    /// Its flags.
    pub flags: Vec<Flag<'s>>,
    /// What follows.
    pub body: Body<'s>,
    /// Its heredocs, in order.
    pub heredocs: Vec<Heredoc>,
    /// Variables that a RUN's shell text uses (their places are those of the file), that the stage does not declare and that are declared before the first
    /// FROM (or given by the builder to those who declare them).
    pub undefined: Vec<Undefined>,
    /// Blank lines inside it.
    pub blank_lines: Vec<Range<usize>>,
    /// Why it could not be read.
    pub mistake: Option<Mistake>,
    /// The stage it belongs to, as an index into [`Document::stages`]; `None` before the first FROM.
    pub stage: Option<usize>,
}

impl<'s> Instruction<'s> {
    /// The place of its keyword in the file.
    pub fn keyword_span(&self) -> Span {
        self.line.span(self.keyword_place.clone())
    }

    /// Its whole line in the file, from keyword to end, heredocs not included.
    pub fn span(&self) -> Span {
        self.line.span(0..self.line.text().len())
    }

    /// The flag of that name.
    pub fn flag(&self, name: &str) -> Option<&Flag<'s>> {
        self.flags.iter().find(|flag| flag.name.eq_ignore_ascii_case(name))
    }
}

/// What a stage is built on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// Another stage of this file: its index.
    Stage(usize),
    /// Nothing.
    Scratch,
    /// An image from a registry.
    Image,
    /// It depends on something that was not seen.
    Unknown,
}

/// One stage.
#[derive(Debug, Clone)]
pub struct Stage<'s> {
    /// Its name, lower-cased as the builder does it.
    pub name: Option<String>,
    /// The name as written, in the line of its FROM.
    pub name_place: Option<Place>,
    /// Its FROM, as an index into [`Document::instructions`].
    pub from: usize,
    /// What it is built on.
    pub base: Base,
    /// The image name, variables filled in.
    pub image: Word<'s>,
    /// Its instructions, FROM included, as a range of indices into [`Document::instructions`].
    pub instructions: Range<usize>,
    /// Whether another stage or a COPY, ADD or mount refers to it.
    pub is_used: bool,
    /// The last stage, or one that the last stage is built on: its layers ship.
    pub is_shipped: bool,
}
