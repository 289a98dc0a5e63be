//! What the policy itself shows: waivers, suppressions in place, and what a change does to them. Stated by `waive` and
//! `settings`, judged by the rules under `rules/policy/` in a second check that nothing waives.

use super::{Subject, Type};
use crate::subject;

subject! {
    /// An entry of the waiver file.
    pub struct Waiver: "policy.waiver" {
        /// Its id; points to it.
        id: Type::String,
        /// The rule that it names; points to that word.
        rule: Type::String,
        /// Whether any rule bears that name; points to the word.
        rule_is_known: Type::Bool,
        /// Who answers for it; points to the name.
        owner: Type::String,
        /// Who accepted it; points to the name.
        approved_by: Type::String,
        /// Whether the owner accepted it alone; points to `approved-by`.
        approves_itself: Type::Bool,
        /// The last day on which it holds (`2027-01-31`); points to the date.
        expires: Type::String,
        /// Whether that day has passed; points to the date.
        is_expired: Type::Bool,
        /// Whether it was made after the time of judgement; points to `created`.
        is_early: Type::Bool,
        /// The days from `created` to `expires`; points to `expires`.
        days: Type::Int,
        /// The most days that the policy allows; absent when it says nothing.
        max_days: Type::Int,
        /// Whether it is meant to hold longer than the policy allows; points to `expires`.
        is_too_long: Type::Bool,
        /// Whether it names many rules and every file; points to the rule's name.
        is_too_broad: Type::Bool,
        /// Whether its end was moved without a renewal that says why; points to `expires`, or to the renewal.
        is_renewed_without_reason: Type::Bool,
        /// Whether everything that it could cover was judged in this run, so that finding nothing means something.
        is_examined: Type::Bool,
        /// The findings that it covers; points to its id.
        findings: Type::Int,
        /// The most findings that it may cover; absent when it sets no limit.
        max_findings: Type::Int,
        /// Whether it covers more than that; points to `max-findings`.
        is_over_limit: Type::Bool,
        /// Whether it was not there at the commit that the change is compared with; false without `--policy-from`.
        is_added: Type::Bool,
    }

    /// A rule named by a comment or an annotation that suppresses findings in place.
    pub struct Suppression: "policy.suppression" {
        /// Whose words it uses: `seaworthy`, `hadolint`, `buildkit`, …; points to the whole directive.
        dialect: Type::String,
        /// Whether it is the first word of its directive, for rules that judge the directive as a whole.
        is_first: Type::Bool,
        /// Whether they are another tool's.
        is_peers: Type::Bool,
        /// The rule as it is written; points to that word.
        rule: Type::String,
        /// Whether any rule of ours bears that name; points to the word.
        rule_is_known: Type::Bool,
        /// Whether it has what it needs to count; points to the directive.
        is_well_formed: Type::Bool,
        /// What is missing or wrong; empty when nothing is.
        mistake: Type::String,
        /// The reason given; absent when there is none.
        reason: Type::String,
        /// The last day on which it holds; absent when it has none.
        until: Type::String,
        /// Whether that day has passed; points to the directive.
        is_expired: Type::Bool,
        /// The most days that the policy allows; absent when it says nothing.
        max_days: Type::Int,
        /// Whether it is meant to hold for longer than the policy allows, counted from the time of judgement.
        is_too_long: Type::Bool,
        /// Whether the policy lets suppressions of this kind count; points to the directive.
        is_allowed: Type::Bool,
        /// Whether it was not there at the commit that the change is compared with; false without `--policy-from`.
        is_added: Type::Bool,
        /// Whether the rule judged what it covers, so that finding nothing means something.
        is_examined: Type::Bool,
        /// The findings that it covers; points to the word.
        findings: Type::Int,
    }

    /// Something that a change does to the policy, compared with the commit of `--policy-from`.
    pub struct Change: "policy.change" {
        /// `gate`, `rule-on`, `rule-off`, `rule-milder`, `rule-parameters`, `override`, `role`, `inputs`, `suppressions`,
        /// `checklist`, `variable`, `target`, `rule-dir` or `policy`; points to what was changed, or to the start of the
        /// policy.
        kind: Type::String,
        /// What was changed: `gate.fail-on`, a rule's selector, a glob.
        what: Type::String,
        /// What it was.
        before: Type::String,
        /// What it is.
        after: Type::String,
        /// Whether less is demanded than before; points to the change.
        loosens: Type::Bool,
        /// The environment concerned; empty for all.
        environment: Type::String,
    }
}

/// Every subject of this module.
pub const SUBJECTS: [&Subject; 3] = [Change::SUBJECT, Suppression::SUBJECT, Waiver::SUBJECT];
