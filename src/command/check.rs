//! `check`: judge, write the reports, and let the verdict decide the exit code.

use std::fs;
use std::io::{self, IsTerminal, Write};

use camino::{Utf8Path, Utf8PathBuf};

use super::fix::Writer;
use super::record::Recorder;
use crate::checklist;
use crate::cli::{CheckArgs, Color};
use crate::error::Error;
use crate::exit::ExitCode;
use crate::mask;
use crate::report::{self, Report, Style};
use crate::run::Hands;
use crate::settings::{self, Output, Settings};

/// Judges and reports.
///
/// # Errors
/// The run could not happen, or a report could not be written.
pub fn run(args: &CheckArgs) -> Result<ExitCode, Error> {
    let settings = Settings::new(args, settings::clock())?;
    if args.show_settings {
        super::put_masked(&settings::show::page(&settings)).map_err(Error::output)?;
        return Ok(ExitCode::Ready);
    }
    if let Some(jobs) = settings.jobs {
        // A second call in one process keeps the first pool; the result is the same.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs.get()).build_global();
    }
    let mut writer = Writer::new(settings.root.path(), settings.rehearses);
    let report = mend(&settings, &mut writer)?;
    // What was mended goes to standard output where that is asked for, and the report beside it.
    let is_taken = settings.rehearses || writer.has_stdin;
    if is_taken {
        super::put(&writer.shown).map_err(Error::output)?;
    }
    for output in &settings.outputs {
        match (&output.file, settings.rehearses) {
            (None, true) => {}
            _ => write(&report, output, &settings, is_taken)?,
        }
    }
    if let Some(wanted) = settings.mending {
        super::say(&mask::plain(&super::fix::tell(&writer, wanted.and_unsafe)));
    }
    Ok(checklist::exit_code(&report.verdict, &settings.gate, report.unknown.len()))
}

/// Runs without mending anything.
pub(super) fn judge(settings: &Settings) -> Result<Report, Error> {
    if settings.mending.is_some() {
        let help = "`seaworthy check --fix` mends";
        return Err(Error::usage("fixes are made by `check` alone".to_owned(), Some(help.to_owned())));
    }
    mend(settings, &mut Writer::new(settings.root.path(), true))
}

/// Runs, keeps what the targets showed where that was asked for, runs commands where they are allowed, and gives
/// `writer` what is mended.
fn mend(settings: &Settings, writer: &mut Writer) -> Result<Report, Error> {
    let folder = settings.network.record.as_deref();
    let recorder =
        folder.map(|folder| Recorder::new(folder, settings.root.path(), &settings.inputs.folder)).transpose()?;
    let hands = Hands {
        keep: &mut |name, text| recorder.as_ref().map_or(Ok(()), |to| to.write(name, text)),
        runner: &|order| super::run_allowed::run(order, settings),
        mend: Some(writer),
    };
    crate::run::run_with(settings, hands)
}

fn write(report: &Report, output: &Output, settings: &Settings, is_taken: bool) -> Result<(), Error> {
    let style = style(output, settings);
    let mut text = Vec::new();
    report::render(report, output.format, &style, &mut text).map_err(Error::output)?;
    match &output.file {
        None if is_taken => {
            super::say(&String::from_utf8_lossy(&text));
            Ok(())
        }
        None => super::put_bytes(&text).map_err(Error::output),
        Some(file) => replace(file, &text).map_err(|error| Error::usage(format!("cannot write {file}: {error}"), None)),
    }
}

/// Writes a regular file whole and renames it into place; what exists and is no regular file (a pipe, a device) is
/// written through.
pub(super) fn replace(file: &Utf8Path, text: &[u8]) -> io::Result<()> {
    if fs::metadata(file).is_ok_and(|kind| !kind.is_file()) {
        return fs::OpenOptions::new().write(true).open(file)?.write_all(text);
    }
    let beside = Utf8PathBuf::from(format!("{file}.{}.part", std::process::id()));
    fs::write(&beside, text)?;
    fs::rename(&beside, file).inspect_err(|_| drop(fs::remove_file(&beside)))
}

/// What the terminal, the flags and the environment allow.
fn style(output: &Output, settings: &Settings) -> Style {
    let terminal = output.file.is_none() && io::stdout().is_terminal();
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let color = match settings.shown.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => !set("NO_COLOR") && (set("FORCE_COLOR") || terminal),
    };
    let folder = |path: Option<&std::path::Path>| {
        path.and_then(|path| Utf8PathBuf::from_path_buf(path.to_owned()).ok()).unwrap_or_default()
    };
    Style {
        width: if terminal { width() } else { Style::default().width },
        color,
        links: terminal && color,
        verbose: settings.shown.verbose,
        quiet: settings.shown.quiet,
        root: folder(Some(settings.root.path())),
        cwd: folder(Some(&settings.inputs.folder)),
        sarif_category: settings.shown.sarif_category.clone(),
        sarif_suppressions: settings.shown.sarif_suppressions,
    }
}

/// The width of the terminal in cells.
fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let asked = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    columns.or_else(asked).unwrap_or(100).clamp(60, 160)
}
