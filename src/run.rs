//! One run: from settings to a report. Reads like the picture in the crate's documentation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::check::{Checked, Counts};
use crate::checklist::Item;
use crate::checklist::command::{Runner, nobody};
use crate::detect;
use crate::error::Error;
use crate::fact;
use crate::finding::{Finding, Tally, Unknown};
use crate::fix;
use crate::inspect::Inspectors;
use crate::mask::Masker;
use crate::report::{self, NotRun, Report, RuleInfo};
use crate::rule::Rule;
use crate::rule::catalog::{self, Catalog};
use crate::score::Weights;
use crate::settings::{Settings, demand};
use crate::source::{self, Loaded, Source};
use crate::span::Span;

mod ahead;
mod checklist;
mod judge;
mod mend;
mod network;
mod rules;
mod unknown;

use ahead::Ahead;
use judge::{Bench, Judgement, facts, judge, subjects};
pub use mend::{Dropped, Kept, Mended, Mender, MendsFiles, Outcome};
pub use network::Keep;
use rules::catalog;

/// Judges what `settings` name.
///
/// # Errors
/// A PATH that is not there, a rule of the user's that does not compile, a selector that selects nothing.
pub fn run(settings: &Settings) -> Result<Report, Error> {
    run_with(settings, Hands { keep: &mut |_, _| Ok(()), runner: &nobody, mend: None })
}

/// What a run may have done for it, by those who may.
pub struct Hands<'h> {
    /// Keeps the transcripts.
    pub keep: Keep<'h>,
    /// Runs the policy's commands, where the settings allow them.
    pub runner: &'h Runner<'h>,
    /// Takes what was mended, where the settings ask for that.
    pub mend: Option<Mender<'h>>,
}

/// [`run()`] with somebody who keeps transcripts and runs commands.
///
/// # Errors
/// Those of [`run()`], and of `hands.keep`.
pub fn run_with(settings: &Settings, hands: Hands<'_>) -> Result<Report, Error> {
    // First of all: what the user's rules know of secrets is masked from here on.
    let catalog = catalog(settings)?;
    let mut loaded = source::load(settings.root.clone(), &settings.inputs, &Inspectors);
    let files = loaded.sources.len();
    let is_empty = files == 0 && loaded.unread.is_empty();
    let own = settings.own.add_to(&settings.layers, &mut loaded);
    let network::Probed { mut not_run, idle, transcripts } = network::targets(settings, &mut loaded, hands.keep)?;
    if is_empty && transcripts == 0 && !settings.gate.allow_empty {
        return Err(Error::Nothing);
    }
    let records = checklist::records(settings, &mut loaded)?;
    let demands = demand::of_run(settings, &mut loaded);
    let known = known(settings, &catalog)?;
    let bench = Bench { settings, catalog: &catalog, known: &known, own: &own, idle: &idle, demands: &demands };
    if let (Some(mending), Some(mender)) = (settings.mending, hands.mend) {
        mend::all(mending, &bench, &mut loaded, mender)?;
    }
    let standings = records.standings(settings, &loaded.inventory);
    let Judgement { facts, problems, rules, checked } = bench.judge(&loaded, records.facts(settings, &standings))?;

    let Checked { mut findings, undecided, counts } = checked;
    let mut unknown: Vec<Unknown> = loaded.unread.iter().map(unknown::unread).collect();
    unknown.extend(problems.iter().map(|problem| unknown::unjudged(problem, &loaded.sources)));
    let blind = unknown.iter().map(|one| one.inspector.to_string()).chain(idle).collect();
    unknown.extend(undecided.iter().map(|one| one.unknown(&loaded.sources)));
    unknown.extend(settings.own.unreadable.iter().map(|reason| unknown::not_compared(reason)));
    let mut unknown = unknown::by_cause(unknown::by_chart(unknown, &loaded.inventory));
    only_staged(settings, &loaded.sources, &mut findings, &mut unknown);
    // What may not be changed has no fix in any report.
    for finding in &mut findings {
        let may = fix::fix_of(finding, &loaded.sources, fix::Wanted { and_unsafe: true }).is_some();
        finding.fix = finding.fix.take().filter(|_| may);
    }
    let tallies = tallies(&rules, &counts, &findings);
    let found = checklist::Found {
        loaded: &loaded,
        catalog: &catalog,
        subjects: fact::subjects(&facts),
        findings: &findings,
        tallies: &tallies,
        blind,
    };
    let filled = checklist::fill(settings, &found, &records, &standings, hands.runner)?;
    unknown.extend(filled.unknown);
    not_run.extend(filled.not_run);
    let items = filled.items;
    let judged = Judged { inspected: files, asked: transcripts, findings, unknown, not_run, tallies, items };
    let report = report(settings, &loaded, &catalog, judged);
    // A process judges once. To take millions of facts and gigabytes of text apart before it ends would help nobody.
    std::mem::forget((facts, rules));
    std::mem::forget(loaded);
    Ok(report)
}

/// With `--staged`, only what stands in staged files counts.
fn only_staged(settings: &Settings, sources: &[Source], findings: &mut Vec<Finding>, unknown: &mut Vec<Unknown>) {
    let Some(staged) = &settings.inputs.staged else { return };
    let path = |span: Span| sources.get(span.source.0 as usize).map_or("", |source| source.path());
    findings.retain(|finding| staged.texts.contains_key(path(finding.primary)));
    unknown.retain(|unknown| unknown.required || staged.texts.contains_key(&unknown.path));
}

