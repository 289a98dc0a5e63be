//! YAML, JSON and TOML: keys with scalars, and the places of Kubernetes and compose that mean more.

use std::borrow::Cow;

use super::Plain;
use crate::detect::base::{self, Alphabet};
use crate::detect::context;
use crate::detect::judge::Place;
use crate::detect::key;
use crate::path;
use crate::syntax::tree::{Dialect, Kind, Node, Tree};

/// Trees deeper than this hold no configuration.
const DEEPEST: usize = 64;

/// A container on the way from the root, for paths.
struct Frame<'t> {
    parent: usize,
    label: Cow<'t, str>,
}

struct Walk<'t, 'n> {
    /// Where words of secret names stand: what holds none is not walked.
    names: &'n [usize],
    frames: Vec<Frame<'t>>,
    out: Vec<Plain<'t>>,
    /// What the values of the document are by default.
    place: Place,
}

/// Every scalar under a key that could promise a secret.
pub(super) fn read<'t>(path: &str, tree: &'t Tree, names: &[usize]) -> Vec<Plain<'t>> {
    let mut walk = Walk { names, frames: Vec::new(), out: Vec::new(), place: Place::Data };
    for root in tree.documents(Dialect::Core) {
        if !walk.names_in(root) {
            continue;
        }
        if let Some(place) = place_of(path, root) {
            walk.place = place;
            walk.document(root, place);
        }
    }
    walk.out
}

/// What the values of a document are by default; `None` for kinds that only refer to secrets.
fn place_of(path: &str, root: Node<'_>) -> Option<Place> {
    let name = path::file_name(path);
    let kind = root.get("kind").map(Node::text).unwrap_or_default();
    match kind {
        "SealedSecret"
        | "ExternalSecret"
        | "ClusterExternalSecret"
        | "SecretStore"
        | "ClusterSecretStore"
        | "SecretProviderClass"
        | "PushSecret"
        | "VaultStaticSecret"
        | "CustomResourceDefinition" => None,
        _ if root.get("sops").is_some() => None,
        // The description of an interface shows what may be sent.
        _ if root.get("paths").is_some() && (root.get("openapi").is_some() || root.get("swagger").is_some()) => None,
        "Secret" => Some(Place::SecretObject),
        "ConfigMap" => Some(Place::ConfigMap),
        _ if root.get("services").is_some_and(|services| services.kind() == Kind::Map)
            && (name.contains("compose") || root.get("version").is_some()) =>
        {
            Some(Place::ComposeEnv)
        }
        _ if name.starts_with("values") && root.get("apiVersion").is_none() => Some(Place::ChartValues),
        _ if context::is_pipeline(path) => Some(Place::Pipeline),
        _ => Some(Place::Data),
    }
}

