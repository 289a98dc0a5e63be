//! What a user may type. Nothing is computed here and nothing is read.

use std::num::NonZeroUsize;

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

use crate::checklist::record::{Answer, Inapplicable};

const AFTER_HELP: &str = "\
Exit codes: 0 ready · 1 not ready, or not enough was judged · 2 could not run · 3 (only with --strict) something is unknown.
Start with `seaworthy check`; `seaworthy explain RULE` tells why a finding matters and what to write instead.";

/// Is this fit to ship? Judges Dockerfiles, Kubernetes manifests and more before a release.
#[derive(Debug, Parser)]
#[command(name = "seaworthy", version, about, after_help = AFTER_HELP, max_term_width = 110, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge files and print a scored report
    Check(Box<CheckArgs>),
    /// Write the checklist as Markdown, with what decided every box
    Checklist(ChecklistArgs),
    /// Answer an item of the checklist: write the next record
    Attest(AttestArgs),
    /// Write a policy that fits what is found here
    Init(InitArgs),
    /// Tell what a rule means, or what an item of the checklist asks
    Explain(ExplainArgs),
    /// List, test and start rules
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Write down today's findings, so that `check --baseline` judges only what is new
    Baseline(Box<BaselineArgs>),
    /// Accept a finding: add an entry to the waiver file
    Waive(Box<WaiveArgs>),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Files and folders to judge; `-` reads standard input
    #[arg(default_value = ".", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<Utf8PathBuf>,

    /// Use this policy instead of the one found
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "no_config", env = "SEAWORTHY_CONFIG", help_heading = "Rules")]
    pub config: Option<Utf8PathBuf>,
    /// The operator's policy: goes over the one found, and may lock sections of it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Rules")]
    pub policy: Option<Utf8PathBuf>,
    /// Take the repository's own policy, waivers and suppressions from this commit (a pull request's base), and report
    /// what the change loosens
    #[arg(long, value_name = "REF", help_heading = "Rules")]
    pub policy_from: Option<String>,
    /// The environment of the policy
    #[arg(long = "env", value_name = "NAME", env = "SEAWORTHY_ENV", help_heading = "Rules")]
    pub environment: Option<String>,
    /// Built-in policy: recommended, production or strict
    #[arg(long, value_name = "NAME", env = "SEAWORTHY_PROFILE", help_heading = "Rules")]
    pub profile: Option<String>,
    /// Judge by these rules only: id, `inspector/*`, `tag:x`, `category:x`, or a peer's id such as DL3006
    #[arg(long, value_name = "SEL", value_delimiter = ',', env = "SEAWORTHY_ONLY", help_heading = "Rules")]
    pub only: Vec<String>,
    /// Leave these rules out
    #[arg(long, value_name = "SEL", value_delimiter = ',', env = "SEAWORTHY_SKIP", help_heading = "Rules")]
    pub skip: Vec<String>,
    /// Rules of your own
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, env = "SEAWORTHY_RULE_DIR", help_heading = "Rules")]
    pub rule_dir: Vec<Utf8PathBuf>,
    /// Use no policy file
    #[arg(long, env = "SEAWORTHY_NO_CONFIG", help_heading = "Rules")]
    pub no_config: bool,

    /// Report format, optionally into a file: json, sarif=report.sarif; repeatable [default: table]
    #[arg(short, long, value_name = "F[=FILE]", env = "SEAWORTHY_FORMAT", help_heading = "Report")]
    pub format: Vec<String>,
    /// Leave findings below this severity out of the report (they still count)
    #[arg(long, value_name = "SEV", env = "SEAWORTHY_MIN_SEVERITY", help_heading = "Report")]
    pub min_severity: Option<SeverityArg>,
    /// `automationDetails.id` in SARIF, to tell several uploads for one commit apart
    #[arg(
        long,
        value_name = "NAME",
        default_value = "seaworthy",
        env = "SEAWORTHY_SARIF_CATEGORY",
        help_heading = "Report"
    )]
    pub sarif_category: String,
    /// Keep waived findings in SARIF, marked as suppressed
    #[arg(long, env = "SEAWORTHY_SARIF_SUPPRESSIONS", help_heading = "Report")]
    pub sarif_suppressions: bool,

    /// Judge only what is new: findings of this file (`seaworthy baseline`) do not count
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, env = "SEAWORTHY_BASELINE", help_heading = "Gate")]
    pub baseline: Option<Utf8PathBuf>,
    /// A report of another tool (SARIF, JUnit XML) that answers an item: FILE, or ITEM=FILE; repeatable
    #[arg(long, value_name = "[ITEM=]FILE", env = "SEAWORTHY_EVIDENCE", help_heading = "Gate")]
    pub evidence: Vec<String>,
    /// Judge only what is new: findings that exist at this commit do not count
    #[arg(long, value_name = "REF", env = "SEAWORTHY_DIFF", conflicts_with = "baseline", help_heading = "Gate")]
    pub diff: Option<String>,
    /// Not ready when an open finding is this severe or worse [default: high]
    #[arg(long, value_name = "SEV|none", env = "SEAWORTHY_FAIL_ON", help_heading = "Gate")]
    pub fail_on: Option<FailOn>,
    /// Not ready when the score is below this
    #[arg(long, value_name = "N", env = "SEAWORTHY_MIN_SCORE", value_parser = clap::value_parser!(u8).range(0..=100), help_heading = "Gate")]
    pub min_score: Option<u8>,
    /// Incomplete when more than this many things could not be checked
    #[arg(long, value_name = "N", env = "SEAWORTHY_MAX_UNKNOWN", help_heading = "Gate")]
    pub max_unknown: Option<u32>,
    /// Exit with 3 when anything could not be checked
    #[arg(long, env = "SEAWORTHY_STRICT", help_heading = "Gate")]
    pub strict: bool,
    /// Report, but exit with 0
    #[arg(long, env = "SEAWORTHY_EXIT_ZERO", help_heading = "Gate")]
    pub exit_zero: bool,
    /// Nothing to judge is fine
    #[arg(long, env = "SEAWORTHY_ALLOW_EMPTY", help_heading = "Gate")]
    pub allow_empty: bool,

    /// Mend what can be mended without being read, judge again, and report what is left
    #[arg(long, env = "SEAWORTHY_FIX", help_heading = "Fixes")]
    pub fix: bool,
    /// With `--fix` or `--dry-run`: make the fixes, too, that may change how something is built or run
    #[arg(long, env = "SEAWORTHY_UNSAFE_FIXES", help_heading = "Fixes")]
    pub unsafe_fixes: bool,
    /// Print what the fixes would change as a unified diff instead of the report, and write nothing
    #[arg(long, env = "SEAWORTHY_DRY_RUN", help_heading = "Fixes")]
    pub dry_run: bool,

    /// Probe the network targets of the policy; without it they are not run
    #[arg(long, help_heading = "Network")]
    pub online: bool,
    /// Ask this name server instead of the system's
    #[arg(long, value_name = "IP[:PORT]", env = "SEAWORTHY_RESOLVER", help_heading = "Network")]
    pub resolver: Option<String>,
    /// Certificates (PEM) of authorities that count beside Mozilla's
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, env = "SEAWORTHY_CA", help_heading = "Network")]
    pub ca: Vec<Utf8PathBuf>,
    /// Connect through this proxy: `http://HOST:PORT`, with `USER:PASSWORD@` before the host where it asks for them
    #[arg(long, value_name = "URL", env = "SEAWORTHY_PROXY", hide_env_values = true, help_heading = "Network")]
    pub proxy: Option<String>,
    /// Let targets lie at private, loopback and other special addresses
    #[arg(long, help_heading = "Network")]
    pub allow_private: bool,
    /// The time for one exchange: 500ms, 10s, 1m [default: 10s]
    #[arg(long, value_name = "D", env = "SEAWORTHY_TIMEOUT", help_heading = "Network")]
    pub timeout: Option<String>,
    /// Write what the targets showed into this folder, for `--replay`
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, env = "SEAWORTHY_RECORD", conflicts_with = "replay", help_heading = "Network")]
    pub record: Option<Utf8PathBuf>,
    /// Judge what `--record` wrote instead of the network; opens no connection
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, env = "SEAWORTHY_REPLAY", help_heading = "Network")]
    pub replay: Option<Utf8PathBuf>,

    /// Judge what is staged: the index's content of the files that the next commit changes
    #[arg(long, env = "SEAWORTHY_STAGED", conflicts_with = "diff", help_heading = "Run")]
    pub staged: bool,
    /// Run the commands of the policy that answer items; never those that a pull request brings along
    #[arg(long, help_heading = "Run")]
    pub allow_commands: bool,
    /// The name under which standard input is judged
    #[arg(long, value_name = "NAME", env = "SEAWORTHY_STDIN_FILENAME", help_heading = "Run")]
    pub stdin_filename: Option<Utf8PathBuf>,
    /// Judge as of this time (RFC 3339, or a date) instead of now
    #[arg(long, value_name = "TIME", env = "SEAWORTHY_NOW", help_heading = "Run")]
    pub now: Option<String>,
    /// Threads [default: one for each processor]
    #[arg(short = 'j', long = "jobs", value_name = "N", env = "SEAWORTHY_JOBS", help_heading = "Run")]
    pub jobs: Option<NonZeroUsize>,
    /// Colour: auto, always or never
    #[arg(long, value_name = "WHEN", default_value = "auto", env = "SEAWORTHY_COLOR", help_heading = "Run")]
    pub color: Color,
    /// Print every setting with where it comes from, and judge nothing
    #[arg(long, help_heading = "Run")]
    pub show_settings: bool,
    /// Say less: no findings, only the verdict
    #[arg(short, long, env = "SEAWORTHY_QUIET", conflicts_with = "verbose", help_heading = "Run")]
    pub quiet: bool,
    /// Say more: every finding, everything skipped
    #[arg(short, long, env = "SEAWORTHY_VERBOSE", help_heading = "Run")]
    pub verbose: bool,
}

