//! Content security policies: text → directives with their places, and what they allow.
//!
//! Several policies all apply, so something is allowed only when each of them allows it.

use std::collections::HashSet;
use std::ops::Range;

use super::document::Header;
use crate::span::Span;
use crate::syntax::tree::Node;

/// Directives that there are, or were.
const KNOWN: [&str; 34] = [
    "base-uri",
    "block-all-mixed-content",
    "child-src",
    "connect-src",
    "default-src",
    "fenced-frame-src",
    "font-src",
    "form-action",
    "frame-ancestors",
    "frame-src",
    "img-src",
    "manifest-src",
    "media-src",
    "navigate-to",
    "object-src",
    "plugin-types",
    "prefetch-src",
    "referrer",
    "reflected-xss",
    "report-sample",
    "report-to",
    "report-uri",
    "require-sri-for",
    "require-trusted-types-for",
    "sandbox",
    "script-src",
    "script-src-attr",
    "script-src-elem",
    "style-src",
    "style-src-attr",
    "style-src-elem",
    "trusted-types",
    "upgrade-insecure-requests",
    "worker-src",
];

/// Directives that a `meta` element cannot set.
const HEADER_ONLY: [&str; 3] = ["frame-ancestors", "report-uri", "sandbox"];
/// Sources that nearly anybody can serve from.
const BROAD: [&str; 8] = ["*", "http:", "https:", "ftp:", "http://*", "https://*", "http://*.*", "https://*.*"];
/// No policy is shorter.
const SHORTEST: usize = 6;

/// A source of a directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// In lower case.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// Its name, in lower case.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// Its sources; `'none'` when a list of sources is empty.
    pub sources: Vec<Source>,
    /// An earlier one of the same name counts instead.
    pub repeated: bool,
}

/// One policy.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The whole of it.
    pub span: Span,
    /// Its directives, in order.
    pub directives: Vec<Directive>,
    /// Why it does not hold at all.
    pub broken: Option<&'static str>,
}

/// The place of a part of a node's text: exact where the text stands there as it is, else the whole node.
pub fn within(node: Node<'_>, range: Range<usize>) -> Span {
    let span = node.span();
    let (long, text) = (span.range().len(), node.text().len());
    let skip = match long.checked_sub(text) {
        Some(0) => 0,
        Some(2) => 1,
        _ => return span,
    };
    let start = span.range().start + skip;
    Span::new(span.source, start + range.start..start + range.end.min(text))
}

/// The policies of headers and of `meta` elements.
pub fn read<'t>(headers: impl Iterator<Item = Header<'t>>, is_meta: bool) -> Vec<Policy> {
    headers.flat_map(|header| policies(header.value, is_meta)).collect()
}

fn policies(node: Node<'_>, is_meta: bool) -> Vec<Policy> {
    let mut start = 0;
    let mut found = Vec::new();
    for part in node.text().split(',') {
        found.push(policy(node, start..start + part.len(), is_meta));
        start += part.len() + 1;
    }
    found
}

fn policy(node: Node<'_>, range: Range<usize>, is_meta: bool) -> Policy {
    let text = node.text().get(range.clone()).unwrap_or_default();
    let lead = text.len() - text.trim_start().len();
    let trimmed = text.trim();
    let span = within(node, range.start + lead..range.start + lead + trimmed.len());
    let mut directives: Vec<Directive> = Vec::new();
    let mut seen = HashSet::new();
    let mut start = range.start;
    for part in text.split(';') {
        let mut words = words(part, start).map(|(word, at)| Source { text: word, span: within(node, at) });
        start += part.len() + 1;
        let Some(name) = words.next() else { continue };
        let mut sources: Vec<Source> = words.collect();
        if is_meta && HEADER_ONLY.contains(&name.text.as_str()) {
            continue;
        }
        if sources.is_empty() && name.text.ends_with("-src") {
            sources.push(Source { text: "'none'".into(), span: name.span });
        }
        let repeated = !seen.insert(name.text.clone());
        directives.push(Directive { name: name.text, span: name.span, sources, repeated });
    }
    let mut policy = Policy { span, directives, broken: None };
    policy.broken = policy.defect(trimmed.len());
    policy
}

