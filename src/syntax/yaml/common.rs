//! The YAML that people write most: block mappings and sequences, scalars on one line or folded over several, literal
//! blocks, flow collections on one line. Read straight from the bytes, several times faster than by events.
//!
//! Whatever is not certainly of this kind (anchors, tags, merge keys, tabs, anything broken) makes [`document`] give up;
//! then `granit-parser` reads the document. Both build the same tree: tests compare them node by node.

use super::super::tree::Content;
use super::super::tree::build::Builder;

mod flow;
mod scalars;

/// Reads the document at `start..end`: its `---` line, if it has one, and its content. `None` when it is not of the
/// common kind; what was built of it is then to be dropped. `Some(false)` when it has neither marker nor content.
pub(super) fn document(text: &str, start: usize, end: usize, builder: &mut Builder) -> Option<bool> {
    let bytes = text.as_bytes().get(..end)?;
    if !is_plain_text(bytes.get(start..)?) || super::ends_itself(text.get(start..end)?) {
        return None;
    }
    let mut reader = Reader { text, bytes, at: start, builder };
    let is_marked = reader.marker()?;
    let Some(column) = reader.next_line()? else { return (!is_marked).then_some(false) };
    reader.block(column)?;
    reader.next_line()?.is_none().then_some(true)
}

/// No line break but LF, no control character, nothing that YAML forbids or reads as a line break.
fn is_plain_text(bytes: &[u8]) -> bool {
    let odd =
        |byte: &u8| (*byte < b' ' && *byte != b'\n' && *byte != b'\t') || matches!(*byte, 0x7f | 0xc2 | 0xe2 | 0xef);
    let (words, rest) = bytes.as_chunks::<8>();
    if words.iter().all(|word| is_plain_ascii(u64::from_le_bytes(*word))) && !rest.iter().any(odd) {
        return true;
    }
    bytes.iter().enumerate().filter(|(_, byte)| odd(byte)).all(|(at, byte)| {
        let next = |n: usize| bytes.get(at + n).copied().unwrap_or(0);
        match byte {
            0xc2 => next(1) >= 0xa0,
            0xe2 => !(next(1) == 0x80 && matches!(next(2), 0xa8 | 0xa9)),
            _ => false,
        }
    })
}

/// Whether eight bytes are all printable ASCII, LF or tabs.
fn is_plain_ascii(word: u64) -> bool {
    const EACH: u64 = u64::MAX / 255;
    const HIGH: u64 = EACH * 0x80;
    if word & HIGH != 0 {
        return false;
    }
    // The high bit of every byte that is at least `least`.
    let reach = |bytes: u64, least: u64| ((bytes | HIGH) - EACH * least) & HIGH;
    let same = |byte: u64| !reach(word ^ (EACH * byte), 1) & HIGH;
    let printable = reach(word, 0x20) & !(word + EACH);
    printable | same(b'\n'.into()) | same(b'\t'.into()) == HIGH
}

/// A reader of one document. Its methods yield `None` to give up.
struct Reader<'t, 'b> {
    text: &'t str,
    /// The text up to the end of the document.
    bytes: &'t [u8],
    /// The next byte.
    at: usize,
    builder: &'b mut Builder,
}