/// Arguments of `checklist`.
#[derive(Debug, Args)]
pub struct ChecklistArgs {
    /// The folder to judge
    #[arg(default_value = ".", value_hint = ValueHint::AnyPath)]
    pub path: Utf8PathBuf,
    /// The environment of the policy
    #[arg(long = "env", value_name = "NAME", env = "SEAWORTHY_ENV")]
    pub environment: Option<String>,
    /// How: markdown, in-toto (a statement) or vsa (a SLSA verification summary)
    #[arg(short, long, value_name = "F", default_value = "markdown")]
    pub format: ChecklistFormat,
    /// For in-toto and vsa: put it into a DSSE envelope signed with this ed25519 key (PKCS #8, PEM)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: Option<Utf8PathBuf>,
    /// Run the commands of the policy that answer items; never those that a pull request brings along
    #[arg(long)]
    pub allow_commands: bool,
    /// Write into this file instead of standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<Utf8PathBuf>,
    /// Judge as of this time (RFC 3339, or a date) instead of now
    #[arg(long, value_name = "TIME", env = "SEAWORTHY_NOW")]
    pub now: Option<String>,
}

/// Formats of `checklist`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ChecklistFormat {
    /// Boxes with the evidence beside them
    Markdown,
    /// An in-toto statement
    InToto,
    /// A SLSA verification summary
    Vsa,
}

