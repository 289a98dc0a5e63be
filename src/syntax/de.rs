//! interim
use serde::de::DeserializeOwned;
use super::tree::{Kind, Node};
use crate::span::Span;
/// e
pub struct DeError { /// s
 pub span: Span, /// m
 pub message: String, /// h
 pub help: Option<String> }
/// f
pub fn from_node<T: DeserializeOwned>(node: Node<'_>) -> Result<T, Vec<DeError>> {
    serde_json::from_value(json(node)).map_err(|error| vec![DeError { span: node.span(), message: error.to_string(), help: None }])
}
fn json(node: Node<'_>) -> serde_json::Value {
    match node.kind() {
        Kind::Null => serde_json::Value::Null,
        Kind::Bool => node.as_bool().into(),
        Kind::Int => node.as_int().into(),
        Kind::Float => node.as_float().into(),
        Kind::Str => node.text().into(),
        Kind::List => node.items().map(json).collect(),
        Kind::Map => node.entries().map(|entry| (entry.key.text().to_owned(), json(entry.value))).collect(),
    }
}
