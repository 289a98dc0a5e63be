//! Everything decided before work starts: flags, and what stands behind their absence. Every mistake is reported at
//! once. No stage knows where its settings came from.

pub mod change;
pub mod commands;
pub mod demand;
pub mod earlier;
pub mod items;
pub mod layer;
mod ledger;
pub mod merge;
pub mod network;
pub mod own;
pub mod policy;
pub mod rehearsal;
pub mod show;
pub mod side;
pub mod targets;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use camino::Utf8PathBuf;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::check::Selection;
use crate::checklist::Gate;
use crate::checklist::command::Orders;
use crate::cli::{CheckArgs, FailOn, SeverityArg};
use crate::error::Error;
use crate::fact::Fact;
use crate::finding::Severity;
use crate::fix::Wanted;
use crate::report::Format;
use crate::rule::Rule;
use crate::rule::catalog::Catalog;
use crate::rule::selector::Selector;
use crate::source::{Commit, Inputs, Root, Source, Staged};
use crate::waive;
use items::Questions;
use layer::Layers;
use merge::Policy;

/// The built-in profiles, mildest first.
pub const PROFILES: [&str; 3] = ["recommended", "production", "strict"];

/// The folder with the attestations, from the policy's folder, when the policy names none.
pub const DEFAULT_ATTESTATIONS: &str = ".seaworthy/attestations";

/// What one run does.
#[derive(Debug)]
pub struct Settings {
    /// What is looked at.
    pub inputs: Inputs,
    /// Where every path starts.
    pub root: Root,
    /// Which rules judge.
    pub selection: Selection,
    /// Folders with rules of the user's.
    pub rule_dirs: Vec<PathBuf>,
    /// What decides the verdict.
    pub gate: Gate,
    /// What all policy files come to.
    pub policy: Policy,
    /// The waiver file and the baseline.
    pub own: own::Own,
    /// The policy files, for places and for `--show-settings`.
    pub layers: Layers,
    /// What the checklist asks.
    pub questions: Questions,
    /// The policy's commands: what is to be run, or why it is not.
    pub orders: Orders,
    /// Reports of other tools from the command line: the item, when it was named, and the file.
    pub evidence: Vec<(Option<String>, Utf8PathBuf)>,
    /// The environment chosen.
    pub environment: Option<String>,
    /// What is written, and where.
    pub outputs: Vec<Output>,
    /// How the report is shown.
    pub shown: Shown,
    /// The built-in profile.
    pub profile: String,
    /// The commit since which a change is judged: that of `--policy-from` or `--diff`.
    pub base: Option<String>,
    /// The time of judgement.
    pub now: Timestamp,
    /// How the network is used.
    pub network: network::Network,
    /// Threads; all processors when absent.
    pub jobs: Option<NonZeroUsize>,
    /// Which fixes are to be applied; none when absent.
    pub mending: Option<Wanted>,
    /// Whether what they come to is only shown.
    pub rehearses: bool,
}

/// A report to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its format.
    pub format: Format,
    /// Its file; standard output when absent.
    pub file: Option<Utf8PathBuf>,
}

/// How the report is shown.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Findings below this are left out.
    pub min_severity: Severity,
    /// `automationDetails.id` in SARIF.
    pub sarif_category: String,
    /// Waived findings stay in SARIF.
    pub sarif_suppressions: bool,
    /// Only the verdict.
    pub quiet: bool,
    /// Everything.
    pub verbose: bool,
    /// When to use colour.
    pub color: crate::cli::Color,
}

