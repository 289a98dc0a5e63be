//! `explain RULE`: what a rule means, by its id or by what another tool calls it.

use crate::cli::ExplainArgs;
use crate::error::Error;
use crate::exit::ExitCode;
use crate::explain;
use crate::rule::catalog::Catalog;
use crate::syntax::suggest::suggest;

/// Prints the page of every rule that the word names.
///
/// # Errors
/// No rule bears that name.
pub fn run(args: &ExplainArgs) -> Result<ExitCode, Error> {
    let catalog = Catalog::builtin();
    let ids = catalog.named(&args.rule);
    if ids.is_empty() {
        return Err(unknown(&catalog, &args.rule));
    }
    let pages: Vec<String> = ids
        .iter()
        .filter_map(|id| Some(explain::page(id, catalog.get(id)?, &catalog.prose(id).unwrap_or_default())))
        .collect();
    super::put(&pages.join("\n---\n\n")).map_err(Error::output)?;
    Ok(ExitCode::Ready)
}

fn unknown(catalog: &Catalog, word: &str) -> Error {
    let peers =
        catalog.iter().flat_map(|(_, rule)| rule.aliases.values().flat_map(|ids| ids.0.iter().map(String::as_str)));
    let ids = catalog.iter().map(|(id, _)| id);
    let help = match suggest(word, ids.chain(peers)) {
        Some(close) => format!("did you mean `{close}`?"),
        None => "`seaworthy rules list` lists them all".to_owned(),
    };
    Error::usage(format!("there is no rule `{word}`"), Some(help))
}
