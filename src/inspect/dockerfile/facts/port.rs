//! EXPOSE.

use super::{Out, Port, word_value};
use crate::fact::Value;
use crate::inspect::dockerfile::document::{Instruction, Word};

impl<'s> Out<'_, 's> {
    /// One fact a port or range.
    pub(super) fn ports(&mut self, instruction: &Instruction<'s>, words: &[Word<'s>]) {
        for word in words {
            let span = instruction.line.span(word.place.clone());
            if word.value.unknown.is_some() {
                continue; // that the variable is not set is a fact of its own
            }
            let text = word.value.text.trim_matches(['"', '\'']);
            let ports = text.split('/').next().unwrap_or_default();
            let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
            let number = |text: &str| text.parse::<i64>().ok();
            let maps = ports.contains(':');
            let int = |value: Option<i64>| value.map_or_else(|| Value::absent(span), |value| Value::int(value, span));
            let valid = match (number(first), number(last)) {
                (Some(first), Some(last)) => (1..=65535).contains(&first) && (first..=65535).contains(&last),
                _ => maps,
            };
            let fact = Port {
                text: word_value(instruction, word),
                number: int(number(first)),
                last: int(number(last)),
                is_valid: Value::bool(valid, span),
                maps_host: Value::bool(maps, span),
                stage: self.stage_of(instruction),
            };
            let path = self.path();
            self.facts.push(fact.fact(span, path, self.role));
        }
    }
}
