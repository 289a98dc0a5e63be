//! What the policy itself shows: waivers, suppressions in place, attestations, and what a change does to the policy.
//! Stated by `waive`, `checklist` and `settings`, judged by the rules under `rules/policy/` in a second check that nothing waives.

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

    /// A record of what somebody attests of an item, or a file among the records that is none.
    pub struct Attestation: "policy.attestation" {
        /// Its id; points to it, or to the start of a file that is no record.
        id: Type::String,
        /// Whether the file can be read as a record; points to what is wrong.
        is_readable: Type::Bool,
        /// What is wrong with its form, one fact each; empty when nothing is.
        mistake: Type::String,
        /// Whether anything may depend on it: it is a record about this environment (or none is chosen), was not taken
        /// back, and no later record stands in its place.
        is_live: Type::Bool,
        /// Whether it counts: nothing speaks against it.
        counts: Type::Bool,
        /// The item that it is about; points to that word.
        item: Type::String,
        /// Whether the checklist asks that item; points to the word.
        item_is_known: Type::Bool,
        /// Whether the item gates in the chosen environment.
        is_required: Type::Bool,
        /// Whether the item reads as it did for its author; points to `item-digest`.
        item_is_same: Type::Bool,
        /// `pass`, `fail` or `not-applicable`; points to it.
        result: Type::String,
        /// Whether the item may be answered so; points to `result`.
        answer_is_allowed: Type::Bool,
        /// Who says so; points to the id.
        by: Type::String,
        /// In which role; points to it.
        role: Type::String,
        /// Whether the item takes that role, and they have it as far as the policy or CODEOWNERS say; points to the
        /// role. Unknown where a team owns the files.
        role_is_allowed: Type::Bool,
        /// Whether the item is not to be answered by who made the change, and they did; points to the id. Unknown where
        /// the commits are not here.
        is_by_author: Type::Bool,
        /// When it was made; points to the time.
        at: Type::String,
        /// Whether that is after the time of judgement; points to the time.
        is_early: Type::Bool,
        /// Whether that is before the commit that it is about, or before there were records; points to the time.
        is_ancient: Type::Bool,
        /// Whether the time for which it holds is over; points to `at`.
        is_expired: Type::Bool,
        /// What speaks against its time; empty when nothing does.
        time_fault: Type::String,
        /// Whether it is bound to a commit and that one holds other files; points to `commit`.
        is_of_other_commit: Type::Bool,
        /// Whether the files that it is about have changed; points to `paths-digest`.
        is_of_other_files: Type::Bool,
        /// The evidence that lies in the repository.
        evidence: Type::List(&Type::Record(Proof::SUBJECT)),
        /// Whether the item asks for evidence and it names none; points to `result`.
        lacks_evidence: Type::Bool,
        /// Whether its own digest is that of its text, where it has one; points to `digest`.
        is_altered: Type::Bool,
        /// Whether the chain of records is whole up to it; points to `prev` where it forks or breaks off.
        is_linked: Type::Bool,
        /// What is wrong with the chain, in words; empty when nothing is.
        chain_fault: Type::String,
        /// Whether the item asks for a signature that can be checked, and it has none; points to the id of `by`.
        lacks_signature: Type::Bool,
        /// Why its signature does not count; empty when nothing is wrong with it. Points to the signature.
        signature_fault: Type::String,
        /// Whether it is the newest record of its item that counts.
        is_newest: Type::Bool,
        /// How many people have attested the same of the item.
        people: Type::Int,
        /// How many people the item asks for; points to the item.
        quorum: Type::Int,
    }

    /// Evidence of an attestation that lies in the repository.
    pub struct Proof: "policy.proof" {
        /// Its path; points to it.
        path: Type::String,
        /// Whether it is there; points to the path.
        is_there: Type::Bool,
        /// Whether it holds what its digest says; points to the digest. False where it is not there.
        is_changed: Type::Bool,
    }

    /// Something that a change does to the policy, compared with the commit of `--policy-from`.
    pub struct Change: "policy.change" {
        /// `gate`, `rule-on`, `rule-off`, `rule-milder`, `rule-parameters`, `override`, `role`, `inputs`, `suppressions`,
        /// `checklist`, `variable`, `target`, `rule-dir`, `command` or `policy`; points to what was changed, or to the start of the
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
pub const SUBJECTS: [&Subject; 5] =
    [Attestation::SUBJECT, Change::SUBJECT, Proof::SUBJECT, Suppression::SUBJECT, Waiver::SUBJECT];
