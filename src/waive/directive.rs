//! The words that suppress a finding in place, ours and every peer's: one comment → directives. Nothing here knows
//! where a comment stands or which rules there are.

use std::ops::Range;

use jiff::civil::Date;

/// Whose words a directive uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    /// Ours.
    Seaworthy,
    /// Another tool's; its name is the key of the rules' `aliases`.
    Peer(&'static str),
}

impl Dialect {
    /// Its name in reports: `seaworthy`, `hadolint`, ….
    pub fn name(self) -> &'static str {
        match self {
            Dialect::Seaworthy => "seaworthy",
            Dialect::Peer(name) => name,
        }
    }

    /// Whether it is another tool's.
    pub fn is_peers(self) -> bool {
        self != Dialect::Seaworthy
    }
}

/// Which rules a word of a directive means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// Those that our selector selects.
    Selector,
    /// Those that bear this alias of the peer.
    Alias(String),
    /// Every rule that the peer has too.
    Peer,
    /// Every rule about secrets.
    Secrets,
}

/// A word that names rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// As it is written.
    pub word: String,
    /// Where, from the start of the comment.
    pub range: Range<usize>,
    /// What it means.
    pub meaning: Meaning,
}

/// What a directive covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The node on its own line; alone on a line, the next node.
    Node,
    /// Its own line, whatever else stands there.
    Line,
    /// The next line.
    NextLine,
    /// The stage of a Dockerfile in which the next instruction stands.
    Stage,
    /// The whole file.
    File,
    /// From here to the matching `on`, or to the end.
    Onward,
    /// The end of what [`Reach::Onward`] began.
    Until,
}

/// One directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// Whose words.
    pub dialect: Dialect,
    /// Where, from the start of the comment.
    pub range: Range<usize>,
    /// The rules.
    pub names: Vec<Name>,
    /// What it covers.
    pub reach: Reach,
    /// Why.
    pub reason: Option<String>,
    /// The last day on which it holds.
    pub until: Option<Date>,
    /// What keeps it from counting.
    pub mistake: Option<String>,
}

/// Every peer whose words are understood; no waiver of the waiver file is called so.
pub const PEERS: [&str; 14] = [
    "buildkit",
    "checkov",
    "detect-secrets",
    "dotenv-linter",
    "ggshield",
    "gitleaks",
    "hadolint",
    "kics",
    "kube-linter",
    "kube-score",
    "polaris",
    "tally",
    "trivy",
    "trufflehog",
];

/// More rules than this in one directive do not count.
const MAX_NAMES: usize = 100;

/// Words that show that a text may hold a directive; a text without any is not looked at.
pub(super) const MARKERS: [&str; 16] = [
    "seaworthy:",
    "hadolint",
    "check=",
    "tally",
    "checkov:skip",
    "checkov.io/skip",
    "trivy:ignore",
    "kics-scan",
    "kube-linter.io/",
    "kube-score/ignore",
    "polaris.fairwinds.com/",
    "gitleaks:allow",
    "allowlist",
    "trufflehog:ignore",
    "ggignore",
    "dotenv-linter:o",
];

/// Markers that count wherever they stand on a line, in a comment or not, because their tool reads plain text.
pub(super) const ANYWHERE: [&str; 4] = ["gitleaks:allow", "allowlist", "trufflehog:ignore", "ggignore"];

/// Reads the directives of a comment, its own marker (`#`, `//`) included.
pub fn read(comment: &str) -> Vec<Directive> {
    let mut found = Vec::new();
    found.extend(ours(comment));
    found.extend(listed(comment));
    found.extend(in_place(comment));
    found.extend(checkov(comment));
    found.extend(trivy(comment));
    found.extend(kics(comment));
    found.extend(lines(comment));
    found.extend(dotenv_linter(comment));
    found
}

/// A directive of BuildKit: the value of `# check=…` at the top of a Dockerfile, which begins at `at`.
pub fn buildkit(value: &str, at: usize) -> Option<Directive> {
    const KEYS: [&str; 3] = ["skip", "error", "experimental"];
    let keys = value.split(';').map(|part| part.split('=').next().unwrap_or_default().trim());
    if let Some(other) = keys.into_iter().find(|key| !key.is_empty() && !KEYS.contains(key)) {
        let mut directive = peer("buildkit", at..at + value.trim_end().len(), Vec::new(), Reach::File, None);
        directive.mistake = Some(format!("BuildKit knows `skip`, `error` and `experimental` here, not `{other}`"));
        return Some(directive);
    }
    let start = value.split(';').find_map(|part| {
        let list = part.trim().strip_prefix("skip=")?;
        Some(list.as_ptr() as usize - value.as_ptr() as usize)
    })?;
    let names = words(value, start, |word| match word {
        word if word.eq_ignore_ascii_case("all") => Meaning::Peer,
        word => Meaning::Alias(word.to_owned()),
    });
    let shift = |name: Name| Name { range: name.range.start + at..name.range.end + at, ..name };
    let names = names.into_iter().map(shift).collect();
    Some(peer("buildkit", at..at + value.len(), names, Reach::File, None))
}

