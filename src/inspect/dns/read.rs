//! Zone file → document (RFC 1035 master files). Total: a record that cannot be read is a fault, the rest is read.

use std::borrow::Cow;

use super::data;
use super::document::{Authority, Data, Document, Fault, Field, Piece, Place, Problem, Record};
use super::include::Opened;
use super::name::Name;
use super::token::{Entry, Lexer, Token};
use crate::path;
use crate::span::SourceId;

/// More records than this in one text are not looked at.
pub const MOST_RECORDS: usize = 50_000;
/// `$GENERATE` is carried out this often; what it makes beyond is not looked at.
const MOST_GENERATED: u32 = 4096;
/// So many files are included by one zone.
pub const MOST_INCLUDES: usize = 200;
/// Bytes of included files that are read in a run, and records that are made by `$GENERATE`, shared out among its zones; but
/// no zone gets less than what people write by hand.
const RUN_BYTES: usize = 8 << 20;
const RUN_GENERATED: usize = 400_000;
const LEAST_BYTES: usize = 8 << 10;
const LEAST_GENERATED: usize = 256;
/// Files that include one another are followed this far.
const DEEPEST: usize = 8;
/// The label that stands for a zone whose name the file does not say.
const NAMELESS: &str = "zone";

/// How far a zone may multiply what is written: a few lines in each of many files could make records without end.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    /// Bytes of included files that may still be read.
    bytes: usize,
    /// Records that `$GENERATE` may still make.
    generated: usize,
}

impl Share {
    /// The share of each of so many zones that multiply.
    pub fn among(zones: usize) -> Self {
        let zones = zones.max(1);
        Self {
            bytes: (RUN_BYTES / zones).max(LEAST_BYTES),
            generated: (RUN_GENERATED / zones).clamp(LEAST_GENERATED, MOST_RECORDS),
        }
    }
}

/// Whether a text asks for more records than it holds.
pub fn multiplies(text: &str) -> bool {
    let begins = |line: &str| matches!(line.as_bytes(), [b'$', b'I' | b'i' | b'G' | b'g', ..]);
    text.lines().any(|line| begins(line.trim_start()))
}

/// Gives the file that a zone file of that path includes under that name, or says why there is none.
pub type Open<'o, 's> = &'o dyn Fn(&str, &str) -> Result<Opened<'s>, String>;

/// Reads a zone file alone. `path` may say the zone's name where the text does not.
pub fn read(text: &str, path: &str) -> Document {
    read_with(text, path, Share::among(1), &|_, _| Err("it is not at hand".into()))
}

/// Reads a zone file with the files that it includes, so far as `share` goes.
pub fn read_with(text: &str, path: &str, share: Share, open: Open<'_, '_>) -> Document {
    let guessed = origin_of(path);
    let base = guessed.clone().unwrap_or_else(|| Name::root().child(NAMELESS));
    let mut reader = Reader::new(base.clone(), open);
    reader.share = share;
    reader.path = path.to_owned();
    reader.end = text.len() + 1;
    reader.document.base = base;
    reader.document.origin = guessed;
    reader.document.template = template(text);
    if reader.document.template.is_some() {
        return reader.document;
    }
    reader.text(text, 0);
    let mut document = reader.document;
    document.faults.sort_by_key(|fault| (fault.place.start, fault.place.end));
    let apex = document.records.iter().find(|record| record.kind == "SOA").map(|record| record.owner.clone());
    if let Some(apex) = apex {
        let is_known = apex != document.base || document.origin.is_some();
        document.base = apex.clone();
        document.origin = is_known.then_some(apex);
    }
    document
}

/// Reads one record as an answer shows it; every name is absolute. Places count from the start of `text`.
pub fn record(text: &str) -> Result<Record, Fault> {
    let mut lexer = Lexer::new(text);
    let mut reader = Reader::new(Name::root(), &|_, _| Err("it is not at hand".into()));
    if let Some(entry) = lexer.entry() {
        reader.entry(&entry);
    }
    let fault = lexer.faults.pop().or_else(|| reader.document.faults.pop());
    match (fault, reader.document.records.pop()) {
        (None, Some(record)) => Ok(record),
        (Some(fault), _) => Err(fault),
        (None, None) => {
            Err(Fault { place: 0..text.len(), problem: Problem::Syntax, message: "no record".into(), owner: None })
        }
    }
}

