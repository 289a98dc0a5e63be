//! What a container is given as it is written: variables, flags, mounted configuration; and what that means for the
//! product in it.

use crate::product::{AuthenticationDefault, Known, Setting};
use crate::syntax::tree::Node;

/// A container as it is written, with the product that it runs.
#[derive(Debug)]
pub(in crate::relate) struct Given<'s> {
    pub(in crate::relate) spec: Node<'s>,
    pub(in crate::relate) known: Known<'static>,
}

impl<'s> Given<'s> {
    /// Whether the product lets everybody in; nothing where that cannot be told.
    pub(in crate::relate) fn lets_everybody_in(&self) -> Option<bool> {
        let authentication = self.known.authentication()?;
        if authentication.default != AuthenticationDefault::None {
            return Some(false);
        }
        if self.configuration_is_given() || self.spec.get("envFrom").is_some() {
            return None;
        }
        Some(!authentication.enabled_by.iter().any(|setting| self.is_given(setting)))
    }

    /// Whether something is mounted where the product's configuration lies.
    pub(in crate::relate) fn configuration_is_given(&self) -> bool {
        let mounts = || {
            self.spec.get("volumeMounts").into_iter().flat_map(Node::items).filter_map(|mount| mount.get("mountPath"))
        };
        let given = |place: &String| mounts().any(|path| covers(path.text(), place) || covers(place, path.text()));
        self.known.product.configuration.iter().any(given)
    }

    /// Whether a variable or a flag of that name is there, whatever its value; variables from elsewhere may be any.
    pub(in crate::relate) fn is_given(&self, setting: &Setting) -> bool {
        if setting.env.is_some() {
            return self.spec.get("envFrom").is_some() || self.env(setting.name()).is_some();
        }
        match &setting.flag {
            Some(flag) => self.words().any(|word| word.split('=').next() == Some(flag)),
            None => self.configuration_is_given(),
        }
    }

    /// The value that a variable or a flag has here, where it is written out.
    pub(in crate::relate) fn value(&self, setting: &Setting) -> Option<&'s str> {
        if setting.env.is_some() {
            return self.env(setting.name())?.get("value").map(Node::text);
        }
        let flag = setting.flag.as_deref()?;
        let mut words = self.words();
        while let Some(word) = words.next() {
            match word.split_once('=') {
                Some((name, value)) if name == flag => return Some(value),
                None if word == flag => return words.next(),
                _ => {}
            }
        }
        None
    }

    /// The entry of the variable `name`.
    pub(in crate::relate) fn env(&self, name: &str) -> Option<Node<'s>> {
        let mut list = self.spec.get("env")?.items();
        list.find(|env| env.get("name").is_some_and(|known| known.text() == name))
    }

    /// The words of command and arguments, those of a shell's text too.
    fn words(&self) -> impl Iterator<Item = &'s str> {
        let parts = ["command", "args"].into_iter().filter_map(|key| self.spec.get(key)).flat_map(Node::items);
        parts.flat_map(|part| part.text().split_whitespace())
    }
}

/// Whether `folder` is `path` or a folder above it.
pub(in crate::relate) fn covers(folder: &str, path: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.trim_end_matches('/').strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A role or a purpose as it is written in the files of products.
pub(in crate::relate) fn word(word: impl serde::Serialize) -> String {
    serde_json::to_value(word).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
