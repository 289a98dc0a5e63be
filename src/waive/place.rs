//! Where a comment stands in a source, and what it covers: the node on its line, the next node, lines, the whole file.

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::directive::{self, ANYWHERE, Dialect, Directive, MARKERS, Reach};
use crate::inspect;
use crate::inspect::dockerfile::document::Document;
use crate::path;
use crate::source::Source;
use crate::syntax::tree::{Dialect as Scalars, Kind, Node, Tree};
use crate::syntax::{Format, format_of};

/// More directives than this in one file do not count: nobody wrote them by hand.
const MAX_DIRECTIVES: usize = 2_000;

/// How many lines without code a directive looks past for the line that it covers.
const MAX_GAP: usize = 100;

/// Endings of files written for readers: what looks like a directive there is an example of one.
const PROSE: [&str; 6] = ["md", "markdown", "rst", "adoc", "txt", "mdx"];

/// What begins a comment where no reader knows the format.
const OPENERS: [&str; 7] = ["#", "//", "--", ";", "/*", "<!--", "%"];

/// A directive with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    /// What it says; its ranges are those of the file.
    pub(super) directive: Directive,
    /// The bytes of the file that it covers; a finding that begins there is suppressed.
    pub(super) covers: Range<usize>,
    /// Whether it stands where people write directives, so that a dead one is worth a word.
    pub(super) is_meant: bool,
}

/// The words in the text that show that it may hold a directive.
pub(super) fn markers(text: &str) -> Vec<(usize, &'static str)> {
    static AUTOMATON: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let Some(automaton) = AUTOMATON.get_or_init(automaton) else { return Vec::new() };
    let found = automaton.find_iter(text).map(|hit| (hit.start(), MARKERS[hit.pattern().as_usize()]));
    found.take(MAX_DIRECTIVES).collect()
}

/// Leftmost, because only then the library may search for the markers' rare bytes first; what it does then is little,
/// so that the automaton must be quick to make.
fn automaton() -> Option<AhoCorasick> {
    let kind = Some(AhoCorasickKind::NoncontiguousNFA);
    AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).kind(kind).build(MARKERS).ok()
}

