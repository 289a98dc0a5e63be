//! Everything decided before work starts: flags, and what stands behind their absence. Every mistake is reported at
//! once. No stage knows where its settings came from.

pub mod policy;

use std::num::NonZeroUsize;

use camino::Utf8PathBuf;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::check::Selection;
use crate::checklist::Gate;
use crate::cli::CheckArgs;
use crate::error::Error;
use crate::report::Format;
use crate::rule::selector::Selector;
use crate::source::Inputs;

/// The built-in profiles, mildest first.
pub const PROFILES: [&str; 3] = ["recommended", "production", "strict"];

/// What one run does.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What is looked at.
    pub inputs: Inputs,
    /// Which rules judge.
    pub selection: Selection,
    /// Folders with rules of the user's.
    pub rule_dirs: Vec<Utf8PathBuf>,
    /// What decides the verdict.
    pub gate: Gate,
    /// What is written, and where.
    pub outputs: Vec<Output>,
    /// How the report is shown.
    pub shown: Shown,
    /// The built-in profile.
    pub profile: String,
    /// The time of judgement.
    pub now: Timestamp,
    /// Threads; all processors when absent.
    pub jobs: Option<NonZeroUsize>,
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
    pub min_severity: crate::finding::Severity,
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
    /// Every flag that makes no sense, together.
    pub fn new(args: &CheckArgs, clock: Timestamp) -> Result<Settings, Error> {
        let mut mistakes = Vec::new();
        let now = args.now.as_deref().map_or(Ok(clock), time).unwrap_or_else(|mistake| {
            mistakes.push(mistake);
            clock
        });
        let profile = args.profile.clone().unwrap_or_else(|| PROFILES[0].to_owned());
        if !PROFILES.contains(&profile.as_str()) {
            mistakes.push(format!("there is no profile `{profile}`; there are {}", PROFILES.join(", ")));
        }
        let outputs = outputs(&args.format, &mut mistakes);
        if !mistakes.is_empty() {
            return Err(Error::usage(mistakes.join("\n"), None));
        }
        let selectors = |words: &[String]| words.iter().map(|word| Selector::parse(word)).collect();
        Ok(Settings {
            inputs: Inputs {
                folder: std::env::current_dir().unwrap_or_default(),
                paths: args.paths.iter().map(|path| path.clone().into_std_path_buf()).collect(),
                stdin_name: args.stdin_filename.as_ref().map(ToString::to_string),
                ..Inputs::default()
            },
            selection: Selection { profile: profile.clone(), only: selectors(&args.only), skip: selectors(&args.skip) },
            rule_dirs: args.rule_dir.clone(),
            gate: Gate {
                fail_on: args.fail_on.map_or(Gate::default().fail_on, |fail_on| fail_on.severity()),
                min_score: args.min_score.map(u32::from),
                max_unknown: args.max_unknown,
                strict: args.strict,
                exit_zero: args.exit_zero,
                allow_empty: args.allow_empty,
                baseline: false,
            },
            outputs,
            shown: Shown {
                min_severity: args.min_severity.map_or(crate::finding::Severity::Info, Into::into),
                sarif_category: args.sarif_category.clone(),
                sarif_suppressions: args.sarif_suppressions,
                quiet: args.quiet,
                verbose: args.verbose,
                color: args.color,
            },
            profile,
            now,
            jobs: args.jobs,
        })
    }
}

/// The clock, for when `--now` is absent. Asked once a run.
pub fn clock() -> Timestamp {
    Timestamp::now()
}

/// `2026-11-21T00:00:00Z`, or a date: its first moment in UTC.
fn time(text: &str) -> Result<Timestamp, String> {
    let date = |text: &str| text.parse::<Date>().ok()?.at(0, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).ok();
    let moment = text.parse::<Timestamp>().ok().or_else(|| date(text).map(|zoned| zoned.timestamp()));
    moment.ok_or_else(|| format!("`--now {text}` is not a time; write 2026-11-21 or 2026-11-21T12:00:00Z"))
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
