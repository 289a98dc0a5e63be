//! FROM ↔ product.

use super::{Base, day, field, life, system, text};
use crate::fact::{Data, Fact, Value};
use crate::product;

/// States what is known of the image that `fact` names.
pub(super) fn relate<'s>(fact: &Fact<'s>, found: &mut Vec<Fact<'s>>) {
    let record = &fact.record;
    let Some(known) = field(record, "reference").and_then(product::known) else { return };
    if field(record, "keyword") != Some("FROM") {
        return;
    }
    let shipped = match record.get("stage").map(|stage| &stage.data) {
        Some(Data::Record(stage)) => stage.get("is_shipped").cloned(),
        _ => None,
    };
    let span = fact.span;
    let (cycle, ends) = life(&known);
    let (system, system_ends) = system(&known);
    let statement = Base {
        title: Value::str(known.product.title.as_str(), span),
        cycle: text(cycle, span),
        ends: day(ends, span),
        system: text(system, span),
        system_ends: day(system_ends, span),
        is_rolling: Value::bool(known.product.rolling, span),
        deprecated: text(known.image.deprecated.as_ref().map(|one| one.reason.as_str()), span),
        is_shipped: shipped.unwrap_or(Value::absent(span)),
    };
    found.push(statement.fact(span, fact.path.clone(), fact.role));
}
