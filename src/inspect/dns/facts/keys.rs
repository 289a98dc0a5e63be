//! Facts about signatures and keys.

use super::About;
use crate::fact::{Fact, Value};
use crate::inspect::dns::document::{Data, Record};
use crate::inspect::dns::{subjects, tags};

impl<'d, 's> About<'d, 's> {
    pub(super) fn keys(&self, judged: &[&'d Record]) -> Vec<Fact<'s>> {
        judged.iter().filter_map(|record| self.signature(record).or_else(|| self.key(record))).collect()
    }

    fn signature(&self, record: &Record) -> Option<Fact<'s>> {
        let Data::Signature(signature) = &record.data else { return None };
        let place = |index: usize| record.fields.get(index).map_or(&record.kind_place, |field| &field.place);
        let span = self.span(place(4));
        let fact = subjects::Signature {
            name: Value::str(record.owner.to_string(), span),
            covered: Value::str(signature.covered.clone(), self.span(place(0))),
            expires: Value::int(signature.expires, span),
            begins: Value::int(signature.begins, self.span(place(5))),
            algorithm: Value::int(i64::from(signature.algorithm), self.span(place(1))),
        };
        Some(fact.fact(span, format!("{}/RRSIG/{}", record.owner, signature.covered), self.source.role))
    }

    fn key(&self, record: &'d Record) -> Option<Fact<'s>> {
        let span = self.span(&record.kind_place);
        let place = |index: usize| record.fields.get(index).map_or(span, |field| self.span(&field.place));
        let (algorithm, bits, digest, at) = match &record.data {
            Data::Key(_, algorithm, key) => {
                let is_rsa = matches!(algorithm, 1 | 5 | 7 | 8 | 10);
                (*algorithm, tags::dnskey_bits(key).filter(|_| is_rsa), None, place(2))
            }
            // Algorithm 0 asks the zone above to take its digests away.
            Data::Digest(_, 0, ..) => return None,
            Data::Digest(_, algorithm, digest, _) => (*algorithm, None, Some(*digest), place(1)),
            _ => return None,
        };
        if algorithm == 0 {
            return None;
        }
        let fact = subjects::Key {
            name: Value::str(record.owner.to_string(), span),
            kind: Value::str(record.kind.to_string(), span),
            algorithm: Value::int(i64::from(algorithm), at),
            // RFC 8624, section 3.1, and RFC 9905: what must not be used for signing.
            is_weak: Value::bool(matches!(algorithm, 1 | 3 | 5 | 6 | 7 | 12), at),
            bits: self.maybe_int(bits.map(i64::from), place(3)),
            digest: self.maybe_int(digest.map(i64::from), place(2)),
            has_stronger_beside: Value::bool(self.has_stronger(record), place(2)),
        };
        Some(fact.fact(span, format!("{}/{}", record.owner, record.kind), self.source.role))
    }

    /// Whether a SHA-256 or SHA-384 digest of the same key stands beside it.
    fn has_stronger(&self, record: &Record) -> bool {
        let Data::Digest(tag, ..) = record.data else { return false };
        self.world.at(&record.owner).any(|other| match other.data {
            Data::Digest(of_other, _, digest, _) => {
                of_other == tag && matches!(digest, 2 | 4) && other.kind == record.kind
            }
            _ => false,
        })
    }
}