/// The words of `text` in lower case, with their places; `start` is added to these.
fn words(text: &str, start: usize) -> impl Iterator<Item = (String, Range<usize>)> {
    text.split_ascii_whitespace().map(move |word| {
        // A word of a text is a part of it, so its place follows from where both begin.
        let at = start + (word.as_ptr() as usize - text.as_ptr() as usize);
        (word.to_ascii_lowercase(), at..at + word.len())
    })
}

fn is_pass(source: &Source) -> bool {
    ["'nonce-", "'sha256-", "'sha384-", "'sha512-"].iter().any(|start| source.text.starts_with(start))
}

fn is_broad(source: &Source) -> bool {
    BROAD.contains(&source.text.as_str())
}

fn is_plain(source: &Source) -> bool {
    source.text.starts_with("http:") || source.text.starts_with("ftp:")
}

impl Policy {
    fn defect(&self, length: usize) -> Option<&'static str> {
        if length < SHORTEST {
            return Some("it is empty");
        }
        let scripts = self.list(&["script-src", "default-src"]).unwrap_or_default();
        let dynamic = scripts.iter().any(|source| source.text == "'strict-dynamic'");
        if dynamic && !scripts.iter().any(is_pass) {
            return Some("'strict-dynamic' without a nonce or a hash lets no script run");
        }
        None
    }

    /// The sources of the first of the directives that is there; `None` when nothing limits.
    fn list(&self, names: &[&str]) -> Option<&[Source]> {
        let directive = |name: &&str| self.directives.iter().find(|directive| directive.name == **name);
        names.iter().find_map(directive).map(|directive| directive.sources.as_slice())
    }

    /// Whether it has the directive.
    pub fn has(&self, name: &str) -> bool {
        self.directives.iter().any(|directive| directive.name == name)
    }

    /// The sources for scripts that count: nonces and hashes switch others off.
    fn scripts(&self) -> Option<Vec<&Source>> {
        let all = self.list(&["script-src", "default-src"])?;
        let passes = all.iter().any(is_pass);
        let dynamic = passes && all.iter().any(|source| source.text == "'strict-dynamic'");
        let counts = |source: &&Source| {
            let open = BROAD.iter().any(|broad| source.text.starts_with(broad)) || source.text == "'self'";
            !(passes && source.text == "'unsafe-inline'" || dynamic && open)
        };
        Some(all.iter().filter(counts).collect())
    }

    fn styles(&self) -> Option<Vec<&Source>> {
        let all = self.list(&["style-src", "default-src"])?;
        let passes = all.iter().any(is_pass);
        Some(all.iter().filter(|source| !(passes && source.text == "'unsafe-inline'")).collect())
    }

    /// What lets scripts of anybody run; `None` when it does not.
    fn open_scripts(&self) -> Option<Vec<Source>> {
        let everything = Source { text: String::new(), span: self.span };
        let Some(scripts) = self.scripts() else { return Some(vec![everything]) };
        let loose = |source: &&&Source| is_broad(source) || matches!(source.text.as_str(), "'unsafe-inline'" | "data:");
        let mut open: Vec<Source> = scripts.iter().filter(loose).map(|source| (*source).clone()).collect();
        match self.list(&["object-src", "default-src"]) {
            Some(objects) => open.extend(objects.iter().filter(|source| is_broad(source)).cloned()),
            None => open.push(everything),
        }
        open.dedup();
        (!open.is_empty()).then_some(open)
    }

    fn evals(&self) -> Option<Vec<Source>> {
        let (scripts, styles) = (self.scripts().unwrap_or_default(), self.styles().unwrap_or_default());
        let found = scripts.into_iter().chain(styles).filter(|source| source.text == "'unsafe-eval'");
        some(found.cloned().collect())
    }

    /// Sources without encryption of what is active, or of pictures and the like.
    fn insecure(&self, passive: bool) -> Option<Vec<Source>> {
        const PASSIVE: [&str; 2] = ["img-src", "media-src"];
        let mut found: Vec<Source> = Vec::new();
        if passive {
            for name in PASSIVE {
                let sources = self.list(&[name, "default-src"]).unwrap_or_default();
                found.extend(sources.iter().filter(|source| is_plain(source)).cloned());
            }
            return some(found);
        }
        let others = self.directives.iter().filter(|directive| {
            !PASSIVE.contains(&directive.name.as_str()) && directive.name != "script-src" && !directive.repeated
        });
        let sources = others.flat_map(|directive| directive.sources.iter());
        let scripts = self.scripts().unwrap_or_default();
        found.extend(sources.chain(scripts).filter(|source| is_plain(source)).cloned());
        some(found)
    }

    fn open_styles(&self) -> Option<Vec<Source>> {
        let Some(styles) = self.styles() else {
            return Some(vec![Source { text: String::new(), span: self.span }]);
        };
        let loose = |source: &&Source| is_broad(source) || matches!(source.text.as_str(), "'unsafe-inline'" | "data:");
        some(styles.into_iter().filter(loose).cloned().collect())
    }

    fn is_default_none(&self) -> bool {
        matches!(self.list(&["default-src"]), Some([source]) if source.text == "'none'")
    }
}

