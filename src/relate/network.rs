//! What endpoints, certificates and manifests are to one another: a key file and the certificate file beside it, a host
//! of an Ingress and the certificate in the Secret that serves it.

mod files;
mod hosts;

use crate::fact::{Fact, Subject};
use crate::inspect::tls::subjects::Pair;
use crate::relate::{Around, Relation};
use crate::source::Source;

/// Every relation between what the network shows and what the repository holds.
#[derive(Debug)]
pub struct Network;

impl Relation for Network {
    fn subjects(&self) -> &'static [&'static Subject] {
        &[Pair::SUBJECT, hosts::IngressHost::SUBJECT]
    }

    fn relate<'s>(&self, sources: &'s [Source], facts: &[Fact<'s>], _: Around<'_>) -> Vec<Fact<'s>> {
        let mut found = Vec::new();
        files::relate(sources, facts, &mut found);
        hosts::relate(sources, facts, &mut found);
        found
    }
}

#[cfg(test)]
mod tests;
