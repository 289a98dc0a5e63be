//! Every sentence that the design says about the score, on random findings.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::fact::{Reason, Role};
use crate::finding::Waiver;
use crate::span::{SourceId, Span};

fn finding(rule: usize, severity: Severity, status: Status) -> Finding {
    let inspector = ["dockerfile", "kubernetes", "env"][rule % 3];
    Finding {
        rule: format!("{inspector}/rule-{rule}").into(),
        format: None,
        severity,
        category: Category::ALL[rule % Category::ALL.len()],
        message: String::new(),
        subject: "".into(),
        role: Role::Production,
        primary: Span::new(SourceId(0), 0..0),
        related: Vec::new(),
        fingerprint: String::new(),
        group: None,
        fix: None,
        status,
    }
}

fn open(rule: usize, severity: Severity) -> Finding {
    finding(rule, severity, Status::Open)
}

fn unknown(required: bool) -> Unknown {
    Unknown {
        inspector: "dockerfile".into(),
        path: "Dockerfile".into(),
        endpoint: None,
        span: None,
        reason: Reason::Template("{{ }}".into()),
        rules: 3,
        required,
    }
}

fn passed(rule: usize, pass: u32) -> Tally {
    let of = open(rule, Severity::Low);
    Tally { rule: of.rule, category: of.category, pass, fail: 0, waived: 0, unknown: 0, not_applicable: 0 }
}

fn waiver() -> Status {
    Status::Waived(Waiver { by: "inline".into(), reason: "because".into(), until: None })
}

fn severity() -> impl Strategy<Value = Severity> {
    prop::sample::select(Severity::ALL.to_vec())
}

fn findings(most: usize) -> impl Strategy<Value = Vec<Finding>> {
    let status = prop_oneof![4 => Just(Status::Open), 1 => Just(waiver()), 1 => Just(Status::Baseline)];
    prop::collection::vec((0..6_usize, severity(), status).prop_map(|(r, s, st)| finding(r, s, st)), 0..most)
}

fn unknowns() -> impl Strategy<Value = Vec<Unknown>> {
    prop::collection::vec(any::<bool>().prop_map(unknown), 0..4)
}

fn weights() -> impl Strategy<Value = Weights> {
    prop::collection::btree_set((0..6_usize).prop_map(|rule| open(rule, Severity::Low).rule), 0..2)
        .prop_map(|blocking| Weights { blocking })
}

/// The score before it is rounded.
fn exactly(weights: &Weights, findings: &[Finding], unknown: &[Unknown]) -> f64 {
    exact(total(&losses(weights, findings, Finding::is_open)) + unknown.iter().map(unknown_loss).sum::<f64>())
}

fn judged() -> Vec<Tally> {
    vec![passed(0, 1)]
}

fn value(findings: &[Finding]) -> u32 {
    score(&Weights::default(), findings, &[], &judged()).value.unwrap_or(u32::MAX)
}

#[test]
fn worked_values() {
    assert_eq!(value(&[]), 100);
    assert_eq!(value(&[open(0, Severity::Low)]), 99);
    assert_eq!(value(&[open(0, Severity::Medium)]), 96);
    assert_eq!(value(&[open(0, Severity::High)]), 86);
    assert_eq!(value(&[open(0, Severity::Critical)]), 49);
    assert_eq!(value(&vec![open(0, Severity::Medium); 500]), 80);
    assert_eq!(value(&[open(0, Severity::Info)]), 100);
}

#[test]
fn n_equal_findings_lose_the_base_and_half_of_it_for_every_doubling() {
    for n in [1_usize, 2, 3, 10, 500] {
        let lost = total(&losses(&Weights::default(), &vec![open(0, Severity::Medium); n], Finding::is_open));
        assert!((lost - 4.0 * (1.0 + 0.5 * (n as f64).log2())).abs() < 1e-9, "{n}: {lost}");
    }
}

#[test]
fn nothing_judged_is_no_score() {
    let card = score(&Weights::default(), &[], &[unknown(false)], &[passed(1, 0)]);
    assert_eq!((card.value, card.grade, card.upper, card.unwaived), (None, None, None, None));
    assert_eq!(card.unknown_points, [0]);
    assert_eq!(card.by_inspector["dockerfile"], Part { value: None, points: 0, open: 0, unknown: 1 });
}

#[test]
fn unknowns_cost_five_or_twenty_a_cause() {
    let of = |list: &[Unknown]| score(&Weights::default(), &[], list, &judged());
    assert_eq!(of(&[unknown(false)]).value, Some(95));
    assert_eq!(of(&[unknown(true)]).value, Some(81));
    let both = of(&[unknown(true), unknown(false)]);
    assert_eq!((both.value, both.upper, both.unknown_points), (Some(77), Some(100), vec![18, 5]));
}

#[test]
fn waived_costs_nothing_and_the_score_without_waivers_stands_beside_it() {
    let card = score(&Weights::default(), &[finding(0, Severity::High, waiver())], &[], &[]);
    assert_eq!((card.value, card.unwaived, card.finding_points), (Some(100), Some(86), vec![0]));
}

#[test]
fn grades_begin_where_they_say() {
    let letters: Vec<&str> = [100, 90, 89, 80, 79, 65, 64, 50, 49, 0].map(|score| Grade::of(score).name()).to_vec();
    assert_eq!(letters, ["A", "A", "B", "B", "C", "C", "D", "D", "F", "F"]);
}

