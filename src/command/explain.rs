//! `explain`: what a rule means, by its id or by what another tool calls it, or what an item of the checklist asks.

use camino::Utf8Path;

use super::checklist::{plain, settings};
use crate::checklist::question::Question;
use crate::cli::ExplainArgs;
use crate::error::Error;
use crate::exit::ExitCode;
use crate::explain;
use crate::rule::catalog::Catalog;
use crate::settings::Settings;
use crate::settings::items::Questions;
use crate::syntax::suggest::suggest;

/// Prints the page of every rule that the word names, or that of the item.
///
/// # Errors
/// No rule and no item bears that name.
pub fn run(args: &ExplainArgs) -> Result<ExitCode, Error> {
    let catalog = Catalog::builtin();
    let ids = catalog.named(&args.rule);
    if ids.is_empty() {
        let questions = questions();
        return match questions.iter().find(|question| question.id == args.rule) {
            Some(question) => super::put(&explain::item(question)).map_err(Error::output).map(|()| ExitCode::Ready),
            None => Err(unknown(&catalog, &questions, &args.rule)),
        };
    }
    let pages: Vec<String> = ids
        .iter()
        .filter_map(|id| Some(explain::page(id, catalog.get(id)?, &catalog.prose(id).unwrap_or_default())))
        .collect();
    super::put(&pages.join("\n---\n\n")).map_err(Error::output)?;
    Ok(ExitCode::Ready)
}

/// The items of the policy here, else the built-in ones.
fn questions() -> Questions {
    let here = || settings(plain()?, Utf8Path::new("."), None, None);
    here().map_or(Questions::Builtin, |settings: Settings| settings.questions)
}

fn unknown(catalog: &Catalog, questions: &[Question], word: &str) -> Error {
    let peers =
        catalog.iter().flat_map(|(_, rule)| rule.aliases.values().flat_map(|ids| ids.0.iter().map(String::as_str)));
    let ids = catalog.iter().map(|(id, _)| id);
    let help = match suggest(word, ids.chain(peers).chain(questions.iter().map(|question| question.id.as_str()))) {
        Some(close) => format!("did you mean `{close}`?"),
        None => "`seaworthy rules list` lists all rules, `seaworthy checklist` all items".to_owned(),
    };
    Error::usage(format!("there is no rule and no item `{word}`"), Some(help))
}
