//! Entries of `volumes`, short and long.

use std::borrow::Cow;

use super::scope::Scope;
use crate::inspect::compose::document::{Form, Part};
use crate::span::Span;

/// An entry.
#[derive(Debug)]
pub(super) struct Mount<'s> {
    /// `bind`, `volume`, `tmpfs`, `image`, `npipe`, `cluster`; `anonymous` for a volume without a name.
    pub(super) form: Cow<'s, str>,
    /// The folder of the host or the name of the volume.
    pub(super) source: Option<String>,
    /// Where it appears.
    pub(super) target: String,
    pub(super) is_read_only: bool,
    /// Where mounts are shared with the host, if they are.
    pub(super) shared: Option<Span>,
    pub(super) at: Span,
}

/// `source:target[:options]` into its parts; of a lone target the source is empty.
pub(super) fn split(text: &str) -> (&str, &str, &str) {
    // A drive letter of Windows is no source.
    let is_drive = |text: &str| {
        let mut bytes = text.bytes();
        bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic())
            && bytes.next() == Some(b':')
            && matches!(bytes.next(), Some(b'\\' | b'/'))
    };
    let skip = if is_drive(text) { 2 } else { 0 };
    let colon = |from: usize| text.get(from..).and_then(|rest| rest.find(':')).map(|at| from + at);
    let Some(first) = colon(skip) else { return ("", text, "") };
    let (source, rest) = (text.get(..first).unwrap_or_default(), text.get(first + 1..).unwrap_or_default());
    let skip = if is_drive(rest) { 2 } else { 0 };
    match rest.get(skip..).and_then(|tail| tail.find(':')).map(|at| skip + at) {
        Some(second) => (source, rest.get(..second).unwrap_or_default(), rest.get(second + 1..).unwrap_or_default()),
        // `/data:ro` is a volume without a name.
        None if matches!(rest, "ro" | "rw" | "z" | "Z") => ("", source, rest),
        None => (source, rest, ""),
    }
}

/// Whether a source is a path of the host and no volume's name.
pub(super) fn is_path(source: &str) -> bool {
    source.starts_with(['.', '/', '~', '\\']) || source.get(1..2) == Some(":")
}

/// The entry `part`; the variable that decides, when one does.
pub(super) fn read<'s>(part: &Part<'s>, scope: &Scope) -> Result<Option<Mount<'s>>, Part<'s>> {
    if let Form::Map(_) = part.form {
        return long(part, scope);
    }
    let Some(text) = scope.known(part) else { return Err(part.clone()) };
    let (source, target, options) = split(&text);
    if target.is_empty() {
        return Ok(None);
    }
    let options: Vec<&str> = options.split(',').collect();
    let is_shared = options.iter().any(|option| matches!(*option, "shared" | "rshared"));
    Ok(Some(Mount {
        form: Cow::Borrowed(match source {
            "" => "anonymous",
            source if is_path(source) => "bind",
            _ => "volume",
        }),
        source: (!source.is_empty()).then(|| source.to_owned()),
        target: target.to_owned(),
        is_read_only: options.contains(&"ro") || options.contains(&"readonly"),
        shared: is_shared.then_some(part.at),
        at: part.at,
    }))
}

fn long<'s>(part: &Part<'s>, scope: &Scope) -> Result<Option<Mount<'s>>, Part<'s>> {
    let field = |key: &str| -> Result<Option<Cow<'s, str>>, Part<'s>> {
        part.get(key).map(|part| scope.known(part).ok_or_else(|| part.clone())).transpose()
    };
    let (form, source) = (field("type")?, field("source")?);
    let Some(target) = field("target")? else { return Ok(None) };
    let form = match form {
        Some(form) if form == "volume" && source.is_none() => Cow::Borrowed("anonymous"),
        Some(form) => form,
        None => match source.as_deref() {
            None => Cow::Borrowed("anonymous"),
            Some(source) if is_path(source) => Cow::Borrowed("bind"),
            Some(_) => Cow::Borrowed("volume"),
        },
    };
    let propagation = part.at_path(&["bind", "propagation"]);
    let shared = propagation.filter(|part| matches!(part.raw, "shared" | "rshared")).map(|part| part.at);
    let place = part.get("source").or_else(|| part.get("target")).map_or(part.at, |part| part.at);
    Ok(Some(Mount {
        form,
        source: source.map(Cow::into_owned),
        target: target.into_owned(),
        is_read_only: part.get("read_only").and_then(|part| scope.truth(part)).unwrap_or_default(),
        shared,
        at: place,
    }))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn short_forms() {
        assert_eq!(split("data:/var/lib/x"), ("data", "/var/lib/x", ""));
        assert_eq!(split("./a:/b:ro,z"), ("./a", "/b", "ro,z"));
        assert_eq!(split("/only"), ("", "/only", ""));
        assert_eq!(split("/only:ro"), ("", "/only", "ro"));
        assert_eq!(split("C:\\a:/b"), ("C:\\a", "/b", ""));
        assert_eq!(split("C:\\a:D:\\b:ro"), ("C:\\a", "D:\\b", "ro"));
    }
}
