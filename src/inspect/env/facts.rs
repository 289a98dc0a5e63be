//! Dotenv file → facts. The value of a variable whose name promises a secret is in none of them.

use std::collections::HashMap;
use std::ops::Range;

use super::document::{Assignment, Document, Line, Separator};
use super::{name, read, value};
use crate::fact::{Data, Fact, Reason, Type, Value};
use crate::path;
use crate::source::{Encoding, Source};
use crate::span::Span;

crate::subject! {
    /// A dotenv file. Stands at its beginning.
    pub struct File: "env.file" {
        /// Its path from the root.
        path: Type::String,
        /// Whether it shows what to fill in (`.env.example`).
        is_example: Type::Bool,
        /// The environment that its name, or a variable such as NODE_ENV in it, says: `production`, `staging`,
        /// `development`; absent when nothing says one; points to what says it.
        environment: Type::String,
        /// Whether it is for production or staging, as far as name and content say; points to what says it.
        is_production: Type::Bool,
        /// Whether its values are encrypted (dotenvx), so that it may be committed.
        is_encrypted: Type::Bool,
        /// Whether it begins with a byte order mark.
        has_byte_order_mark: Type::Bool,
        /// Whether a line ends with a carriage return; points to the first one.
        has_carriage_return: Type::Bool,
        /// The carriage returns, each at its place; none where one stands without a line feed, and of a file with very many.
        carriage_returns: Type::List(&Type::String),
        /// Whether two blank lines follow one another; points to the second one.
        has_blank_lines: Type::Bool,
        /// Whether its last line is ended; points to the last character.
        ends_with_newline: Type::Bool,
        /// Whether the names stand in alphabetical order; points to the first that does not.
        is_sorted: Type::Bool,
        /// How many variables it sets.
        variables: Type::Int,
    }

    /// A line of a dotenv file that is neither blank, comment nor assignment. Stands at its text.
    pub struct Junk: "env.line" {
        /// Whether it can be read; always false; points to the line.
        is_assignment: Type::Bool,
    }

    /// A variable of a dotenv file. Stands at its name.
    pub struct Variable: "env.variable" {
        /// Its name.
        key: Type::String,
        /// Its value without quotes; unknown when the name promises a secret, or the value depends on others.
        value: Type::String,
        /// Whether there is a value that is not empty; points to it.
        has_value: Type::Bool,
        /// Whether there is a `=` or a `: `; points to the name.
        is_assigned: Type::Bool,
        /// `=` or `:`; points to it.
        separator: Type::String,
        /// Whether the name is made of letters, digits and `_` and does not begin with a digit; points to it.
        has_valid_name: Type::Bool,
        /// Whether the name is written in capitals; points to it.
        has_upper_case_name: Type::Bool,
        /// Whether an earlier line sets it too; points to the name.
        is_repeated: Type::Bool,
        /// The name, where an earlier line sets it and nothing in between uses what that line says; points to that line.
        shadowed: Type::String,
        /// Whether blanks stand around the `=`; points to them.
        has_space_around: Type::Bool,
        /// Whether blanks stand before the name; points to them.
        is_indented: Type::Bool,
        /// Whether blanks stand at the end of the line; points to them.
        has_trailing_space: Type::Bool,
        /// Whether `export` stands before it; points to that.
        is_exported: Type::Bool,
        /// `export` with the blanks behind it; points to that; absent without one.
        export_prefix: Type::String,
        /// A value without quotes in double quotes; points to the value; absent where that would read otherwise, and when the
        /// name promises a secret.
        in_quotes: Type::String,
        /// Whether the value stands in quotes; points to it.
        is_quoted: Type::Bool,
        /// Whether the quotes could be left out; points to the value.
        has_needless_quotes: Type::Bool,
        /// Whether an opened quote is closed; points to the value.
        is_closed: Type::Bool,
        /// Whether text follows the closing quote; points to it.
        has_tail: Type::Bool,
        /// Whether a value without quotes has blanks inside; points to it.
        has_bare_space: Type::Bool,
        /// Whether a value without quotes holds a `#` that begins no comment; points to it.
        has_bare_hash: Type::Bool,
        /// Whether the value spans lines; points to it.
        is_multiline: Type::Bool,
        /// Whether a value without quotes ends with a backslash; points to it.
        ends_with_backslash: Type::Bool,
        /// Whether loaders disagree about a backslash in it; points to the value.
        has_backslash: Type::Bool,
        /// Whether a character that nobody sees stands in name or value; points to it.
        has_invisible_character: Type::Bool,
        /// Whether the value holds `$(…)` or backticks, which some loaders run; points to it.
        has_command: Type::Bool,
        /// Whether every `${` has a name and a `}`; points to the first that has not.
        has_sound_references: Type::Bool,
        /// Variables that the value uses and a later line sets; each points to its use.
        used_too_early: Type::List(&Type::String),
        /// Variables that the value uses, with nothing to stand in, and this file does not set; each points to its use.
        used_from_outside: Type::List(&Type::String),
        /// Whether the name promises a secret and a bare `$` in the value will be taken for a variable by some loaders;
        /// points to the name.
        has_dollar_in_secret: Type::Bool,
        /// Which loaders read the line otherwise than it looks: `bash`, `compose`, `docker` (`--env-file`), `node`,
        /// `python`, `ruby`, `rust`; each points to the value.
        misread_by: Type::List(&Type::String),
        /// Whether the name promises a secret; points to it.
        names_secret: Type::Bool,
        /// Whether the value asks to be replaced, and the rules of `secrets` do not report it; points to it.
        is_placeholder: Type::Bool,
        /// Whether the value's host is one that only manuals use; points to it.
        has_sample_host: Type::Bool,
        /// Whether it turns a debug mode on; points to the value.
        turns_on_debug: Type::Bool,
        /// Whether it makes logs tell everything; points to the value.
        logs_everything: Type::Bool,
        /// What a variable such as NODE_ENV says; absent for any other; points to the value.
        mode: Type::String,
        /// Whether that is another environment than the one that the file's name says; points to the value.
        contradicts_file: Type::Bool,
        /// Whether it sends the program to its own machine; points to the value.
        is_local_address: Type::Bool,
        /// Whether it is a URL without encryption to a host outside of the own network; points to the value.
        is_plain_text_url: Type::Bool,
        /// Whether it turns the check of certificates off; points to the value.
        turns_off_tls_checks: Type::Bool,
        /// Whether it turns encryption to a host outside of the own network off; points to the value.
        turns_off_tls: Type::Bool,
        /// Whether it lets anybody in; points to the value.
        turns_off_authentication: Type::Bool,
        /// Whether it is a key, or an address, for trying out; points to the value.
        is_test_key: Type::Bool,
        /// Whether it is a path that is there on one machine only; points to the value.
        is_machine_path: Type::Bool,
        /// Whether the name promises a secret and its prefix makes a build tool publish the value; points to the name.
        publishes_secret: Type::Bool,
        /// Whether the file shows what to fill in.
        is_example: Type::Bool,
        /// Whether the file is for production or staging, as far as name and content say.
        is_production: Type::Bool,
    }
}

