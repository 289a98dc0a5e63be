//! What a change does to what is asked of people and commands.

use super::{Change, Side, change, layers};
use crate::checklist::question::{EvidenceDemand, Lasting, Question, SignatureDemand};
use crate::settings::policy::CommandSection;
use crate::span::Span;

/// Items that are easier to answer than before, people and keys that may answer, and commands that are new or others.
pub(super) fn changes(base: &Side, head: &Side) -> Vec<Change> {
    let mut changes = Vec::new();
    for before in base.questions.iter() {
        let Some(after) = head.questions.iter().find(|after| after.id == before.id) else { continue };
        let place = place(head, &after.id);
        changes.extend(easier(before, after).into_iter().map(|(key, was)| {
            let one = change("checklist", &format!("{}: {key}", after.id), &was, "not", true);
            Change { place, ..one }
        }));
    }
    let (was, is) = (&base.policy.people, &head.policy.people);
    for (role, ids) in
        was.iter().filter(|(role, ids)| is.get(*role).is_none_or(|now| now.iter().any(|id| !ids.contains(id))))
    {
        changes.push(change(
            "checklist",
            &format!("people.{role}"),
            &format!("held by {} alone", ids.join(", ")),
            "not",
            true,
        ));
    }
    let signers = |side: &Side| side.policy.allowed_signers.as_ref().map(|path| path.value.clone());
    if let Some(was) = signers(base).filter(|was| signers(head).as_ref() != Some(was)) {
        changes.push(change("checklist", "allowed-signers", &format!("read from {was}"), "not", true));
    }
    for (name, command) in &head.policy.commands {
        let before = base.policy.commands.get(name).map(words);
        if before.as_ref() != Some(&words(command)) {
            let place = command.run.first().map(|word| word.span);
            let was = before.unwrap_or_else(|| "nothing".into());
            changes
                .push(Change { place, ..change("command", &format!("commands.{name}"), &was, &words(command), true) });
        }
    }
    changes
}

fn words(command: &CommandSection) -> String {
    command.run.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(" ")
}

/// Where the policy of the change speaks of an item.
fn place(head: &Side, id: &str) -> Option<Span> {
    layers(head).find_map(|layer| {
        let sections = layer.file.environments.values().map(|one| &one.checklist);
        let mut items = std::iter::once(&layer.file.checklist).chain(sections).flat_map(|section| &section.items);
        items.find_map(|item| item.id.as_ref().filter(|known| known.value == id).map(|known| known.span))
    })
}

/// The keys by which `after` asks for less, each with what was asked for.
fn easier(before: &Question, after: &Question) -> Vec<(&'static str, String)> {
    let mut keys = Vec::new();
    if before.independent && !after.independent {
        keys.push(("independent", "asked of somebody else than the author".to_owned()));
    }
    if after.quorum < before.quorum {
        keys.push(("quorum", format!("asked of {} people", before.quorum)));
    }
    if before.evidence == EvidenceDemand::Required && after.evidence != EvidenceDemand::Required {
        keys.push(("evidence", "asked for with evidence".into()));
    }
    if before.signature != SignatureDemand::None && after.signature == SignatureDemand::None {
        keys.push(("signature", "asked for with a signature".into()));
    }
    let wider = after.roles.is_empty() || after.roles.iter().any(|role| !before.roles.contains(role));
    if !before.roles.is_empty() && wider {
        keys.push(("roles", format!("asked of {} alone", before.roles.join(", "))));
    }
    if !before.allow_not_applicable && after.allow_not_applicable {
        keys.push(("allow-not-applicable", "asked for in every case".into()));
    }
    let words = |question: &Question| question.rules.iter().map(|(word, _)| word.clone()).collect::<Vec<_>>();
    let dropped: Vec<String> = words(before).into_iter().filter(|word| !words(after).contains(word)).collect();
    if !dropped.is_empty() {
        keys.push(("satisfied-by", format!("answered by {}", dropped.join(", "))));
    }
    if before.bind.iter().any(|what| !after.is_bound_to(*what)) {
        keys.push(("bind", "bound to what it was bound to".into()));
    }
    if lasts(after.lasting) > lasts(before.lasting) {
        keys.push(("valid-for", format!("asked for again after {}", before.valid_for)));
    }
    let gone: Vec<&str> =
        before.required.iter().filter(|name| !after.required.contains(name)).map(String::as_str).collect();
    if !gone.is_empty() {
        keys.push(("required", format!("required in {}", gone.join(", "))));
    }
    if before.command.is_some() && after.command != before.command {
        keys.push(("command", format!("answered by the command {}", before.command.as_deref().unwrap_or_default())));
    }
    if after.when.is_some() && after.when.as_ref().map(|(text, _)| text) != before.when.as_ref().map(|(text, _)| text) {
        keys.push(("when", "asked where it was asked".into()));
    }
    keys
}

/// Longer is more; what ends with a commit or a release has no length of its own.
fn lasts(lasting: Lasting) -> u32 {
    match lasting {
        Lasting::Commit | Lasting::Release => 0,
        Lasting::Hours(hours) => hours,
    }
}
