//! The record of each stage.

use std::borrow::Cow;
use std::sync::Arc;

use super::layer::{self};
use super::state::State;
use super::{Stage, gapped, later, optional, reference, word_value};
use crate::fact::{Data, Reason, Record, Value};
use crate::inspect::dockerfile::document::{Base, Body, Command, Document, Instruction, Word};
use crate::product::known;
use crate::span::Span;

/// The record of every stage.
pub(super) fn records<'s>(document: &Document<'s>, ends: &[State<'s>]) -> Vec<Arc<Record<'s>>> {
    let circles = later::circles(document);
    let mut names = std::collections::HashSet::new();
    let runs = ends.last().is_some_and(|end| started(document, end).is_some());
    let mut records = Vec::with_capacity(ends.len());
    for (index, end) in ends.iter().enumerate() {
        let (Some(stage), Some(root)) =
            (document.stages.get(index), end.root.and_then(|root| document.stages.get(root)))
        else {
            continue;
        };
        let Some(from) = document.instructions.get(stage.from) else { continue };
        let repeats = stage.name.as_ref().is_some_and(|name| !names.insert(name.clone()));
        let in_circle = circles.contains(&index);
        let about = About {
            in_circle,
            document,
            runs,
            index,
            stage,
            from,
            root,
            end,
            repeats,
            is_final: index + 1 == ends.len(),
        };
        records.push(about.record());
    }
    records
}

struct About<'d, 's> {
    /// Whether it needs itself through others.
    in_circle: bool,
    /// Whether the last stage starts a process.
    runs: bool,
    document: &'d Document<'s>,
    index: usize,
    stage: &'d crate::inspect::dockerfile::document::Stage<'s>,
    from: &'d Instruction<'s>,
    root: &'d crate::inspect::dockerfile::document::Stage<'s>,
    end: &'d State<'s>,
    repeats: bool,
    is_final: bool,
}

impl<'s> About<'_, 's> {
    fn record(&self) -> Arc<Record<'s>> {
        let Self { index, stage, from, end, .. } = *self;
        let image = from.line.span(stage.image.place.clone());
        let name_span = from.line.span(stage.name_place.clone().unwrap_or(stage.image.place.clone()));
        let label = stage.name.clone().unwrap_or_else(|| index.to_string());
        let reserved = stage.name.as_deref().is_some_and(|name| matches!(name, "scratch" | "context"));
        let written = stage.name_place.clone().map(|place| from.line.get(place)).unwrap_or_default();
        let platform = from.flag("platform").and_then(|flag| flag.value.as_ref());
        let platform_span = platform.map_or(image, |word| from.line.span(word.place.clone()));
        let start = started(self.document, end);
        Stage {
            name: optional(stage.name.clone(), name_span),
            label: Value::str(label, name_span),
            index: Value::int(index as i64, image),
            is_final: Value::bool(self.is_final, image),
            is_shipped: Value::bool(stage.is_shipped, image),
            is_used: Value::bool(stage.is_used, name_span),
            base: self.base(image),
            base_image: self.base_image(image),
            family: self.family(image),
            user: self.user(image),
            sets_user: Value::bool(end.user.is_some(), end.user.as_ref().map_or(image, |(_, span)| *span)),
            runs_as_root: self.runs_as_root(image),
            starts_process: Value::bool(start.is_some(), start.unwrap_or(image)),
            is_run: Value::bool(stage.is_shipped && self.runs, image),
            drops_privileges: Value::bool(end.drops_privileges, image),
            creates_user: Value::bool(end.creates_user.is_some(), end.creates_user.unwrap_or(image)),
            accepts_logins: Value::bool(end.flow.tools.iter().any(|tool| accepts_logins(tool)), image),
            repeats_name: Value::bool(self.repeats, name_span),
            has_reserved_name: Value::bool(reserved, name_span),
            has_lower_case_name: Value::bool(!written.chars().any(char::is_uppercase), name_span),
            as_matches_from: self.as_matches_from(image),
            as_like_from: super::rewrite::as_like_from(self.from, image),
            has_platform: Value::bool(platform.is_some(), platform_span),
            platform: platform.map_or_else(|| Value::absent(image), |word| word_value(from, word)),
            platform_flag: super::rewrite::platform_flag(from, image),
            platform_is_literal: Value::bool(platform.is_some_and(|word| !word.has_variable), platform_span),
            platform_is_default: Value::bool(platform.is_some_and(|word| self.is_target(word)), platform_span),
            is_in_circle: Value::bool(self.in_circle, name_span),
            declares_volume: Value::bool(!end.flow.volumes.is_empty(), image),
            labels: Value::list(end.flow.labels.iter().map(|key| Value::str(key.clone(), image)).collect(), image),
            undeclared: self.undeclared(platform, image),
            has_default_image: Value::bool(reference::is_valid_without_gaps(&stage.image.value), image),
        }
        .record()
    }

    fn is_target(&self, word: &Word<'s>) -> bool {
        let text = self.from.line.get(word.place.clone()).trim_matches(['"', '\'']);
        matches!(text, "$TARGETPLATFORM" | "${TARGETPLATFORM}")
    }

    fn base(&self, image: Span) -> Value<'s> {
        match self.stage.base {
            Base::Stage(_) => Value::str("stage", image),
            Base::Scratch => Value::str("scratch", image),
            Base::Image => Value::str("image", image),
            Base::Unknown => self.unknown_image(image),
        }
    }

    fn unknown_image(&self, image: Span) -> Value<'s> {
        let why = self.root.image.value.unknown.clone();
        Value::unknown(Reason::Unresolved(why.unwrap_or_else(|| "the image is not known".into())), image)
    }

    fn base_image(&self, image: Span) -> Value<'s> {
        let value = &self.root.image.value;
        gapped(Some(reference::parts(&value.text).name), value.unknown.as_ref(), image)
    }

    fn family(&self, image: Span) -> Value<'s> {
        let parts = reference::parts(&self.root.image.value.text);
        let family = match self.root.base {
            Base::Scratch => Some("scratch"),
            _ => reference::family(parts.name, parts.tag),
        };
        optional(family, image)
    }

    fn user(&self, image: Span) -> Value<'s> {
        match &self.end.user {
            Some((user, span)) => match &user.unknown {
                None => Value::str(user.text.clone(), *span),
                Some(reason) => Value::unknown(Reason::Unresolved(Arc::clone(reason)), *span),
            },
            None => Value::absent(image),
        }
    }

    fn runs_as_root(&self, image: Span) -> Value<'s> {
        if let Some((user, span)) = &self.end.user {
            return match (is_root(&user.text), &user.unknown) {
                (root, None) => Value::bool(root, *span),
                (_, Some(reason)) => Value::unknown(Reason::Unresolved(Arc::clone(reason)), *span),
            };
        }
        let text = &self.root.image.value.text;
        let hints = ["nonroot", "non-root", "unprivileged", "rootless"];
        match self.root.base {
            Base::Scratch => Value::bool(true, image),
            _ if hints.iter().any(|hint| text.contains(hint)) => Value::bool(false, image),
            Base::Unknown => self.unknown_image(image),
            // The entry point of the image leaves root, unless this file puts another in its place.
            _ if self.end.entrypoint.is_none() && known(text).is_some_and(|known| leaves_root(&known)) => {
                Value::bool(false, image)
            }
            _ => match known(text).and_then(|known| known.runs_as_non_root()) {
                Some(non_root) => Value::bool(!non_root, image),
                None => {
                    Value::unknown(Reason::Unresolved("it is not known which user the base image sets".into()), image)
                }
            },
        }
    }

    fn as_matches_from(&self, image: Span) -> Value<'s> {
        let Body::From { as_place: Some(place), .. } = &self.from.body else { return Value::bool(true, image) };
        let keyword = self.from.line.get(self.from.keyword_place.clone());
        let word = self.from.line.get(place.clone());
        let same = |upper: bool| [keyword, word].iter().all(|text| text.chars().all(|c| c.is_uppercase() == upper));
        let mixed = keyword.chars().any(char::is_uppercase) && keyword.chars().any(char::is_lowercase);
        Value::bool(mixed || same(true) || same(false), self.from.line.span(place.clone()))
    }

    fn undeclared(&self, platform: Option<&Word<'s>>, image: Span) -> Value<'s> {
        let words = platform.into_iter().chain([&self.stage.image]);
        let uses = words.flat_map(|word| &word.undefined).map(|undefined| {
            Value::str(Cow::Owned(undefined.name.clone()), self.from.line.span(undefined.place.clone()))
        });
        Value::new(Data::List(uses.collect::<Vec<_>>().into()), image)
    }
}

