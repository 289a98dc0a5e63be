//! Recognises texts that another tool has to fill in first: Go templates (Helm), Jinja, ERB.
//!
//! In YAML, `{{` at the place where a value, a key or a line begins cannot be meant as YAML; the same braces within
//! quotes, block texts and comments are data, and so are `${{ … }}` of CI workflows. Within a plain scalar
//! (`summary: pod {{ $labels.pod }} is down`) they are data too, unless they say what only a template says
//! (`name: web-{{ .Release.Name }}`).

use std::ops::Range;

use memchr::memmem;

/// What opens a template's marker, with its end.
const MARKERS: [(&str, &str); 4] = [("{{", "}}"), ("{%", "%}"), ("{#", "#}"), ("<%", "%>")];

/// Words at the beginning of `{{ … }}` that only a template uses.
const TEMPLATE_WORDS: [&str; 24] = [
    ".Values",
    ".Release",
    ".Chart",
    ".Capabilities",
    ".Files",
    ".Template",
    "$.Values",
    "$.Release",
    "$.Chart",
    "include",
    "template",
    "if",
    "else",
    "end",
    "range",
    "with",
    "define",
    "block",
    "toYaml",
    "tpl",
    "default",
    "required",
    "lookup",
    "printf",
];

/// A marker longer than this is cut in the span.
const MAX_MARKER: usize = 200;

/// The first marker of a template in a YAML text.
pub fn in_yaml(text: &str) -> Option<Range<usize>> {
    let may_be = MARKERS.iter().any(|(open, _)| memmem::find(text.as_bytes(), open.as_bytes()).is_some());
    if !may_be {
        return None;
    }
    let mut scan = Scan { text, at: 0, indent: -1, plain: None };
    while scan.at < text.len() {
        if let Some(found) = scan.line() {
            return Some(marker(text, found));
        }
    }
    None
}

/// The first marker outside double quotes in a text that is no valid JSON or TOML.
pub fn outside_strings(text: &str) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at),
            _ if marker_at(text, at).is_some() => return Some(marker(text, at)),
            _ => at += 1,
        }
    }
    None
}

/// The closing text of the marker that begins at `at`.
fn marker_at(text: &str, at: usize) -> Option<&'static str> {
    let rest = text.as_bytes().get(at..)?;
    if at > 0 && text.as_bytes().get(at - 1) == Some(&b'$') {
        return None;
    }
    MARKERS.iter().find(|(open, _)| rest.starts_with(open.as_bytes())).map(|(_, close)| *close)
}

/// The whole marker that begins at `at`, as far as its line or [`MAX_MARKER`].
fn marker(text: &str, at: usize) -> Range<usize> {
    let limit = text.ceil_char_boundary((at + MAX_MARKER).min(text.len()));
    let line = text.get(at..limit).unwrap_or_default().split(['\n', '\r']).next().unwrap_or_default();
    let close = marker_at(text, at).unwrap_or_default();
    let length = line.find(close).map_or(line.len(), |end| end + close.len());
    at..at + length
}

/// Behind the closing quote of the string that begins at `start`, or the end.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let quote = bytes.get(start).copied().unwrap_or_default();
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if quote == b'"' => at += 2,
            b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 2,
            byte if *byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Where the scan stands.
struct Scan<'t> {
    text: &'t str,
    at: usize,
    /// Column of the innermost key or dash of the current line; -1 before any.
    indent: isize,
    /// A plain scalar that may go on in lines indented deeper than this.
    plain: Option<isize>,
}