impl Settings {
    /// From the flags of `check`; `clock` is the time when `--now` is absent.
    ///
    /// # Errors
    /// Every flag that makes no sense, every mistake in the policy files, PATHs that are not there.
    pub fn new(args: &CheckArgs, clock: Timestamp) -> Result<Settings, Error> {
        let Flags { now, outputs, network } = Flags::of(args, clock)?;
        let mut inputs = Inputs {
            folder: std::env::current_dir().unwrap_or_default(),
            paths: args.paths.iter().map(|path| path.clone().into_std_path_buf()).collect(),
            stdin_name: args.stdin_filename.as_ref().map(ToString::to_string),
            ..Inputs::default()
        };
        let root = Root::of(&inputs)?;
        let mut layers = layers(args, &root)?;
        let profile = args.profile.clone().unwrap_or_else(|| layers.profile().to_owned());
        let (policy, waivers, questions) = policy(&mut layers, &root, args)?;
        let mut own = own(args, &root, waivers)?;
        let (layers, policy, profile, questions) = match &args.policy_from {
            None => (layers, policy, profile, questions),
            Some(reference) => {
                let head = side::Side { layers, policy, profile, waivers: None, questions: questions.clone() };
                own.compare(args, &root, reference, head, questions)?
            }
        };
        inputs.transcripts = network.folder(&inputs.folder, root.path());
        let is_pull_request = commands::is_pull_request(&|name| std::env::var(name).ok());
        inputs.include = policy.include.clone();
        inputs.exclude = policy.exclude.clone();
        inputs.roles = policy.roles.clone();
        inputs.staged = if args.staged { Some(staged(&root)?) } else { None };
        Ok(Settings {
            selection: selection(args, &policy, &profile),
            rule_dirs: rule_dirs(args, &policy, &root)?,
            gate: gate(args, &policy),
            orders: commands::orders(&policy, &layers, &own, &root, args.allow_commands, is_pull_request),
            own,
            shown: shown(args),
            environment: args.environment.clone(),
            inputs,
            root,
            policy,
            layers,
            questions,
            evidence: args.evidence.iter().map(|word| evidence(word)).collect(),
            outputs,
            profile,
            base: args.policy_from.clone().or_else(|| args.diff.clone()),
            now,
            network,
            jobs: args.jobs,
            mending: (args.fix || args.dry_run).then_some(Wanted { and_unsafe: args.unsafe_fixes }),
            rehearses: args.dry_run,
        })
    }
}

/// What the flags say by themselves.
struct Flags {
    now: Timestamp,
    outputs: Vec<Output>,
    network: network::Network,
}

impl Flags {
    /// Every flag that makes no sense is told together.
    fn of(args: &CheckArgs, clock: Timestamp) -> Result<Self, Error> {
        let mut mistakes = Vec::new();
        let now = args.now.as_deref().map_or(Ok(clock), time).unwrap_or_else(|mistake| {
            mistakes.push(mistake);
            clock
        });
        if let Some(profile) = args.profile.as_deref().filter(|profile| !PROFILES.contains(profile)) {
            mistakes.push(format!("there is no profile `{profile}`; there are {}", PROFILES.join(", ")));
        }
        let outputs = outputs(&args.format, &mut mistakes);
        mending(args, &mut mistakes);
        let mut errors = Vec::new();
        let network = network::Network::of(args, &mut errors);
        if !mistakes.is_empty() {
            errors.insert(0, Error::usage(mistakes.join("\n"), None));
        }
        Error::from_many(errors).map_or(Ok(Flags { now, outputs, network }), Err)
    }
}

impl Settings {
    /// The severity of a rule in the source at `path`; `None` when it does not judge there.
    pub fn severity_at(&self, path: &str, rule: &Rule, catalog: &Catalog) -> Option<Severity> {
        if self.selection.overrides.is_empty() {
            return Some(rule.severity);
        }
        let Some(file) = catalog.get(&rule.id) else { return Some(rule.severity) };
        let decided = self.selection.decide_at(path, &rule.id, file);
        decided.on.then_some(decided.severity)
    }

    /// Whether only a part of what would be judged is.
    pub fn is_partial(&self) -> bool {
        self.selection.is_partial() || self.inputs.staged.is_some()
    }

    /// What a change does to the policy, as facts.
    pub fn changes<'s>(&self, catalog: &Catalog, places: &own::Places, sources: &[Source]) -> Vec<Fact<'s>> {
        let Some(earlier) = &self.own.earlier else { return Vec::new() };
        change::state(&earlier.changes(catalog, self.environment.as_deref()), places, sources)
    }

    /// What counts as a waiver.
    pub fn terms<'a>(&'a self, places: &own::Places) -> waive::Terms<'a> {
        let folder = self.own.waivers.as_ref().map_or("", |waivers| &waivers.folder);
        waive::Terms {
            waivers: self.own.waivers.as_ref().zip(places.waivers),
            base: self.own.earlier.as_ref().map(|earlier| earlier as &dyn waive::Base),
            is_whole: !self.is_partial() && self.selection.skip.is_empty() && self.root.covers(folder),
            ..side::terms(&self.policy, self.environment.as_deref(), self.now)
        }
    }
}