/// Arguments of `attest`.
#[derive(Debug, Args)]
pub struct AttestArgs {
    /// The item: `seaworthy checklist` shows them
    pub item: String,
    /// The folder with the policy
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub path: Utf8PathBuf,
    /// Who says so: an address or an account
    #[arg(long, value_name = "ID")]
    pub by: String,
    /// In which role
    #[arg(long, value_name = "ROLE")]
    pub role: String,
    /// What came out
    #[arg(long, value_name = "RESULT")]
    pub result: Answer,
    /// Why it does not apply
    #[arg(long, value_name = "REASON")]
    pub reason: Option<Inapplicable>,
    /// What a reader should know
    #[arg(long, value_name = "TEXT")]
    pub comment: Option<String>,
    /// What shows it: a file of the repository, or an address; repeatable
    #[arg(long, value_name = "FILE|URL", value_hint = ValueHint::FilePath)]
    pub evidence: Vec<String>,
    /// The environment that it is about
    #[arg(long = "env", value_name = "NAME", env = "SEAWORTHY_ENV")]
    pub environment: Option<String>,
    /// The id of a record that this one takes back
    #[arg(long, value_name = "ID")]
    pub revokes: Option<String>,
    /// When it was found out (RFC 3339, or a date) instead of now
    #[arg(long, value_name = "TIME", env = "SEAWORTHY_NOW")]
    pub now: Option<String>,
}