fn some(mut found: Vec<Source>) -> Option<Vec<Source>> {
    found.sort_by_key(|source| (source.span.start, source.span.end));
    found.dedup();
    (!found.is_empty()).then_some(found)
}

/// What all policies together allow. The lists name the sources that make it so.
#[derive(Debug, Default)]
pub struct Allowed {
    /// Policies that count.
    pub policies: usize,
    /// Why one does not hold, and where.
    pub broken: Option<(&'static str, Span)>,
    /// Scripts of anybody; a source without text is the policy that sets no limit.
    pub scripts: Vec<Source>,
    /// Text that becomes code.
    pub evals: Vec<Source>,
    /// Active content without encryption.
    pub insecure: Vec<Source>,
    /// Pictures and the like without encryption.
    pub insecure_passive: Vec<Source>,
    /// Styles of anybody.
    pub styles: Vec<Source>,
    /// Nothing is allowed that is not named.
    pub is_default_none: bool,
    /// Whether it is said who may show the page in a frame.
    pub limits_frames: bool,
    /// Names of directives that stand twice in one policy.
    pub repeated: Vec<Source>,
    /// Names that are no directives.
    pub unknown: Vec<Source>,
    /// Whether some policy limits what `base` may set.
    pub limits_base: bool,
}

/// What the policies allow; `None` when there is none.
pub fn allowed(policies: &[Policy]) -> Option<Allowed> {
    let counting: Vec<&Policy> =
        policies.iter().filter(|policy| !policy.directives.is_empty() || policy.broken.is_some()).collect();
    if counting.is_empty() {
        return None;
    }
    // One policy that does not allow it is enough.
    let by_all = |ask: fn(&Policy) -> Option<Vec<Source>>| -> Vec<Source> {
        let answers: Option<Vec<Vec<Source>>> = counting.iter().map(|policy| ask(policy)).collect();
        answers.unwrap_or_default().into_iter().flatten().collect()
    };
    let directives = || counting.iter().flat_map(|policy| &policy.directives);
    let name = |directive: &Directive| Source { text: directive.name.clone(), span: directive.span };
    Some(Allowed {
        policies: counting.len(),
        broken: counting.iter().find_map(|policy| policy.broken.map(|why| (why, policy.span))),
        scripts: by_all(Policy::open_scripts),
        evals: by_all(Policy::evals),
        insecure: by_all(|policy| policy.insecure(false)),
        insecure_passive: by_all(|policy| policy.insecure(true)),
        styles: by_all(Policy::open_styles),
        is_default_none: counting.iter().any(|policy| policy.is_default_none()),
        limits_frames: counting.iter().any(|policy| policy.has("frame-ancestors")),
        repeated: directives().filter(|directive| directive.repeated).map(name).collect(),
        unknown: directives().filter(|directive| !KNOWN.contains(&directive.name.as_str())).map(name).collect(),
        limits_base: counting.iter().any(|policy| policy.has("base-uri")),
    })
}
