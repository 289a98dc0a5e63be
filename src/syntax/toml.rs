//! TOML, read with `toml_edit` into a [`Tree`]. Dates and times are text. A broken text has no document, as TOML has no
//! place to start again; a table whose parts are scattered over the text spans from its first part to its last.

use std::ops::Range;

use toml_edit::{Document, Item, Key, TableLike, Value};

use super::tree::build::{Builder, Limit, Scalar};
use super::tree::{Content, Style, Tree};
use crate::span::SourceId;
use crate::syntax::shared::SharedText;

/// Reads `text` as TOML.
pub fn read(source: SourceId, text: SharedText) -> Tree {
    let mut builder = Builder::new(source, text.clone());
    if u32::try_from(text.len()).is_err() {
        builder = Builder::new(source, "".into());
        builder.problem(0, 0, "longer than 4 GiB");
        return builder.finish();
    }
    comments(&text, &mut builder);
    match Document::parse(&*text) {
        Ok(document) => {
            builder.begin_document();
            let mut reader = Reader { builder, text: &text };
            let read = reader.table(document.as_table(), 0..text.trim_end().len());
            builder = reader.builder;
            match read {
                Ok(()) => builder.end_document(),
                Err(limit) => {
                    builder.drop_document();
                    builder.problem(0, 0, limit.message());
                }
            }
        }
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            let message = error.message().lines().next().unwrap_or("this is no TOML");
            builder.problem(span.start, span.end.min(line_end(&text, span.start)), message.trim_end_matches('.'));
        }
    }
    builder.finish()
}

fn line_end(text: &str, start: usize) -> usize {
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    start + memchr::memchr(b'\n', rest).unwrap_or(rest.len())
}

struct Reader<'t> {
    builder: Builder,
    text: &'t str,
}

impl Reader<'_> {
    fn table(&mut self, table: &dyn TableLike, own: Range<usize>) -> Result<(), Limit> {
        let mut entries: Vec<(Range<usize>, &Key, &Item)> = table
            .iter()
            .filter_map(|(name, item)| {
                let key = table.key(name)?;
                Some((key.span().unwrap_or(own.clone()), key, item))
            })
            .collect();
        entries.sort_by_key(|(span, ..)| span.start);
        self.builder.open(true, own.start)?;
        for (span, key, item) in entries {
            self.scalar(span.clone(), Content::Str, is_quoted(self.text, &span), key.get())?;
            self.item(item, span.end)?;
        }
        self.builder.close_around(own.end);
        Ok(())
    }

    /// An item whose key ends at `after`.
    fn item(&mut self, item: &Item, after: usize) -> Result<(), Limit> {
        let own = item.span().unwrap_or(after..after);
        match item {
            Item::None => self.scalar(after..after, Content::Null, Style::Plain, ""),
            Item::Value(value) => self.value(value, after),
            // The span of a table begins with its header, which stands around its key.
            Item::Table(table) => self.table(table, after..after.max(own.end)),
            Item::ArrayOfTables(tables) => {
                self.builder.open(false, own.start)?;
                for table in tables {
                    let own = table.span().unwrap_or(after..after);
                    self.table(table, own)?;
                }
                self.builder.close_around(after);
                Ok(())
            }
        }
    }

    fn value(&mut self, value: &Value, after: usize) -> Result<(), Limit> {
        let span = value.span().unwrap_or(after..after);
        let written = self.text.get(span.clone()).unwrap_or_default();
        match value {
            Value::String(text) => self.scalar(span, Content::Str, Style::Quoted, text.value()),
            Value::Integer(number) => self.scalar(span, Content::Int(*number.value()), Style::Plain, written),
            Value::Float(number) => self.scalar(span, Content::Float(*number.value()), Style::Plain, written),
            Value::Boolean(flag) => self.scalar(span, Content::Bool(*flag.value()), Style::Plain, written),
            Value::Datetime(_) => self.scalar(span, Content::Str, Style::Plain, written),
            Value::Array(items) => {
                self.builder.open(false, span.start)?;
                for item in items {
                    self.value(item, span.start)?;
                }
                self.builder.close_around(span.end);
                Ok(())
            }
            Value::InlineTable(table) => self.table(table, span),
        }
    }

    fn scalar(&mut self, span: Range<usize>, content: Content, style: Style, value: &str) -> Result<(), Limit> {
        let Range { start, end } = span;
        self.builder.scalar(Scalar { start, end, content, style, settled: true, value }).map(drop)
    }
}

fn is_quoted(text: &str, span: &Range<usize>) -> Style {
    match text.as_bytes().get(span.start) {
        Some(b'"' | b'\'') => Style::Quoted,
        _ => Style::Plain,
    }
}

/// Finds the comments: `#` outside strings.
fn comments(text: &str, builder: &mut Builder) {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut own_line = true;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'#' => {
                let end = line_end(text, at);
                let kept = text.get(at..end).map_or(0, |comment| comment.trim_end_matches('\r').len());
                builder.comment(at, at + kept, own_line);
                at = end;
                continue;
            }
            b'\n' => own_line = true,
            b' ' | b'\t' | b'\r' => {}
            b'"' | b'\'' => {
                own_line = false;
                at = string_end(bytes, at);
                continue;
            }
            _ => own_line = false,
        }
        at += 1;
    }
}