fn peer(name: &'static str, range: Range<usize>, names: Vec<Name>, reach: Reach, reason: Option<&str>) -> Directive {
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned);
    Directive { dialect: Dialect::Peer(name), range, names, reach, reason, until: None, mistake: None }
}

/// `seaworthy: ignore[RULE, …] reason="…" until=DATE`
fn ours(comment: &str) -> Option<Directive> {
    const MARK: &str = "seaworthy:";
    let start = comment.find(MARK)?;
    let before = comment[..start].trim_end();
    let leads = before.chars().all(|c| "#/*;-<!%".contains(c) || c.is_whitespace());
    let rest = comment[start + MARK.len()..].trim_start();
    let at = comment.len() - rest.len();
    // Only what leads a comment is meant as a directive whatever follows; prose may name the program.
    if !rest.starts_with("ignore") && !leads {
        return None;
    }
    let mut parse = Ours { comment, at, end: at, names: Vec::new(), reason: None, until: None };
    let mistake = parse.read().err();
    let end = if mistake.is_some() { comment.trim_end().len() } else { parse.end };
    Some(Directive {
        dialect: Dialect::Seaworthy,
        range: start..end.max(start),
        names: parse.names,
        reach: Reach::Node,
        reason: parse.reason,
        until: parse.until,
        mistake,
    })
}

struct Ours<'c> {
    comment: &'c str,
    at: usize,
    end: usize,
    names: Vec<Name>,
    reason: Option<String>,
    until: Option<Date>,
}

impl Ours<'_> {
    fn rest(&self) -> &str {
        self.comment.get(self.at..).unwrap_or_default()
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn read(&mut self) -> Result<(), String> {
        if !self.rest().starts_with("ignore") {
            return Err("after `seaworthy:` only `ignore[RULE, …]` is known".into());
        }
        self.at += "ignore".len();
        self.blanks();
        if !self.rest().starts_with('[') {
            return Err("the rules are missing: `ignore[RULE, …]`".into());
        }
        let open = self.at + 1;
        let Some(length) = self.comment.get(open..).and_then(|rest| rest.find(']')) else {
            return Err("the bracket after `ignore` is not closed".into());
        };
        self.list(open..open + length);
        self.at = open + length + 1;
        self.end = self.at;
        self.attributes()?;
        match () {
            () if self.names.len() > MAX_NAMES => Err(format!("it names more than {MAX_NAMES} rules")),
            () if self.names.is_empty() => Err("it names no rule".into()),
            () if self.reason.is_none() && self.until.is_none() => {
                Err("it says neither why (`reason=\"…\"`) nor until when (`until=2027-01-31`)".into())
            }
            () if self.reason.is_none() => Err("it does not say why: `reason=\"…\"`".into()),
            () if self.until.is_none() => Err("it does not say until when: `until=2027-01-31`".into()),
            () => Ok(()),
        }
    }

    fn list(&mut self, range: Range<usize>) {
        let mut at = range.start;
        for part in self.comment.get(range).unwrap_or_default().split(',').take(MAX_NAMES + 1) {
            let word = part.trim();
            let start = at + (part.len() - part.trim_start().len());
            if !word.is_empty() {
                let range = start..start + word.len();
                self.names.push(Name { word: word.to_owned(), range, meaning: Meaning::Selector });
            }
            at += part.len() + 1;
        }
    }

    /// `reason="…" until=DATE`, in any order; whatever else follows is a remark.
    fn attributes(&mut self) -> Result<(), String> {
        loop {
            self.blanks();
            let rest = self.rest();
            if let Some(value) = rest.strip_prefix("reason=") {
                let Some(quote) = value.chars().next().filter(|c| *c == '"' || *c == '\'') else {
                    return Err("the reason stands in quotes: `reason=\"…\"`".into());
                };
                let Some(length) = value[1..].find(quote) else {
                    return Err("the quotes of the reason are not closed".into());
                };
                let reason = value[1..1 + length].trim().to_owned();
                self.at += "reason=".len() + length + 2;
                if reason.is_empty() {
                    return Err("the reason is empty".into());
                }
                self.reason = Some(reason);
            } else if let Some(value) = rest.strip_prefix("until=") {
                let length = value.find(char::is_whitespace).unwrap_or(value.len());
                let word = value[..length].trim_matches(['"', '\'']).to_owned();
                self.at += "until=".len() + length;
                let date = word.parse::<Date>().map_err(|_| format!("`{word}` is not a day: `until=2027-01-31`"))?;
                self.until = Some(date);
            } else {
                return Ok(());
            }
            self.end = self.at;
        }
    }
}