/// The instruction that says what the image runs. A file that cannot be a program is exported, not run.
fn started(document: &Document<'_>, end: &State<'_>) -> Option<Span> {
    let last = end.entrypoint.or(end.cmd)?;
    let instruction = document.instructions.get(last)?;
    let is_data = match &instruction.body {
        Body::Command(Command::Exec { args, .. }) => args.first().is_some_and(|word| {
            [".apk", ".ipa", ".zip", ".txt", ".html", ".tgz", ".gz"].iter().any(|end| word.value.text.ends_with(end))
        }),
        _ => false,
    };
    // An image that only opens a shell is a tool for people.
    let is_shell = match &instruction.body {
        Body::Command(Command::Exec { args, .. }) => match args.as_slice() {
            [only] => layer::is_shell(only.value.text.rsplit('/').next().unwrap_or_default()),
            _ => false,
        },
        _ => false,
    };
    (!is_data && !is_shell).then(|| instruction.keyword_span())
}

/// Services that ask for the password of an account.
fn accepts_logins(tool: &str) -> bool {
    const SERVICES: [&str; 16] = [
        "cockpit",
        "dropbear",
        "openssh",
        "openssh-server",
        "proftpd",
        "pure-ftpd",
        "rstudio-server",
        "samba",
        "shellinabox",
        "sshd",
        "telnetd",
        "tigervnc-standalone-server",
        "ttyd",
        "vsftpd",
        "webmin",
        "xrdp",
    ];
    SERVICES.contains(&tool)
}

fn leaves_root(known: &crate::product::Known<'_>) -> bool {
    known.user().is_some_and(|user| user.drops_to.is_some())
}

/// Whether a USER means root: by name or number, whatever the group.
pub(super) fn is_root(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or_default().trim();
    name == "root" || (!name.is_empty() && name.bytes().all(|byte| byte == b'0'))
}
