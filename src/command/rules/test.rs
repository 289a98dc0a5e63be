//! `rules test PATH…`: every rule loads, and every example is reported where it should be, or silent.

use std::fmt::Write as _;

use camino::Utf8PathBuf;

use crate::detect;
use crate::error::Error;
use crate::exit::ExitCode;
use crate::inspect;
use crate::mask;
use crate::relate;
use crate::rule::Rule;
use crate::rule::example::{self, Bench};
use crate::rule::load::{self, Loaded};

pub(super) fn run(paths: &[Utf8PathBuf]) -> Result<ExitCode, Error> {
    let subjects = relate::subjects();
    let (mut out, mut wrong, mut good, mut rules) = (String::new(), 0, 0, 0);
    let mut errors = Vec::new();
    for path in paths {
        for loaded in load::each(path.as_std_path())? {
            rules += 1;
            match loaded.and_then(|loaded| test(&loaded, &subjects, &mut out)) {
                Ok((held, failed)) => (good, wrong) = (good + held, wrong + failed),
                Err(error) => errors.push(error),
            }
        }
    }
    let _ = writeln!(out, "{rules} rules: {good} examples hold, {wrong} do not, {} rules do not load", errors.len());
    crate::command::put_masked(&out).map_err(Error::output)?;
    match Error::from_many(errors) {
        Some(error) => Err(error),
        None if wrong > 0 => Ok(ExitCode::NotReady),
        None => Ok(ExitCode::Ready),
    }
}

/// Runs the examples of one rule; tells those that do not hold. (held, failed)
fn test(loaded: &Loaded, subjects: &[&'static crate::fact::Subject], out: &mut String) -> Result<(u32, u32), Error> {
    let usual =
        loaded.id.split('/').next().and_then(inspect::by_name).map_or("file", |inspector| inspector.usual_name());
    let bench = Bench { usual_name: usual, fill: &|text| detect::fill(text, &loaded.file.formats) };
    let (mut held, mut failed) = (0, 0);
    let examples = &loaded.file.examples;
    let all = examples.fails.iter().map(|one| (one, true)).chain(examples.passes.iter().map(|one| (one, false)));
    for (one, should_fail) in all {
        let given = |name: &str| one.params.get(name).cloned();
        let rule =
            Rule::compile(&loaded.id, &loaded.file, subjects, &given).map_err(|mistakes| loaded.error(mistakes))?;
        let outcome = example::run(&rule, one, should_fail, &bench);
        if outcome.is_good() {
            held += 1;
        } else {
            failed += 1;
            let (_, words) = mask::stars(&loaded.path, loaded.text());
            let told = format!("{}: {}: {}{}", loaded.path, outcome.name(), one.name, outcome.details());
            let _ = writeln!(out, "{}", words.hide(&told));
        }
    }
    if examples.fails.is_empty() && loaded.file.formats.is_empty() {
        failed += 1;
        let _ = writeln!(out, "{}: missing: no failing example", loaded.path);
    }
    if loaded.file.edit.is_some() && !examples.fails.iter().any(|one| one.fixed.is_some()) {
        failed += 1;
        let _ = writeln!(out, "{}: unmended: no failing example shows the text after the fix (`fixed`)", loaded.path);
    }
    Ok((held, failed))
}