impl<'t> Walk<'t, '_> {
    /// Whether a word of secret names stands in what `node` covers.
    fn names_in(&self, node: Node<'t>) -> bool {
        let range = node.span().range();
        let next = self.names.partition_point(|at| *at < range.start);
        self.names.get(next).is_some_and(|at| *at < range.end)
    }

    fn document(&mut self, root: Node<'t>, place: Place) {
        let first = self.frames.len();
        self.frames.push(Frame { parent: first, label: Cow::Borrowed("") });
        let mut stack = vec![(root, first, 0)];
        while let Some((node, frame, depth)) = stack.pop() {
            if depth > DEEPEST {
                continue;
            }
            match node.kind() {
                Kind::Map => {
                    self.pair(node, frame, place);
                    for entry in node.entries().rev() {
                        let is_shown = || place == Place::ChartValues && self.is_to_fill_in(node, entry.value, frame);
                        if self.names_in(entry.key) && !is_shown() {
                            self.value(entry.key.text(), entry.value, frame, place);
                        }
                        self.enter(entry.value, frame, Cow::Borrowed(entry.key.text()), depth, &mut stack);
                    }
                }
                Kind::List => {
                    for (index, item) in node.items().enumerate() {
                        self.item(item, frame, place);
                        self.enter(item, frame, Cow::Owned(index.to_string()), depth, &mut stack);
                    }
                }
                _ => {}
            }
        }
    }

    fn enter(
        &mut self,
        node: Node<'t>,
        parent: usize,
        label: Cow<'t, str>,
        depth: usize,
        stack: &mut Vec<(Node<'t>, usize, usize)>,
    ) {
        if !self.names_in(node) {
            return;
        }
        // An alias is entered where its anchor stands.
        if is_alias(node) || !matches!(node.kind(), Kind::Map | Kind::List) {
            return;
        }
        // A schema shows there what may be sent.
        if matches!(label.as_ref(), "example" | "examples") && self.place == Place::Data {
            return;
        }
        self.frames.push(Frame { parent, label });
        stack.push((node, self.frames.len() - 1, depth + 1));
    }

    /// `{name: DB_PASSWORD, value: …}`: a variable of a container.
    fn pair(&mut self, node: Node<'t>, frame: usize, place: Place) {
        let (Some(name), Some(value)) = (node.get("name").and_then(Node::as_str), node.get("value")) else { return };
        let place = if place == Place::Data { Place::ManifestEnv } else { place };
        if key::kind(name).is_some() {
            self.push(Cow::Borrowed(name), name, value, frame, place);
        }
    }

    /// Whether a chart only shows where the user's own goes: the account of an external service, `username: username`.
    fn is_to_fill_in(&self, node: Node<'t>, value: Node<'t>, frame: usize) -> bool {
        let external = self.frames[frame].label.to_ascii_lowercase().starts_with("external");
        let user = ["username", "user"].iter().find_map(|name| node.get(name).and_then(Node::as_str));
        let shown = user.is_some_and(|user| matches!(user, "user" | "username")) || (external && user.is_some());
        shown && value.as_str().is_some_and(|text| matches!(text, "password" | "pass" | "passwd" | "changeme"))
    }

    /// A scalar under its key.
    fn value(&mut self, name: &'t str, value: Node<'t>, frame: usize, place: Place) {
        if key::kind(name).is_none() {
            return;
        }
        let parent = &self.frames[frame].label;
        let place = match (place, parent.as_ref()) {
            (Place::SecretObject, "data" | "stringData") | (Place::ConfigMap, "data") => place,
            (Place::ComposeEnv, "environment") | (Place::ChartValues | Place::Pipeline, _) => place,
            _ => Place::Data,
        };
        self.push(Cow::Borrowed(name), name, value, frame, place);
    }

    /// `NAME=value` in an `environment` list, `--option=value` among arguments.
    fn item(&mut self, item: Node<'t>, frame: usize, place: Place) {
        let Some((name, value)) = item.as_str().and_then(|text| text.split_once('=')) else { return };
        let parent = self.frames[frame].label.as_ref();
        let place = match parent {
            "environment" | "env" if place == Place::ComposeEnv => Place::ComposeEnv,
            "args" | "command" | "entrypoint" | "environment" => Place::Shell,
            _ => return,
        };
        let name = name.trim_start_matches('-');
        if key::kind(name).is_some() {
            let path = self.path(frame, name);
            let range = item.span().range();
            self.out.push(Plain { key: Cow::Borrowed(name), path, value: Cow::Borrowed(value), range, place });
        }
    }

    fn push(&mut self, key: Cow<'t, str>, name: &str, value: Node<'t>, frame: usize, place: Place) {
        let Some(text) = scalar(value) else { return };
        let coded = place == Place::SecretObject && self.frames[frame].label == "data";
        let text = match base::decode64(text, Alphabet::Standard).map(String::from_utf8) {
            Some(Ok(decoded)) if coded => Cow::Owned(decoded),
            _ => Cow::Borrowed(text),
        };
        let path = self.path(frame, name);
        self.out.push(Plain { key, path, value: text, range: value.span().range(), place });
    }

    fn path(&self, frame: usize, name: &str) -> String {
        let mut labels = vec![name];
        let mut at = frame;
        while self.frames[at].parent != at && labels.len() < DEEPEST {
            labels.push(&self.frames[at].label);
            at = self.frames[at].parent;
        }
        labels.reverse();
        labels.join(".")
    }
}

/// Whether a container is only referred to here: its children belong to another node.
fn is_alias(node: Node<'_>) -> bool {
    let child = node.entries().next().map(|entry| entry.key).or_else(|| node.items().next());
    child.and_then(Node::parent).is_some_and(|parent| parent != node)
}

/// Text or a number; a password of digits is read as a number.
fn scalar(node: Node<'_>) -> Option<&str> {
    match node.kind() {
        Kind::Str | Kind::Int | Kind::Float => Some(node.text()),
        _ => None,
    }
}
