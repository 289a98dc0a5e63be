//! YAML, read from the events of `granit-parser` into a [`Tree`].
//!
//! Spans: a scalar covers its text with its quotes, without anchor and tag; a block scalar covers its content from the
//! first character after header and indentation to the last one that is not blank; a missing value is empty and stands
//! after the colon or dash; a block collection ends where its last child ends, a flow collection includes its brackets.
//!
//! A broken document is dropped whole, with one problem; the documents before and after it are read.
//!
//! Documents of the most common kind are read by `common`, the others by the parser, with the same result.

use std::collections::HashMap;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, StrInput, StructureStyle, Tag};

use super::tree::build::{Builder, Extent, Limit, MAX_DEPTH, Scalar};
use super::tree::{Content, Kind, MERGE_DEPTH, Node, NodeId, Style, Tree, scalar};
use crate::span::SourceId;
use crate::syntax::shared::SharedText;

mod common;
mod message;

/// How many nodes the aliases of one document may add to those written; more is an alias bomb.
pub const MAX_ALIAS_EXPANSION: u64 = 1_000_000;
/// How many mappings a lookup may visit through merge keys.
pub const MAX_MERGED_MAPS: u32 = 1_000;

/// Reads `text` as YAML.
pub fn read(source: SourceId, text: SharedText) -> Tree {
    if u32::try_from(text.len()).is_err() {
        let mut builder = Builder::new(source, "".into());
        builder.problem(0, 0, "longer than 4 GiB");
        return builder.finish();
    }
    let mut reader = Reader::new(source, &text);
    let mut start = 0;
    while start < text.len() {
        let end = document_end(&text, start);
        match reader.common(start, end) {
            Some(()) => {}
            None if reader.parse(start, end) => {}
            // Where a broken document ends is for the parser to find out.
            None => {
                reader.parse_all(start);
                break;
            }
        }
        start = end;
    }
    reader.builder.begin_document();
    reader.comments(text.len());
    reader.builder.finish()
}

/// Whether the document has a line that begins with `...`.
fn ends_itself(text: &str) -> bool {
    text.starts_with("...") || memchr::memmem::find(text.as_bytes(), b"\n...").is_some()
}

/// Where the document ends that begins at `start`: before the next line that begins with `---` and a blank.
fn document_end(text: &str, start: usize) -> usize {
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let ends = |at: &usize| rest.get(at + 4).is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    memchr::memmem::find_iter(rest, b"\n---").find(ends).map_or(text.len(), |at| start + at + 1)
}

/// Where the reader stands between two events.
enum State {
    /// In a document.
    Within,
    /// Between documents; the last one ended there unless a problem was met since.
    Between { ended_at: Option<usize> },
}

/// Why a document cannot be kept.
struct Broken {
    start: usize,
    end: usize,
    message: String,
}

struct Reader<'t> {
    builder: Builder,
    text: &'t str,
    state: State,
    /// Up to here comments have been collected.
    commented: usize,
    /// Whether the current document has a merge key.
    merges: bool,
    /// The current document's anchored nodes by the parser's number.
    anchors: HashMap<usize, NodeId>,
    /// What the anchored nodes stand for.
    extents: HashMap<NodeId, Extent>,
    /// How many nodes the document's aliases stand for.
    aliased: u64,
    /// For mappings with merge keys: how many mappings a lookup visits, and how many behind one another.
    merged: HashMap<NodeId, (u32, u8)>,
}

type Events<'t> = Parser<'t, StrInput<'t>>;

fn options() -> Options {
    let mut options = Options::default();
    // Comments are found between the scalars afterwards: that is faster, and the parser would refuse more than 96
    // comment lines in a row.
    options.set_emit_comments(false);
    options.flow_nesting_limit = MAX_DEPTH;
    options.block_nesting_limit = MAX_DEPTH;
    options
}

impl<'t> Reader<'t> {
    fn new(source: SourceId, text: &'t SharedText) -> Self {
        Reader {
            builder: Builder::new(source, text.clone()),
            text,
            state: State::Between { ended_at: Some(0) },
            anchors: HashMap::new(),
            commented: 0,
            merges: false,
            extents: HashMap::new(),
            aliased: 0,
            merged: HashMap::new(),
        }
    }

