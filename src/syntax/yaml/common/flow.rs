//! Flow collections on one line.

use super::super::super::tree::scalar;
use super::Reader;

impl Reader<'_, '_> {
    /// The collection whose bracket is here.
    pub(super) fn flow(&mut self) -> Option<()> {
        let is_map = self.byte(self.at) == b'{';
        let closing = if is_map { b'}' } else { b']' };
        self.builder.open(is_map, self.at).ok()?;
        self.at += 1;
        self.skip_spaces();
        while self.byte(self.at) != closing {
            if is_map {
                self.flow_scalar()?;
                if self.byte(self.at) != b':' || self.byte(self.at + 1) != b' ' {
                    return None;
                }
                self.at += 1;
                self.skip_spaces();
            }
            match self.byte(self.at) {
                b'[' | b'{' => self.flow()?,
                _ => self.flow_scalar()?,
            }
            self.skip_spaces();
            match self.byte(self.at) {
                b',' => {
                    self.at += 1;
                    self.skip_spaces();
                    if self.byte(self.at) == closing {
                        return None;
                    }
                }
                byte if byte == closing => {}
                _ => return None,
            }
        }
        self.at += 1;
        self.builder.close(Some(self.at));
        Some(())
    }

    /// A scalar in a flow collection, and the blanks behind it.
    fn flow_scalar(&mut self) -> Option<()> {
        if matches!(self.byte(self.at), b'"' | b'\'') {
            self.quoted()?;
            self.skip_spaces();
            return Some(());
        }
        let start = self.at;
        if !self.may_begin(start) {
            return None;
        }
        while !matches!(self.byte(self.at), b',' | b'[' | b']' | b'{' | b'}' | b'\n' | b'\t' | b'#') {
            let next = self.byte(self.at + 1);
            if self.byte(self.at) == b':' && matches!(next, b' ' | b'\n' | b'\t' | b',' | b'[' | b']' | b'{' | b'}') {
                break;
            }
            self.at += 1;
        }
        let text = self.text.get(start..self.at)?.trim_end_matches(' ');
        if text.is_empty() || text == "<<" || !matches!(self.byte(self.at), b',' | b']' | b'}' | b':') {
            return None;
        }
        self.plain_node(start, start + text.len(), text, scalar::core(text))
    }
}