/// The lines before a line.
#[derive(Default)]
struct Seen<'d> {
    /// Name → the last line that sets it, by its index, and where it stands.
    set: HashMap<&'d str, (usize, Range<usize>)>,
    /// Name → the last line that uses it.
    used: HashMap<&'d str, usize>,
}

/// An earlier line that sets the same name.
struct Earlier {
    line: Range<usize>,
    /// Whether a line since then uses what it says.
    is_used: bool,
}

impl<'d> Seen<'d> {
    fn before(&mut self, one: &'d Assignment<'_>, index: usize) -> Option<Earlier> {
        self.used.extend(one.references.iter().map(|reference| (reference.name, index)));
        let line = one.indent.start.min(one.key_place.start)..one.value_place.end.max(one.key_place.end);
        let (set, range) = self.set.insert(one.key, (index, line))?;
        Some(Earlier { line: range, is_used: self.used.get(one.key).is_some_and(|used| *used > set) })
    }
}

/// What all facts of a file share.
struct About<'d, 's> {
    source: &'s Source,
    document: &'d Document<'s>,
    is_example: bool,
    named: Option<String>,
    said: Option<(String, Range<usize>)>,
    is_production: bool,
    /// The last line (by its index) that sets a name.
    last: HashMap<&'s str, usize>,
}

/// The facts of a file.
pub(super) fn state<'s>(document: &Document<'s>, source: &'s Source) -> Vec<Fact<'s>> {
    let about = About::new(document, source);
    let mut facts = vec![about.file()];
    let mut seen = Seen::default();
    let mut index = 0;
    for line in &document.lines {
        match line {
            Line::Assignment(assignment) => {
                let earlier = seen.before(assignment, index);
                facts.push(about.variable(assignment, earlier, index));
                index += 1;
            }
            Line::Other(range) => {
                let span = about.span(range);
                let junk = Junk { is_assignment: Value::bool(false, span) };
                facts.push(junk.fact(span, "line", source.role));
            }
        }
    }
    facts
}

