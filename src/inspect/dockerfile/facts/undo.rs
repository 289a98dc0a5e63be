//! What fixes of commands need: the words that may go, and where an option belongs. Absent where there is a doubt.

use super::Out;
use super::command::At;
use super::dialect::Dialect;
use super::layer::Arg;
use crate::fact::Value;
use crate::span::Span;

/// Flags that stand alone and turn a check off.
const UNCHECKED: [&str; 13] = [
    "-k",
    "--insecure",
    "--proxy-insecure",
    "--no-check-certificate",
    "--allow-unauthenticated",
    "--allow-insecure-repositories",
    "--allow-untrusted",
    "--nosignature",
    "--nodigest",
    "--noverify",
    "--nofiledigest",
    "--nogpgcheck",
    "--no-gpg-checks",
];

/// Directives that are looked at: those that count stand at the top.
const MOST_DIRECTIVES: usize = 10;

impl<'s> Out<'_, 's> {
    fn written(&self, span: Span) -> &'s str {
        self.document.text.get(span.range()).unwrap_or_default()
    }

    /// The program behind `sudo` with its flags, or behind `RUN`; points to all of that.
    pub(super) fn needless(&self, at: &At<'_, 's>) -> Value<'s> {
        let command = at.command;
        let span = command.name_span;
        let absent = Value::absent(span);
        let next = match command.name.as_str() {
            "sudo" | "doas" => {
                let inner = at.layer.commands.get(at.index + 1).filter(|it| it.wrapped_by == Some(at.index));
                inner.map(|inner| inner.name_span)
            }
            "RUN" => command.args.first().map(|word| word.span),
            _ => None,
        };
        let Some(next) = next.filter(|next| next.start > span.end && self.written(span) == command.name) else {
            return absent;
        };
        let between = self.written(Span { end: next.start, start: span.end, ..span });
        let harmless = |word: &str| command.name != "RUN" && matches!(word, "-E" | "-H" | "-n" | "-EH" | "-HE" | "--");
        if between.contains('\n') || !between.split_whitespace().all(harmless) {
            return absent;
        }
        Value::str(self.written(next), Span { end: next.end, ..span })
    }

    /// The flag that turns checks off, as it would be without: nothing, or its other letters.
    pub(super) fn checked_flag(&self, at: &At<'_, 's>, off: Option<Span>) -> Value<'s> {
        let absent = Value::absent(at.command.name_span);
        let Some(off) = off else { return absent };
        let raw = self.written(off);
        if at.command.args.iter().find(|word| word.span == off).is_none_or(|word: &Arg<'_>| word.text != raw) {
            return absent;
        }
        if UNCHECKED.contains(&raw) {
            let before = self.document.text.get(..off.start as usize).unwrap_or_default();
            let blanks = before.len() - before.trim_end_matches([' ', '\t']).len();
            let start = off.start.saturating_sub(u32::try_from(blanks).unwrap_or_default());
            // At the beginning of a line the blanks are its indent.
            let in_line = blanks > 0 && !before.trim_end_matches([' ', '\t']).ends_with('\n');
            return if in_line { Value::str("", Span { start, ..off }) } else { absent };
        }
        let is_cluster = at.command.name == "curl" && raw.len() > 2 && raw.starts_with('-') && !raw.starts_with("--");
        match raw.split_once('k').filter(|_| is_cluster) {
            Some((before, after)) => Value::str(format!("{before}{after}"), off),
            None => absent,
        }
    }

    /// The first word of the text behind what makes its pipes fail with any of their commands, where its shell knows the
    /// option; points to that word.
    pub(super) fn pipefail(&self, at: &At<'_, 's>) -> Value<'s> {
        let knows = matches!(at.now.shell.dialect, Dialect::Bash | Dialect::Busybox | Dialect::Zsh | Dialect::Ksh);
        let start = at.layer.start.filter(|_| knows && !at.layer.has_inner_pipe);
        let first = at.layer.commands.first().map(|first| first.name_span);
        let first = first.filter(|first| start.is_some_and(|start| first.start as usize == start));
        match first.map(|first| (first, self.written(first))) {
            Some((first, name)) if !name.is_empty() => Value::str(format!("set -o pipefail && {name}"), first),
            _ => Value::absent(at.command.name_span),
        }
    }

    /// A `# syntax=…` that came too late, as a line of its own for the top of the file.
    pub(super) fn late_syntax(&self, key: &str, value: &std::ops::Range<usize>, span: Span) -> Value<'s> {
        let text = self.document.text;
        let value = text.get(value.clone()).unwrap_or_default().trim();
        let counts = |it: &crate::inspect::dockerfile::document::Directive| {
            it.ignored.is_none() && text.get(it.key.clone()).is_some_and(|key| key.eq_ignore_ascii_case("syntax"))
        };
        let has_one = self.document.directives.iter().take(MOST_DIRECTIVES).any(counts);
        if key != "syntax" || value.is_empty() || has_one {
            return Value::absent(span);
        }
        let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let first = text.get(start..).and_then(|text| text.chars().next()).map_or(0, char::len_utf8);
        Value::str(format!("# syntax={value}\n"), Span::new(self.document.source, start..start + first))
    }
}