/// The name that a file's name gives the zone: `db.example.com`, `example.com.zone`.
fn origin_of(path: &str) -> Option<Name> {
    let file = path::file_name(path).to_ascii_lowercase();
    let stem = file.strip_prefix("db.").or_else(|| file.strip_prefix("pri.")).unwrap_or(&file);
    let stem = [".zone", ".db", ".hosts", ".dns", ".signed"]
        .iter()
        .fold(stem, |stem, ending| stem.strip_suffix(ending).unwrap_or(stem));
    let is_name = stem.contains('.')
        && !stem.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-')
        && !stem.ends_with(".rev");
    if is_name { Name::absolute(stem) } else { None }
}

/// The first mark of a template outside of comments and quotes.
fn template(text: &str) -> Option<Place> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let code = line.split(';').next().unwrap_or(line);
        for mark in ["{{", "{%", "<%"] {
            if let Some(found) = code.find(mark) {
                return Some(at + found..at + found + mark.len());
            }
        }
        at += line.len();
    }
    None
}

struct Reader<'o, 's> {
    document: Document,
    origin: Name,
    ttl: Option<u32>,
    owner: Option<Name>,
    open: Open<'o, 's>,
    /// The file that is read, and those that include it.
    path: String,
    trail: Vec<SourceId>,
    /// The offset that stands for the beginning of the next included file.
    end: usize,
    share: Share,
}

impl<'o, 's> Reader<'o, 's> {
    fn new(origin: Name, open: Open<'o, 's>) -> Self {
        let (document, path, trail) = (Document::default(), String::new(), Vec::new());
        Self { document, origin, ttl: None, owner: None, open, path, trail, end: 0, share: Share::among(1) }
    }

    /// Reads a text whose beginning is at `start`.
    fn text(&mut self, text: &str, start: usize) {
        let mut lexer = Lexer::new(text);
        while let Some(mut entry) = lexer.entry() {
            let tokens = entry.tokens.iter_mut().map(|token| &mut token.place);
            tokens.chain(entry.comment.as_mut()).for_each(|place| *place = place.start + start..place.end + start);
            self.entry(&entry);
            self.document.is_cut |= self.document.records.len() + self.document.faults.len() > MOST_RECORDS;
            if self.document.is_cut {
                break;
            }
        }
        for mut fault in lexer.faults {
            fault.place = fault.place.start + start..fault.place.end + start;
            self.document.faults.push(fault);
        }
    }

    /// `$INCLUDE file [origin]`: what the other file says of origin and owner ends with it.
    fn include(&mut self, entry: &Entry<'_>) {
        let [first, rest @ ..] = entry.tokens.as_slice() else { return };
        let place = first.place.start..entry.tokens.last().map_or(first.place.end, |token| token.place.end);
        let Some(file) = rest.first() else {
            return self.fault(place, Problem::Directive, "`$INCLUDE` takes the name of a file");
        };
        let opened = match (self.open)(&self.path, file.text) {
            Ok(opened) if self.trail.contains(&opened.source) || opened.path == self.path => {
                Err("it includes itself".into())
            }
            Ok(_) if self.trail.len() >= DEEPEST || self.document.pieces.len() >= MOST_INCLUDES => {
                Err("more files than are followed".into())
            }
            Ok(opened) if opened.text.len() > self.share.bytes => {
                Err("more is included than is read of all zones together".into())
            }
            other => other,
        };
        let opened = match opened {
            Ok(opened) => opened,
            Err(why) => {
                let words = format!("`$INCLUDE {}` is not followed: {why}", file.text);
                return self.document.includes.push((place, words));
            }
        };
        let (origin, owner) = (self.origin.clone(), self.owner.clone());
        if let Some(name) = rest.get(1).and_then(|name| Name::read(name.text, &self.origin).ok()) {
            self.origin = name.0;
        }
        let path = std::mem::replace(&mut self.path, opened.path.to_owned());
        let start = self.end;
        self.share.bytes -= opened.text.len();
        self.end += opened.text.len() + 1;
        self.document.pieces.push(Piece { start, source: opened.source });
        self.trail.push(opened.source);
        self.text(opened.text, start);
        self.trail.pop();
        (self.origin, self.owner, self.path) = (origin, owner, path);
    }

    fn fault(&mut self, place: Place, problem: Problem, message: impl Into<String>) {
        self.document.faults.push(Fault { place, problem, message: message.into(), owner: None });
    }