impl<'d, 's> About<'d, 's> {
    fn new(document: &'d Document<'s>, source: &'s Source) -> Self {
        let path = source.path();
        let named = name::environment(path);
        let said = document.assignments().find_map(|one| {
            let mode = value::mode(one.key, &one.value).and_then(name::canonical)?;
            Some((mode.to_owned(), one.value_place.clone()))
        });
        let environment = named.as_deref().or(said.as_ref().map(|(mode, _)| mode.as_str()));
        let is_example = name::is_example(path);
        let shipped = source.role.is_shipped() && !is_example;
        let is_production = shipped && matches!(environment, Some("production" | "staging"));
        let last = document.assignments().enumerate().map(|(index, one)| (one.key, index)).collect();
        Self { source, document, is_example, named, said, is_production, last }
    }

    fn span(&self, range: &Range<usize>) -> Span {
        Span::new(self.source.id, range.clone())
    }

    fn file(&self) -> Fact<'s> {
        let (source, document) = (self.source, self.document);
        let text = source.text();
        let start = source.whole().at_start();
        let end = text.char_indices().next_back().map_or(0..0, |(at, c)| at..at + c.len_utf8());
        let place = |range: &Option<Range<usize>>| range.as_ref().map_or(start, |range| self.span(range));
        let said = self.said.as_ref().map(|(_, range)| range.clone()).filter(|_| self.named.is_none());
        let environment = self.named.clone().or(self.said.as_ref().map(|(mode, _)| mode.clone()));
        let keys: Vec<&Assignment<'_>> = document.assignments().collect();
        let unsorted = keys.windows(2).find(|two| two[0].key > two[1].key).map(|two| two[1].key_place.clone());
        let encrypted = |one: &&&Assignment<'_>| one.value.starts_with("encrypted:");
        let variables = i64::try_from(keys.len()).unwrap_or(i64::MAX);
        File {
            path: Value::str(source.path(), start),
            is_example: Value::bool(self.is_example, start),
            environment: Value::option(environment.map(|word| Data::Str(word.into())), place(&said)),
            is_production: Value::bool(self.is_production, place(&said)),
            is_encrypted: Value::bool(keys.iter().filter(encrypted).count() * 2 > keys.len(), start),
            has_byte_order_mark: Value::bool(source.encoding != Encoding::Utf8 || text.starts_with('\u{feff}'), start),
            has_carriage_return: Value::bool(document.carriage_return.is_some(), place(&document.carriage_return)),
            carriage_returns: Value::list(self.carriage_returns(), start),
            has_blank_lines: Value::bool(document.blank_pair.is_some(), place(&document.blank_pair)),
            ends_with_newline: Value::bool(text.is_empty() || text.ends_with(['\n', '\r']), self.span(&end)),
            is_sorted: Value::bool(unsorted.is_none(), place(&unsorted)),
            variables: Value::int(variables, start),
        }
        .fact(start, path::file_name(source.path()), source.role)
    }

    fn carriage_returns(&self) -> Vec<Value<'s>> {
        const MOST: usize = 10_000;
        let text = self.source.text().as_bytes();
        if self.document.carriage_return.is_none() {
            return Vec::new();
        }
        let all: Vec<usize> = memchr::memchr_iter(b'\r', text).take(MOST + 1).collect();
        let is_clear = all.len() <= MOST && all.iter().all(|at| text.get(at + 1) == Some(&b'\n'));
        let value = |at: usize| Value::str("\r", self.span(&(at..at + 1)));
        if is_clear { all.into_iter().map(value).collect() } else { Vec::new() }
    }

    fn export_prefix(&self, one: &Assignment<'s>) -> Value<'s> {
        let key = self.span(&one.key_place);
        let Some(export) = &one.export else { return Value::absent(key) };
        let range = export.start..one.key_place.start;
        let text = self.source.text().get(range.clone()).unwrap_or_default();
        Value::str(text.to_owned(), self.span(&range))
    }

    #[rustfmt::skip]
    fn variable(&self, one: &Assignment<'s>, earlier: Option<Earlier>, index: usize) -> Fact<'s> {
        let key = self.span(&one.key_place);
        let held = self.span(&one.value_place);
        let text = &*one.value;
        let raw = self.source.text().get(one.value_place.clone()).unwrap_or_default();
        let bare = one.quote.is_none();
        let names_secret = crate::detect::key::kind(one.key).is_some();
        let literal = !value::is_filled_in(text) && one.references.is_empty();
        let at = |yes: bool, range: &Range<usize>| Value::bool(yes, self.span(range));
        let judged = |test: fn(&str, &str) -> bool| Value::bool(literal && test(one.key, text), held);
        let seen = |test: fn(&str) -> bool| Value::bool(literal && test(text), held);
        let around = self.source.text().get(one.separator_place.clone()).unwrap_or_default();
        let blanks = around.contains([' ', '\t']) && one.separator == Separator::Equals && !raw.is_empty();
        let invisible = self.invisible(one);
        let mode = value::mode(one.key, text).filter(|_| literal);
        let bad = |word: &str| matches!((name::canonical(word), self.named.as_deref()), (Some(a), Some(b)) if a != b);
        let later = |name: &str| self.last.get(name).is_some_and(|last| *last > index) && name != one.key;
        Variable {
            key: Value::str(one.key, key),
            value: self.value(one, literal),
            has_value: Value::bool(!text.is_empty(), if raw.is_empty() { key } else { held }),
            is_assigned: Value::bool(one.separator != Separator::None, key),
            separator: Value::str(match one.separator { Separator::Equals => "=", Separator::Colon => ":", Separator::None => "" }, self.span(&one.separator_place)),
            has_valid_name: Value::bool(read::is_name(one.key), key),
            has_upper_case_name: Value::bool(has_upper_case_name(one.key), key),
            is_repeated: Value::bool(earlier.is_some(), key),
            shadowed: earlier.filter(|one| !one.is_used).map_or(Value::absent(key), |earlier| Value::str(one.key, self.span(&earlier.line))),
            has_space_around: at(blanks, &one.separator_place),
            is_indented: at(!one.indent.is_empty(), &one.indent),
            has_trailing_space: at(!one.trailing.is_empty(), &one.trailing),
            is_exported: at(one.export.is_some(), one.export.as_ref().unwrap_or(&one.key_place)),
            export_prefix: self.export_prefix(one),
            in_quotes: Value::option(in_quotes(raw).filter(|_| bare && !is_hidden(one)).map(|text| Data::Str(text.into())), held),
            is_quoted: Value::bool(!bare, held),
            has_needless_quotes: Value::bool(!bare && one.is_closed && is_plain(text), held),
            is_closed: Value::bool(one.is_closed, held),
            has_tail: at(one.tail.is_some(), one.tail.as_ref().unwrap_or(&one.value_place)),
            has_bare_space: Value::bool(bare && !value::is_template(text) && text.contains([' ', '\t']), held),
            has_bare_hash: Value::bool(bare && text.contains('#'), held),
            is_multiline: Value::bool(raw.contains(['\n', '\r']), held),
            ends_with_backslash: Value::bool(bare && text.ends_with('\\'), held),
            has_backslash: Value::bool(one.quote != Some('\'') && has_odd_backslash(raw), held),
            has_invisible_character: at(invisible.is_some(), invisible.as_ref().unwrap_or(&one.key_place)),
            has_command: at(one.command.is_some() && one.export.is_none(), one.command.as_ref().unwrap_or(&one.value_place)),
            has_sound_references: at(one.broken.is_none(), one.broken.as_ref().unwrap_or(&one.value_place)),
            used_too_early: self.used(one, |name, _| later(name)),
            used_from_outside: self.used(one, |name, fallback| !fallback && !self.last.contains_key(name)),
            has_dollar_in_secret: Value::bool(names_secret && has_bare_dollar(one), key),
            misread_by: Value::list(misread(one, raw).into_iter().map(|name| Value::str(name, held)).collect(), held),
            names_secret: Value::bool(names_secret, key),
            is_placeholder: judged(|key, text| value::is_placeholder(text) && !value::is_credential(key, text)),
            has_sample_host: seen(value::has_sample_host),
            turns_on_debug: judged(value::turns_on_debug),
            logs_everything: judged(value::logs_everything),
            mode: Value::option(mode.map(|word| Data::Str(word.to_owned().into())), held),
            contradicts_file: Value::bool(mode.is_some_and(bad), held),
            is_local_address: judged(value::is_local_address),
            is_plain_text_url: judged(value::is_plain_text_url),
            turns_off_tls_checks: judged(value::turns_off_tls_checks),
            turns_off_tls: seen(value::turns_off_tls),
            turns_off_authentication: judged(value::turns_off_authentication),
            is_test_key: seen(value::is_test_key),
            is_machine_path: seen(value::is_machine_path),
            publishes_secret: Value::bool(value::publishes_secret(one.key) && !value::is_nothing(text), key),
            is_example: Value::bool(self.is_example, key),
            is_production: Value::bool(self.is_production, key),
        }
        .fact(key, one.key, self.source.role)
    }

    /// The value for conditions: never that of a secret.
    fn value(&self, one: &Assignment<'s>, literal: bool) -> Value<'s> {
        let span = self.span(&one.value_place);
        let unknown = |why: &str| Value::unknown(Reason::Unresolved(why.into()), span);
        if one.separator == Separator::None {
            return Value::absent(self.span(&one.key_place));
        }
        if is_hidden(one) {
            return unknown("the value of a secret is not given to conditions");
        }
        if literal { Value::str(one.value.clone(), span) } else { unknown("the value depends on other variables") }
    }

    fn used(&self, one: &Assignment<'s>, wanted: impl Fn(&str, bool) -> bool) -> Value<'s> {
        let uses = one.references.iter().filter(|use_| wanted(use_.name, use_.has_fallback));
        let names = uses.map(|use_| Value::str(use_.name, self.span(&use_.place))).collect();
        Value::list(names, self.span(&one.value_place))
    }

    fn invisible(&self, one: &Assignment<'s>) -> Option<Range<usize>> {
        [&one.key_place, &one.value_place].into_iter().find_map(|place| {
            let text = self.source.text().get(place.clone())?;
            let (at, c) = value::invisible(text)?;
            Some(place.start + at..place.start + at + c.len_utf8())
        })
    }
}

/// A value in double quotes, where nothing in it means something else there.
fn in_quotes(raw: &str) -> Option<String> {
    let odd = |c: char| matches!(c, '"' | '\\' | '`' | '\'') || c.is_control();
    (!raw.is_empty() && !raw.contains(odd)).then(|| format!("\"{raw}\""))
}

fn has_upper_case_name(key: &str) -> bool {
    const LOWER: [&str; 6] = ["http_proxy", "https_proxy", "no_proxy", "all_proxy", "ftp_proxy", "npm_config"];
    !key.bytes().any(|byte| byte.is_ascii_lowercase()) || LOWER.iter().any(|name| key.starts_with(name))
}

/// Whether it reads the same in every loader without quotes.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./:,@%+".contains(&byte))
}

/// Whether loaders disagree about a backslash: all agree on none but those before a quote.
fn has_odd_backslash(raw: &str) -> bool {
    raw.contains('\\') && !raw.replace("\\n", "").replace("\\\"", "").is_empty() && {
        let rest = raw.replace("\\n", "").replace("\\\"", "");
        rest.contains('\\')
    }
}

/// Whether a `$` that was likely meant as one will be taken for a variable.
fn has_bare_dollar(one: &Assignment<'_>) -> bool {
    let unbraced = one.references.iter().any(|use_| !use_.is_braced);
    let whole = one.references.len() == 1 && one.references.iter().any(|use_| use_.place == one.value_place);
    // `op://vault/$APP_ENV/field`: which secret to fetch.
    let is_reference = one.value.contains("://");
    one.quote != Some('\'') && !whole && !is_reference && (unbraced || one.value.contains("$$"))
}

/// Which loaders read the line otherwise than it looks.
fn misread(one: &Assignment<'_>, raw: &str) -> Vec<&'static str> {
    const ALL: &[&str] = &["bash", "compose", "docker", "node", "python", "ruby", "rust"];
    let bare = one.quote.is_none();
    let shown = [
        (!one.is_closed || one.tail.is_some(), ALL),
        (one.separator == Separator::None && one.export.is_none(), &["docker", "node", "python", "rust"][..]),
        (one.separator == Separator::Colon, &["bash", "docker", "python", "rust"][..]),
        (one.export.is_some(), &["docker"][..]),
        (!bare, &["docker"][..]),
        (bare && one.value.contains([' ', '\t']), &["bash", "rust"][..]),
        (bare && one.value.contains('#'), &["node"][..]),
        (one.command.is_some(), &["bash", "node"][..]),
        (!one.references.is_empty(), &["docker", "node"][..]),
        (one.quote == Some('\'') && one.value.contains('$'), &["node"][..]),
        (one.quote != Some('\'') && has_odd_backslash(raw), &["bash", "docker", "node", "python", "rust"][..]),
    ];
    let mut names: Vec<&str> =
        shown.into_iter().filter(|(yes, _)| *yes).flat_map(|(_, names)| names).copied().collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether the value is or may hold a secret, so that no fact carries it.
fn is_hidden(one: &Assignment<'_>) -> bool {
    crate::detect::key::kind(one.key).is_some() || value::is_credential(one.key, &one.value) || one.value.contains('@')
}