#[test]
fn a_blocking_rule_loses_as_much_as_a_critical_finding() {
    let weights = Weights { blocking: [open(0, Severity::Low).rule].into() };
    assert_eq!(score(&weights, &[open(0, Severity::Low)], &[], &[]).value, Some(49));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn bounded_and_a_hundred_only_when_nothing_is_lost(w in weights(), f in findings(20), u in unknowns()) {
        let card = score(&w, &f, &u, &judged());
        let value = card.value.unwrap();
        prop_assert!(value <= 100);
        let lost = total(&losses(&w, &f, Finding::is_open)) > 0.0 || !u.is_empty();
        prop_assert_eq!(value == 100, !lost);
        prop_assert!(card.upper.unwrap() >= value && card.unwaived.unwrap() <= value);
    }

    #[test]
    fn mending_never_lowers(w in weights(), f in findings(20), u in unknowns(), at in any::<Index>()) {
        prop_assume!(!f.is_empty());
        let mut mended = f.clone();
        mended.remove(at.index(f.len()));
        prop_assert!(exactly(&w, &mended, &u) >= exactly(&w, &f, &u) - 1e-9);
        prop_assert!(score(&w, &mended, &u, &judged()).value >= score(&w, &f, &u, &judged()).value);
    }

    #[test]
    fn mending_any_one_of_many_shows(n in 2..600_usize) {
        let many = vec![open(0, Severity::Medium); n];
        let w = Weights::default();
        prop_assert!(exactly(&w, &many[1..], &[]) > exactly(&w, &many, &[]) + 1e-4);
    }

    #[test]
    fn a_new_failure_never_raises(w in weights(), f in findings(20), rule in 0..8_usize, s in severity()) {
        let mut more = f.clone();
        more.push(open(rule, s));
        prop_assert!(exactly(&w, &more, &[]) <= exactly(&w, &f, &[]) + 1e-9);
        prop_assert!(score(&w, &more, &[], &judged()).value <= score(&w, &f, &[], &judged()).value);
    }

    #[test]
    fn milder_never_lowers(f in findings(20), at in any::<Index>()) {
        prop_assume!(!f.is_empty());
        let mut milder = f.clone();
        let changed = &mut milder[at.index(f.len())];
        changed.severity = changed.severity.milder();
        prop_assert!(value(&milder) >= value(&f));
    }

    #[test]
    fn passing_checks_and_size_do_not_dilute(f in findings(20), passes in prop::collection::vec((0..9_usize, 1..9000_u32), 0..9)) {
        let more: Vec<Tally> = judged().into_iter().chain(passes.into_iter().map(|(rule, n)| passed(rule, n))).collect();
        let w = Weights::default();
        prop_assert_eq!(score(&w, &f, &[], &more).value, score(&w, &f, &[], &judged()).value);
    }

    #[test]
    fn unknown_never_counts_as_a_pass(w in weights(), f in findings(10), u in unknowns(), required in any::<bool>()) {
        let mut more = u.clone();
        more.push(unknown(required));
        let (less, card) = (score(&w, &f, &u, &judged()), score(&w, &f, &more, &judged()));
        prop_assert!(card.value <= less.value);
        prop_assert!(exactly(&w, &f, &more) < exactly(&w, &f, &u));
        prop_assert_eq!(card.upper, score(&w, &f, &[], &judged()).value);
    }

    #[test]
    fn any_critical_is_under_fifty(w in weights(), f in findings(20), rule in 0..6_usize) {
        let mut worse = f;
        worse.push(open(rule, Severity::Critical));
        prop_assert!(score(&w, &worse, &[], &judged()).value.unwrap() < 50);
    }

    #[test]
    fn every_lost_point_is_attributed(w in weights(), f in findings(40), u in unknowns()) {
        let card = score(&w, &f, &u, &judged());
        let sum: u32 = card.finding_points.iter().chain(&card.unknown_points).sum();
        prop_assert_eq!(sum, 100 - card.value.unwrap());
        prop_assert!(f.iter().zip(&card.finding_points).all(|(f, points)| f.is_open() || *points == 0));
        let of_inspectors: u32 = card.by_inspector.values().map(|part| part.points).sum();
        prop_assert_eq!(of_inspectors, sum);
        let of_categories: u32 = card.by_category.iter().map(|(_, part)| part.points).sum();
        prop_assert_eq!(of_categories, card.finding_points.iter().sum::<u32>());
    }

    #[test]
    fn parts_are_scored_like_the_whole(f in findings(20), u in unknowns()) {
        let w = Weights::default();
        let card = score(&w, &f, &u, &judged());
        for (category, part) in &card.by_category {
            let own: Vec<Finding> = f.iter().filter(|f| f.category == *category).cloned().collect();
            prop_assert_eq!(part.value, score(&w, &own, &[], &judged()).value);
        }
        for (name, part) in &card.by_inspector {
            let own: Vec<Finding> = f.iter().filter(|f| inspector_of(&f.rule) == &**name).cloned().collect();
            let unknown: Vec<Unknown> = u.iter().filter(|u| u.inspector == *name).cloned().collect();
            prop_assert_eq!(part.value, score(&w, &own, &unknown, &judged()).value);
        }
    }

    #[test]
    fn the_order_of_sources_plays_no_part(f in findings(20).prop_shuffle(), u in unknowns()) {
        let mut turned = f.clone();
        turned.reverse();
        let w = Weights::default();
        prop_assert_eq!(score(&w, &f, &u, &judged()).value, score(&w, &turned, &u, &judged()).value);
    }
}