    /// The document at `start..end`, if it is of the common kind.
    fn common(&mut self, start: usize, end: usize) -> Option<()> {
        self.builder.begin_document();
        let Some(has_content) = common::document(self.text, start, end, &mut self.builder) else {
            self.builder.drop_document();
            return None;
        };
        if has_content {
            self.builder.end_document();
            self.comments(end);
            self.state = State::Between { ended_at: Some(end) };
        }
        Some(())
    }

    /// The document at `start..end`, by the parser, which sees what follows; `false` when it is broken, and nothing of it
    /// is kept then.
    fn parse(&mut self, start: usize, end: usize) -> bool {
        let Some(text) = self.text.get(start..end) else { return false };
        if ends_itself(text) || text.starts_with('%') || text.contains("\n%") {
            return false;
        }
        let (commented, ended) = (self.commented, State::Between { ended_at: Some(start) });
        let (documents, comments) = (self.builder.tree.documents.len(), self.builder.tree.comments.len());
        if self.parse_one(start, end).is_some() {
            return true;
        }
        self.builder.drop_document();
        self.builder.tree.documents.truncate(documents);
        self.builder.tree.comments.truncate(comments);
        (self.commented, self.state) = (commented, ended);
        false
    }

    /// The events of the document at `start..end`; `None` when anything is wrong with it or just behind it.
    fn parse_one(&mut self, start: usize, end: usize) -> Option<()> {
        let mut events = Parser::new_from_str_with_options(self.text.get(start..)?, options());
        let mut has_ended = false;
        while let Some(next) = events.next_event() {
            let (event, span) = next.ok()?;
            let range = span.byte_range().unwrap_or(0..0);
            let (from, to) = (start + range.start, start + range.end);
            match event {
                Event::StreamEnd => break,
                // That of a document without a marker is reported behind its first token.
                Event::DocumentStart(true, ..) if from >= end => break,
                _ if has_ended => return None,
                Event::DocumentEnd if from > end => return None,
                _ => {}
            }
            has_ended = event == Event::DocumentEnd;
            self.event(event, from, to).ok()?;
        }
        Some(())
    }

    /// Everything from `start` on, by the parser.
    fn parse_all(&mut self, start: usize) {
        let mut events = Parser::new_from_str_with_options(self.text.get(start..).unwrap_or_default(), options());
        while let Some(next) = events.next_event() {
            let broken = match next {
                Ok((Event::StreamEnd, _)) => return,
                Ok((event, span)) => {
                    let range = span.byte_range().unwrap_or(0..0);
                    self.event(event, start + range.start, start + range.end).err()
                }
                Err(error) => Some(self.broken(&error, start)),
            };
            if let Some(broken) = broken {
                self.drop_document(broken);
                if !self.proceed(&mut events, start) {
                    return;
                }
            }
        }
    }

    fn proceed(&mut self, events: &mut Events<'t>, start: usize) -> bool {
        match events.proceed_next_document() {
            Ok(more) => more,
            Err(error) => {
                let broken = self.broken(&error, start);
                self.builder.problem(broken.start, broken.end, broken.message);
                false
            }
        }
    }

    /// What the parser says of a text that begins at `base`.
    fn broken(&self, error: &ScanError, base: usize) -> Broken {
        let start = error.marker().byte_offset().map_or(self.text.len(), |at| base + at).min(self.text.len());
        let next = self.text.get(start..).and_then(|rest| rest.chars().next());
        let end = start + next.filter(|c| !matches!(c, '\n' | '\r')).map_or(0, char::len_utf8);
        Broken { start, end, message: message::of(error.kind()) }
    }

    /// Forgets the document that `broken` lies in, which may have seemed to end before it (`{a: 1} rest`).
    fn drop_document(&mut self, broken: Broken) {
        match std::mem::replace(&mut self.state, State::Between { ended_at: None }) {
            State::Within => self.builder.drop_document(),
            State::Between { ended_at: Some(end) } => {
                let between = self.text.get(end..broken.start).unwrap_or_default();
                if !between.split(['\n', '\r']).any(|line| line.starts_with("---") || line.starts_with("...")) {
                    self.builder.drop_document();
                }
            }
            State::Between { ended_at: None } => {}
        }
        self.builder.problem(broken.start, broken.end, broken.message);
    }

