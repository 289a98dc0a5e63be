//! Memory limit ↔ flags of what runs in the container: what a runtime or a store is told to use before it frees any.

use crate::fact::{Data, Fact, Type, Value};
use crate::inspect::kubernetes::subjects::Container;
use crate::relate::compose::limits::{bytes, heap};
use crate::span::Span;
use crate::syntax::quantity;
use crate::syntax::tree::Node;

/// Words of one container that are looked at.
const MOST: usize = 4096;

crate::subject! {
    /// How much memory a flag or a variable lets a container with a memory limit use. Stands at the text that says it.
    pub(super) struct MemoryUse: "kubernetes.memoryUse" {
        /// Name of the container.
        container: Type::String,
        /// The flag with its value, as written.
        setting: Type::String,
        /// The memory limit, as written.
        limit: Type::String,
        /// Whether it is below the limit; points to the text.
        is_below_limit: Type::Bool,
    }
}

/// States the facts.
pub(super) fn relate<'s>(facts: &[Fact<'s>], found: &mut Vec<Fact<'s>>) {
    for fact in facts.iter().filter(|fact| fact.record.subject.name == Container::SUBJECT.name) {
        let Some(Data::Node(spec)) = fact.record.get("spec").map(|value| &value.data) else { continue };
        let Some(limit) = spec.at_path(&["resources", "limits", "memory"]) else { continue };
        let Some(most) = quantity::parse(limit.text()).filter(|most| *most > 0.0) else { continue };
        let name = fact.record.get("name").cloned().unwrap_or(Value::absent(fact.span));
        for (setting, size, place) in settings(*spec) {
            let statement = MemoryUse {
                container: name.clone(),
                setting: Value::str(setting, place),
                limit: Value::str(limit.text(), limit.span()),
                is_below_limit: Value::bool((size as f64) < most, place),
            };
            found.push(statement.fact(place, fact.path.clone(), fact.role));
        }
    }
}

/// The flags that set a size, with it and where they stand.
fn settings(container: Node<'_>) -> Vec<(String, i64, Span)> {
    let variables = container.get("env").into_iter().flat_map(Node::items);
    let values = variables.filter_map(|variable| Some((variable.get("name")?.text(), variable.get("value")?)));
    let words = ["command", "args"].into_iter().filter_map(|key| container.get(key)).flat_map(Node::items);
    let mut found: Vec<(String, i64, Span)> = Vec::new();
    let mut asks = None;
    for (name, node) in values.chain(words.map(|word| ("", word))) {
        if name == "GOMEMLIMIT" {
            found.extend(bytes(node.text()).map(|size| (format!("GOMEMLIMIT={}", node.text()), size, node.span())));
            continue;
        }
        for word in node.text().split(|c: char| c.is_whitespace() || matches!(c, ',' | '"' | '\'')).take(MOST) {
            let size = match asks.take() {
                Some(flag) => bytes(word).map(|size| (format!("{flag} {word}"), size)),
                None => store(word).or_else(|| heap(word)).map(|size| (word.to_owned(), size)),
            };
            found.extend(size.map(|(setting, size)| (setting, size, node.span())));
            asks = Some("--maxmemory").filter(|flag| *flag == word);
        }
    }
    // Of a flag that is given twice to a runtime the last counts.
    found.dedup_by(|later, earlier| {
        let same = later.2 == earlier.2 && kind(&later.0) == kind(&earlier.0);
        if same {
            std::mem::swap(later, earlier);
        }
        same
    });
    found
}

/// The flag without its value.
fn kind(setting: &str) -> &str {
    let end = setting.find(|c: char| c.is_ascii_digit() || matches!(c, '=' | ' ')).unwrap_or(setting.len());
    setting.get(..end).unwrap_or(setting)
}

/// `--maxmemory=256mb` of Redis and its kin.
fn store(word: &str) -> Option<i64> {
    bytes(word.strip_prefix("--maxmemory=")?).filter(|size| *size > 0)
}
