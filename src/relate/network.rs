//! What targets, endpoints, certificates, zones and manifests are to one another: a key file and the certificate file
//! beside it, a host of an Ingress and the certificate in the Secret that serves it, a target of the policy and the route,
//! the zone and the certificate for it.

mod copies;
mod domain;
mod files;
mod hosts;
mod routes;
mod serials;
mod zones;

use crate::fact::{Fact, Subject};
use crate::inspect::tls::subjects::Pair;
use crate::relate::{Around, Relation};
use crate::source::Source;

/// Every relation between what the network shows and what the repository holds.
#[derive(Debug)]
pub struct Network;

impl Relation for Network {
    fn subjects(&self) -> &'static [&'static Subject] {
        &[
            Pair::SUBJECT,
            hosts::IngressHost::SUBJECT,
            copies::Copy::SUBJECT,
            copies::Watched::SUBJECT,
            routes::PublicHost::SUBJECT,
            routes::Watched::SUBJECT,
            serials::ZoneChange::SUBJECT,
            zones::Host::SUBJECT,
        ]
    }

    fn reads(&self) -> &'static [&'static str] {
        &["dns", "http", "kubernetes", "tls"]
    }

    fn relate<'s>(&self, sources: &'s [Source], facts: &[Fact<'s>], around: Around<'_>) -> Vec<Fact<'s>> {
        let mut found = Vec::new();
        files::relate(sources, facts, &mut found);
        hosts::relate(sources, facts, &mut found);
        let (routes, targets) = (routes::routes(facts), around.demands.targets.as_slice());
        routes::relate(&routes, targets, &mut found);
        zones::relate(sources, facts, &routes, targets, &mut found);
        copies::relate(sources, facts, targets, &mut found);
        serials::relate(sources, facts, around.demands, &mut found);
        found
    }
}

#[cfg(test)]
mod tests;
