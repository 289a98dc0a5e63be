//! Facts that follow from several Kubernetes objects: who selects, names, routes to and limits whom.
//!
//! One index over all objects is built once and asked by every relation; nothing compares all pairs. Objects belong
//! together when they may be applied together: a name or label is looked for in the same file first, then in the same
//! folder, then outwards through the folders above, and the nearest match counts. That something is *missing* is said
//! only where the set shows that it ought to be there; a set that may well be incomplete gives silence.

mod autoscaler;
mod behind;
mod budget;
mod claim;
mod governing;
mod identity;
mod image;
mod index;
mod ingress;
mod memory;
mod reference;
mod selector;
mod service;
mod watched;

use crate::fact::{Data, Fact, Subject, Value};
use crate::relate::{Around, Relation};
use crate::source::Source;
use crate::span::Span;

use index::Index;

/// Every relation between Kubernetes objects.
#[derive(Debug)]
pub struct Kubernetes;

impl Relation for Kubernetes {
    fn subjects(&self) -> &'static [&'static Subject] {
        &[
            service::Service::SUBJECT,
            service::ServicePort::SUBJECT,
            service::Serving::SUBJECT,
            service::Backend::SUBJECT,
            ingress::IngressBackend::SUBJECT,
            budget::DisruptionBudget::SUBJECT,
            autoscaler::Autoscaler::SUBJECT,
            claim::Claim::SUBJECT,
            governing::Governing::SUBJECT,
            memory::MemoryUse::SUBJECT,
            identity::Identity::SUBJECT,
            reference::Reference::SUBJECT,
            image::ImageUse::SUBJECT,
            watched::WatchedHealth::SUBJECT,
        ]
    }

    fn reads(&self) -> &'static [&'static str] {
        &["kubernetes"]
    }

    fn relate<'s>(&self, sources: &'s [Source], facts: &[Fact<'s>], around: Around<'_>) -> Vec<Fact<'s>> {
        let index = Index::new(sources, facts);
        let mut found = Vec::new();
        if index.is_empty() {
            return found;
        }
        let budgets = budget::relate(&index, &mut found);
        let scaled = autoscaler::relate(&index, &mut found);
        service::relate(&index, &budgets, &scaled, &mut found);
        ingress::relate(&index, &mut found);
        claim::relate(&index, &mut found);
        governing::relate(sources, &index, &mut found);
        memory::relate(facts, &mut found);
        identity::relate(&index, &mut found);
        reference::relate(&index, &mut found);
        image::relate(sources, facts, &mut found);
        watched::relate(&index, &around.demands.targets, &mut found);
        found
    }
}

/// A number that may not be known.
fn number<'s>(value: Option<i64>, span: Span) -> Value<'s> {
    Value::option(value.map(Data::Int), span)
}

#[cfg(test)]
mod tests;