/// A list of words from byte `at` on: `A,B, C`. It ends where no comma follows.
fn words(text: &str, at: usize, meaning: impl Fn(&str) -> Meaning) -> Vec<Name> {
    let is_part = |c: char| c.is_alphanumeric() || "_-./*".contains(c);
    let mut names = Vec::new();
    let mut at = at;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let start = at + (rest.len() - rest.trim_start_matches([' ', '\t']).len());
        let rest = text.get(start..).unwrap_or_default();
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        if length == 0 {
            return names;
        }
        let word = &rest[..length];
        names.push(Name { word: word.to_owned(), range: start..start + length, meaning: meaning(word) });
        let after = rest[length..].trim_start_matches([' ', '\t']);
        if !after.starts_with(',') || names.len() >= MAX_NAMES {
            return names;
        }
        at = text.len() - after.len() + 1;
    }
}

fn end_of(names: &[Name], least: usize) -> usize {
    names.last().map_or(least, |name| name.range.end)
}

/// `hadolint ignore=A,B`, `hadolint global ignore=A`, and the same with `tally`.
fn listed(comment: &str) -> Vec<Directive> {
    let mut found = Vec::new();
    for tool in ["hadolint", "tally"] {
        let Some(start) = comment.find(tool) else { continue };
        let rest = comment[start + tool.len()..].trim_start();
        let scoped = [("global", Reach::File), ("stage", Reach::Stage)].into_iter().find_map(|(word, reach)| {
            let rest = rest.strip_prefix(word)?;
            rest.starts_with(char::is_whitespace).then(|| (reach, rest.trim_start()))
        });
        let (reach, rest) = scoped.unwrap_or((Reach::Node, rest));
        let Some(list) = rest.strip_prefix("ignore").and_then(|rest| rest.trim_start().strip_prefix('=')) else {
            found.extend(garbled(tool, comment, start, rest, reach));
            continue;
        };
        let names = words(comment, comment.len() - list.len(), |word| Meaning::Alias(word.to_owned()));
        let end = end_of(&names, comment.len() - list.len());
        let reason = comment[end..].trim_start().strip_prefix(';').and_then(|rest| rest.trim().strip_prefix("reason="));
        found.push(peer(tool, start..end, names, reach, reason));
    }
    found
}

/// `hadolint ignore DL3008`, `hadolint: ignore=DL3008`: meant as a directive, and read as one by nobody.
fn garbled(tool: &'static str, comment: &str, start: usize, rest: &str, reach: Reach) -> Option<Directive> {
    let leads = comment[..start].trim().chars().all(|c| c == '#');
    let list = rest.trim_start_matches([':', ' ']).strip_prefix("ignore").filter(|_| leads)?;
    let list = list.trim_start_matches([':', ' ', '=']);
    let names = words(comment, comment.len() - list.len(), |word| Meaning::Alias(word.to_owned()));
    let is_code = |name: &Name| name.word.len() > 4 && name.word.ends_with(|c: char| c.is_ascii_digit());
    if !names.iter().any(is_code) {
        return None;
    }
    let mut directive = peer(tool, start..end_of(&names, comment.len()), names, reach, None);
    directive.mistake = Some(format!("{tool} wants `{tool} ignore=CODE`"));
    Some(directive)
}

/// `check=skip=A,B` above an instruction.
fn in_place(comment: &str) -> Option<Directive> {
    let words = comment.trim_start_matches('#').trim_start();
    let at = comment.len() - words.len();
    let value = words.strip_prefix("check=").filter(|_| comment.starts_with('#'))?;
    let directive = buildkit(value, comment.len() - value.len())?;
    Some(Directive { range: at..directive.range.end, reach: Reach::Node, ..directive })
}

