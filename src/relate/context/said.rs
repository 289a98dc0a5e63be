//! What a Dockerfile takes from its context.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::fact::{Data, Fact, Record, Role, Value};
use crate::inspect::dockerfile::facts::run_schema::Command;
use crate::inspect::dockerfile::facts::schema::{Copied, File};
use crate::source::Source;
use crate::span::Span;

/// A Dockerfile with what it takes from its context.
pub(super) struct Said<'s> {
    pub(super) source: &'s Source,
    pub(super) taken: Vec<Taken>,
    /// Whether a RUN asks git about the sources, so that `.git` is needed.
    pub(super) uses_git: bool,
}

/// A source of a COPY or ADD from the context.
pub(super) struct Taken {
    /// As written, variables filled in; `None` when it is not known.
    pub(super) path: Option<String>,
    pub(super) span: Span,
    pub(super) keyword: &'static str,
    pub(super) object: Arc<str>,
    pub(super) role: Role,
    /// Whether the layers of its stage ship.
    pub(super) is_shipped: bool,
}

/// Every Dockerfile, in order.
pub(super) fn dockerfiles<'s>(sources: &'s [Source], facts: &[Fact<'s>]) -> Vec<Said<'s>> {
    let mut by_source: BTreeMap<u32, Said<'s>> = BTreeMap::new();
    for fact in facts {
        let name = fact.subject().name;
        if name == File::SUBJECT.name {
            if let Some(source) = sources.get(fact.span.source.0 as usize) {
                by_source.insert(source.id.0, Said { source, taken: Vec::new(), uses_git: false });
            }
            continue;
        }
        let said = || fact.span.source.0;
        if name == Copied::SUBJECT.name {
            if let (Some(taken), Some(said)) = (taken(fact), by_source.get_mut(&said())) {
                said.taken.push(taken);
            }
        } else if name == Command::SUBJECT.name
            && fact.record.get("name").and_then(Value::as_str) == Some("git")
            && let Some(said) = by_source.get_mut(&said())
        {
            let what = fact.record.get("subcommand").and_then(Value::as_str).unwrap_or_default();
            said.uses_git |= !matches!(what, "clone" | "config" | "lfs");
        }
    }
    by_source.into_values().collect()
}

fn taken(fact: &Fact<'_>) -> Option<Taken> {
    let yes = |record: &Record<'_>, field| record.get(field).and_then(Value::as_bool) == Some(true);
    let Some(Data::Record(copy)) = fact.record.get("copy").map(|value| &value.data) else { return None };
    let from_context = matches!(copy.get("from").map(|from| &from.data), None | Some(Data::Absent));
    if !from_context || yes(copy, "is_onbuild") || yes(&fact.record, "is_remote") {
        return None;
    }
    let shipped = match copy.get("stage").map(|value| &value.data) {
        Some(Data::Record(stage)) => yes(stage, "is_shipped"),
        _ => false,
    };
    let is_add = copy.get("keyword").and_then(Value::as_str) == Some("ADD");
    Some(Taken {
        path: fact.record.get("path").and_then(Value::as_str).map(str::to_owned),
        span: fact.span,
        keyword: if is_add { "ADD" } else { "COPY" },
        object: Arc::clone(&fact.path),
        role: fact.role,
        is_shipped: shipped,
    })
}

impl Taken {
    /// What it names in the context: without slashes and dots at its ends; `None` when that is not known or leaves the
    /// context.
    pub(super) fn tidy(&self) -> Option<String> {
        crate::path::tidy(self.path.as_deref()?)
    }

    /// Whether it names something in the context, not all of it.
    pub(super) fn is_specific(&self) -> bool {
        self.tidy().is_some_and(|path| !path.is_empty() && !path.starts_with(['*', '?', '[']))
    }
}