/// Arguments of `baseline`: those of `check`, and the file.
#[derive(Debug, Args)]
pub struct BaselineArgs {
    /// What is judged, and how
    #[command(flatten)]
    pub check: CheckArgs,
    /// The file to write [default: standard output]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<Utf8PathBuf>,
}

/// Arguments of `waive`.
#[derive(Debug, Args)]
pub struct WaiveArgs {
    /// The fingerprint of a finding (its first eight digits are enough), or a rule
    pub target: String,
    /// For a rule: the files in which its findings are accepted; repeatable
    #[arg(long, value_name = "GLOB", value_hint = ValueHint::AnyPath)]
    pub path: Vec<String>,
    /// For a rule: the objects (`Deployment/shop/api`); repeatable
    #[arg(long, value_name = "GLOB")]
    pub object: Vec<String>,
    /// Only in this environment of the policy; repeatable
    #[arg(long, value_name = "NAME")]
    pub env: Vec<String>,
    /// Why, in fifteen characters or more
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// The last day on which it holds: 2027-01-31
    #[arg(long, value_name = "DATE")]
    pub until: String,
    /// Who answers for it
    #[arg(long, value_name = "NAME")]
    pub owner: String,
    /// Who accepted it
    #[arg(long, value_name = "NAME")]
    pub approved_by: String,
    /// The most findings that it may cover
    #[arg(long, value_name = "N")]
    pub max_findings: Option<std::num::NonZeroU32>,
    /// Where it is discussed
    #[arg(long, value_name = "TEXT")]
    pub ticket: Option<String>,
    /// The waiver file [default: the one that the policy names, else .seaworthy/waivers.yaml]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Option<Utf8PathBuf>,
    /// The day on which it is made, instead of today
    #[arg(long, value_name = "TIME", env = "SEAWORTHY_NOW")]
    pub now: Option<String>,
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The folder that the policy is for
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub path: Utf8PathBuf,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A rule's id, what another tool calls it, or an item of the checklist: dockerfile/image-untagged, DL3006,
    /// rollback-rehearsed
    pub rule: String,
}

/// The subcommands of `rules`.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List all rules
    List {
        /// How: table or json
        #[arg(short, long, value_name = "F", default_value = "table")]
        format: ListFormat,
        /// Only these
        #[arg(long, value_name = "SEL", value_delimiter = ',')]
        only: Vec<String>,
    },
    /// Run the examples of the rules in a folder or file
    Test {
        /// Rule files and folders of them
        #[arg(required = true, value_hint = ValueHint::AnyPath)]
        paths: Vec<Utf8PathBuf>,
    },
    /// Start a rule: write a file with all keys, ready to fill in
    New {
        /// Its id: dockerfile/image-untagged
        id: String,
        /// The folder that holds the inspectors' folders
        #[arg(long, value_name = "DIR", default_value = "rules", value_hint = ValueHint::DirPath)]
        dir: Utf8PathBuf,
    },
}

/// Formats of `rules list`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people
    Table,
    /// `seaworthy/rules/1`
    Json,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// A severity on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SeverityArg {
    /// Everything
    Info,
    /// Low and worse
    Low,
    /// Medium and worse
    Medium,
    /// High and worse
    High,
    /// Critical
    Critical,
}

/// What `--fail-on` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Info and worse
    Info,
    /// Low and worse
    Low,
    /// Medium and worse
    Medium,
    /// High and worse
    High,
    /// Critical
    Critical,
    /// No finding decides
    None,
}