/// Where the string that begins at `start` ends.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let quote = bytes.get(start).copied().unwrap_or_default();
    let triple = [quote; 3];
    let is_long = bytes.get(start..).is_some_and(|rest| rest.starts_with(&triple));
    let mut at = start + if is_long { 3 } else { 1 };
    while let Some(byte) = bytes.get(at) {
        if *byte == b'\\' && quote == b'"' {
            at += 2;
        } else if is_long && bytes.get(at..).is_some_and(|rest| rest.starts_with(&triple)) {
            return at + 3;
        } else if !is_long && (*byte == quote || *byte == b'\n') {
            return at + usize::from(*byte == quote);
        } else {
            at += 1;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::tree::{Dialect, Kind, Node};

    const TEXT: &str = "# top\ntitle = \"a \\\"b\\\"\" # one\ndate = 2026-01-02\nn = 1_000\nf = 1.50\n\n[server.http]\n\
                        port = 80\n'quoted key' = '#no'\n\n[other]\nlist = [1, {x = true},\n  \"\"\"\nlong\"\"\"]\n\n\
                        [server]\nname = \"s\"\n[[item]]\na.b = 1\na.c = 2\n[[item]]\n";

    fn with_root<R>(text: &str, look: impl FnOnce(Node<'_>, &Tree) -> R) -> R {
        let tree = read(SourceId(0), text.into());
        assert_eq!(tree.problems, []);
        let root = tree.documents(Dialect::Yaml11).next().expect("a document");
        look(root, &tree)
    }

    #[test]
    fn values_with_their_places() {
        with_root(TEXT, |root, _| {
            let shown = |path: &[&str]| root.at_path(path).map(|node| (node.kind(), &TEXT[node.span().range()]));
            assert_eq!(shown(&["title"]), Some((Kind::Str, "\"a \\\"b\\\"\"")));
            assert_eq!(root.get("title").and_then(Node::as_str), Some("a \"b\""));
            assert_eq!(shown(&["date"]), Some((Kind::Str, "2026-01-02")));
            assert_eq!(root.get("n").map(|n| (n.as_int(), n.text())), Some((Some(1000), "1_000")));
            assert_eq!(root.get("f").map(|f| (f.as_float(), f.text())), Some((Some(1.5), "1.50")));
            assert_eq!(shown(&["server", "http", "port"]), Some((Kind::Int, "80")));
            assert_eq!(shown(&["server", "http", "quoted key"]), Some((Kind::Str, "'#no'")));
            assert_eq!(shown(&["server", "name"]), Some((Kind::Str, "\"s\"")));
            let list: Vec<_> = root.at_path(&["other", "list"]).expect("list").items().collect();
            assert_eq!(list[1].get("x").and_then(Node::as_bool), Some(true));
            assert_eq!(list[2].as_str(), Some("long"));
            let items: Vec<_> = root.get("item").expect("item").items().collect();
            assert_eq!(items.len(), 2);
            assert_eq!(items[0].at_path(&["a", "c"]).and_then(Node::as_int), Some(2));
            let port = root.at_path(&["server", "http", "port"]).expect("port");
            assert_eq!(port.parent().and_then(Node::key).map(Node::text), Some("http"));
            nested(root);
        });
    }

    fn nested(node: Node<'_>) {
        for child in node.items().chain(node.entries().flat_map(|entry| [entry.key, entry.value])) {
            assert!(node.contains(child), "{child:?} in {node:?}");
            nested(child);
        }
    }

    #[test]
    fn comments_outside_strings() {
        with_root(TEXT, |_, tree| {
            let comments: Vec<_> = tree.comments.iter().map(|c| (&TEXT[c.span.range()], c.own_line)).collect();
            assert_eq!(comments, [("# top", true), ("# one", false)]);
        });
    }

    #[test]
    fn a_broken_text_says_where() {
        for (text, place) in [("a = 1\nb = \n", ""), ("a = 1\na = 2\n", "a"), ("a = [1\nb = 2", ""), ("é = 1", "é")] {
            let tree = read(SourceId(0), text.into());
            assert_eq!(tree.documents(Dialect::Core).count(), 0, "{text}");
            assert_eq!(&text[tree.problems[0].span.range()], place, "{:?}", tree.problems);
        }
    }

    #[test]
    fn total_and_linear() {
        for text in [
            format!("a = {}", "[".repeat(20_000)),
            format!("a = {}", "{a = ".repeat(20_000)),
            "[a]\n".repeat(20_000),
            "[[a]]\n".repeat(20_000),
            "a.".repeat(20_000),
            "\"".repeat(50_000),
            "'''".repeat(30_000),
            "\"\\".repeat(30_000),
            "#\n".repeat(50_000),
            "[[a.b.c.d.e.f.g]]\n".repeat(10_000),
            "\0".to_owned(),
        ] {
            let started = std::time::Instant::now();
            let tree = read(SourceId(0), text.as_str().into());
            assert!(tree.problems.iter().all(|problem| text.get(problem.span.range()).is_some()));
            assert!(started.elapsed().as_secs() < 30, "{:?}… took {:?}", text.get(..10), started.elapsed());
        }
    }
}
