//! The built-in formats as `build.rs` wrote them: records as JSON, each compiled at the first of its keywords that a
//! text holds, and the finished prefilter over the keywords of all.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use super::formats::Format;
use super::keyword::Targets;
use super::prefilter::{Entry, Keyword, Prefilter};
use crate::fact::format::FormatRecord;

/// A built-in format.
#[derive(Debug)]
pub(super) struct Embedded {
    rule: &'static str,
    json: &'static str,
    format: OnceLock<Option<Box<Format>>>,
}

include!(concat!(env!("OUT_DIR"), "/formats.rs"));

impl Embedded {
    const fn new(rule: &'static str, json: &'static str) -> Self {
        Self { rule, json, format: OnceLock::new() }
    }

    /// The format, compiled; a test holds that all of them compile.
    pub(super) fn format(&self) -> Option<&Format> {
        let make = || Format::new(self.rule.into(), &self.record()?).ok().map(Box::new);
        self.format.get_or_init(make).as_deref()
    }

    fn record(&self) -> Option<FormatRecord> {
        serde_json::from_str(self.json).ok()
    }
}

/// The prefilter over the keywords of all, and the formats that each keyword may begin.
pub(super) fn table() -> (Prefilter, Targets) {
    let targets = Targets { all: Cow::Borrowed(&TARGETS), starts: Cow::Borrowed(&STARTS) };
    (Prefilter::made(&BITMAP, &BUCKETS, &ENTRIES, &KEYWORDS), targets)
}

/// Every record with its rule's id.
pub(super) fn records() -> Vec<(Arc<str>, FormatRecord)> {
    FORMATS.iter().filter_map(|one| Some((one.rule.into(), one.record()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::record_tests;
    use super::*;

    #[test]
    fn the_embedded_formats_are_those_of_the_rule_files_and_compile() {
        assert_eq!(records(), record_tests::all());
        assert!(FORMATS.iter().all(|one| one.format().is_some()));
    }

    #[test]
    fn the_embedded_prefilter_is_the_one_that_would_be_made_now() {
        let keywords = FORMATS.iter().map(|one| {
            let record = one.record().expect("record");
            super::super::keyword::of(record.shape.as_deref(), &record.keywords).expect("keywords")
        });
        let (keywords, targets) = super::super::keyword::table(keywords.collect());
        let (made, own) = table();
        assert_eq!(format!("{made:?}"), format!("{:?}", Prefilter::new(keywords)));
        assert_eq!(format!("{own:?}"), format!("{targets:?}"));
    }
}