/// `checkov:skip=CKV_DOCKER_2: reason`
fn checkov(comment: &str) -> Vec<Directive> {
    const MARK: &str = "checkov:skip=";
    let one = |start: usize| {
        let names = words(comment, start + MARK.len(), |word| Meaning::Alias(word.to_owned()));
        let end = end_of(&names, start + MARK.len());
        let reason = comment[end..].strip_prefix(':');
        peer("checkov", start..end, names, Reach::File, reason)
    };
    comment.match_indices(MARK).map(|(start, _)| one(start)).collect()
}

/// `trivy:ignore:ID`, `trivy:ignore:ID:exp:2027-01-31`, `trivy:ignore:ID exp:2027-01-31`
fn trivy(comment: &str) -> Vec<Directive> {
    const MARK: &str = "trivy:ignore:";
    let one = |start: usize| {
        let at = start + MARK.len();
        let rest = &comment[at..];
        let length = rest.find(|c: char| c == ':' || c.is_whitespace()).unwrap_or(rest.len());
        let word = &rest[..length];
        let bare = word.strip_prefix("AVD-").unwrap_or(word).to_owned();
        let meaning = if word == "*" { Meaning::Peer } else { Meaning::Alias(bare) };
        let names = vec![Name { word: word.to_owned(), range: at..at + length, meaning }];
        let tail = rest[length..].split("trivy:ignore:").next().unwrap_or_default();
        let date = tail.find("exp:").map(|exp| &tail[exp + 4..]).map(|date| date.get(..10).unwrap_or(date));
        let mut directive = peer("trivy", start..at + length, names, Reach::Node, None);
        match date.map(str::parse::<Date>) {
            Some(Ok(date)) => directive.until = Some(date),
            Some(Err(_)) => directive.mistake = Some("the day after `exp:` is none: `exp:2027-01-31`".into()),
            None => {}
        }
        directive
    };
    comment.match_indices(MARK).map(|(start, _)| one(start)).filter(|one| !one.names[0].word.is_empty()).collect()
}

/// `kics-scan ignore`, `ignore-line`, `ignore-block`, `disable=A,B`
fn kics(comment: &str) -> Option<Directive> {
    const MARK: &str = "kics-scan";
    let start = comment.find(MARK)?;
    let rest = comment[start + MARK.len()..].trim_start();
    let at = comment.len() - rest.len();
    if let Some(list) = rest.strip_prefix("disable=") {
        let names = words(comment, comment.len() - list.len(), |word| Meaning::Alias(word.to_owned()));
        return Some(peer("kics", start..end_of(&names, at), names, Reach::File, None));
    }
    let word = rest.split_whitespace().next()?;
    let reach = match word {
        "ignore" => Reach::File,
        "ignore-line" => Reach::NextLine,
        "ignore-block" => Reach::Node,
        _ => return None,
    };
    let names = vec![Name { word: word.to_owned(), range: at..at + word.len(), meaning: Meaning::Peer }];
    Some(peer("kics", start..at + word.len(), names, reach, None))
}

/// What tools that search plain text for secrets are told: `gitleaks:allow`, `pragma: allowlist secret`, ….
fn lines(text: &str) -> Vec<Directive> {
    const WORDS: [(&str, &str, Reach); 5] = [
        ("gitleaks", "gitleaks:allow", Reach::Line),
        ("detect-secrets", "pragma: allowlist secret", Reach::Line),
        ("detect-secrets", "pragma: allowlist nextline secret", Reach::NextLine),
        ("trufflehog", "trufflehog:ignore", Reach::Line),
        ("ggshield", "ggignore", Reach::Line),
    ];
    let one = |(tool, mark, reach): &(&'static str, &'static str, Reach)| {
        let start = text.find(mark)?;
        let range = start..start + mark.len();
        let name = Name { word: (*mark).to_owned(), range: range.clone(), meaning: Meaning::Secrets };
        Some(peer(tool, range, vec![name], *reach, None))
    };
    WORDS.iter().filter_map(one).collect()
}

/// `dotenv-linter:off A, B` and `dotenv-linter:on A, B`
fn dotenv_linter(comment: &str) -> Option<Directive> {
    const MARK: &str = "dotenv-linter:";
    let start = comment.find(MARK)?;
    let rest = &comment[start + MARK.len()..];
    let (reach, list) = match (rest.strip_prefix("off"), rest.strip_prefix("on")) {
        (Some(list), _) => (Reach::Onward, list),
        (_, Some(list)) => (Reach::Until, list),
        _ => return None,
    };
    let names = words(comment, comment.len() - list.len(), |word| Meaning::Alias(word.to_owned()));
    Some(peer("dotenv-linter", start..end_of(&names, comment.len() - list.len()), names, reach, None))
}
