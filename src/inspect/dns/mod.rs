//! DNS: zone files of the repository, and what resolvers and name servers say of a target of the policy.

use super::{Among, Inspection, Inspector, Problem};
use crate::fact::target::Protocol;
use crate::fact::{Reason, Subject};
use crate::path;
use crate::source::{Source, TRANSCRIPT_ENDING};

pub mod data;
pub mod document;
pub mod facts;
pub mod include;
pub mod name;
pub mod observe;
pub mod policy;
pub mod read;
pub mod service;
pub mod spf;
pub mod subjects;
pub mod tags;
pub mod token;
pub mod transcript;
pub mod world;
pub(crate) mod zone;

/// The inspector.
#[derive(Debug)]
pub struct Dns;

/// How much of a text is looked at to find out whether it is a zone.
const HEAD_BYTES: usize = 64 << 10;

impl Inspector for Dns {
    fn name(&self) -> &'static str {
        "dns"
    }

    fn subjects(&self) -> &'static [&'static Subject] {
        &subjects::SUBJECTS
    }

    fn usual_name(&self) -> &'static str {
        "example.com.zone"
    }

    fn wants(&self, path: &str) -> bool {
        path.ends_with(TRANSCRIPT_ENDING) || is_zone_name(path) || include::is_part_name(path) || is_policy_name(path)
    }

    fn claims(&self, path: &str, text: &str) -> bool {
        if is_transcript(path, text) {
            return true;
        }
        match is_zone_name(path) {
            _ if path.ends_with(TRANSCRIPT_ENDING) => false,
            _ if is_policy_name(path) => policy::is_one(text),
            true => looks_like_zone(path, text),
            false => include::is_part_name(path) && include::is_part(path, text),
        }
    }

    fn inspect<'s>(&self, source: &'s Source) -> Inspection<'s> {
        self.inspect_among(source, &Among::new(std::slice::from_ref(source), &[]))
    }

    fn inspect_among<'s>(&self, source: &'s Source, among: &Among<'s, '_>) -> Inspection<'s> {
        if is_transcript(source.path(), source.text()) {
            return self.of_transcript(source);
        }
        if is_policy_name(source.path()) {
            return Inspection { facts: facts::of_policy(source), ..Inspection::default() };
        }
        // A part of a zone is judged where it is included, for only there is it known which names it is about.
        let is_part = !is_zone_name(source.path()) && include::is_part_name(source.path());
        if is_part || include::is_included(source, among) {
            return Inspection::default();
        }
        let share = read::Share::among(among.total(self.name(), |source| usize::from(zone::multiplies(source))));
        let open = |from: &str, file: &str| include::find(among, from, file);
        let document = read::read_with(source.text(), source.path(), share, &open);
        let mut inspection = Inspection::default();
        let mut problem = |place: &document::Place, reason| {
            let (file, place) = document.located(place);
            let span = crate::span::Span::new(file.unwrap_or(source.id), place);
            inspection.problems.push(Problem { span, reason, inspector: self.name() });
        };
        if let Some(mark) = &document.template {
            problem(mark, Reason::Template("another tool fills in this template first".into()));
            return inspection;
        }
        for (include, why) in &document.includes {
            problem(include, Reason::Unresolved(why.clone().into()));
        }
        if document.is_cut {
            problem(&(0..0), Reason::Limit("more records than are read".into()));
        }
        inspection.facts = facts::of_zone(&document, source, among.sources);
        inspection
    }
}

impl Dns {
    fn of_transcript<'s>(&self, source: &'s Source) -> Inspection<'s> {
        let transcript = transcript::read(source);
        let mut inspection = Inspection::default();
        if let Some((failure, place)) = &transcript.failure {
            let span = crate::span::Span::new(source.id, place.clone());
            let reason = Reason::Unreachable(failure.as_str().into());
            inspection.problems.push(Problem { span, reason, inspector: self.name() });
        }
        if let Some((failure, _)) = transcript.policy.as_ref().and_then(|sent| sent.failure.as_ref()) {
            let place = transcript.policy.as_ref().map_or(0..0, |sent| sent.place.clone());
            let reason = Reason::Unreachable(format!("its mail policy: {failure}").into());
            let span = crate::span::Span::new(source.id, place);
            inspection.problems.push(Problem { span, reason, inspector: self.name() });
        }
        if !transcript.exchanges.is_empty() {
            inspection.facts = facts::of_transcript(&transcript, source);
        }
        inspection
    }
}

/// Endings of files that are called `db.` and are none.
const OTHERS: &str = "ts tsx js jsx mjs cjs py go rs rb php java kt kts cs c h cc cpp hpp swift scala ex exs erl hs lua pl \
    sql sqlite sqlite3 db json jsonc yaml yml toml xml md txt html css sh bash ps1 bat env ini cfg conf properties lock tf \
    tfvars hcl vue svelte graphql prisma proto log bak gz zip csv tsv lst dump j2 tmpl tpl erb";

/// Whether a file of this name may be a zone. Databases are called `.db` as well: a file that is named so and cannot be
/// read would count as something that nobody could judge, hence the name must look like one of a domain.
fn is_zone_name(path: &str) -> bool {
    let name = path::file_name(path).to_ascii_lowercase();
    let name = name.strip_suffix(".signed").unwrap_or(&name);
    let is_host = |text: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        !text.is_empty() && text.bytes().all(plain)
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_other = || OTHERS.split_whitespace().any(|ending| ending == last);
    let is_domain = |stem: &str| is_host(stem) && stem.contains('.') && !stem.starts_with('.');
    name.ends_with(".zone")
        || name.strip_suffix(".db").is_some_and(is_domain)
        || name.strip_prefix("db.").is_some_and(|rest| is_host(rest) && !is_other())
        || name.strip_suffix(".rev").is_some_and(|stem| is_host(stem) && stem.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a file of this name may be a mail policy.
fn is_policy_name(path: &str) -> bool {
    path.rsplit('/').next() == Some(policy::FILE)
}

fn is_transcript(path: &str, text: &str) -> bool {
    crate::observe::transcript::is_of(Protocol::Dns, path, text)
}

/// Whether the text is a zone file: it has an SOA, or its name promises a zone and a record or a directive is there.
fn looks_like_zone(path: &str, text: &str) -> bool {
    let end = text.floor_char_boundary(HEAD_BYTES.min(text.len()));
    let head = text.get(..end).unwrap_or_default();
    if head.contains('\0') {
        return false;
    }
    let is_promised = path.to_ascii_lowercase().ends_with(".zone");
    let (mut has_authority, mut records, mut directives) = (false, 0, 0);
    for line in head.lines().take(2000) {
        let code = line.split(';').next().unwrap_or_default();
        let mut words = code.split_whitespace();
        let Some(first) = words.next() else { continue };
        if matches!(first, "$ORIGIN" | "$TTL" | "$INCLUDE" | "$GENERATE") {
            directives += 1;
            continue;
        }
        let mut before = words.clone().take(4).take_while(|word| data::kind(word).is_none());
        let is_head = |word: &str| data::ttl(word).is_some() || word.eq_ignore_ascii_case("IN");
        let kind = words.by_ref().take(4).find_map(data::kind);
        match kind.as_deref() {
            Some("SOA") => has_authority = true,
            Some(kind) if kind != "TXT" && before.all(is_head) => records += 1,
            _ => {}
        }
    }
    has_authority && (records + directives > 0 || is_promised) || is_promised && (directives > 0 || records > 1)
}

#[cfg(test)]
mod tests;
