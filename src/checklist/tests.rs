use super::*;
use crate::fact::{Reason as Why, Role};
use crate::finding::{Category, Status};
use crate::span::{SourceId, Span};

fn finding(rule: &str, severity: Severity, status: Status) -> Finding {
    Finding {
        rule: rule.into(),
        format: None,
        severity,
        category: Category::Security,
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

fn unknown(required: bool) -> Unknown {
    Unknown {
        inspector: "tls".into(),
        path: "seaworthy.yaml".into(),
        endpoint: Some("shop.example.com:443".into()),
        span: None,
        reason: Why::Unresolved("no answer".into()),
        rules: 1,
        required,
    }
}

fn item(id: &str, required: bool, state: State) -> Item {
    Item {
        id: id.into(),
        title: id.into(),
        phase: Phase::Pre,
        section: None,
        required,
        state,
        by: Vec::new(),
        records: Vec::new(),
    }
}

fn scored(value: Option<u32>) -> Scorecard {
    Scorecard { value, ..Scorecard::default() }
}

fn case<'a>(findings: &'a [Finding], unknown: &'a [Unknown], items: &'a [Item], score: &'a Scorecard) -> Case<'a> {
    Case { findings, unknown, items, score, empty: false }
}

fn said(verdict: &Verdict) -> Vec<(Kind, &str)> {
    verdict.reasons.iter().map(|reason| (reason.kind, reason.message.as_str())).collect()
}

#[test]
fn reasons_come_in_order_worst_first() {
    let findings = [
        finding("a/low", Severity::Low, Status::Open),
        finding("a/high", Severity::High, Status::Open),
        finding("a/often", Severity::High, Status::Open),
        finding("a/often", Severity::High, Status::Open),
        finding("z/worst", Severity::Critical, Status::Open),
        finding("a/before", Severity::Critical, Status::Baseline),
    ];
    let gate = Gate { min_score: Some(80), max_unknown: Some(0), ..Gate::default() };
    let items =
        [item("rollback", true, State::Fail), item("told", true, State::Waiting), item("x", false, State::Fail)];
    let verdict = judge(&gate, case(&findings, &[unknown(false)], &items, &scored(Some(12))));
    assert_eq!(verdict.result, Decision::NoGo);
    assert_eq!(
        said(&verdict),
        [
            (Kind::Finding, "1 critical finding: z/worst"),
            (Kind::Finding, "2 high findings: a/often"),
            (Kind::Finding, "1 high finding: a/high"),
            (Kind::Item, "required and not fulfilled: rollback"),
            (Kind::Score, "score 12 is under 80"),
            (Kind::Item, "required and not answered: told"),
            (Kind::Unknown, "1 thing could not be checked, 0 allowed"),
        ]
    );
}

#[test]
fn without_a_policy_high_gates_and_nothing_else_does() {
    let gate = Gate::default();
    let score = scored(Some(20));
    let medium = [finding("a/b", Severity::Medium, Status::Open)];
    let items = [item("told", false, State::Waiting)];
    assert_eq!(judge(&gate, case(&medium, &[unknown(false)], &items, &score)).result, Decision::Go);
    let high = [finding("a/b", Severity::High, Status::Open)];
    assert_eq!(judge(&gate, case(&high, &[], &[], &score)).result, Decision::NoGo);
    let none = Gate { fail_on: None, ..gate };
    assert_eq!(judge(&none, case(&high, &[], &[], &score)).result, Decision::Go);
}

#[test]
fn incomplete_when_nothing_was_judged_or_an_answer_is_missing() {
    let gate = Gate { max_unknown: Some(1), ..Gate::default() };
    let result = |unknown: &[Unknown], items: &[Item], score: Option<u32>| {
        judge(&gate, case(&[], unknown, items, &scored(score))).result
    };
    assert_eq!(result(&[], &[], Some(100)), Decision::Go);
    assert_eq!(result(&[], &[], None), Decision::Incomplete);
    assert_eq!(result(&[unknown(false)], &[], Some(95)), Decision::Go);
    assert_eq!(result(&[unknown(false), unknown(false)], &[], Some(90)), Decision::Incomplete);
    assert_eq!(result(&[unknown(true)], &[], Some(81)), Decision::Incomplete);
    for state in [State::Waiting, State::Unknown] {
        assert_eq!(result(&[], &[item("told", true, state)], Some(100)), Decision::Incomplete);
    }
    for state in [State::Pass, State::NotApplicable, State::Waived] {
        assert_eq!(result(&[], &[item("told", true, state)], Some(100)), Decision::Go);
    }
}

#[test]
fn an_empty_target_is_go_only_when_allowed() {
    let score = scored(None);
    let empty = Case { empty: true, ..case(&[], &[], &[], &score) };
    assert_eq!(judge(&Gate::default(), empty).result, Decision::Incomplete);
    let gate = Gate { allow_empty: true, ..Gate::default() };
    assert_eq!(judge(&gate, empty).result, Decision::Go);
    assert_eq!(judge(&gate, Case { empty: false, ..empty }).result, Decision::Incomplete);
}

#[test]
fn with_a_baseline_the_score_does_not_gate() {
    let gate = Gate { min_score: Some(80), baseline: true, ..Gate::default() };
    assert_eq!(judge(&gate, case(&[], &[], &[], &scored(Some(1)))).result, Decision::Go);
}

#[test]
fn the_exit_code_follows_the_verdict() {
    let code = |result, strict, exit_zero, unknown| {
        let gate = Gate { strict, exit_zero, ..Gate::default() };
        exit_code(&Verdict { result, reasons: Vec::new() }, &gate, unknown)
    };
    assert_eq!(code(Decision::Go, false, false, 3), ExitCode::Ready);
    assert_eq!(code(Decision::Go, true, false, 0), ExitCode::Ready);
    assert_eq!(code(Decision::Go, true, false, 3), ExitCode::NotEverythingChecked);
    assert_eq!(code(Decision::NoGo, true, false, 3), ExitCode::NotReady);
    assert_eq!(code(Decision::Incomplete, false, false, 3), ExitCode::NotReady);
    assert_eq!(code(Decision::Incomplete, true, false, 3), ExitCode::NotEverythingChecked);
    assert_eq!(code(Decision::Incomplete, true, false, 0), ExitCode::NotReady);
    assert_eq!(code(Decision::NoGo, true, true, 3), ExitCode::Ready);
}

#[test]
fn items_stand_under_their_headings_in_the_order_of_the_first() {
    let under =
        |id: &str, section: Option<&str>| Item { section: section.map(str::to_owned), ..item(id, false, State::Pass) };
    let items = [under("a", Some("One")), under("b", None), under("c", Some("Two")), under("d", Some("One"))];
    let ids = |list: &[&Item]| list.iter().map(|item| item.id.clone()).collect::<Vec<_>>();
    let found: Vec<_> = sections(items.iter()).into_iter().map(|(heading, list)| (heading, ids(&list))).collect();
    let want = [(Some("One"), vec!["a", "d"]), (Some("Two"), vec!["c"]), (None, vec!["b"])];
    assert_eq!(found, want.map(|(heading, ids)| (heading, ids.into_iter().map(str::to_owned).collect::<Vec<_>>())));
}