impl Scan<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn line_end(&self, at: usize) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        at + memchr::memchr(b'\n', rest).unwrap_or(rest.len())
    }

    fn is_blank(byte: Option<u8>) -> bool {
        matches!(byte, None | Some(b' ' | b'\t' | b'\r' | b'\n'))
    }

    /// Scans from the beginning of a line to the beginning of a later one. Yields the place of a marker.
    fn line(&mut self) -> Option<usize> {
        let start = self.at;
        while self.byte(self.at) == Some(b' ') {
            self.at += 1;
        }
        let column = (self.at - start) as isize;
        if matches!(self.byte(self.at), None | Some(b'#' | b'\n' | b'\r')) {
            self.at = self.line_end(self.at) + 1;
            return None;
        }
        if self.plain.is_some_and(|indent| column > indent) {
            return self.plain_text(self.plain);
        }
        self.plain = None;
        self.indent = column - 1;
        self.nodes(start)
    }

    /// What stands in the rest of the line: dashes, keys, values.
    fn nodes(&mut self, line_start: usize) -> Option<usize> {
        let mut has_key = false;
        loop {
            while matches!(self.byte(self.at), Some(b' ' | b'\t')) {
                self.at += 1;
            }
            let at = self.at;
            let next_is_blank = Self::is_blank(self.byte(at + 1));
            match self.byte(at) {
                None | Some(b'\n' | b'\r' | b'#') => {
                    self.at = self.line_end(at) + 1;
                    return None;
                }
                Some(b'-' | b'?') if next_is_blank => {
                    self.indent = (at - line_start) as isize;
                    self.at += 1;
                }
                Some(b'-') if self.text.get(at..).is_some_and(|rest| rest.starts_with("---")) && at == line_start => {
                    self.indent = -1;
                    self.at += 3;
                }
                Some(b'&' | b'!') => {
                    while !Self::is_blank(self.byte(self.at)) {
                        self.at += 1;
                    }
                }
                Some(b'|' | b'>') => {
                    self.block();
                    return None;
                }
                _ if marker_at(self.text, at).is_some() => return Some(at),
                Some(b'"' | b'\'') => {
                    self.at = string_end(self.text.as_bytes(), at);
                    self.after_key(at, line_start);
                }
                Some(b'{' | b'[') => {
                    if let Some(found) = self.flow() {
                        return Some(found);
                    }
                    self.after_key(at, line_start);
                }
                // A line has one plain key; the rest of it is looked at once.
                Some(_) if has_key => return self.plain_text(Some(self.indent)),
                Some(_) => match self.key_or_text(at, line_start) {
                    Ok(()) => has_key = true,
                    Err(found) => return found,
                },
            }
        }
    }

    /// Behind a quoted text or a flow collection: is it a key?
    fn after_key(&mut self, start: usize, line_start: usize) {
        while matches!(self.byte(self.at), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        if self.byte(self.at) == Some(b':') {
            self.indent = start.saturating_sub(line_start) as isize;
            self.at += 1;
        }
    }

    /// A plain scalar: a key when `: ` follows on the line, else text up to the end of the line.
    fn key_or_text(&mut self, start: usize, line_start: usize) -> Result<(), Option<usize>> {
        let end = self.line_end(start);
        let line = self.text.as_bytes().get(start..end).unwrap_or_default();
        let mut colons = memchr::memchr_iter(b':', line);
        let colon = colons.find(|at| Self::is_blank(line.get(at + 1).copied()));
        let comment = memmem::find(line, b" #").unwrap_or(line.len());
        match colon.filter(|colon| *colon < comment) {
            Some(colon) => {
                let key = self.text.get(start..start + colon).unwrap_or_default();
                if let Some(found) = telling(key) {
                    return Err(Some(start + found));
                }
                self.indent = start.saturating_sub(line_start) as isize;
                self.at = start + colon + 1;
                Ok(())
            }
            None => Err(self.plain_text(Some(self.indent))),
        }
    }

    /// Plain text up to the end of the line; it may go on in lines indented deeper than `indent`.
    fn plain_text(&mut self, indent: Option<isize>) -> Option<usize> {
        let end = self.line_end(self.at);
        let line = self.text.get(self.at..end).unwrap_or_default();
        let comment = line.find(" #");
        let found = telling(line.get(..comment.unwrap_or(line.len())).unwrap_or_default());
        let at = self.at;
        self.at = end + 1;
        // A comment ends it.
        self.plain = if comment.is_some() { None } else { indent };
        found.map(|found| at + found)
    }

    /// A block text: its header's line and all lines that are empty or indented deeper.
    fn block(&mut self) {
        self.at = self.line_end(self.at) + 1;
        while self.at < self.text.len() {
            let end = self.line_end(self.at);
            let line = self.text.get(self.at..end).unwrap_or_default();
            let column = line.len() - line.trim_start_matches(' ').len();
            if !line.trim().is_empty() && column as isize <= self.indent {
                return;
            }
            self.at = end + 1;
        }
    }

    /// A flow collection. Quotes and comments are passed over.
    fn flow(&mut self) -> Option<usize> {
        let mut depth = 0_usize;
        let mut is_start = true;
        while let Some(byte) = self.byte(self.at) {
            match byte {
                _ if is_start && marker_at(self.text, self.at).is_some() => return Some(self.at),
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                b'"' | b'\'' if is_start => {
                    self.at = string_end(self.text.as_bytes(), self.at);
                    is_start = false;
                    continue;
                }
                b'#' if Self::is_blank(self.byte(self.at.saturating_sub(1))) => {
                    self.at = self.line_end(self.at);
                    continue;
                }
                _ => {}
            }
            is_start = matches!(byte, b'{' | b'[' | b',' | b':') || is_start && Self::is_blank(Some(byte));
            self.at += 1;
            if depth == 0 {
                return None;
            }
        }
        None
    }
}

/// The place of a marker within plain text that only a template would have.
fn telling(text: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text.get(at..)?.find(['{', '<']) {
        at += found;
        if marker_at(text, at).is_some() {
            let inside = text.get(at + 2..text.ceil_char_boundary(at + MAX_MARKER)).unwrap_or_default();
            let is_go = text.get(at..)?.starts_with("{{");
            if !is_go || is_template_word(inside) {
                return Some(at);
            }
        }
        at += 1;
    }
    None
}