    fn event(&mut self, event: Event<'_>, start: usize, end: usize) -> Result<(), Broken> {
        match event {
            Event::DocumentStart(..) => {
                if let State::Between { ended_at: None } = self.state {
                    // Behind a broken document nobody knows what is a comment.
                    self.commented = self.commented.max(start);
                }
                self.state = State::Within;
                self.merges = false;
                self.anchors.clear();
                self.extents.clear();
                self.aliased = 0;
                self.merged.clear();
                self.builder.begin_document();
            }
            Event::DocumentEnd => {
                self.builder.end_document();
                self.comments(start);
                self.state = State::Between { ended_at: Some(start) };
            }
            Event::Scalar(value, style, anchor, tag) => {
                self.scalar(&value, style, anchor, tag.as_deref(), start, end)?
            }
            Event::Alias(anchor) => self.alias(anchor, start, end)?,
            Event::SequenceStart(style, anchor, tag) => {
                let start = if style == StructureStyle::Block { self.dash(start) } else { start };
                self.open(false, anchor, tag.as_deref(), start)?;
            }
            Event::MappingStart(_, anchor, tag) => self.open(true, anchor, tag.as_deref(), start)?,
            // An empty event closes a block collection, or a single pair in a flow sequence.
            Event::SequenceEnd | Event::MappingEnd => self.close((end > start).then_some(end), start)?,
            _ => {}
        }
        Ok(())
    }

