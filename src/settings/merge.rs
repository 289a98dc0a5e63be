//! Layers → one [`Policy`]: maps merge key by key, lists replace, the stronger layer wins; globs start from the folder
//! of the file that holds them; what an operator locks, the repository's own policy does not change.

use std::collections::{BTreeMap, BTreeSet};

use super::items;
use super::layer::{Layer, Layers};
use super::policy::{
    ChecklistSection, CommandSection, Environment, GateSection, ItemSection, Lock, OutsideSection, Override,
    PolicyFile, Rules, SuppressionsSection, TargetsSection, Variable,
};
use crate::check::{PathRules, RuleSetting};
use crate::error::Mistake;
use crate::fact::Role;
use crate::rule::selector::Selector;
use crate::source::Globs;
use crate::syntax::de::Spanned;
use crate::syntax::suggest::suggest;

/// What all layers come to.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Only what one of these matches is judged.
    pub include: Globs,
    /// What one of these matches is not judged.
    pub exclude: Globs,
    /// Folders of rules, relative to the root.
    pub rule_dirs: Vec<String>,
    /// Rules by selector.
    pub rules: Vec<(Selector, Spanned<RuleSetting>)>,
    /// Other rules for some paths, weakest first.
    pub overrides: Vec<PathRules>,
    /// Roles by glob; the last that matches wins.
    pub roles: Vec<(Globs, Role)>,
    /// What decides.
    pub gate: GateSection,
    /// What the application needs to be told.
    pub variables: BTreeMap<String, Spanned<Variable>>,
    /// What is probed with `--online`.
    pub targets: TargetsSection,
    /// Checklists that are built on.
    pub checklists: Vec<Spanned<String>>,
    /// Items of one's own.
    pub items: Vec<Spanned<ItemSection>>,
    /// Reports of other tools that answer items.
    pub outside: Vec<Spanned<OutsideSection>>,
    /// Commands by name.
    pub commands: BTreeMap<String, CommandSection>,
    /// The file with the waivers, relative to the root.
    pub waivers: Option<Spanned<String>>,
    /// Which suppressions in place count.
    pub suppressions: SuppressionsSection,
    /// The folder with the attestations, relative to the root.
    pub attestations: Option<Spanned<String>>,
    /// What the operator locked.
    pub locks: BTreeSet<Lock>,
}

/// Merges `layers` for `environment`; a mistake is told with the number of its layer.
pub fn merge(layers: &mut Layers, environment: Option<&str>) -> Policy {
    let mut merging = Merging { policy: Policy::default(), rules: BTreeMap::new(), mistakes: Vec::new() };
    merging.policy.locks = layers
        .list
        .iter()
        .filter(|layer| layer.is_operators)
        .flat_map(|layer| layer.file.lock.iter().map(|lock| lock.value))
        .collect();
    for index in &layers.order {
        if let Some(layer) = layers.list.get(*index) {
            merging.layer(*index, layer, environment);
        }
    }
    let Merging { mut policy, rules, mistakes } = merging;
    if policy.locks.contains(&Lock::Waivers) {
        // Locked: only what the operator's policy itself says lets a suppression count.
        let none = Spanned::new(false, crate::span::Span::new(crate::span::SourceId(0), 0..0));
        policy.suppressions.peers.get_or_insert(none);
        policy.suppressions.in_place.get_or_insert(none);
    }
    layers.mistakes.extend(mistakes);
    policy.rules = rules.into_values().collect();
    policy
}

/// Whether any layer has an environment of that name; the known names.
pub fn environments(layers: &Layers) -> BTreeSet<&str> {
    layers.list.iter().flat_map(|layer| layer.file.environments.keys().map(|name| name.value.as_str())).collect()
}

struct Merging {
    policy: Policy,
    /// By the text of the selector, so that the stronger layer replaces the weaker.
    rules: BTreeMap<String, (Selector, Spanned<RuleSetting>)>,
    mistakes: Vec<(usize, Mistake)>,
}

impl Merging {
    fn layer(&mut self, index: usize, layer: &Layer, environment: Option<&str>) {
        let file = &layer.file;
        let open = |policy: &Policy, lock: Lock| layer.is_operators || !policy.locks.contains(&lock);
        if open(&self.policy, Lock::Inputs) {
            self.inputs(index, layer);
        }
        if open(&self.policy, Lock::Roles) {
            for (glob, role) in &file.roles {
                let globs = self.globs(index, layer, std::slice::from_ref(glob));
                self.policy.roles.push((globs, role.value));
            }
        }
        if open(&self.policy, Lock::Waivers) {
            replace(
                &mut self.policy.waivers,
                file.waivers.as_ref().map(|path| path.clone().map(|path| below(layer, &path))),
            );
            replace(&mut self.policy.suppressions.peers, file.suppressions.peers);
            replace(&mut self.policy.suppressions.in_place, file.suppressions.in_place);
        }
        if open(&self.policy, Lock::Checklist) {
            let folder = file.attestations.as_ref().map(|path| path.clone().map(|path| below(layer, &path)));
            replace(&mut self.policy.attestations, folder);
        }
        if !file.rule_dirs.is_empty() {
            self.policy.rule_dirs = file.rule_dirs.iter().map(|path| below(layer, path)).collect();
        }
        self.policy.commands.extend(file.commands.iter().map(|(name, command)| (name.value.clone(), command.clone())));
        self.sections(index, layer, &top(file));
        let chosen = environment.and_then(|name| file.environments.iter().find(|(known, _)| known.value == name));
        if let Some((_, section)) = chosen {
            self.sections(index, layer, section);
        }
    }