fn is_template_word(inside: &str) -> bool {
    // Alerts of Prometheus are Go templates that stand in YAML as data.
    let marker = inside.split_once("}}").map_or(inside, |(marker, _)| marker);
    if marker.contains("$value") || marker.contains("$labels") {
        return false;
    }
    if inside.starts_with("- ") || inside.split_once("}}").is_some_and(|(inside, _)| inside.ends_with(" -")) {
        return true;
    }
    let word = inside.trim_start().split([' ', '}', '(', '|']).next().unwrap_or_default();
    TEMPLATE_WORDS.iter().any(|known| {
        word == *known || known.contains('.') && word.strip_prefix(known).is_some_and(|rest| rest.starts_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_template(text: &str, marker: &str) {
        assert_eq!(in_yaml(text).map(|range| &text[range]), Some(marker), "{text}");
    }

    #[test]
    fn templates() {
        assert_template("kind: {{ .Values.kind }}\n", "{{ .Values.kind }}");
        assert_template("{{- if .x }}\na: 1\n{{- end }}\n", "{{- if .x }}");
        assert_template("a:\n  {{- toYaml .x | nindent 2 }}\n", "{{- toYaml .x | nindent 2 }}");
        assert_template("a:\n- {{ x }}\n", "{{ x }}");
        assert_template("a: web-{{ .Release.Name }}\n", "{{ .Release.Name }}");
        assert_template("a-{{ .Values.k }}: 1\n", "{{ .Values.k }}");
        assert_template("{{ x }}: 1\n", "{{ x }}");
        assert_template("a: [1, {{ x }}]\n", "{{ x }}");
        assert_template("a: {b: {{ x }}}\n", "{{ x }}");
        assert_template("a: \"x\"\nb: |\n  {{ no }}\nc: {{ yes }}\n", "{{ yes }}");
        assert_template("- |\n {{ no }}\n- {{ yes }}\n", "{{ yes }}");
        assert_template("{% for x in y %}\na: 1\n", "{% for x in y %}");
        assert_template("a: b {% if c %}d{% endif %}\n", "{% if c %}");
        assert_template("{# note #}\na: 1\n", "{# note #}");
        assert_template("password: <%= ENV['X'] %>\n", "<%= ENV['X'] %>");
        assert_template("a: !t &x {{ x }}\n", "{{ x }}");
        assert_template("a: 'it''s'\nb: {{ x }}\n", "{{ x }}");
        assert_template("--- {{ x }}", "{{ x }}");
        assert_template("a: it's\nb: {{ x", "{{ x");
    }

    #[test]
    fn data() {
        for text in [
            "metadata: {name: p, labels: {keyspace: \"{{keyspace}}\"}}\n",
            "a: '{{ x }}'\nb: \"{{ y }}\"\n",
            "a: ${{ github.sha }}\nb: [\"x\", ${{ secrets.y }}]\n",
            "# {{ .Values.x }}\na: 1 # {{ y }}\n",
            "a: |\n  {{ if x }}\n\n  {{ end }}\nb: >-\n    {% x %}\n",
            "- a: |\n    {{ x }}\n  b: 1\n",
            "summary: Pod {{ $labels.pod }} ({{ $value | humanize }}) is down\n",
            "summary: at {{ printf \"%.2f\" $value }} of {{ printf \"%s\" $labels.x }}\n",
            "summary: Pod\n  {{ $labels.pod }} is\n  {{ down }}\nb: 1\n",
            "hostname: node-{{.Node.Hostname}}\n",
            "a: x{{y}}\n",
            "a: {b: {c: d}}\ne: [{f: g}]\n",
            "a: {\"b\": {}}\n",
            "a: \"multi\n  {{ line }}\"\nb: 1\n",
            "a: 1 < 2 <x>\n",
            "",
            "{",
        ] {
            assert_eq!(in_yaml(text).map(|range| &text[range]), None, "{text}");
        }
    }

    #[test]
    fn other_formats() {
        let text = "{\"a\": \"{{ no }}\", \"b\": {{ yes }}}";
        assert_eq!(outside_strings(text).map(|range| &text[range]), Some("{{ yes }}"));
        assert_eq!(outside_strings("{\"a\": \"{{ no }}\"}"), None);
    }

    #[test]
    fn total_and_linear() {
        for text in [
            "a: {{{".to_owned(),
            format!("a: {}", "{ ".repeat(20_000) + "{{"),
            format!("{}{{{{", "a: |\n".repeat(10_000)),
            format!("{}{{{{", "a: b ${".repeat(10_000)),
            format!("{}{{{{", "'".repeat(20_001)),
            format!("{}{{{{", "- ".repeat(20_000)),
            format!("a: {}", "x{{y ".repeat(10_000)),
            format!("a: {}", "ä{{ä".repeat(10_000)),
            format!("{}{{{{", "a: ".repeat(20_000)),
            format!("{}{{{{", "[a]: ".repeat(10_000)),
            format!("{}{{{{", "\"\" ".repeat(10_000)),
        ] {
            let started = std::time::Instant::now();
            for found in [in_yaml(&text), outside_strings(&text)].into_iter().flatten() {
                assert!(text.get(found).is_some());
            }
            assert!(started.elapsed().as_secs() < 20, "{:?}… took {:?}", &text[..6], started.elapsed());
        }
    }
}