/// The files and commits that findings are compared with.
fn own(args: &CheckArgs, root: &Root, waivers: Option<waive::Waivers>) -> Result<own::Own, Error> {
    let baseline = args.baseline.as_ref().map(|path| own::baseline(path.as_std_path())).transpose()?;
    let diff = args.diff.as_ref().map(|name| {
        Commit::open(root, name)
            .map_err(|message| Error::usage(format!("cannot compare with `{name}`: {message}"), None))
    });
    Ok(own::Own { waivers, baseline, diff: diff.transpose()?, ..own::Own::default() })
}

fn staged(root: &Root) -> Result<Staged, Error> {
    Staged::read(root).map_err(|message| Error::usage(format!("cannot read what is staged: {message}"), None))
}

/// All policy files that count, read.
fn layers(args: &CheckArgs, root: &Root) -> Result<Layers, Error> {
    let mut layers = Layers::default();
    layers.add_builtin(args.profile.as_deref().unwrap_or(PROFILES[0]));
    let found = match &args.config {
        _ if args.no_config => None,
        Some(file) => Some(file.clone().into_std_path_buf()),
        None => layer::find(root)?,
    };
    if let Some(path) = found {
        layers.add_file(root, &path, false);
    }
    if let Some(path) = &args.policy {
        layers.add_file(root, path.as_std_path(), true);
    }
    Ok(layers)
}

/// The layers merged for an environment, and everything wrong with them.
fn policy(
    layers: &mut Layers,
    root: &Root,
    args: &CheckArgs,
) -> Result<(Policy, Option<waive::Waivers>, Questions), Error> {
    let environment = args.environment.as_deref();
    let policy = merge::merge(layers, environment);
    let waivers = own::waivers(layers, &policy, root);
    // A run by a selection of rules has no checklist.
    let questions = if args.only.is_empty() {
        items::questions(layers, &policy, &|path| items::on_disk(root, path))
    } else {
        Questions::Own(Vec::new())
    };
    commands::mistakes(layers);
    if layers.list.iter().any(|layer| layer.has_rules()) {
        merge::unknown_selectors(layers, &Catalog::builtin());
    }
    if let Some(error) = layers.error() {
        return Err(error);
    }
    match environment {
        Some(name) if !merge::environments(layers).contains(name) => {
            let known = merge::environments(layers);
            let close = crate::syntax::suggest::suggest(name, known.iter().copied())
                .map(|close| format!("did you mean `{close}`?"));
            let all = known.into_iter().collect::<Vec<_>>().join(", ");
            let help = close.unwrap_or(if all.is_empty() {
                "the policy has no environments".into()
            } else {
                format!("the policy has {all}")
            });
            Err(Error::usage(format!("the policy has no environment `{name}`"), Some(help)))
        }
        _ => Ok((policy, waivers, questions)),
    }
}

fn selection(args: &CheckArgs, policy: &Policy, profile: &str) -> Selection {
    let selectors = |words: &[String]| words.iter().map(|word| Selector::parse(word)).collect();
    Selection { only: selectors(&args.only), skip: selectors(&args.skip), ..selection_of(policy, profile) }
}

/// What the policy says of rules.
fn selection_of(policy: &Policy, profile: &str) -> Selection {
    Selection {
        profile: profile.to_owned(),
        only: Vec::new(),
        skip: Vec::new(),
        rules: policy.rules.iter().map(|(selector, setting)| (selector.clone(), setting.value.clone())).collect(),
        overrides: policy.overrides.clone(),
    }
}

/// Folders of rules from the command line, then from the policy; those of the policy stay inside the root.
fn rule_dirs(args: &CheckArgs, policy: &Policy, root: &Root) -> Result<Vec<PathBuf>, Error> {
    let mut dirs: Vec<PathBuf> = args.rule_dir.iter().map(|dir| dir.clone().into_std_path_buf()).collect();
    for dir in &policy.rule_dirs {
        let path = root.path().join(dir);
        let real = path.canonicalize().map_err(|_| Error::Missing { path: dir.clone() })?;
        if !real.starts_with(root.path()) {
            return Err(Error::usage(format!("`{dir}` lies outside of the repository"), None));
        }
        dirs.push(real);
    }
    Ok(dirs)
}