/// The fingerprints of all findings at the commit of `--diff`.
fn known(settings: &Settings, catalog: &Catalog) -> Result<BTreeSet<String>, Error> {
    let Some(commit) = &settings.own.diff else { return Ok(BTreeSet::new()) };
    let mut loaded = source::load_commit(&settings.root, &settings.inputs, &Inspectors, commit)
        .map_err(|message| Error::usage(format!("cannot read the commit to compare with: {message}"), None))?;
    let demands = demand::of_run(settings, &mut loaded);
    let facts = facts(&loaded, &demands, &subjects(settings, catalog)).facts;
    let (_, checked) = judge(&mut Ahead::nothing(settings), catalog, &loaded.sources, &facts)?;
    Ok(checked.findings.into_iter().map(|finding| finding.fingerprint).collect())
}

/// What came of judging.
struct Judged {
    inspected: usize,
    asked: usize,
    findings: Vec<Finding>,
    unknown: Vec<Unknown>,
    not_run: Vec<NotRun>,
    tallies: Vec<Tally>,
    items: Vec<Item>,
}

/// Everything that a format may show.
fn report(settings: &Settings, loaded: &Loaded, catalog: &Catalog, judged: Judged) -> Report {
    let masker = Masker::new(loaded.sources.len(), secrets);
    let shown: BTreeSet<&str> = judged.findings.iter().map(|finding| &*finding.rule).collect();
    let rules = infos(catalog, &shown);
    Report::new(report::Inputs {
        sources: &loaded.sources,
        masker: &masker,
        tool: report::Tool { version: env!("CARGO_PKG_VERSION").into(), rules_digest: catalog::DIGEST.into() },
        run: report::Run {
            paths: loaded
                .root
                .named()
                .iter()
                .map(|named| if named.path.is_empty() { ".".into() } else { named.path.clone() })
                .collect(),
            now: settings.now.to_string(),
            env: settings.environment.clone(),
            profile: settings.profile.clone(),
            online: settings.network.is_used(),
            partial: settings.is_partial(),
            policy_path: settings.layers.own().map(|layer| layer.shown().to_owned()),
            policy_digest: settings.layers.own().map(|_| settings.layers.digest()),
        },
        findings: judged.findings,
        unknown: judged.unknown,
        not_run: judged.not_run,
        skipped: loaded
            .skipped
            .iter()
            .map(|one| report::Skipped { path: one.path.clone(), reason: one.reason.name().into() })
            .collect(),
        checklist: judged.items,
        tallies: judged.tallies,
        rules,
        inspected: judged.inspected,
        asked: judged.asked,
        weights: &Weights { blocking: blocking(settings, catalog) },
        gate: &settings.gate,
        min_severity: settings.shown.min_severity,
        needs: settings
            .outputs
            .iter()
            .fold(report::Needs::default(), |needs, output| needs.or(output.format.needs()))
            .verbosely(settings.shown.verbose),
    })
}

/// The rules whose findings block, whatever their severity.
fn blocking(settings: &Settings, catalog: &Catalog) -> BTreeSet<Arc<str>> {
    let blocks = |(id, rule): &(&str, catalog::Entry<'_>)| settings.selection.decide(id, rule).blocking;
    if settings.selection.rules.iter().any(|(_, setting)| setting.blocking) {
        catalog.entries().filter(blocks).map(|(id, _)| id.into()).collect()
    } else {
        BTreeSet::new()
    }
}

/// Where the secrets of a source are, so that none is ever shown.
fn secrets(source: &Source) -> Vec<std::ops::Range<usize>> {
    detect::secret_spans(detect::formats(), source.path(), source.text(), || source.tree())
}

/// What reports say of the rules that found something.
fn infos(catalog: &Catalog, ids: &BTreeSet<&str>) -> Vec<RuleInfo> {
    let info = |id: &&str| {
        let rule = catalog.get(id)?;
        let prose = catalog.prose(id).unwrap_or_default();
        let tags =
            rule.tags.iter().flat_map(|(name, values)| values.0.iter().map(move |value| format!("{name}-{value}")));
        Some(RuleInfo {
            id: (*id).to_owned(),
            title: rule.title.clone(),
            severity: rule.severity,
            category: rule.category,
            why: prose.why,
            fix: prose.fix,
            references: prose.references,
            tags: tags.collect(),
            precision: "high".into(),
            url: crate::explain::url(id),
        })
    };
    ids.iter().filter_map(info).collect()
}

/// How often each rule was asked, and what came of it; sorted by the rule.
fn tallies(rules: &[Rule], counts: &[Counts], findings: &[Finding]) -> Vec<Tally> {
    let mut found: BTreeMap<&str, [u32; 2]> = BTreeMap::new();
    for finding in findings {
        found.entry(&finding.rule).or_default()[usize::from(finding.is_open())] += 1;
    }
    let tally = |(rule, counts): (&Rule, &Counts)| {
        let [waived, fail] = found.get(&*rule.id).copied().unwrap_or_default();
        Tally {
            rule: Arc::clone(&rule.id),
            category: rule.category,
            pass: counts.pass,
            fail,
            waived,
            unknown: counts.unknown,
            not_applicable: counts.not_applicable,
        }
    };
    let mut tallies: Vec<Tally> = rules.iter().zip(counts).map(tally).collect();
    tallies.sort_by(|a, b| a.rule.cmp(&b.rule));
    tallies
}
