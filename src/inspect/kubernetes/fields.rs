//! Finds fields that the API server would refuse, drop or read otherwise than they look.

use super::document::Object;
use super::image::is_placeholder;
use super::schema::{METADATA, POD, Schema, TEMPLATE, Ty};
use super::specs::SPECS;
use super::workload;
use crate::span::Span;
use crate::syntax::quantity;
use crate::syntax::tree::{Kind, Node};

/// A field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    /// Where.
    pub(super) span: Span,
    /// `spec.containers[0].image`.
    pub(super) path: String,
    /// The kind of mistake, a word that rules ask for.
    pub(super) problem: &'static str,
    /// What belongs there, or where the field belongs.
    pub(super) expected: String,
}

/// Walks one object along the schema of its kind.
struct Walk<'a, 's> {
    path: Vec<Step<'s>>,
    found: &'a mut Vec<Wrong>,
    /// Whether a field without resemblance to a known one is wrong: the object is of a kind that is known fully.
    strict: bool,
}

#[derive(Debug, Clone, Copy)]
enum Step<'s> {
    Key(&'s str),
    Index(usize),
}

/// Everything wrong with the fields of `object`.
pub(super) fn wrong(object: &Object<'_>) -> Vec<Wrong> {
    let mut found = Vec::new();
    let group = workload::group(object.api_version);
    let row = SPECS.iter().find(|(in_group, kind, _)| *kind == object.kind && *in_group == group);
    let mut walk = Walk { path: Vec::new(), found: &mut found, strict: is_core(group) };
    if let Some(metadata) = object.metadata {
        walk.under("metadata", |walk| walk.object(&METADATA, metadata));
    }
    match (row, object.spec()) {
        (Some((_, _, schema)), Some(spec)) => walk.under("spec", |walk| walk.object(schema, spec)),
        (None, _) if object.kind == "PodTemplate" => {
            if let Some(template) = object.root.get("template") {
                walk.under("template", |walk| walk.object(&TEMPLATE, template));
            }
        }
        (None, _) => {
            for pod in &object.pods {
                walk.under("spec.template.spec", |walk| walk.object(&POD, pod.spec));
            }
        }
        _ => {}
    }
    if group.is_empty() && object.kind == "ConfigMap" {
        walk.maps(object.root, &["data", "binaryData"]);
    }
    if group.is_empty() && object.kind == "Secret" {
        walk.maps(object.root, &["data", "stringData"]);
    }
    found
}

fn is_core(group: &str) -> bool {
    matches!(group, "" | "apps" | "batch" | "extensions" | "policy")
}

