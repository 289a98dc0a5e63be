//! The findings of the page: by file, each with the text around it and its remedy.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::prose::{escape, inline, markdown};
use crate::finding::Severity;
use crate::report::select::{ON_PAGE, worst};
use crate::report::{Entry, FrameLine, Mark, Report, Snippet};

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let open: Vec<&Entry> = worst(&report.findings).into_iter().map(|(_, entry)| entry).collect();
    if open.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section id=\"findings\"><h2>Findings <small>{}</small></h2>", open.len())?;
    toolbar(&open, out)?;
    for (path, entries) in by_file(&open) {
        let path = escape(path);
        writeln!(out, "<section class=\"file\"><h3><code>{path}</code> <small>{}</small></h3>", entries.len())?;
        for (rank, entry) in entries {
            finding(report, entry, rank < ON_PAGE, out)?;
        }
        writeln!(out, "</section>")?;
    }
    writeln!(out, "<p class=\"nothing\" hidden>Nothing matches.</p>\n</section>")
}

fn toolbar(open: &[&Entry], out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "<form class=\"filter\" hidden><input type=\"search\" id=\"search\" placeholder=\"Search findings\" \
         aria-label=\"Search findings\">"
    )?;
    for severity in Severity::ALL {
        let n = open.iter().filter(|entry| entry.severity == severity).count();
        if n > 0 {
            let name = severity.name();
            write!(
                out,
                "<label class=\"{name}\"><input type=\"checkbox\" value=\"{name}\" checked> {name} {n}</label>"
            )?;
        }
    }
    writeln!(out, "</form>")
}

/// Files, the one with the worst finding first; each finding with its rank among all.
fn by_file<'r>(open: &[&'r Entry]) -> Vec<(&'r str, Vec<(usize, &'r Entry)>)> {
    let mut files: BTreeMap<&str, Vec<(usize, &Entry)>> = BTreeMap::new();
    for (rank, entry) in open.iter().enumerate() {
        files.entry(&entry.location.path).or_default().push((rank, entry));
    }
    let mut files: Vec<_> = files.into_iter().collect();
    files.sort_by_key(|(path, entries)| {
        let worst = entries.iter().map(|(_, entry)| entry.severity).max();
        let points: u32 = entries.iter().map(|(_, entry)| entry.points).sum();
        (std::cmp::Reverse((worst, points)), *path)
    });
    files
}

fn finding(report: &Report, entry: &Entry, full: bool, out: &mut dyn Write) -> io::Result<()> {
    let severity = entry.severity.name();
    let points =
        if entry.points > 0 { format!("<span class=\"points\">−{}</span>", entry.points) } else { String::new() };
    let info = report.rules.get(&entry.rule);
    let rule = escape(&entry.rule);
    let rule = match info.and_then(|info| info.url.as_deref()).filter(|url| url.starts_with("https://")) {
        Some(url) => format!("<a href=\"{}\"><code>{rule}</code></a>", escape(url)),
        None => format!("<code>{rule}</code>"),
    };
    let format = entry.format.as_ref().map(|format| format!(" ({})", escape(format))).unwrap_or_default();
    writeln!(
        out,
        "<article class=\"{severity}\" id=\"f{}\" data-severity=\"{severity}\"><h4><span class=\"severity\">{severity}\
         </span> {} {points}</h4>\n<p class=\"where\">{} · {rule}{format} · {} · {}</p>",
        escape(&entry.fingerprint),
        inline(&entry.message),
        place(entry),
        entry.category.name(),
        escape(entry.role)
    )?;
    if full {
        for (nth, snippet) in entry.frame.snippets.iter().enumerate() {
            frame(snippet, nth > 0, out)?;
        }
        if let Some(info) = info {
            writeln!(
                out,
                "<div class=\"fix\"><b>To mend it</b>{}</div><details><summary>Why it matters</summary>{}{}</details>",
                markdown(&info.fix),
                markdown(&info.why),
                references(&info.references)
            )?;
        }
    }
    writeln!(out, "</article>")
}

/// Where a finding stands.
pub(super) fn place(entry: &Entry) -> String {
    let at = &entry.location;
    format!("<code>{}:{}:{}</code>", escape(&at.path), at.line, at.column)
}

fn references(urls: &[String]) -> String {
    let safe = urls.iter().filter(|url| url.starts_with("https://"));
    let items: String = safe.map(|url| format!("<li><a href=\"{0}\">{0}</a></li>", escape(url))).collect();
    if items.is_empty() { items } else { format!("<ul>{items}</ul>") }
}

fn frame(snippet: &Snippet, elsewhere: bool, out: &mut dyn Write) -> io::Result<()> {
    if elsewhere {
        writeln!(out, "<p class=\"elsewhere\"><code>{}:{}</code></p>", escape(&snippet.path), snippet.line)?;
    }
    write!(out, "<pre class=\"frame\">")?;
    let mut before = None;
    for line in &snippet.lines {
        if before.is_some_and(|before: u32| before + 1 < line.number) {
            writeln!(out, "<span class=\"gap\">⋮</span>")?;
        }
        before = Some(line.number);
        let (left, right) = (if line.cut_before { "…" } else { "" }, if line.cut_after { "…" } else { "" });
        writeln!(out, "<span class=\"number\">{:>4}</span> {left}{}{right}", line.number, marked(line))?;
        for label in line.marks.iter().filter_map(|mark| mark.label.as_ref()) {
            writeln!(out, "<span class=\"number\"></span> <span class=\"label\">↑ {}</span>", inline(label))?;
        }
    }
    writeln!(out, "</pre>")
}

/// The text of a line with its marks; where two overlap, the finding's own wins.
fn marked(line: &FrameLine) -> String {
    let class = |at: usize| {
        let covers = |mark: &&Mark| mark.range.contains(&at);
        let primary = line.marks.iter().filter(covers).map(|mark| mark.primary).max();
        primary.map(|primary| if primary { "own" } else { "other" })
    };
    let mut html = String::new();
    let mut open = None;
    for (at, c) in line.text.chars().enumerate() {
        let now = class(at);
        if now != open {
            html += if open.is_some() { "</mark>" } else { "" };
            html += &now.map(|class| format!("<mark class=\"{class}\">")).unwrap_or_default();
            open = now;
        }
        if line.marks.iter().any(|mark| mark.range.is_empty() && mark.range.start == at) {
            html += "<mark class=\"point\"></mark>";
        }
        html += &escape(c.encode_utf8(&mut [0; 4]));
    }
    html + if open.is_some() { "</mark>" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_exact_and_text_is_escaped() {
        let mark = |range, primary| Mark { range, primary, label: None };
        let line = FrameLine {
            number: 1,
            text: "a<b>c".into(),
            cut_before: false,
            cut_after: false,
            marks: vec![mark(1..4, true), mark(2..5, false), mark(0..0, true)],
        };
        let want = "<mark class=\"point\"></mark>a<mark class=\"own\">&lt;b&gt;</mark><mark class=\"other\">c</mark>";
        assert_eq!(marked(&line), want);
    }
}
