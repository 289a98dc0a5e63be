//! Where credentials stand: which services are given them, and which questions a place asks.

use super::{Found, World};
use crate::detect;
use crate::inspect::env::name::is_dotenv;
use crate::path::{file_name, folder};
use crate::relate::compose::stands::Stand;

/// Whether it matters what compose files make of it.
pub(super) fn asks_for_stands(one: &Found<'_, '_>) -> bool {
    is_compose(one) || is_variables(one) || one.place == "sql" || one.kind == "private-key" || is_data(one)
}

/// Whether it stands in a file of settings or data, which a service may be given.
pub(super) fn is_data(one: &Found<'_, '_>) -> bool {
    matches!(one.place, "data" | "text")
}

/// Whether it matters who names its file. What lies among tests is light whoever does.
pub(super) fn asks_for_names(one: &Found<'_, '_>) -> bool {
    (one.kind == "private-key" || one.place == "sql" || is_variables(one) || is_realm(one))
        && !detect::is_for_tries(one.path())
}

/// The variables that Spring and .NET read in place of a setting, by its path: `JWT_KEYSTORE_PASSWORD`, `Jwt__Key`.
pub(super) fn variables_of(one: &Found<'_, '_>) -> Vec<String> {
    let name = file_name(one.path()).to_ascii_lowercase();
    let is_read = ["application", "bootstrap", "appsettings"].iter().any(|start| name.starts_with(start));
    let path = if one.key_path.is_empty() { one.key } else { one.key_path };
    if !is_read || !(is_data(one) || one.place == "properties") || !path.contains('.') {
        return Vec::new();
    }
    if name.starts_with("appsettings") {
        return vec![path.replace('.', "__")];
    }
    let upper = path.to_ascii_uppercase();
    let mut names = vec![upper.replace(['.', '-'], "_"), upper.replace('-', "").replace('.', "_")];
    names.dedup();
    names
}

/// Whether it stands in what a server of accounts is filled with: only who imports the file tells whether that ships.
pub(super) fn is_realm(one: &Found<'_, '_>) -> bool {
    let name = file_name(one.path()).to_ascii_lowercase();
    name.ends_with(".json") && (name.contains("realm") || one.source.text().contains("\"clientAuthenticatorType\""))
}

/// Whether it stands in a compose file, as far as its place or name says.
pub(super) fn is_compose(one: &Found<'_, '_>) -> bool {
    one.place == "compose-env" || crate::inspect::compose::is_named(one.path())
}

/// Whether it stands in a file of variables.
pub(super) fn is_variables(one: &Found<'_, '_>) -> bool {
    one.place == "dotenv" || is_dotenv(one.path())
}

/// The services that a credential in a compose file is written for.
pub(super) fn written_for<'w, 's>(one: &Found<'_, 's>, world: &'w World<'_, 's>) -> Vec<&'w Stand<'s>> {
    let span = one.span();
    let holds = |stand: &&Stand<'s>| {
        stand.scalars.iter().any(|(at, _)| at.source == span.source && at.start < span.end && span.start < at.end)
    };
    let found: Vec<&Stand<'s>> = world.stands.iter().filter(holds).collect();
    if !found.is_empty() {
        return found;
    }
    // Written at an anchor: the services that have the value where they refer to it.
    let has = |stand: &&Stand<'s>| {
        let here = stand.scalars.iter().any(|(at, _)| at.source == span.source);
        here && stand.scalars.iter().any(|(_, text)| text.contains(one.text()))
    };
    world.stands.iter().filter(has).collect()
}

/// The services that a variable of a file reaches: they are given the file, or name the variable of the `.env` beside.
pub(super) fn given_to<'w, 's>(one: &Found<'_, 's>, world: &'w World<'_, 's>) -> Vec<&'w Stand<'s>> {
    let path = one.path();
    let beside = file_name(path) == ".env";
    let uses = |stand: &Stand<'s>| {
        stand.passed.contains(&one.key) || stand.scalars.iter().any(|(_, text)| names_variable(text, one.key))
    };
    let gets =
        |stand: &&Stand<'s>| stand.files.contains(path) || (beside && stand.folder == folder(path) && uses(stand));
    world.stands.iter().filter(gets).collect()
}

/// `$NAME`, `${NAME…}`.
fn names_variable(text: &str, name: &str) -> bool {
    text.match_indices('$').any(|(at, _)| {
        let rest = text.get(at + 1..).unwrap_or_default();
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        rest.strip_prefix(name).is_some_and(|after| !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
    })
}

/// The services that are given a file, or the folder that it lies in.
pub(super) fn given_file<'w, 's>(path: &str, world: &'w World<'_, 's>) -> Vec<&'w Stand<'s>> {
    let holds = |file: &String| {
        path == file || path.strip_prefix(file.as_str()).is_some_and(|rest| rest.starts_with('/') && !file.is_empty())
    };
    world.stands.iter().filter(|stand| stand.files.iter().any(holds)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_named_whole() {
        assert!(names_variable("postgres://u:${DB_PASS}@db", "DB_PASS"));
        assert!(names_variable("${DB_PASS:-x}", "DB_PASS") && names_variable("$DB_PASS", "DB_PASS"));
        assert!(!names_variable("${DB_PASSWORD}", "DB_PASS") && !names_variable("DB_PASS", "DB_PASS"));
    }
}
