//! Text as HTML. Everything is escaped first; only what a rule's prose may contain becomes markup.

/// `text` as the content of an element or of an attribute in double quotes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            '\0' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// One line: `code` becomes code, everything else means itself.
pub(super) fn inline(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escape(text);
    }
    let part = |(index, part): (usize, &&str)| match index % 2 {
        1 => format!("<code>{}</code>", escape(part)),
        _ => escape(part),
    };
    parts.iter().enumerate().map(part).collect()
}

/// Paragraphs, lists, fenced code and inline code of a rule's prose.
pub(super) fn markdown(text: &str) -> String {
    let mut html = String::new();
    let mut block = Block::None;
    for line in text.lines() {
        let bare = line.trim();
        if let Block::Code(code) = &mut block {
            if bare.starts_with("```") {
                block.end(&mut html);
            } else {
                code.push_str(line);
                code.push('\n');
            }
            continue;
        }
        let item = bare.strip_prefix("- ").or_else(|| bare.strip_prefix("* "));
        match (bare, item, &mut block) {
            ("", ..) => block.end(&mut html),
            (fence, ..) if fence.starts_with("```") => {
                block.end(&mut html);
                block = Block::Code(String::new());
            }
            (_, Some(item), Block::List(items)) => items.push(item.to_owned()),
            (_, Some(item), _) => {
                block.end(&mut html);
                block = Block::List(vec![item.to_owned()]);
            }
            (more, None, Block::Text(text)) => *text += &format!("\n{more}"),
            (more, None, Block::List(items)) => {
                if let Some(last) = items.last_mut() {
                    *last += &format!("\n{more}");
                }
            }
            (first, None, _) => block = Block::Text(first.to_owned()),
        }
    }
    block.end(&mut html);
    html
}

enum Block {
    None,
    Text(String),
    List(Vec<String>),
    Code(String),
}

impl Block {
    fn end(&mut self, html: &mut String) {
        match std::mem::replace(self, Block::None) {
            Block::None => {}
            Block::Text(text) => *html += &format!("<p>{}</p>", inline(&text)),
            Block::List(items) => {
                let items: String = items.iter().map(|item| format!("<li>{}</li>", inline(item))).collect();
                *html += &format!("<ul>{items}</ul>");
            }
            Block::Code(code) => *html += &format!("<pre>{}</pre>", escape(&code)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_becomes_markup_and_nothing_else_does() {
        let text = "Use `a<b` <script>.\nMore.\n\n- one\n- two\n  lines\n\n```yaml\na: <b>\n```\nend";
        let want = "<p>Use <code>a&lt;b</code> &lt;script&gt;.\nMore.</p><ul><li>one</li><li>two\nlines</li></ul>\
                    <pre>a: &lt;b&gt;\n</pre><p>end</p>";
        assert_eq!(markdown(text), want);
        assert_eq!(inline("an odd ` stays"), "an odd ` stays");
        assert_eq!(escape("\"'&"), "&quot;&#39;&amp;");
    }
}
