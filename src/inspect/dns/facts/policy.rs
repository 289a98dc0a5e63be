//! The fact about an MTA-STS policy: in a file, or as a server gave it.

use super::About;
use crate::fact::{Data, Fact, Reason, Value};
use crate::inspect::dns::document::Place;
use crate::inspect::dns::policy::{self, Policy};
use crate::inspect::dns::subjects;
use crate::inspect::dns::transcript::{Sent, Transcript};
use crate::source::Source;
use crate::span::Span;

/// What a policy's own text does not tell.
struct Around<'s> {
    domain: Value<'s>,
    obstacle: Value<'s>,
    uncovered: Value<'s>,
    is_file: bool,
}

/// The fact about a file.
pub(in crate::inspect::dns) fn of_file<'s>(source: &'s Source) -> Vec<Fact<'s>> {
    let start = source.whole().at_start();
    let read = policy::read(source.text());
    let none = Value::list(Vec::new(), start);
    let around =
        Around { domain: Value::absent(start), obstacle: Value::absent(start), uncovered: none, is_file: true };
    let fact = stated(&read, start, &|place| Span::new(source.id, place.clone()), around);
    vec![fact.fact(start, "policy", source.role)]
}

fn stated<'s>(read: &Policy, whole: Span, at: &dyn Fn(&Place) -> Span, around: Around<'s>) -> subjects::MailPolicy<'s> {
    let mode = read.mode.as_ref();
    let names = read.exchangers.iter().map(|(name, place)| Value::str(name.clone(), at(place)));
    subjects::MailPolicy {
        domain: around.domain,
        is_file: Value::bool(around.is_file, whole),
        obstacle: around.obstacle,
        problem: match &read.wrong {
            Some((words, place)) => Value::str(words.clone(), at(place)),
            None => Value::str("", whole),
        },
        mode: Value::new(
            mode.map_or(Data::Absent, |(mode, _)| Data::Str(mode.clone().into())),
            mode.map_or(whole, |(_, place)| at(place)),
        ),
        max_age: match &read.max_age {
            Some((seconds, place)) => Value::int(*seconds, at(place)),
            None => Value::absent(whole),
        },
        exchangers: Value::list(names.collect(), whole),
        uncovered: around.uncovered,
    }
}

impl<'s> About<'_, 's> {
    /// The fact about the policy that a server gave, when the target asks for one and somebody answered.
    pub(super) fn mail_policy(&self, transcript: &Transcript) -> Option<Fact<'s>> {
        let sent = transcript.policy.as_ref().filter(|sent| sent.failure.is_none())?;
        let whole = self.span(&sent.place);
        let read = policy::read(&sent.text());
        let (words, place) = sent.obstacle.clone().unwrap_or_else(|| (String::new(), sent.place.clone()));
        let around = Around {
            domain: Value::str(transcript.target.name.to_string(), whole),
            obstacle: Value::str(words.clone(), self.span(&place)),
            uncovered: self.uncovered(transcript, &read, whole),
            is_file: false,
        };
        // Without an answer there is no policy that could be wrong.
        let read = if words.is_empty() { read } else { Policy::default() };
        let at = |place: &Place| self.span(&sent.located(place));
        let fact = stated(&read, whole, &at, around);
        Some(fact.fact(whole, format!("policy {}", transcript.target.name), self.source.role))
    }

    /// The exchangers of the domain that the policy does not name.
    fn uncovered(&self, transcript: &Transcript, read: &Policy, whole: Span) -> Value<'s> {
        let Some(records) = self.world.of(&transcript.target.name, "MX") else {
            return Value::unknown(Reason::Unreachable("its mail exchangers were not seen".into()), whole);
        };
        let targets = records.iter().filter_map(|record| record.target()).map(|target| target.name.to_string());
        let mut left: Vec<String> = targets.filter(|name| name != "." && !read.names(name)).collect();
        left.sort();
        left.dedup();
        let line = read.exchangers.first().map(|(_, place)| place.clone());
        let at = transcript.policy.as_ref().zip(line).map_or(whole, |(sent, place)| self.span(&sent.located(&place)));
        Value::list(left.into_iter().map(|name| Value::str(name, at)).collect(), at)
    }
}

impl Sent {
    /// The whole text.
    fn text(&self) -> String {
        self.lines.iter().map(|(line, _)| format!("{line}\n")).collect()
    }

    /// Where the line of a place in the text stands.
    fn located(&self, place: &Place) -> Place {
        let mut at = 0;
        for (line, stands) in &self.lines {
            at += line.len() + 1;
            if place.start < at {
                return stands.clone();
            }
        }
        self.place.clone()
    }
}