    fn inputs(&mut self, index: usize, layer: &Layer) {
        let inputs = &layer.file.inputs;
        if !inputs.include.is_empty() {
            self.policy.include = self.globs(index, layer, &inputs.include);
        }
        if !inputs.exclude.is_empty() {
            self.policy.exclude = self.globs(index, layer, &inputs.exclude);
        }
    }

    /// What stands at the top level and in environments alike.
    fn sections(&mut self, index: usize, layer: &Layer, section: &Environment) {
        let locked = |policy: &Policy, lock: Lock| !layer.is_operators && policy.locks.contains(&lock);
        if !locked(&self.policy, Lock::Rules) {
            for (word, setting) in &section.rules {
                self.rules.insert(word.value.clone(), (Selector::parse(word), setting.clone()));
            }
            for one in &section.overrides {
                let paths = self.globs(index, layer, &one.paths);
                let rules =
                    one.rules.iter().map(|(word, setting)| (Selector::parse(word), setting.value.clone())).collect();
                self.policy.overrides.push(PathRules { paths, rules });
            }
        }
        if !locked(&self.policy, Lock::Gate) {
            let (gate, over) = (&mut self.policy.gate, &section.gate);
            replace(&mut gate.fail_on, over.fail_on);
            replace(&mut gate.min_score, over.min_score);
            replace(&mut gate.max_unknown, over.max_unknown);
            replace(&mut gate.max_waiver_days, over.max_waiver_days);
        }
        if !locked(&self.policy, Lock::Variables) {
            let variables = section.variables.iter();
            self.policy
                .variables
                .extend(variables.map(|(name, one)| (name.value.clone(), Spanned::new(one.clone(), name.span))));
        }
        if !locked(&self.policy, Lock::Targets) {
            let (targets, over) = (&mut self.policy.targets, &section.targets);
            replace_list(&mut targets.tls, &over.tls);
            replace_list(&mut targets.dns, &over.dns);
            replace_list(&mut targets.http, &over.http);
        }
        if !locked(&self.policy, Lock::Checklist) {
            self.checklist(&section.checklist);
        }
    }

    fn checklist(&mut self, section: &ChecklistSection) {
        replace_list(&mut self.policy.checklists, &section.extends.0);
        replace_list(&mut self.policy.outside, &section.evidence);
        for item in &section.items {
            let id = item.id.as_ref().map(|id| &id.value);
            let known =
                self.policy.items.iter_mut().find(|known| id.is_some() && known.id.as_ref().map(|id| &id.value) == id);
            match known {
                Some(known) => items::over(&mut known.value, item.value.clone()),
                None => self.policy.items.push(item.clone()),
            }
        }
    }

    fn globs(&mut self, index: usize, layer: &Layer, patterns: &[Spanned<String>]) -> Globs {
        let told = patterns.iter().map(|pattern| Globs::from_folder(&layer.folder, pattern));
        Globs::new(told).unwrap_or_else(|errors| {
            for error in errors {
                let span = patterns.get(error.index).map_or(0..0, |pattern| pattern.span.range());
                self.mistakes.push((index, Mistake::new(error.to_string(), span)));
            }
            Globs::default()
        })
    }
}

fn top(file: &PolicyFile) -> Environment {
    Environment {
        rules: file.rules.clone(),
        overrides: file.overrides.clone(),
        checklist: file.checklist.clone(),
        gate: file.gate.clone(),
        targets: file.targets.clone(),
        variables: file.variables.clone(),
    }
}

fn replace<T>(slot: &mut Option<T>, over: Option<T>) {
    if over.is_some() {
        *slot = over;
    }
}

fn replace_list<T: Clone>(slot: &mut Vec<T>, over: &[T]) {
    if !over.is_empty() {
        *slot = over.to_vec();
    }
}

/// A path of the layer, relative to the root.
fn below(layer: &Layer, path: &str) -> String {
    let path = path.trim_start_matches("./");
    if layer.folder.is_empty() { path.to_owned() } else { format!("{}/{path}", layer.folder) }
}

/// Every word under `rules:` that no rule bears, and every role of a word that is misspelt, as mistakes.
pub fn unknown_selectors(layers: &mut Layers, catalog: &crate::rule::catalog::Catalog) {
    let mut found = Vec::new();
    for (index, layer) in layers.list.iter().enumerate() {
        let file = &layer.file;
        let sections = file
            .environments
            .values()
            .flat_map(|one| std::iter::once(&one.rules).chain(one.overrides.iter().map(|o| &o.rules)));
        let all: Vec<&Rules> = std::iter::once(&file.rules)
            .chain(file.overrides.iter().map(|one: &Override| &one.rules))
            .chain(sections)
            .collect();
        for word in all.iter().flat_map(|rules| rules.keys()) {
            let selector = Selector::parse(word);
            if selector == Selector::All || selector.is_known(catalog) {
                continue;
            }
            let mistake = Mistake::new(format!("`{}` selects no rule", word.value), word.span.range());
            let close = suggest(word, catalog.ids()).map(|close| format!("did you mean `{close}`?"));
            found.push((index, mistake.help(close.unwrap_or_else(|| "`seaworthy rules list` lists them all".into()))));
        }
    }
    layers.mistakes.extend(found);
}
