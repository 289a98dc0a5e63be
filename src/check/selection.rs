//! Which rules judge, how severely, and where: what flags and policy say of rules, in the form that `check` asks.

use std::collections::BTreeMap;

use crate::finding::Severity;
use crate::rule::file::ParamValue;
use crate::rule::selector::{Selectable, Selector};
use crate::source::Globs;

/// Which rules judge.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// The built-in profile.
    pub profile: String,
    /// When not empty: these and no others, default-off ones included.
    pub only: Vec<Selector>,
    /// Never these.
    pub skip: Vec<Selector>,
    /// What the policy says; the most specific selector wins.
    pub rules: Vec<(Selector, RuleSetting)>,
    /// What it says for some paths; the last that matches wins.
    pub overrides: Vec<PathRules>,
}

/// How a rule is switched.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuleSetting {
    /// On or off; absent: as it is (a rule that is given a severity, parameters or `blocking` is on).
    pub on: Option<bool>,
    /// Another severity.
    pub severity: Option<Severity>,
    /// Other parameters.
    pub params: BTreeMap<String, ParamValue>,
    /// A finding costs as much as a critical one and is NO-GO.
    pub blocking: bool,
}

/// Rules for some paths.
#[derive(Debug, Clone)]
pub struct PathRules {
    /// The paths.
    pub paths: Globs,
    /// Rules by selector.
    pub rules: Vec<(Selector, RuleSetting)>,
}

/// What was decided about a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// Whether it judges.
    pub on: bool,
    /// How bad its findings are, before context.
    pub severity: Severity,
    /// Its parameters, where they are not the defaults.
    pub params: BTreeMap<String, ParamValue>,
    /// Whether its findings block.
    pub blocking: bool,
}

impl Selection {
    /// What holds for the rule where no path says otherwise.
    pub fn decide(&self, id: &str, rule: &impl Selectable) -> Decided {
        let mut decided = Decided {
            on: rule.is_on(&self.profile),
            severity: rule.severity(),
            params: BTreeMap::new(),
            blocking: false,
        };
        decided.apply(&self.rules, id, rule);
        self.flags(&mut decided, id, rule);
        decided
    }

    /// What holds for the rule in the source at `path`.
    pub fn decide_at(&self, path: &str, id: &str, rule: &impl Selectable) -> Decided {
        let mut decided = self.decide(id, rule);
        for one in self.overrides.iter().filter(|one| one.paths.matches(path, false)) {
            decided.apply(&one.rules, id, rule);
        }
        self.flags(&mut decided, id, rule);
        decided
    }

    /// Whether the rule judges anywhere.
    pub fn selects(&self, id: &str, rule: &impl Selectable) -> bool {
        let somewhere = |one: &PathRules| {
            let turned_on =
                |(selector, setting): &(Selector, RuleSetting)| setting.turns_on() && selector.selects(id, rule);
            one.rules.iter().any(turned_on)
        };
        let on = self.decide(id, rule).on || (self.only.is_empty() && self.overrides.iter().any(somewhere));
        on && !self.skip.iter().any(|selector| selector.selects(id, rule))
    }

    /// `--only` and `--skip` go over everything.
    fn flags(&self, decided: &mut Decided, id: &str, rule: &impl Selectable) {
        let named = |list: &[Selector]| list.iter().any(|selector| selector.selects(id, rule));
        if !self.only.is_empty() {
            decided.on = named(&self.only);
        }
        decided.on &= !named(&self.skip);
    }

    /// Whether only a part of what would judge does.
    pub fn is_partial(&self) -> bool {
        !self.only.is_empty()
    }
}

impl RuleSetting {
    /// Whether a rule that is set so is on.
    pub fn turns_on(&self) -> bool {
        self.on.unwrap_or(self.severity.is_some() || self.blocking || !self.params.is_empty())
    }
}

impl Decided {
    /// Applies what `rules` say of the rule, the least specific selector first.
    fn apply(&mut self, rules: &[(Selector, RuleSetting)], id: &str, rule: &impl Selectable) {
        let mut matching: Vec<_> = rules.iter().filter(|(selector, _)| selector.selects(id, rule)).collect();
        matching.sort_by_key(|(selector, _)| selector.rank());
        for (selector, setting) in matching {
            // Parameters and severities for many rules at once do not turn on what is off.
            let names_it = selector.rank() >= Selector::PEER_RANK;
            if setting.on.is_some() || names_it {
                self.on = setting.turns_on();
            }
            self.severity = setting.severity.unwrap_or(self.severity);
            self.blocking |= setting.blocking;
            self.params.extend(setting.params.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::file::RuleFile;

    fn rule(default: &str) -> RuleFile {
        let text = format!(
            r#"{{"title":"t","severity":"medium","category":"security","default":{default},"subject":"a.b","message":"m","assert":"true","tags":{{"pss":"restricted"}},"aliases":{{"hadolint":["DL1"]}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    fn selection(rules: &[(&str, RuleSetting)]) -> Selection {
        let rules = rules.iter().map(|(word, setting)| (Selector::parse(word), setting.clone())).collect();
        Selection { profile: "recommended".into(), rules, ..Selection::default() }
    }

    fn switch(on: bool) -> RuleSetting {
        RuleSetting { on: Some(on), ..RuleSetting::default() }
    }

    #[test]
    fn the_most_specific_selector_wins_in_any_order() {
        let words = [("a/x", switch(true)), ("DL1", switch(false)), ("tag:pss", switch(false)), ("*", switch(false))];
        let mut turned = words.to_vec();
        turned.reverse();
        assert!(
            selection(&words).decide("a/x", &rule("true")).on && selection(&turned).decide("a/x", &rule("true")).on
        );
        assert!(!selection(&words[1..]).decide("a/x", &rule("true")).on);
    }

    #[test]
    fn a_severity_turns_on_the_rule_it_names_and_no_other() {
        let low = RuleSetting { severity: Some(Severity::Low), ..RuleSetting::default() };
        let decided = selection(&[("a/x", low.clone())]).decide("a/x", &rule("false"));
        assert_eq!((decided.on, decided.severity), (true, Severity::Low));
        assert!(!selection(&[("tag:pss", low)]).decide("a/x", &rule("false")).on);
    }

    #[test]
    fn only_selects_what_is_off_and_keeps_severities() {
        let low = RuleSetting { on: Some(false), severity: Some(Severity::Low), ..RuleSetting::default() };
        let chosen = Selection { only: vec![Selector::parse("DL1")], ..selection(&[("a/x", low)]) };
        let decided = chosen.decide("a/x", &rule("[\"strict\"]"));
        assert_eq!((decided.on, decided.severity), (true, Severity::Low));
    }

    #[test]
    fn profiles_switch_what_names_them() {
        let strict = Selection { profile: "strict".into(), ..Selection::default() };
        assert!(
            strict.decide("a/x", &rule("[\"strict\"]")).on && !selection(&[]).decide("a/x", &rule("[\"strict\"]")).on
        );
    }

    #[test]
    fn paths_go_over_the_rest_but_not_over_flags() {
        let paths = Globs::new(["tools/**"]).unwrap();
        let off = PathRules { paths, rules: vec![(Selector::All, switch(false))] };
        let mut chosen = Selection { overrides: vec![off], ..selection(&[]) };
        assert!(!chosen.decide_at("tools/Dockerfile", "a/x", &rule("true")).on);
        assert!(chosen.decide_at("Dockerfile", "a/x", &rule("true")).on);
        chosen.only = vec![Selector::parse("a/x")];
        assert!(chosen.decide_at("tools/Dockerfile", "a/x", &rule("true")).on);
    }
}