    /// Collects the comments before `to`: a `#` behind a blank that stands in none of the document's scalars.
    fn comments(&mut self, to: usize) {
        let bytes = self.text.as_bytes();
        let mut node = self.builder.first_node();
        while let Some(found) = memchr::memchr(b'#', bytes.get(self.commented..to).unwrap_or_default()) {
            let at = self.commented + found;
            while self.builder.tree.nodes.get(node).is_some_and(|data| !data.is_scalar() || data.end as usize <= at) {
                node += 1;
            }
            let within = self.builder.tree.nodes.get(node).filter(|data| (data.start as usize) <= at);
            if let Some(data) = within {
                self.commented = data.end as usize;
                continue;
            }
            let before = bytes.get(..at).and_then(<[u8]>::last);
            if !before.is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) {
                self.commented = at + 1;
                continue;
            }
            let line = bytes.get(at..to).unwrap_or_default();
            let end = at + memchr::memchr2(b'\n', b'\r', line).unwrap_or(line.len());
            let blanks = bytes.get(..at).unwrap_or_default().iter().rev().find(|byte| !matches!(byte, b' ' | b'\t'));
            let own_line = blanks.is_none_or(|byte| matches!(byte, b'\n' | b'\r'));
            self.builder.comment(at, end, own_line);
            self.commented = end;
        }
        self.commented = self.commented.max(to);
    }

    /// The parser starts a sequence that is not indented below its key after its first dash, which is then the first
    /// character of the line.
    fn dash(&self, start: usize) -> usize {
        let Some(key) = self.builder.awaited_key() else { return start };
        let before = self.text.get(..start).unwrap_or_default();
        let line = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let first = line + before.len() - line - before.get(line..).map_or(0, |rest| rest.trim_start().len());
        let is_dash = self.text.as_bytes().get(first) == Some(&b'-');
        if is_dash && self.builder.node(key).span().end as usize <= first { first } else { start }
    }

    fn scalar(
        &mut self,
        value: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        mut start: usize,
        mut end: usize,
    ) -> Result<(), Broken> {
        let missing = style == ScalarStyle::Plain && start == end;
        let value = if missing { "" } else { value };
        let written = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
            ScalarStyle::Literal | ScalarStyle::Folded => {
                end = start + self.text.get(start..end).map_or(0, |content| content.trim_end().len());
                Style::Block
            }
        };
        if missing {
            start = self.after_colon(start);
            end = start;
        }
        let content = match tag {
            Some(tag) => tagged(tag, value),
            None if written == Style::Plain => scalar::core(value),
            None => Content::Str,
        };
        self.merges |= value == "<<";
        self.builder.tree.merges |= self.merges;
        let settled = tag.is_some() || written != Style::Plain;
        let id = self.builder.scalar(Scalar { start, end, content, style: written, settled, value });
        self.added(id, anchor, tag, start)
    }

    /// A missing value is reported right behind its key; it belongs behind the colon.
    fn after_colon(&self, start: usize) -> usize {
        let awaited = self.builder.awaited_key().is_some();
        let rest = self.text.get(start..).unwrap_or_default();
        let colon = rest.trim_start_matches([' ', '\t']);
        if awaited && colon.starts_with(':') { start + (rest.len() - colon.len()) + 1 } else { start }
    }

    fn added(
        &mut self,
        id: Result<NodeId, Limit>,
        anchor: usize,
        tag: Option<&Tag>,
        start: usize,
    ) -> Result<(), Broken> {
        let id = id.map_err(|limit| Broken { start, end: start, message: limit.message() })?;
        if anchor != 0 {
            self.anchors.insert(anchor, id);
            self.extents.insert(id, Extent::ONE);
        }
        if let Some(tag) = tag {
            self.builder.tag(id, &tag.original());
        }
        Ok(())
    }

    fn open(&mut self, is_map: bool, anchor: usize, tag: Option<&Tag>, start: usize) -> Result<(), Broken> {
        let id = self.builder.open(is_map, start);
        self.added(id, anchor, tag, start)
    }

    fn close(&mut self, end: Option<usize>, at: usize) -> Result<(), Broken> {
        let Some((id, extent)) = self.builder.close(end) else { return Ok(()) };
        if let Some(anchored) = self.extents.get_mut(&id) {
            *anchored = extent;
        }
        if !self.merges {
            return Ok(());
        }
        self.count_merges(id).map_err(|message| Broken { start: at, end: at, message })
    }

    fn alias(&mut self, anchor: usize, start: usize, end: usize) -> Result<(), Broken> {
        let broken = |message: String| Broken { start, end, message };
        let Some(&target) = self.anchors.get(&anchor) else {
            return Err(broken("an alias without its anchor".to_owned()));
        };
        if self.builder.is_open(target) {
            return Err(broken("an alias inside the value it stands for".to_owned()));
        }
        let extent = self.extents.get(&target).copied().unwrap_or(Extent::ONE);
        self.aliased = self.aliased.saturating_add(extent.size);
        if self.aliased > MAX_ALIAS_EXPANSION {
            return Err(broken(format!("its aliases stand for more than {MAX_ALIAS_EXPANSION} values")));
        }
        self.builder.alias(start, end, target, extent).map(drop).map_err(|limit| broken(limit.message()))
    }

    fn count_merges(&mut self, id: NodeId) -> Result<(), String> {
        let mut total = (0_u32, 0_u8);
        let mut weigh = |map: Node<'_>| {
            let (count, depth) = self.merged.get(&map.target_id()).copied().unwrap_or_default();
            total = (total.0.saturating_add(count).saturating_add(1), total.1.max(depth.saturating_add(1)));
        };
        for merge in self.builder.node(id).entries().filter(|entry| entry.key.is_merge()) {
            match merge.value.kind() {
                Kind::List => merge.value.items().for_each(&mut weigh),
                _ => weigh(merge.value),
            }
        }
        let (count, depth) = total;
        if count > MAX_MERGED_MAPS {
            return Err(format!("its merge keys bring in more than {MAX_MERGED_MAPS} mappings"));
        }
        if depth > MERGE_DEPTH {
            return Err(format!("more than {MERGE_DEPTH} merge keys behind one another"));
        }
        if count > 0 {
            self.merged.insert(id, total);
        }
        Ok(())
    }
}

/// What a scalar with an explicit tag is. A tag of an application (`!Ref`) leaves it text.
fn tagged(tag: &Tag, value: &str) -> Content {
    match tag.core_suffix() {
        Some("null") => Content::Null,
        Some("bool") => match scalar::legacy(value).unwrap_or_else(|| scalar::core(value)) {
            Content::Bool(value) => Content::Bool(value),
            _ => Content::Str,
        },
        Some("int") => scalar::core(value),
        Some("float") => match scalar::core(value) {
            Content::Int(value) => Content::Float(value as f64),
            content => content,
        },
        _ => Content::Str,
    }
}

#[cfg(test)]
mod tests;