fn gate(args: &CheckArgs, policy: &Policy) -> Gate {
    let said = &policy.gate;
    let fail_on = said.fail_on.as_ref().map_or(Gate::default().fail_on, |fail_on| fail_on.value.severity());
    Gate {
        fail_on: args.fail_on.map_or(fail_on, least),
        min_score: args.min_score.map(u32::from).or(said.min_score.as_ref().map(|score| score.value)),
        max_unknown: args.max_unknown.or(said.max_unknown.as_ref().map(|most| most.value)),
        strict: args.strict,
        exit_zero: args.exit_zero,
        allow_empty: args.allow_empty,
        baseline: args.baseline.is_some() || args.diff.is_some(),
    }
}

/// A severity of the command line.
fn severity(arg: SeverityArg) -> Severity {
    match arg {
        SeverityArg::Info => Severity::Info,
        SeverityArg::Low => Severity::Low,
        SeverityArg::Medium => Severity::Medium,
        SeverityArg::High => Severity::High,
        SeverityArg::Critical => Severity::Critical,
    }
}

/// What `--fail-on` means; `None`: no finding decides.
fn least(fail_on: FailOn) -> Option<Severity> {
    match fail_on {
        FailOn::Info => Some(Severity::Info),
        FailOn::Low => Some(Severity::Low),
        FailOn::Medium => Some(Severity::Medium),
        FailOn::High => Some(Severity::High),
        FailOn::Critical => Some(Severity::Critical),
        FailOn::None => None,
    }
}

fn shown(args: &CheckArgs) -> Shown {
    Shown {
        min_severity: args.min_severity.map_or(Severity::Info, severity),
        sarif_category: args.sarif_category.clone(),
        sarif_suppressions: args.sarif_suppressions,
        quiet: args.quiet,
        verbose: args.verbose,
        color: args.color,
    }
}

/// `ITEM=FILE`, or a file alone.
fn evidence(word: &str) -> (Option<String>, Utf8PathBuf) {
    match word.split_once('=') {
        Some((item, file)) => (Some(item.to_owned()), file.into()),
        None => (None, word.into()),
    }
}

/// The clock, for when `--now` is absent. Asked once a run.
pub fn clock() -> Timestamp {
    Timestamp::now()
}

/// `2026-11-21T00:00:00Z`, or a date: its first moment in UTC.
pub(crate) fn time(text: &str) -> Result<Timestamp, String> {
    let date = |text: &str| text.parse::<Date>().ok()?.at(0, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).ok();
    let moment = text.parse::<Timestamp>().ok().or_else(|| date(text).map(|zoned| zoned.timestamp()));
    moment.ok_or_else(|| format!("`--now {text}` is not a time; write 2026-11-21 or 2026-11-21T12:00:00Z"))
}

/// Flags about fixes that make no sense together.
fn mending(args: &CheckArgs, mistakes: &mut Vec<String>) {
    if args.unsafe_fixes && !args.fix && !args.dry_run {
        mistakes.push(
            "`--unsafe-fixes` says which fixes to make, not to make them; add `--fix`, or `--dry-run` to see them"
                .into(),
        );
    }
    if args.staged && (args.fix || args.dry_run) {
        mistakes.push("`--staged` judges what is in the index, and fixes change files; leave one of them out".into());
    }
}

fn outputs(words: &[String], mistakes: &mut Vec<String>) -> Vec<Output> {
    let mut outputs = Vec::new();
    for word in words {
        let (name, file) = match word.split_once('=') {
            Some((name, file)) => (name, Some(Utf8PathBuf::from(file))),
            None => (word.as_str(), None),
        };
        match Format::by_name(name) {
            Some(format) => outputs.push(Output { format, file }),
            None => {
                let close = crate::syntax::suggest::suggest(name, Format::ALL.iter().map(|format| format.name()));
                let help = close.map_or_else(String::new, |close| format!("; did you mean `{close}`?"));
                mistakes.push(format!("there is no format `{name}`{help}"));
            }
        }
    }
    if outputs.is_empty() {
        outputs.push(Output { format: Format::Table, file: None });
    }
    if outputs.iter().filter(|output| output.file.is_none()).count() > 1 {
        mistakes
            .push("only one format can go to standard output; give the others a file: -f json=report.json".to_owned());
    }
    outputs
}
