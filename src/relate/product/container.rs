//! Container ↔ product: how long its version is supported, whether a volume holds its data, whether it listens where
//! the manifest says, and which of its protections are off.

use super::given::{Given, covers, word};
use super::{Insecure, Product, ProductPort, day, life, text};
use crate::fact::{Data, Fact, Reason, Record, Value};
use crate::product::{self, ProductRole, Setting, State};
use crate::span::Span;
use crate::syntax::tree::Node;

/// States what is known of the product in the container that `fact` is about.
pub(super) fn relate<'s>(fact: &Fact<'s>, found: &mut Vec<Fact<'s>>) {
    let Some(used) = Used::new(fact) else { return };
    found.push(used.product().fact(used.image, fact.path.clone(), fact.role));
    if matches!(used.given.known.product.role, ProductRole::Runtime | ProductRole::Os) {
        return;
    }
    for (statement, span) in used.ports() {
        found.push(statement.fact(span, fact.path.clone(), fact.role));
    }
    for (statement, span) in used.insecure() {
        found.push(statement.fact(span, fact.path.clone(), fact.role));
    }
}

/// A product in use.
struct Used<'f, 's> {
    given: Given<'s>,
    record: &'f Record<'s>,
    /// The pod as it is written.
    pod: Option<Node<'s>>,
    image: Span,
}

impl<'f, 's> Used<'f, 's> {
    fn new(fact: &'f Fact<'s>) -> Option<Self> {
        let record = &*fact.record;
        let image = record.get("image")?;
        let Data::Record(parts) = &image.data else { return None };
        let known = product::known(super::field(parts, "reference")?)?;
        let node = |value: Option<&Value<'s>>| match value.map(|value| &value.data) {
            Some(Data::Node(node)) => Some(*node),
            _ => None,
        };
        let pod = match record.get("pod").map(|pod| &pod.data) {
            Some(Data::Record(pod)) => node(pod.get("spec")),
            _ => None,
        };
        let spec = node(record.get("spec"))?;
        Some(Self { given: Given { spec, known }, record, pod, image: image.span.unwrap_or(fact.span) })
    }

    fn product(&self) -> Product<'s> {
        let own = |name: &str| self.record.get(name).cloned().unwrap_or(Value::absent(self.image));
        let product = self.given.known.product;
        let (cycle, ends) = life(&self.given.known);
        let folder = self.given.known.data().next().map(|data| data.path.as_str());
        Product {
            title: Value::str(product.title.as_str(), self.image),
            role: Value::str(word(product.role), self.image),
            container: own("name"),
            kind: own("kind"),
            runs_forever: own("runs_forever"),
            cycle: text(cycle, self.image),
            ends: day(ends, self.image),
            is_rolling: Value::bool(product.rolling, self.image),
            deprecated: text(self.given.known.image.deprecated.as_ref().map(|one| one.reason.as_str()), self.image),
            keeps_data: Value::bool(self.keeps_data(), self.image),
            is_persisted: self.is_persisted(),
            data_folder: text(folder, self.image),
            default_accounts: self.default_accounts(),
        }
    }

    fn keeps_data(&self) -> bool {
        match self.given.known.product.state {
            State::Durable => self.given.known.data().next().is_some(),
            State::Optional => {
                let asked =
                    |setting: &Setting| self.given.value(setting).is_some_and(|value| setting.takes_effect(value));
                self.given.known.product.durable_when.iter().any(asked)
            }
            State::Memory | State::None => false,
        }
    }

    /// Whether a mount that lasts covers the data, or lies within it.
    fn is_persisted(&self) -> Value<'s> {
        let mut temporary = None;
        for data in self.given.known.data() {
            let Some(folder) = self.folder(data) else {
                return Value::unknown(Reason::Unresolved("a setting moves the data folder".into()), self.image);
            };
            for mount in self.given.spec.get("volumeMounts").into_iter().flat_map(Node::items) {
                let Some(path) = mount.get("mountPath") else { continue };
                if !covers(path.text(), folder) && !covers(folder, path.text()) {
                    continue;
                }
                if self.lasts(mount) {
                    return Value::bool(true, path.span());
                }
                temporary = Some(path.span());
            }
        }
        Value::bool(false, temporary.unwrap_or(self.image))
    }

    /// Where the data is: where a setting that is written out moves it, else where the product keeps it; `None` when a
    /// setting moves it and does not say where.
    fn folder(&self, data: &'static product::Data) -> Option<&'s str> {
        let Some(setting) = data.moved_by.iter().find(|setting| self.given.is_given(setting)) else {
            return Some(&data.path);
        };
        self.given.value(setting).filter(|value| value.starts_with('/'))
    }

    /// Whether the volume of a mount outlives the pod. One that the pod does not declare is a claim template's.
    fn lasts(&self, mount: Node<'_>) -> bool {
        let name = mount.get("name").map_or("", Node::text);
        let volumes = self.pod.and_then(|pod| pod.get("volumes")).into_iter().flat_map(Node::items);
        let volume = volumes.into_iter().find(|volume| volume.get("name").is_some_and(|known| known.text() == name));
        volume.is_none_or(|volume| volume.get("emptyDir").is_none())
    }

    fn default_accounts(&self) -> Value<'s> {
        if self.given.spec.get("envFrom").is_some() || self.given.configuration_is_given() {
            return Value::bare_list(Vec::new());
        }
        let left = self
            .given
            .known
            .accounts()
            .filter(|account| !account.replaced_by.iter().any(|setting| self.given.is_given(setting)));
        Value::list(left.map(|account| Value::str(account.name.as_str(), self.image)).collect(), self.image)
    }

    fn ports(&self) -> Vec<(ProductPort<'s>, Span)> {
        let product = self.given.known.product;
        let known = self.given.known.ports();
        let moved = known.iter().flat_map(|port| &port.moved_by).any(|setting| self.given.is_given(setting));
        if !product.ports_complete
            || moved
            || self.given.configuration_is_given()
            || self.given.spec.get("command").is_some()
        {
            return Vec::new();
        }
        let listens = || known.iter().map(|port| Value::bare(Data::Int(port.port.into()))).collect();
        let state = |port: Node<'s>| {
            let number = port.as_int()?;
            let listened = known.iter().any(|known| i64::from(known.port) == number);
            let statement = ProductPort {
                title: Value::str(product.title.as_str(), port.span()),
                number: Value::int(number, port.span()),
                is_listened: Value::bool(listened, port.span()),
                listens: Value::bare_list(listens()),
                container: self.record.get("name").cloned().unwrap_or(Value::absent(port.span())),
            };
            Some((statement, port.span()))
        };
        let ports = self.given.spec.get("ports").into_iter().flat_map(Node::items);
        ports.filter_map(|port| port.get("containerPort")).filter_map(state).collect()
    }

    fn insecure(&self) -> Vec<(Insecure<'s>, Span)> {
        let state = |setting: &'static Setting| {
            let value = self.given.env(setting.env.as_deref()?)?.get("value")?;
            let span = value.span();
            let statement = Insecure {
                title: Value::str(self.given.known.product.title.as_str(), span),
                name: Value::str(setting.name(), span),
                takes_effect: Value::bool(setting.takes_effect(value.text()), span),
                effect: text(setting.effect.as_deref(), span),
                container: self.record.get("name").cloned().unwrap_or(Value::absent(span)),
            };
            Some((statement, span))
        };
        self.given.known.product.insecure.iter().filter_map(state).collect()
    }
}
