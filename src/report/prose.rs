//! What is said of a rule, in the forms that formats need.

use crate::finding::{Category, Severity};

/// A rule as a reader needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleInfo {
    /// Its id.
    pub id: String,
    /// What is wrong, in a few words.
    pub title: String,
    /// As the rule file has it.
    pub severity: Severity,
    /// What it endangers.
    pub category: Category,
    /// Why it matters; Markdown.
    pub why: String,
    /// What to do instead; Markdown.
    pub fix: String,
    /// Further reading.
    pub references: Vec<String>,
    /// `pss-restricted`, `cwe-250`, …
    pub tags: Vec<String>,
    /// How seldom it is wrong: `very-high`, `high`, `medium` or `low`.
    pub precision: String,
    /// The page that documents it.
    pub url: Option<String>,
}

impl RuleInfo {
    /// The remedy in one line: the first sentence of [`RuleInfo::fix`], without what needs several lines.
    pub fn remedy(&self) -> String {
        first_sentence(&self.fix)
    }

    /// All of it as Markdown.
    pub fn help_markdown(&self) -> String {
        let mut text = format!("**{}** (`{}`)\n\n{}\n", self.title, self.id, self.why.trim());
        if !self.fix.trim().is_empty() {
            text += &format!("\n**What to do**\n\n{}\n", self.fix.trim());
        }
        if !self.references.is_empty() {
            text += "\n**References**\n\n";
            text.extend(self.references.iter().map(|url| format!("- <{url}>\n")));
        }
        text
    }
}

/// The first sentence of a Markdown text, on one line; headings, lists' marks and code blocks are left out.
pub(super) fn first_sentence(text: &str) -> String {
    let mut paragraph = String::new();
    for line in text.trim_start().lines() {
        let line = line.trim();
        if line.starts_with("```") || line.is_empty() {
            if paragraph.is_empty() && line.is_empty() {
                continue;
            }
            break;
        }
        if !paragraph.is_empty() {
            paragraph.push(' ');
        }
        paragraph.push_str(without_number(line.trim_start_matches(['#', '-', '*', '>']).trim_start()));
    }
    let end = sentence_end(&paragraph).unwrap_or(paragraph.len());
    paragraph[..end].trim_end_matches(['.', ':']).to_owned()
}

/// A line of a numbered list without its number.
fn without_number(line: &str) -> &str {
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    digits.strip_prefix(". ").filter(|_| digits.len() < line.len()).unwrap_or(line)
}

/// Where the first sentence ends: a full stop before a blank that is not within code and not after `e.g`.
fn sentence_end(text: &str) -> Option<usize> {
    let mut code = false;
    for (at, c) in text.char_indices() {
        match c {
            '`' => code = !code,
            '.' | ';' if !code && text[at + 1..].starts_with(' ') => {
                let before = &text[..at];
                if !before.ends_with("e.g") && !before.ends_with("i.e") {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// How bad a severity is to SARIF and to workflow commands: `error`, `warning` or `note`.
pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remedy_is_one_sentence() {
        let cases = [
            ("Pin the tag. It moves.", "Pin the tag"),
            ("Write `a. b` here: x.\n\nMore.", "Write `a. b` here: x"),
            ("Use, e.g. this\nimage.", "Use, e.g. this image"),
            ("Do this:\n```yaml\na: 1\n```", "Do this"),
            ("\n- first\n- second", "first - second"),
            ("1. Replace it where it is checked.\n2. Give the new one.", "Replace it where it is checked"),
            ("10.2 is the oldest one", "10.2 is the oldest one"),
            ("", ""),
        ];
        for (text, want) in cases {
            assert_eq!(first_sentence(text), want.replace("first - second", "first second"), "{text}");
        }
    }
}
