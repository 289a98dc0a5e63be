//! Keys and scalars in block collections.

use std::borrow::Cow;

use super::super::super::tree::build::Scalar;
use super::super::super::tree::{Content, Style, scalar};
use super::Reader;

/// A longer key needs an explicit `?`.
const MAX_KEY: usize = 1000;

impl Reader<'_, '_> {
    /// Whether a plain scalar may begin at `at`: with no indicator, or with one that a character follows.
    pub(super) fn may_begin(&self, at: usize) -> bool {
        match self.byte(at) {
            b'-' | b'?' | b':' => !matches!(self.byte(at + 1), b' ' | b'\n' | b'\t' | b',' | b'[' | b']' | b'{' | b'}'),
            b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@'
            | b'`' | b' ' | b'\n' | b'\t' => false,
            _ => true,
        }
    }

    /// Whether the rest of the line is `key: …`.
    pub(super) fn has_key(&self) -> bool {
        match self.byte(self.at) {
            b'"' | b'\'' => self.end_of_quoted(self.at).is_some_and(|end| {
                let spaces = self.bytes.get(end..).unwrap_or_default().iter().take_while(|byte| **byte == b' ').count();
                self.byte(end + spaces) == b':'
            }),
            _ => self.may_begin(self.at) && self.end_of_plain(self.at).is_some_and(|end| self.byte(end) == b':'),
        }
    }

    /// Where a plain scalar's text on this line stops: at a colon before a blank, at a comment or at the end of the line.
    /// `None` when there is a tab.
    fn end_of_plain(&self, from: usize) -> Option<usize> {
        let line = self.bytes.get(from..self.end_of_line(from))?;
        let mut searched = 0;
        while let Some(found) = memchr::memchr3(b':', b'#', b'\t', line.get(searched..)?) {
            let at = searched + found;
            match line.get(at)? {
                b':' if matches!(line.get(at + 1), None | Some(b' ')) => return Some(from + at),
                b'#' if at > 0 && line.get(at - 1) == Some(&b' ') => return Some(from + at),
                b'\t' => return None,
                _ => searched = at + 1,
            }
        }
        Some(from + line.len())
    }

    /// The end without blanks.
    fn trimmed(&self, from: usize, end: usize) -> usize {
        let blanks =
            self.bytes.get(from..end).unwrap_or_default().iter().rev().take_while(|byte| **byte == b' ').count();
        end - blanks
    }

    /// A key, up to its colon.
    pub(super) fn key(&mut self) -> Option<()> {
        let start = self.at;
        if matches!(self.byte(start), b'"' | b'\'') {
            self.quoted()?;
            self.skip_spaces();
            return (self.byte(self.at) == b':' && self.is_blank(self.at + 1) && self.at - start < MAX_KEY)
                .then_some(());
        }
        let colon = self.end_of_plain(start).filter(|end| self.byte(*end) == b':')?;
        if !self.may_begin(start) || colon - start >= MAX_KEY {
            return None;
        }
        let end = self.trimmed(start, colon);
        let key = self.text.get(start..end).filter(|key| *key != "<<")?;
        self.plain_node(start, end, key, scalar::core(key))?;
        self.at = colon;
        Some(())
    }

    /// A plain scalar on this line and on the deeper ones that follow.
    pub(super) fn plain(&mut self, column: usize) -> Option<()> {
        let start = self.at;
        if !self.may_begin(start) {
            return None;
        }
        let (mut end, mut is_over) = self.plain_line(start)?;
        let mut folded: Option<String> = None;
        while let Some((_, at)) = self.peek_line()?.filter(|(next, _)| *next > column) {
            // Behind a comment, or with one in between, nothing continues.
            let between = self.text.get(end..at)?;
            if is_over || between.contains('#') {
                return None;
            }
            let (line_end, over) = self.plain_line(at)?;
            let value = folded.get_or_insert_with(|| self.text.get(start..end).unwrap_or_default().to_owned());
            match between.matches('\n').count() {
                0 | 1 => value.push(' '),
                many => value.extend(std::iter::repeat_n('\n', many - 1)),
            }
            value.push_str(self.text.get(at..line_end)?);
            (end, is_over) = (line_end, over);
        }
        let value =
            folded.map_or_else(|| self.text.get(start..end).map(Cow::Borrowed), |text| Some(Cow::Owned(text)))?;
        if value == "<<" {
            return None;
        }
        self.plain_node(start, end, &value, scalar::core(&value))
    }