    fn entry(&mut self, entry: &Entry<'_>) {
        let Some(first) = entry.tokens.first() else { return };
        match first.text.to_ascii_uppercase().as_str() {
            "$ORIGIN" => self.set_origin(entry),
            "$TTL" => self.set_ttl(entry),
            "$INCLUDE" => self.include(entry),
            "$GENERATE" => self.generate(entry),
            word if word.starts_with('$') && !entry.is_indented => {
                self.fault(first.place.clone(), Problem::Directive, format!("there is no directive `{}`", first.text));
            }
            _ => self.record(entry),
        }
    }

    fn set_origin(&mut self, entry: &Entry<'_>) {
        let [first, rest @ ..] = entry.tokens.as_slice() else { return };
        let [name] = rest else {
            return self.fault(first.place.clone(), Problem::Directive, "`$ORIGIN` takes one name");
        };
        match Name::read(name.text, &self.origin) {
            Ok((origin, is_relative)) => {
                let is_first = self.document.records.is_empty();
                if is_first && !is_relative && !origin.is_root() {
                    self.document.origin = Some(origin.clone());
                    self.document.base = origin.clone();
                }
                self.origin = origin;
            }
            Err(fault) => {
                self.fault(name.place.clone(), data::name_problem(fault), format!("the origin {}", fault.phrase()));
            }
        }
    }

    fn set_ttl(&mut self, entry: &Entry<'_>) {
        match entry.tokens.as_slice() {
            [_, seconds] if data::ttl(seconds.text).is_some() => {
                self.ttl = data::ttl(seconds.text);
                self.document.has_default_ttl |= self.document.records.is_empty();
            }
            [_, seconds, ..] => self.fault(seconds.place.clone(), Problem::Number, "`$TTL` takes one time in seconds"),
            _ => self.fault(entry.tokens[0].place.clone(), Problem::Directive, "`$TTL` takes a time in seconds"),
        }
    }

    /// Reads `[owner] [ttl] [class] type data`.
    fn record(&mut self, entry: &Entry<'_>) {
        let [first, others @ ..] = entry.tokens.as_slice() else { return };
        let (owner, rest) = if entry.is_indented {
            match self.owner.clone() {
                Some(owner) => ((owner, false), entry.tokens.as_slice()),
                None => {
                    return self.fault(first.place.clone(), Problem::Syntax, "no record before it says whose it is");
                }
            }
        } else {
            match Name::read(first.text, &self.origin) {
                Ok(owner) => (owner, others),
                Err(fault) => {
                    self.owner = None;
                    let message = format!("the owner {}", fault.phrase());
                    return self.fault(first.place.clone(), data::name_problem(fault), message);
                }
            }
        };
        self.owner = Some(owner.0.clone());
        let owner_place = (!entry.is_indented).then(|| first.place.clone());
        if let Err(mut fault) = self.rest(owner.clone(), owner_place, rest, entry) {
            fault.owner = Some(owner.0);
            self.document.faults.push(fault);
        }
    }