/// The format, as far as comments and nodes are concerned.
enum Form<'s> {
    /// With its comments, in order.
    Dockerfile(Document<'s>, Vec<Range<usize>>),
    Tree(&'s Tree, Vec<Range<usize>>),
    Lines,
}

impl<'s> Form<'s> {
    fn of(source: &'s Source) -> Self {
        let (path, text) = (source.path(), source.text());
        let is_dockerfile = inspect::by_name("dockerfile").is_some_and(|one| one.wants(path));
        if is_dockerfile {
            let document = inspect::dockerfile::read::read(source.id, text);
            let comments = document.comments().map(|comment| comment.range()).collect();
            return Form::Dockerfile(document, comments);
        }
        if !is_data(path) {
            return Form::Lines;
        }
        let tree = source.tree();
        if tree.template.is_some() || tree.documents(Scalars::Core).next().is_none() {
            return Form::Lines;
        }
        Form::Tree(tree, Vec::new())
    }

    /// The stage in which the instruction after `at` stands.
    fn stage(&self, text: &str, at: usize) -> Range<usize> {
        let Form::Dockerfile(document, _) = self else { return 0..0 };
        let after = document.instructions.partition_point(|one| one.range.start < at);
        let stage = document.instructions.get(after).and_then(|one| document.stages.get(one.stage?));
        let Some(list) = stage.and_then(|stage| document.instructions.get(stage.instructions.clone())) else {
            return 0..0;
        };
        match (list.first(), list.last()) {
            (Some(first), Some(last)) => lines_of(text, first.range.start..last.range.end),
            _ => 0..0,
        }
    }

    /// The comment around byte `at`: its range, and whether it stands alone on its line.
    fn comment(&self, text: &str, at: usize) -> Option<(Range<usize>, bool)> {
        match self {
            Form::Dockerfile(document, comments) => {
                let after = comments.partition_point(|comment| comment.start <= at);
                let comment = after.checked_sub(1).and_then(|index| comments.get(index));
                let comment = comment.filter(|comment| comment.contains(&at)).cloned();
                Some((comment.or_else(|| in_script(document, text, at))?, true))
            }
            Form::Tree(tree, _) => {
                let after = tree.comments.partition_point(|comment| comment.span.start as usize <= at);
                let comment = tree.comments.get(after.checked_sub(1)?)?;
                comment.span.range().contains(&at).then(|| (comment.span.range(), comment.own_line))
            }
            Form::Lines => line_comment(text, at),
        }
    }

    /// What a directive at `comment` covers.
    fn covers(&mut self, text: &str, comment: Range<usize>, alone: bool, reach: Reach) -> Range<usize> {
        let own = line_of(text, comment.start);
        match reach {
            Reach::File => 0..text.len() + 1,
            Reach::Stage => self.stage(text, comment.end),
            Reach::Line => own,
            Reach::NextLine if own.end < text.len() => line_of(text, own.end),
            Reach::NextLine => 0..0,
            Reach::Onward | Reach::Until => own.start..text.len() + 1,
            Reach::Node if alone => self.next(text, comment.end),
            Reach::Node => self.on_line(text, own),
        }
    }

    /// The node that begins after `at`.
    fn next(&mut self, text: &str, at: usize) -> Range<usize> {
        match self {
            Form::Dockerfile(document, _) => {
                let after = document.instructions.partition_point(|one| one.range.start < at);
                let before = after.checked_sub(1).and_then(|index| document.instructions.get(index));
                if before.is_some_and(|one| at <= one.range.end) {
                    return next_line(text, at);
                }
                document.instructions.get(after).map_or(0..0, |one| lines_of(text, one.range.clone()))
            }
            Form::Tree(tree, nodes) => {
                collect(tree, nodes);
                let after = nodes.partition_point(|node| node.start < at);
                nodes.get(after).map_or(0..0, |node| lines_of(text, node.clone()))
            }
            Form::Lines => next_line(text, at),
        }
    }

    /// The node that begins the line, with all that belongs to it; the line where none does.
    fn on_line(&mut self, text: &str, line: Range<usize>) -> Range<usize> {
        let Form::Tree(tree, nodes) = self else { return line };
        collect(tree, nodes);
        let after = nodes.partition_point(|node| node.start < line.start);
        match nodes.get(after) {
            Some(node) if node.start < line.end => line.start..lines_of(text, node.clone()).end.max(line.end),
            _ => line,
        }
    }
}

/// The comment around byte `at` in the lines of a heredoc.
fn in_script(document: &Document<'_>, text: &str, at: usize) -> Option<Range<usize>> {
    let after = document.instructions.partition_point(|one| one.range.start <= at);
    let instruction = document.instructions.get(after.checked_sub(1)?)?;
    let inside = instruction.heredocs.iter().any(|heredoc| heredoc.body.contains(&at));
    let line = line_of(text, at);
    let words = text.get(line.start..line.end.min(text.len())).filter(|_| inside)?;
    let start = line.start + (words.len() - words.trim_start().len());
    words.trim_start().starts_with('#').then(|| start..line.start + words.trim_end().len())
}

/// The outermost entry or item that begins at each place, sorted; once.
fn collect(tree: &Tree, nodes: &mut Vec<Range<usize>>) {
    if !nodes.is_empty() {
        return;
    }
    let mut open: Vec<Node<'_>> = tree.documents(Scalars::Core).collect();
    while let Some(node) = open.pop() {
        match node.kind() {
            Kind::Map => {
                for entry in node.entries() {
                    let (key, value) = (entry.key.span().range(), entry.value.span().range());
                    nodes.push(key.start..value.end.max(key.end));
                    open.extend(is_written(node, entry.value));
                }
            }
            Kind::List => {
                for item in node.items() {
                    nodes.push(item.span().range());
                    open.extend(is_written(node, item));
                }
            }
            _ => {}
        }
    }
    // At one place the longest first, so that the outermost stays.
    nodes.sort_by_key(|node| (node.start, std::cmp::Reverse(node.end)));
    nodes.dedup_by_key(|node| node.start);
}

/// Aliases stand for what is written elsewhere.
fn is_written<'t>(parent: Node<'t>, child: Node<'t>) -> Option<Node<'t>> {
    (child.id() == child.target_id() && parent.id() != child.id()).then_some(child)
}

/// Whether the name promises data with comments of its own.
fn is_data(path: &str) -> bool {
    let name = path::file_name(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    format_of(path) != Format::Yaml || matches!(&*ending, "yaml" | "yml")
}

fn is_prose(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    PROSE.contains(&&*ending)
}

/// The line around byte `at`, its break included.
fn line_of(text: &str, at: usize) -> Range<usize> {
    let at = at.min(text.len());
    let bytes = text.as_bytes();
    let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |newline| newline + 1);
    let end = memchr::memchr(b'\n', &bytes[at..]).map_or(text.len() + 1, |newline| at + newline + 1);
    start..end
}

/// Whole lines around `range`.
fn lines_of(text: &str, range: Range<usize>) -> Range<usize> {
    let last = range.end.saturating_sub(1).max(range.start);
    line_of(text, range.start).start..line_of(text, last).end
}

/// The first line after the one around `at` that is neither blank nor a comment.
fn next_line(text: &str, at: usize) -> Range<usize> {
    let mut line = line_of(text, at);
    for _ in 0..MAX_GAP {
        if line.end >= text.len() {
            break;
        }
        line = line_of(text, line.end);
        let words = text.get(line.start..line.end.min(text.len())).unwrap_or_default().trim();
        if !words.is_empty() && !OPENERS.iter().any(|opener| words.starts_with(opener)) {
            return line;
        }
    }
    0..0
}

/// A comment in a text without a reader: the last opener before `at` on its line that stands outside of quotes.
fn line_comment(text: &str, at: usize) -> Option<(Range<usize>, bool)> {
    let line = line_of(text, at);
    let line = line.start..line.end.min(text.len());
    let before = text.get(line.start..at)?;
    // Far into a line of megabytes nobody writes a comment.
    if before.len() > 4096 {
        return None;
    }
    let start = opener(before)?;
    let alone = before[..start].trim().is_empty();
    let words = text.get(line.start + start..line.end)?.trim_end();
    let words = words.strip_suffix("*/").or_else(|| words.strip_suffix("-->")).unwrap_or(words).trim_end();
    Some((line.start + start..line.start + start + words.len(), alone))
}

/// Where the first comment of a line begins: an opener after a blank, outside of quotes.
fn opener(line: &str) -> Option<usize> {
    let mut open = [false; 3];
    let mut after_blank = true;
    for (at, c) in line.char_indices() {
        let is_free = after_blank && !open.contains(&true);
        if is_free && OPENERS.iter().any(|opener| line[at..].starts_with(opener)) {
            return Some(at);
        }
        if let Some(index) = ['"', '\'', '`'].iter().position(|quote| *quote == c) {
            open[index] = !open[index];
        }
        after_blank = c.is_whitespace();
    }
    None
}

/// Every directive in a comment of the source, with what it covers, in the order of the text.
pub(super) fn comments(source: &Source, markers: Vec<(usize, &'static str)>) -> Vec<Placed> {
    let text = source.text();
    let mut form = Form::of(source);
    let mut placed = buildkit(&form, text);
    let mut seen = usize::MAX;
    for (at, marker) in markers {
        let prose = is_prose(source.path());
        let comment = form.comment(text, at).filter(|(range, _)| !prose || text[range.clone()].starts_with("<!--"));
        let (range, alone, is_meant) = match comment {
            Some((range, alone)) => (range, alone, true),
            None if ANYWHERE.contains(&marker) => (at..line_of(text, at).end.min(text.len()), false, false),
            None => continue,
        };
        if range.start == seen {
            continue;
        }
        seen = range.start;
        let words = text.get(range.clone()).unwrap_or_default();
        // Without a comment, only what its tool would find in any text.
        let counts = |one: &Directive| is_meant || matches!(one.reach, Reach::Line | Reach::NextLine);
        for mut directive in directive::read(words).into_iter().filter(counts) {
            if directive.dialect == Dialect::Peer("checkov") && !matches!(form, Form::Dockerfile(..)) {
                directive.reach = Reach::Node;
            }
            let covers = form.covers(text, range.clone(), alone, directive.reach);
            shift(&mut directive, range.start);
            placed.push(Placed { directive, covers, is_meant });
        }
    }
    close(&mut placed);
    placed
}

/// `# check=skip=…` among the parser directives of a Dockerfile.
fn buildkit(form: &Form<'_>, text: &str) -> Vec<Placed> {
    let Form::Dockerfile(document, _) = form else { return Vec::new() };
    let one = |directive: &inspect::dockerfile::document::Directive| {
        let key = text.get(directive.key.clone())?;
        let counts = directive.ignored.is_none() && key.eq_ignore_ascii_case("check");
        let value = text.get(directive.value.clone()).filter(|_| counts)?;
        let directive = directive::buildkit(value, directive.value.start)?;
        Some(Placed { directive, covers: 0..text.len() + 1, is_meant: true })
    };
    document.directives.iter().filter_map(one).collect()
}

fn shift(directive: &mut Directive, by: usize) {
    let moved = |range: &Range<usize>| range.start + by..range.end + by;
    directive.range = moved(&directive.range);
    for name in &mut directive.names {
        name.range = moved(&name.range);
    }
}

/// Ends what an `on` ends, and takes the `on` out.
fn close(placed: &mut Vec<Placed>) {
    for index in (0..placed.len()).rev() {
        if placed[index].directive.reach != Reach::Until {
            continue;
        }
        let ending = placed.remove(index);
        let end = ending.directive.range.start;
        for one in placed[..index].iter_mut().filter(|one| one.directive.reach == Reach::Onward) {
            // An `on` that names some words takes those back only when it names all of them.
            let all = one.directive.names.iter();
            let ends = ending.directive.names.is_empty()
                || all.clone().all(|name| ending.directive.names.iter().any(|other| other.word == name.word));
            if ends {
                one.covers.end = one.covers.end.min(end);
            }
        }
    }
}

#[cfg(test)]
#[path = "place/tests.rs"]
mod tests;