impl<'s> Walk<'_, 's> {
    fn under(&mut self, key: &'s str, visit: impl FnOnce(&mut Self)) {
        self.path.push(Step::Key(key));
        visit(self);
        self.path.pop();
    }

    fn maps(&mut self, root: Node<'s>, keys: &[&'static str]) {
        for key in keys {
            if let Some(map) = root.get(key) {
                self.under(key, |walk| walk.value(Ty::StringMap, map));
            }
        }
    }

    fn report(&mut self, span: Span, problem: &'static str, expected: impl Into<String>) {
        let mut path = String::new();
        for step in &self.path {
            match step {
                Step::Key(key) if path.is_empty() => path.push_str(key),
                Step::Key(key) => {
                    path.push('.');
                    path.push_str(key);
                }
                Step::Index(index) => path.push_str(&format!("[{index}]")),
            }
        }
        self.found.push(Wrong { span, path, problem, expected: expected.into() });
    }

    fn object(&mut self, schema: &'static Schema, node: Node<'s>) {
        match node.kind() {
            Kind::Map => {}
            Kind::Null => return,
            _ => return self.wrong_type(node, "keys with values"),
        }
        for entry in node.entries() {
            let key = entry.key.text();
            if key == "<<" || (key.as_bytes().contains(&b'{') && key.contains("{{")) {
                continue;
            }
            self.path.push(Step::Key(key));
            match schema.field(key) {
                Some(ty) => self.value(ty, entry.value),
                None => self.unknown(schema, key, entry.key.span()),
            }
            self.path.pop();
        }
    }

    fn unknown(&mut self, schema: &Schema, key: &str, span: Span) {
        let elsewhere = schema.elsewhere.iter().find(|(other, _)| other.field(key).is_some());
        if let Some((_, place)) = elsewhere {
            return self.report(span, "misplaced", *place);
        }
        if let Some(meant) = nearest(schema, key) {
            return self.report(span, "unknown", format!("`{meant}`"));
        }
        if self.strict && !key.starts_with("x-") {
            self.report(span, "unknown", "a field that this kind has");
        }
    }

    fn wrong_type(&mut self, node: Node<'s>, expected: &str) {
        if !is_placeholder(node.text()) {
            self.report(node.span(), "type", expected);
        }
    }

    fn value(&mut self, ty: Ty, node: Node<'s>) {
        if node.is_null() {
            return;
        }
        match ty {
            Ty::Any => {}
            Ty::Object(schema) => self.object(schema, node),
            Ty::List(schema) => self.items(node, |walk, item| walk.object(schema, item)),
            Ty::Items => self.items(node, |_, _| {}),
            Ty::Strings => self.items(node, |walk, item| walk.value(Ty::Str, item)),
            Ty::SomeOf(words) => self.items(node, |walk, item| walk.value(Ty::OneOf(words), item)),
            Ty::Capabilities => self.items(node, Self::capability),
            Ty::StringMap => self.map(node, Ty::Str),
            Ty::Quantities => self.map(node, Ty::Quantity),
            _ => self.scalar(ty, node),
        }
    }

    fn items(&mut self, node: Node<'s>, mut visit: impl FnMut(&mut Self, Node<'s>)) {
        if node.kind() != Kind::List {
            return self.wrong_type(node, "a list");
        }
        for (index, item) in node.items().enumerate() {
            self.path.push(Step::Index(index));
            visit(self, item);
            self.path.pop();
        }
    }

    fn map(&mut self, node: Node<'s>, ty: Ty) {
        if node.kind() != Kind::Map {
            return self.wrong_type(node, "keys with values");
        }
        for entry in node.entries().filter(|entry| entry.key.text() != "<<") {
            self.under(entry.key.text(), |walk| walk.value(ty, entry.value));
        }
    }

    fn capability(&mut self, node: Node<'s>) {
        let text = node.text();
        if node.kind() != Kind::Str {
            return self.wrong_type(node, "text in quotes");
        }
        if text.bytes().any(|b| b.is_ascii_lowercase()) && !is_placeholder(text) {
            self.report(node.span(), "case", format!("`{}`", text.to_ascii_uppercase()));
        }
    }

    fn scalar(&mut self, ty: Ty, node: Node<'s>) {
        let kind = node.kind();
        let number = node.as_int();
        match ty {
            Ty::Bool if kind != Kind::Bool => self.wrong_type(node, "true or false without quotes"),
            Ty::Int if kind != Kind::Int => self.wrong_type(node, "a whole number without quotes"),
            Ty::Str if kind != Kind::Str => self.wrong_type(node, "text: put it in quotes"),
            Ty::Quantity => self.quantity(node),
            Ty::Amount => self.amount(node),
            Ty::Port if number.is_none() => self.wrong_type(node, "a port number without quotes"),
            Ty::Port if !number.is_some_and(|port| (1..=65535).contains(&port)) => {
                self.report(node.span(), "port", "a number from 1 to 65535");
            }
            Ty::PortOrNone if number.is_none() => self.wrong_type(node, "a port number without quotes"),
            Ty::PortOrNone if !number.is_some_and(|port| (0..=65535).contains(&port)) => {
                self.report(node.span(), "port", "a number from 1 to 65535");
            }
            Ty::PortOrName => self.port_or_name(node),
            Ty::OneOf(words) => self.word(node, words),
            _ => {}
        }
    }

    fn quantity(&mut self, node: Node<'s>) {
        match node.kind() {
            Kind::Int | Kind::Float => {}
            Kind::Str if quantity::parse(node.text()).is_some() || is_placeholder(node.text()) => {}
            Kind::Str => self.report(node.span(), "quantity", "a quantity such as `500m`, `0.5` or `128Mi`"),
            _ => self.wrong_type(node, "a quantity such as `500m`, `0.5` or `128Mi`"),
        }
    }

    fn amount(&mut self, node: Node<'s>) {
        let percent =
            node.text().strip_suffix('%').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
        let placeholder = node.text().contains(['{', '$', '<']);
        if node.kind() != Kind::Int && !percent && !placeholder {
            self.report(node.span(), "type", "a whole number without quotes or a percentage such as `25%`");
        }
    }

    fn port_or_name(&mut self, node: Node<'s>) {
        let text = node.text();
        // As a Service's target, 0 stands for the port itself.
        let least = i64::from(!matches!(self.path.last(), Some(Step::Key("targetPort"))));
        match node.as_int() {
            Some(port) if (least..=65535).contains(&port) => {}
            Some(_) => self.report(node.span(), "port", "a number from 1 to 65535"),
            None if is_placeholder(text) => {}
            None if text.parse::<u64>().is_ok() => {
                self.report(node.span(), "type", "the port's number without quotes");
            }
            None if is_port_name(text) => {}
            None => self.report(node.span(), "port", "a port's number, or a name of at most 15 of a-z, 0-9 and `-`"),
        }
    }

    fn word(&mut self, node: Node<'s>, words: &'static [&'static str]) {
        let text = node.text();
        if words.contains(&text)
            || is_placeholder(text)
            || (words.contains(&"HugePages") && text.starts_with("HugePages"))
        {
            return;
        }
        let list: Vec<String> = words.iter().filter(|word| !word.is_empty()).map(|word| format!("`{word}`")).collect();
        self.report(node.span(), "value", list.join(" or "));
    }
}

/// The rule for names of ports.
fn is_port_name(text: &str) -> bool {
    (1..=15).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && text.bytes().any(|b| b.is_ascii_lowercase())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
}

/// The field of `schema` that `key` is a misspelling of.
fn nearest(schema: &Schema, key: &str) -> Option<&'static str> {
    let exact = schema.fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(key));
    let near = || {
        let far = if key.len() < 5 { 1 } else { 2 };
        schema
            .fields
            .iter()
            .map(|(field, _)| (distance(field, key), *field))
            .filter(|(distance, _)| *distance <= far)
            .min()
            .map(|(_, field)| field)
    };
    exact.map(|(field, _)| *field).or_else(near)
}

/// Edit distance, 9 for texts that are too different to matter.
pub(crate) fn distance(one: &str, other: &str) -> usize {
    const FAR: usize = 9;
    if one.len().abs_diff(other.len()) > 2 || other.len() > 64 || one.len() > 64 {
        return FAR;
    }
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let cost = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(FAR)
}