    fn rest(
        &mut self,
        (owner, is_owner_relative): (Name, bool),
        owner_place: Option<Place>,
        rest: &[Token<'_>],
        entry: &Entry<'_>,
    ) -> Result<(), Fault> {
        let fault =
            |place: &Place, problem, message: String| Fault { place: place.clone(), problem, message, owner: None };
        let (mut ttl, mut has_class, mut at) = (None, false, 0);
        while let Some(token) = rest.get(at).filter(|token| !token.is_quoted) {
            if ttl.is_none()
                && let Some(seconds) = data::ttl(token.text)
            {
                ttl = Some((seconds, token.place.clone()));
            } else if !has_class && is_class(token.text) {
                has_class = true;
            } else {
                break;
            }
            at += 1;
        }
        let start = owner_place.clone().or_else(|| entry.tokens.first().map(|token| token.place.clone()));
        let start = start.unwrap_or(0..0);
        let end = entry.tokens.last().map_or(start.end, |token| token.place.end);
        let Some(kind_token) = rest.get(at) else {
            return Err(fault(&(start.start..end), Problem::Syntax, "there is no type".into()));
        };
        let Some(kind) = data::kind(kind_token.text) else {
            return Err(fault(&kind_token.place, Problem::Type, format!("there is no type `{}`", kind_token.text)));
        };
        let whole = start.start..end;
        let fields: Vec<Field> = rest
            .get(at + 1..)
            .unwrap_or_default()
            .iter()
            .map(|token| Field { text: token.text.into(), place: token.place.clone(), is_quoted: token.is_quoted })
            .collect();
        let data = data::read(&kind, &fields, &self.origin, &whole)?;
        if ttl.is_none() && self.ttl.is_none() {
            self.ttl = first_ttl(&data);
        }
        let cut = entry.comment.clone().filter(|_| kind == "TXT" && fields.iter().any(|field| !field.is_quoted));
        self.document.records.push(Record {
            owner,
            owner_place: owner_place.unwrap_or_else(|| kind_token.place.clone()),
            is_owner_relative,
            ttl: ttl.as_ref().map(|(seconds, _)| *seconds).or(self.ttl),
            ttl_place: ttl.map(|(_, place)| place),
            kind: Cow::Owned(kind),
            kind_place: kind_token.place.clone(),
            fields,
            data,
            place: whole,
            cut,
            is_repeated: false,
        });
        Ok(())
    }

    /// `$GENERATE start-stop[/step] owner [ttl] [class] type data`: each `$` is the number.
    fn generate(&mut self, entry: &Entry<'_>) {
        let Some(range) = entry.tokens.get(1).and_then(|token| numbers(token.text)) else {
            let place = entry.tokens.get(1).or(entry.tokens.first()).map_or(0..0, |token| token.place.clone());
            return self.fault(place, Problem::Directive, "`$GENERATE` takes a range such as 1-10");
        };
        let (first, last, step) = range;
        let mut number = first;
        for round in 0..MOST_GENERATED {
            if number > last {
                break;
            }
            let Some(left) = self.share.generated.checked_sub(1) else {
                self.document.is_cut = true;
                break;
            };
            self.share.generated = left;
            let texts: Vec<String> = entry.tokens.iter().skip(2).map(|token| fill(token.text, number)).collect();
            let tokens = entry.tokens.iter().skip(2).zip(&texts);
            let tokens = tokens.map(|(token, text)| Token { text, ..token.clone() }).collect();
            let (records, faults) = (self.document.records.len(), self.document.faults.len());
            self.record(&Entry { is_indented: false, tokens, comment: None });
            for record in self.document.records.iter_mut().skip(records).filter(|_| round > 0) {
                record.is_repeated = true;
            }
            if self.document.faults.len() > faults || self.document.records.len() > MOST_RECORDS {
                break;
            }
            let Some(next) = number.checked_add(step) else { break };
            number = next;
        }
    }
}

fn is_class(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    matches!(upper.as_str(), "IN" | "CH" | "HS" | "CS")
        || upper.strip_prefix("CLASS").is_some_and(|number| number.parse::<u16>().is_ok())
}

/// Without `$TTL`, the first record's own TTL or the minimum of its SOA is what all have.
fn first_ttl(data: &Data) -> Option<u32> {
    match data {
        Data::Authority(authority) => {
            let Authority { minimum, .. } = **authority;
            Some(minimum)
        }
        _ => None,
    }
}

fn numbers(text: &str) -> Option<(u32, u32, u32)> {
    let (range, step) = text.split_once('/').unwrap_or((text, "1"));
    let (first, last) = range.split_once('-')?;
    let step: u32 = step.parse().ok()?;
    (step > 0).then_some((first.parse().ok()?, last.parse().ok()?, step))
}

/// The text with the number for `$` and `${offset,width,base}`; `$$` and `\$` are a dollar.
fn fill(text: &str, number: u32) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 1..).unwrap_or_default();
        if out.ends_with('\\') {
            out.push('$');
        } else if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((form, after)) = rest.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            out.push_str(&formatted(form, number));
            rest = after;
        } else {
            out.push_str(&number.to_string());
        }
    }
    out.push_str(rest);
    out
}

fn formatted(form: &str, number: u32) -> String {
    let mut parts = form.split(',');
    let offset: i64 = parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
    let width: usize = parts.next().and_then(|part| part.parse().ok()).unwrap_or(0).min(63);
    let value = (i64::from(number).saturating_add(offset)).max(0);
    match parts.next() {
        Some("x") => format!("{value:0width$x}"),
        Some("X") => format!("{value:0width$X}"),
        Some("o") => format!("{value:0width$o}"),
        _ => format!("{value:0width$}"),
    }
}