    /// The end of a plain scalar's text on the line of `from`, and whether a comment ends it for good. Moves to the end
    /// of the line.
    fn plain_line(&mut self, from: usize) -> Option<(usize, bool)> {
        let stop = self.end_of_plain(from)?;
        let is_over = self.byte(stop) == b'#';
        if self.byte(stop) == b':' {
            return None;
        }
        let end = self.trimmed(from, stop);
        self.at = self.end_of_line(stop);
        (end > from).then_some((end, is_over))
    }

    pub(super) fn plain_node(&mut self, start: usize, end: usize, value: &str, content: Content) -> Option<()> {
        self.builder.scalar(Scalar { start, end, content, style: Style::Plain, settled: false, value }).ok().map(drop)
    }

    /// Behind the closing quote of the scalar that begins at `from`, on this line.
    fn end_of_quoted(&self, from: usize) -> Option<usize> {
        let quote = self.byte(from);
        let end = self.end_of_line(from);
        let mut at = from + 1;
        while at < end {
            match self.byte(at) {
                b'\\' if quote == b'"' => at += 2,
                b'\t' => return None,
                byte if byte == quote && quote == b'\'' && self.byte(at + 1) == b'\'' => at += 2,
                byte if byte == quote => return Some(at + 1),
                _ => at += 1,
            }
        }
        None
    }

    /// A scalar in quotes on one line.
    pub(super) fn quoted(&mut self) -> Option<()> {
        let (start, end) = (self.at, self.end_of_quoted(self.at)?);
        let inner = self.text.get(start + 1..end - 1)?;
        let value = match self.byte(start) {
            b'\'' if inner.contains("''") => Cow::Owned(inner.replace("''", "'")),
            b'"' if inner.contains('\\') => Cow::Owned(unescaped(inner)?),
            _ => Cow::Borrowed(inner),
        };
        let scalar = Scalar { start, end, content: Content::Str, style: Style::Quoted, settled: true, value: &value };
        self.builder.scalar(scalar).ok()?;
        self.at = end;
        Some(())
    }

    /// A literal block (`|`, `|-`, `|+`) whose indentation its first line shows.
    pub(super) fn literal(&mut self, column: usize) -> Option<()> {
        self.at += 1;
        let chomp = self.byte(self.at);
        if matches!(chomp, b'-' | b'+') {
            self.at += 1;
        }
        self.rest_of_line()?;
        self.at += 1;
        let start = self.at;
        let indent = self.bytes.get(start..)?.iter().take_while(|byte| **byte == b' ').count();
        if indent <= column || matches!(self.byte(start + indent), b'\n' | b'\t') {
            return None;
        }
        let (mut value, mut breaks, mut last) = (String::new(), 0, start);
        while self.at < self.bytes.len() {
            let end = self.end_of_line(self.at);
            let line = self.text.get(self.at..end)?;
            let blanks = line.bytes().take_while(|byte| *byte == b' ').count();
            if blanks >= indent && line.len() > indent {
                value.extend(std::iter::repeat_n('\n', breaks));
                value.push_str(line.get(indent..)?);
                (breaks, last) = (1, end);
            } else if blanks == line.len() {
                breaks += 1;
            } else if blanks > column || line.starts_with('\t') {
                return None;
            } else {
                break;
            }
            self.at = end + 1;
        }
        // Back onto the line break behind the block; the last line may have none.
        let is_closed = self.bytes.get(self.at - 1) == Some(&b'\n') && self.at <= self.bytes.len();
        if !is_closed {
            return None;
        }
        self.at -= 1;
        match chomp {
            b'-' => {}
            b'+' => value.extend(std::iter::repeat_n('\n', breaks)),
            _ => value.push('\n'),
        }
        let content = start + indent;
        let end = content + self.text.get(content..last)?.trim_end().len();
        let scalar =
            Scalar { start: content, end, content: Content::Str, style: Style::Block, settled: true, value: &value };
        self.builder.scalar(scalar).ok().map(drop)
    }
}

/// The text of a double-quoted scalar; `None` for the rarer escapes.
fn unescaped(inner: &str) -> Option<String> {
    let mut value = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        value.push(match c {
            '\\' => match chars.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '0' => '\0',
                same @ ('"' | '\\' | '/' | ' ') => same,
                _ => return None,
            },
            c => c,
        });
    }
    Some(value)
}
