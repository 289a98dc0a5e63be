//! Document → facts. A zone file and a transcript are looked at by the same code; what one of them cannot know is absent.

use std::collections::HashMap;

use super::document::{Document, Place, Record};
use super::name::Name;
use super::subjects::Line;
use super::transcript::{Asked, Transcript};
use super::world::{self, World};
use crate::fact::{Data as D, Fact, Reason, Value};
use crate::source::Source;
use crate::span::Span;

mod keys;
mod live;
mod mail;
mod names;
mod policy;
mod records;
mod zone;

pub(super) use policy::of_file as of_policy;

/// What all facts of a source share.
pub(super) struct About<'d, 's> {
    source: &'s Source,
    /// All sources: what the source includes is among them.
    sources: &'s [Source],
    document: &'d Document,
    world: World<'d>,
    transcript: Option<&'d Transcript>,
    /// Whether its names are for a private network.
    is_internal: bool,
    /// In a transcript, the longest TTL of a name and type that anybody gave: resolvers count theirs down.
    longest: HashMap<(&'d Name, &'d str), u32>,
}

/// The facts of a zone file.
pub(super) fn of_zone<'s>(document: &Document, source: &'s Source, sources: &'s [Source]) -> Vec<Fact<'s>> {
    let world = World::of_zone(document);
    let mut about =
        About { source, sources, document, world, transcript: None, is_internal: false, longest: HashMap::new() };
    about.is_internal = records::is_internal_zone(&about);
    let judged: Vec<&Record> = document.records.iter().filter(|record| !record.is_repeated).collect();
    about.state(&judged)
}

/// The facts of a transcript.
pub(super) fn of_transcript<'s>(transcript: &Transcript, source: &'s Source) -> Vec<Fact<'s>> {
    let (document, world) = (&transcript.document, World::of_transcript(transcript));
    let is_internal = transcript.target.is_internal || records::has_internal_name(&transcript.target.name);
    let mut longest: HashMap<(&Name, &str), u32> = HashMap::new();
    for record in &document.records {
        let known = longest.entry((&record.owner, &record.kind)).or_default();
        *known = record.ttl.unwrap_or(0).max(*known);
    }
    let about = About { source, sources: &[], document, world, transcript: Some(transcript), is_internal, longest };
    let chain = about.world.chain(&transcript.target.name).names;
    let is_meant = |record: &Record| {
        record.owner.is_within(&document.base)
            || record.owner == transcript.target.name
            || chain.contains(&record.owner) && record.kind == "CNAME"
    };
    let answers = world::resolved(transcript).into_iter().filter_map(|index| document.records.get(index));
    let judged: Vec<&Record> = answers.filter(|record| is_meant(record)).collect();
    let mut facts = about.state(&judged);
    facts.extend(about.live());
    facts.extend(about.mail_policy(transcript));
    facts
}

impl<'d, 's> About<'d, 's> {
    fn state(&self, judged: &[&'d Record]) -> Vec<Fact<'s>> {
        let mut facts: Vec<Fact<'s>> = Vec::new();
        let is_in_file = self.is_file();
        for fault in &self.document.faults {
            let span = self.span(&fault.place);
            let line = Line {
                is_readable: Value::bool(false, span),
                problem: Value::str(fault.problem.name(), span),
                message: Value::str(fault.message.clone(), span),
                is_in_file: Value::bool(is_in_file, span),
            };
            facts.push(line.fact(span, "line", self.source.role));
        }
        if !judged.is_empty() {
            facts.extend(self.zone());
        }
        facts.extend(self.records(judged));
        facts.extend(self.names(judged));
        facts.extend(self.mail(judged));
        facts.extend(self.keys(judged));
        facts
    }

    fn is_file(&self) -> bool {
        self.transcript.is_none()
    }

    fn span(&self, place: &Place) -> Span {
        let (file, place) = self.document.located(place);
        Span::new(file.unwrap_or(self.source.id), place)
    }

    /// The text at a place, in the file where it stands.
    fn text_at(&self, place: &Place) -> Option<&'s str> {
        let (file, place) = self.document.located(place);
        let source = match file {
            None => self.source,
            Some(id) => self.sources.get(id.0 as usize)?,
        };
        source.text().get(place)
    }

    /// What is known, or that nobody can know it from here: absent where nobody asked, unknown where the answer failed.
    fn known(&self, value: Option<bool>, name: &Name, span: Span) -> Value<'s> {
        match value {
            Some(value) => Value::bool(value, span),
            None => self.unseen(name, span),
        }
    }

    fn unseen(&self, name: &Name, span: Span) -> Value<'s> {
        let failed = self.transcript.and_then(|transcript| {
            transcript.exchanges.iter().find(|one| {
                one.asked == Asked::Resolver && one.name == *name && !one.is_answered() && !one.is_unchecked
            })
        });
        match failed {
            Some(failed) => {
                let why = format!("{} {}: {}", failed.name, failed.kind, failed.outcome());
                Value::unknown(Reason::Unreachable(why.into()), span)
            }
            None => Value::absent(span),
        }
    }

    fn count(&self, value: usize, span: Span) -> Value<'s> {
        Value::int(i64::try_from(value).unwrap_or(i64::MAX), span)
    }

    fn texts(&self, texts: Vec<(String, Span)>, span: Span) -> Value<'s> {
        Value::list(texts.into_iter().map(|(text, span)| Value::str(text, span)).collect(), span)
    }

    fn maybe_int(&self, value: Option<i64>, span: Span) -> Value<'s> {
        Value::option(value.map(D::Int), span)
    }

    fn maybe_text(&self, value: Option<String>, span: Span) -> Value<'s> {
        Value::option(value.map(|text| D::Str(text.into())), span)
    }

    /// The place of a range of a text record's joined text: exact where the text stands in one piece without escapes.
    fn within_text(&self, record: &Record, range: &Place) -> Span {
        let mut before = 0;
        for field in &record.fields {
            let is_plain = !field.text.contains('\\');
            let end = before + field.text.len();
            if is_plain && before <= range.start && range.end <= end {
                let start = field.place.start + usize::from(field.is_quoted) + (range.start - before);
                let place = start..start + range.len();
                let meant = field.text.get(range.start - before..range.end - before);
                let is_right = self.text_at(&place) == meant;
                return self.span(if is_right { &place } else { &field.place });
            }
            if !is_plain {
                break;
            }
            before = end;
        }
        self.span(&record.data_place())
    }
}
