//! Zone file ↔ the same file in an earlier commit: whether its serial grew with it.

use crate::fact::{Fact, Role, Type, Value};
use crate::inspect::dns::zone;
use crate::relate::demand::Demands;
use crate::source::Source;
use crate::span::SourceId;

crate::subject! {
    /// A zone file whose records are not those of the commit that the run is compared with (`--diff`, `--policy-from`, else
    /// the commit that is checked out). Serials below 2 are taken for those that a program fills in. Stands at its serial.
    pub(super) struct ZoneChange: "dns.zoneChange" {
        /// The serial.
        serial: Type::Int,
        /// The serial in that commit.
        serial_before: Type::Int,
        /// Whether secondary servers take the zone for a newer one.
        is_newer: Type::Bool,
    }
}

/// States the facts.
pub(super) fn relate<'s>(sources: &'s [Source], facts: &[Fact<'s>], demands: &Demands, found: &mut Vec<Fact<'s>>) {
    let zones = facts.iter().filter(|fact| fact.subject().name == "dns.zone");
    let mut ids: Vec<(SourceId, Role)> = zones.map(|fact| (fact.span.source, fact.role)).collect();
    ids.dedup();
    for (id, role) in ids {
        let Some(source) = sources.get(id.0 as usize) else { continue };
        let before = demands.earlier.get(source.path());
        let Some(change) = before.and_then(|before| zone::change(source, before)) else { continue };
        let fact = ZoneChange {
            serial: Value::int(i64::from(change.serial), change.span),
            serial_before: Value::int(i64::from(change.before), change.span),
            is_newer: Value::bool(change.is_newer(), change.span),
        };
        found.push(fact.fact(change.span, "serial", role));
    }
}