impl Reader<'_, '_> {
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b'\n')
    }

    /// Whether a blank or the end of the line is at `at`.
    fn is_blank(&self, at: usize) -> bool {
        matches!(self.byte(at), b' ' | b'\n')
    }

    fn end_of_line(&self, at: usize) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        at + memchr::memchr(b'\n', rest).unwrap_or(rest.len())
    }

    /// Passes the `---` line; whether there is one.
    fn marker(&mut self) -> Option<bool> {
        if !self.bytes.get(self.at..)?.starts_with(b"---") {
            return Some(false);
        }
        self.at += 3;
        self.rest_of_line()?;
        Some(true)
    }

    /// Passes blanks and a comment up to the end of the line; anything else is not ours.
    fn rest_of_line(&mut self) -> Option<()> {
        let from = self.at;
        self.skip_spaces();
        match self.byte(self.at) {
            b'\n' => {}
            b'#' if self.at > from => self.at = self.end_of_line(self.at),
            _ => return None,
        }
        Some(())
    }

    fn skip_spaces(&mut self) {
        while self.byte(self.at) == b' ' {
            self.at += 1;
        }
    }

    /// Passes empty lines and comments and stands on the first character of a line with content; its column, `None` at
    /// the end of the document. Called at the end of a line, or at the document's start.
    fn next_line(&mut self) -> Option<Option<usize>> {
        loop {
            if self.byte(self.at) == b'\n' {
                self.at += 1;
            }
            if self.at >= self.bytes.len() {
                self.at = self.bytes.len();
                return Some(None);
            }
            let start = self.at;
            self.skip_spaces();
            match self.byte(self.at) {
                b'\n' => {}
                b'#' => self.at = self.end_of_line(self.at),
                b'\t' => return None,
                b'%' if self.at == start => return None,
                _ => return Some(Some(self.at - start)),
            }
        }
    }

    /// What the next line with content is indented by, without moving to it; `None` at the end of the document.
    fn peek_line(&mut self) -> Option<Option<(usize, usize)>> {
        let here = self.at;
        let column = self.next_line()?;
        let found = self.at;
        self.at = here;
        Some(column.map(|column| (column, found)))
    }

    /// A mapping or a sequence whose first character, at `column`, is here.
    fn block(&mut self, column: usize) -> Option<()> {
        if self.is_dash(self.at) { self.sequence(column) } else { self.mapping(column) }
    }

    fn is_dash(&self, at: usize) -> bool {
        self.byte(at) == b'-' && self.is_blank(at + 1)
    }

    fn sequence(&mut self, column: usize) -> Option<()> {
        self.builder.open(false, self.at).ok()?;
        loop {
            let dash = self.at;
            self.at += 1;
            self.skip_spaces();
            let inner = column + (self.at - dash);
            match self.byte(self.at) {
                b'\n' | b'#' => {
                    self.rest_of_line()?;
                    let (deeper, at) = self.peek_line()??;
                    if deeper <= column {
                        return None;
                    }
                    self.at = at;
                    self.block(deeper)?;
                }
                _ if self.is_dash(self.at) || self.has_key() => self.block(inner)?,
                _ => self.value(column)?,
            }
            match self.peek_line()? {
                Some((next, at)) if next == column && self.is_dash(at) => self.at = at,
                Some((next, _)) if next > column => return None,
                _ => break,
            }
        }
        self.builder.close(None);
        Some(())
    }

    fn mapping(&mut self, column: usize) -> Option<()> {
        self.builder.open(true, self.at).ok()?;
        loop {
            self.key()?;
            let colon = self.at;
            self.at += 1;
            self.skip_spaces();
            if matches!(self.byte(self.at), b'\n') || (self.byte(self.at) == b'#' && self.at > colon + 1) {
                self.at = self.end_of_line(self.at);
                match self.peek_line()? {
                    Some((next, at)) if next > column || (next == column && self.is_dash(at)) => {
                        self.at = at;
                        self.block(next)?;
                    }
                    _ => self.missing(colon + 1)?,
                }
            } else {
                self.value(column)?;
            }
            match self.peek_line()? {
                Some((next, at)) if next == column && !self.is_dash(at) => self.at = at,
                Some((next, _)) if next >= column => return None,
                _ => break,
            }
        }
        self.builder.close(None);
        Some(())
    }

    fn missing(&mut self, at: usize) -> Option<()> {
        self.plain_node(at, at, "", Content::Null)
    }

    /// The value of an entry or item, on this line and perhaps the following ones; `column` is that of the collection,
    /// which sees to it that nothing deeper follows.
    fn value(&mut self, column: usize) -> Option<()> {
        match self.byte(self.at) {
            b'"' | b'\'' => {
                self.quoted()?;
                self.rest_of_line()
            }
            b'[' | b'{' => {
                self.flow()?;
                self.rest_of_line()
            }
            b'|' => self.literal(column),
            _ => self.plain(column),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_bytes_at_once_are_judged_as_one_by_one() {
        for byte in 0..=u8::MAX {
            let is_plain = matches!(byte, b'\n' | b'\t' | 0x20..0x7f);
            for at in 0..8 {
                for around in [b'a', b'\n', b' ', b'~'] {
                    let mut word = [around; 8];
                    word[at] = byte;
                    assert_eq!(is_plain_ascii(u64::from_le_bytes(word)), is_plain, "{byte:#x} at {at}");
                }
            }
        }
    }
}
