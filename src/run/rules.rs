//! The rules of a run: the built-in ones and the user's, which are read with every mistake at its place.

use crate::check::Selection;
use crate::detect;
use crate::error::Error;
use crate::fact::Subject;
use crate::relate;
use crate::rule::Rule;
use crate::rule::catalog::Catalog;
use crate::rule::compile::RuleMistake;
use crate::rule::load::{self, Loaded};
use crate::settings::Settings;
use crate::syntax::suggest::suggest;

/// The built-in rules and the user's. What the user's know of secrets is searched for and masked from then on.
pub(super) fn catalog(settings: &Settings) -> Result<Catalog, Error> {
    let mut catalog = Catalog::builtin();
    let (subjects, mut errors) = (relate::subjects(), Vec::new());
    for dir in &settings.rule_dirs {
        for loaded in load::folder(dir)? {
            errors.extend(fault(&loaded, &subjects));
            catalog.add(loaded.id, loaded.file);
        }
    }
    Error::from_many(errors).map_or(Ok(()), Err)?;
    detect::add(catalog.own_formats());
    verify(settings, &catalog)?;
    Ok(catalog)
}

/// What is wrong with a rule of the user's, whether it is selected or not.
fn fault(loaded: &Loaded, subjects: &[&'static Subject]) -> Option<Error> {
    let broken = loaded.file.formats.iter().filter_map(|record| {
        let message = format!("format `{}`: {}", record.name, detect::validate(record).err()?);
        Some(RuleMistake { key: "formats".into(), range: None, message, help: None })
    });
    let compiled = Rule::compile(&loaded.id, &loaded.file, subjects, &|_| None);
    let mistakes: Vec<RuleMistake> = compiled.err().into_iter().flatten().chain(broken).collect();
    (!mistakes.is_empty()).then(|| loaded.error(mistakes))
}

/// A selector that selects nothing is a mistake of the user's: all of them together.
fn verify(settings: &Settings, catalog: &Catalog) -> Result<(), Error> {
    let Selection { only, skip, .. } = &settings.selection;
    let errors = only.iter().chain(skip).filter(|selector| !selector.is_known(catalog)).map(|selector| {
        let close = suggest(selector.word(), catalog.ids());
        let help = close
            .map_or_else(|| "`seaworthy rules list` lists them all".into(), |close| format!("did you mean `{close}`?"));
        Error::usage(format!("`{}` selects no rule", selector.word()), Some(help))
    });
    Error::from_many(errors.collect()).map_or(Ok(()), Err)
}
