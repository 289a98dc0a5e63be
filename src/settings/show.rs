//! `--show-settings`: every setting with where it comes from.

use std::fmt::Write as _;

use super::Settings;
use super::layer::Layers;
use crate::check::RuleSetting;
use crate::span::{LineIndex, Span};
use crate::syntax::de::Spanned;

/// One line a setting: key, value, origin.
pub fn page(settings: &Settings) -> String {
    let mut rows: Vec<[String; 3]> = Vec::new();
    let layers = &settings.layers;
    let mut row = |key: &str, value: String, origin: String| rows.push([key.to_owned(), value, origin]);
    row("profile", settings.profile.clone(), "--profile, else the policy's `extends`, else recommended".into());
    row("env", settings.environment.clone().unwrap_or_else(|| "none".into()), "--env".into());
    let gate = &settings.policy.gate;
    let fail_on = settings.gate.fail_on.map_or("none", |severity| severity.name());
    row(
        "gate.fail-on",
        fail_on.into(),
        origin(
            layers,
            gate.fail_on.as_ref(),
            settings.gate.fail_on == gate.fail_on.as_ref().and_then(|one| one.value.severity()),
        ),
    );
    for (key, value, said) in [
        ("gate.min-score", settings.gate.min_score, &gate.min_score),
        ("gate.max-unknown", settings.gate.max_unknown, &gate.max_unknown),
        ("gate.max-waiver-days", gate.max_waiver_days.as_ref().map(|days| days.value), &gate.max_waiver_days),
    ] {
        let shown = value.map_or_else(|| "none".into(), |value| value.to_string());
        row(key, shown, origin(layers, said.as_ref(), value == said.as_ref().map(|one| one.value)));
    }
    for pattern in settings.policy.include.patterns() {
        row("inputs.include", pattern.clone(), "policy".into());
    }
    for pattern in settings.policy.exclude.patterns() {
        row("inputs.exclude", pattern.clone(), "policy".into());
    }
    for (globs, role) in &settings.policy.roles {
        row("roles", format!("{} = {}", globs.patterns().join(" "), role.name()), "policy".into());
    }
    for (selector, setting) in &settings.policy.rules {
        row(&format!("rules.{}", selector.word()), switch(&setting.value), place(layers, setting.span));
    }
    for (name, variable) in &settings.policy.variables {
        row(
            &format!("variables.{name}"),
            format!("{:?}", variable.value.ty).to_lowercase(),
            place(layers, variable.span),
        );
    }
    for (target, span) in super::targets::all(&settings.policy) {
        row(&format!("targets.{}", target.protocol().name()), target.endpoint().into_owned(), place(layers, span));
    }
    for (key, path) in [
        ("waivers", &settings.policy.waivers),
        ("attestations", &settings.policy.attestations),
        ("allowed-signers", &settings.policy.allowed_signers),
    ] {
        if let Some(path) = path {
            row(key, path.value.clone(), place(layers, path.span));
        }
    }
    trusted(settings, &mut row);
    table(&rows)
}

/// Whom and what the policy trusts: people, commands, folders with rules.
fn trusted(settings: &Settings, row: &mut dyn FnMut(&str, String, String)) {
    for (role, ids) in &settings.policy.people {
        row(&format!("people.{role}"), ids.join(" "), "policy".into());
    }
    for (name, command) in &settings.policy.commands {
        let words: Vec<&str> = command.run.iter().map(|word| word.as_str()).collect();
        let place = command.run.first().map_or_else(String::new, |word| place(&settings.layers, word.span));
        row(&format!("commands.{name}"), words.join(" "), place);
    }
    for dir in &settings.rule_dirs {
        row("rule-dirs", dir.display().to_string(), "--rule-dir or policy".into());
    }
}

fn origin<T>(layers: &Layers, said: Option<&Spanned<T>>, holds: bool) -> String {
    match said {
        Some(said) if holds => place(layers, said.span),
        Some(_) => "command line or environment".into(),
        None => "default".into(),
    }
}

/// `seaworthy.yaml:3:5`
fn place(layers: &Layers, span: Span) -> String {
    let Some(layer) = layers.list.get(span.source.0 as usize) else { return String::new() };
    let at = LineIndex::new(&layer.text).position(&layer.text, span.start);
    format!("{}:{}:{}", layer.name, at.line, at.column)
}

fn switch(setting: &RuleSetting) -> String {
    let mut words = vec![if setting.turns_on() { "on" } else { "off" }.to_owned()];
    words.extend(setting.severity.map(|severity| severity.name().to_owned()));
    words.extend(setting.blocking.then(|| "blocking".to_owned()));
    words.extend(
        setting
            .params
            .iter()
            .map(|(name, value)| format!("{name}={}", serde_json::to_string(value).unwrap_or_default())),
    );
    words.join(" ")
}

fn table(rows: &[[String; 3]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (first, second) = (width(0), width(1));
    let mut text = String::new();
    for [key, value, origin] in rows {
        let _ = writeln!(text, "{key:first$}  {value:second$}  {origin}");
    }
    text
}
