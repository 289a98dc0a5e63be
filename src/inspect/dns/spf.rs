//! SPF (RFC 7208): one record read, and what following it costs.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::document::Data;
use super::name::Name;
use super::world::World;

/// How deep `include` and `redirect` are followed.
const DEEPEST: usize = 20;
/// How many records are read in all.
const MOST: usize = 200;

/// A record.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Spf {
    /// Its terms, in order.
    pub terms: Vec<Term>,
    /// What is wrong, and where in the text.
    pub problem: Option<(String, Range<usize>)>,
}

/// A mechanism or a modifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// `+`, `-`, `~` or `?`; `=` for a modifier.
    pub qualifier: char,
    /// `all`, `include`, `a`, … in lower case.
    pub name: String,
    /// What follows `:` or `=`, without the length of a prefix.
    pub value: String,
    /// The length of the IPv4 or IPv6 prefix that is written.
    pub prefix: Option<u8>,
    /// Where it stands in the text.
    pub place: Range<usize>,
}

/// What following a record costs.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Questions that count towards the ten.
    pub lookups: u32,
    /// Questions without an answer, which count towards the two.
    pub void: u32,
    /// Whether all that it leads to was seen.
    pub is_complete: bool,
    /// The name at which it comes back to a record that it has been at.
    pub repeats: Option<Name>,
    /// Included names without exactly one record, and whether they are there at all.
    pub broken: Vec<(Name, bool)>,
}

/// Whether a text is an SPF record.
pub fn is_spf(text: &str) -> bool {
    text.get(..6).is_some_and(|head| head.eq_ignore_ascii_case("v=spf1"))
        && text.as_bytes().get(6).is_none_or(|byte| *byte == b' ')
}

/// Reads a record.
pub fn read(text: &str) -> Spf {
    let mut spf = Spf::default();
    let mut at = 6;
    for word in text.get(6..).unwrap_or_default().split(' ') {
        let place = at..at + word.len();
        at += word.len() + 1;
        if word.is_empty() {
            continue;
        }
        match term(word) {
            Ok(mut term) => {
                term.place = place.clone();
                let is_twice = matches!(term.name.as_str(), "redirect" | "exp")
                    && spf.terms.iter().any(|other| other.name == term.name);
                if is_twice && spf.problem.is_none() {
                    spf.problem = Some((format!("`{}` may stand there once only", term.name), place));
                }
                spf.terms.push(term);
            }
            Err(message) => spf.problem = spf.problem.take().or(Some((message, place))),
        }
    }
    spf
}

impl Spf {
    /// The first `all`.
    pub fn all(&self) -> Option<&Term> {
        self.terms.iter().find(|term| term.name == "all")
    }

    /// The record that decides when nothing matches.
    pub fn redirect(&self) -> Option<&Term> {
        self.terms.iter().find(|term| term.name == "redirect")
    }

    /// The first mechanism behind `all`, which is never looked at.
    pub fn behind_all(&self) -> Option<&Term> {
        let all = self.terms.iter().position(|term| term.name == "all")?;
        self.terms.iter().skip(all + 1).find(|term| term.qualifier != '=')
    }

    /// The first range that lets a large part of the network send.
    pub fn wide(&self) -> Option<&Term> {
        self.terms.iter().find(|term| match (term.name.as_str(), term.prefix) {
            ("ip4", Some(length)) => length < 14,
            ("ip6", Some(length)) => length < 24,
            _ => false,
        } && matches!(term.qualifier, '+' | '?'))
    }
}

fn term(word: &str) -> Result<Term, String> {
    let name_end = word.find([':', '=', '/']).unwrap_or(word.len());
    let (head, rest) = word.split_at(name_end);
    let (qualifier, name) = match head.chars().next() {
        Some(sign @ ('+' | '-' | '~' | '?')) => (sign, head.get(1..).unwrap_or_default()),
        _ => ('+', head),
    };
    let name = name.to_ascii_lowercase();
    let new = |value: &str, prefix| Term { qualifier, name: name.clone(), value: value.into(), prefix, place: 0..0 };
    if let Some(value) = rest.strip_prefix('=') {
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
        if !is_name || head.len() != name.len() {
            return Err(format!("`{word}` is no modifier"));
        }
        if matches!(name.as_str(), "redirect" | "exp") {
            domain(&name, value)?;
        } else if matches!(name.as_str(), "include" | "ip4" | "ip6" | "a" | "mx" | "ptr" | "exists" | "all") {
            return Err(format!("`{name}` is written with `:`"));
        }
        return Ok(Term { qualifier: '=', ..new(value, None) });
    }
    let value = rest.strip_prefix(':');
    match name.as_str() {
        "all" if rest.is_empty() => Ok(new("", None)),
        "all" => Err("`all` takes no value".into()),
        "include" | "exists" => {
            let value = value.ok_or_else(|| format!("`{name}` needs `:` and a name"))?;
            domain(&name, value)?;
            Ok(new(value, None))
        }
        "ptr" => match value {
            Some(value) => domain("ptr", value).map(|()| new(value, None)),
            None if rest.is_empty() => Ok(new("", None)),
            None => Err("`ptr` takes a name only".into()),
        },
        "a" | "mx" => {
            let (target, lengths) = cut_prefix(value.unwrap_or(rest));
            let target = if value.is_some() { target } else { "" };
            if value.is_some() {
                domain(&name, target)?;
            }
            let (four, six) = lengths.split_once("//").map_or((lengths, None), |(four, six)| (four, Some(six)));
            let four = length(four.trim_start_matches('/'), 32)?;
            length(six.unwrap_or(""), 128)?;
            Ok(new(target, four))
        }
        "ip4" | "ip6" => range(&name, value).map(|(value, prefix)| new(value, prefix)),
        _ => Err(format!("there is no mechanism `{name}`")),
    }
}

/// The name and what follows from its first `/` outside of macros.
fn cut_prefix(text: &str) -> (&str, &str) {
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b'/' if depth <= 0 => return text.split_at(at),
            _ => {}
        }
    }
    (text, "")
}

fn length(text: &str, most: u8) -> Result<Option<u8>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<u8>() {
        Ok(length) if length <= most && text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Some(length)),
        _ => Err(format!("`/{text}` is no length of a prefix")),
    }
}

fn range<'v>(name: &str, value: Option<&'v str>) -> Result<(&'v str, Option<u8>), String> {
    let value = value.ok_or_else(|| format!("`{name}` needs `:` and an address"))?;
    let (address, prefix) = value.split_once('/').map_or((value, None), |(address, prefix)| (address, Some(prefix)));
    let (is_address, most) = match name {
        "ip4" => (address.parse::<Ipv4Addr>().is_ok(), 32),
        _ => (address.parse::<Ipv6Addr>().is_ok(), 128),
    };
    if !is_address {
        return Err(format!("`{address}` is no address for `{name}`"));
    }
    match prefix {
        Some("") => Err("a prefix needs a length".into()),
        Some(text) => Ok((address, length(text, most)?)),
        None => Ok((address, None)),
    }
}

/// Whether a name, perhaps with macros, is one.
fn domain(mechanism: &str, text: &str) -> Result<(), String> {
    let wrong = || Err(format!("`{mechanism}` needs a name, not `{text}`"));
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        rest = rest.get(at + 1..).unwrap_or_default();
        let length = match rest.as_bytes().first() {
            Some(b'%' | b'_' | b'-') => 1,
            Some(b'{') => match rest.find('}') {
                Some(end) => end + 1,
                None => return wrong(),
            },
            _ => return wrong(),
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    if text.ends_with('}') {
        return Ok(());
    }
    let body = text.strip_suffix('.').unwrap_or(text);
    let Some((_, last)) = body.rsplit_once('.') else { return wrong() };
    let plain = last.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit());
    if last.is_empty() || !plain || is_number || body.contains("..") { wrong() } else { Ok(()) }
}

/// What the record at `domain` costs whoever follows it.
pub fn cost(spf: &Spf, domain: &Name, world: &World<'_>) -> Cost {
    let mut cost = Cost { is_complete: true, ..Cost::default() };
    let mut budget = MOST;
    follow(spf, &mut vec![domain.clone()], world, &mut cost, &mut budget);
    cost
}

fn follow(spf: &Spf, path: &mut Vec<Name>, world: &World<'_>, cost: &mut Cost, budget: &mut usize) {
    let has_all = spf.all().is_some();
    for term in &spf.terms {
        // What stands behind `all` is never looked at, and beside it `redirect` is not either.
        if term.name == "all" {
            break;
        }
        if term.name == "redirect" && has_all {
            continue;
        }
        let counts = matches!(term.name.as_str(), "include" | "a" | "mx" | "ptr" | "exists" | "redirect");
        if !counts {
            continue;
        }
        cost.lookups += 1;
        if term.value.contains('%') || term.name == "ptr" {
            continue;
        }
        let own = path.last().cloned().unwrap_or_default();
        let target = if term.value.is_empty() { Some(own) } else { Name::absolute(&term.value) };
        let Some(target) = target else { continue };
        match term.name.as_str() {
            "include" | "redirect" => include(target, path, world, cost, budget),
            "mx" => count_void(world.of(&target, "MX").map(|found| found.is_empty()), cost),
            _ => count_void(world.has_address(&target).map(|has| !has), cost),
        }
    }
}

/// Counts a question that is known to have no answer.
fn count_void(is_void: Option<bool>, cost: &mut Cost) {
    if is_void == Some(true) {
        cost.void += 1;
    }
}

fn include(target: Name, path: &mut Vec<Name>, world: &World<'_>, cost: &mut Cost, budget: &mut usize) {
    if path.contains(&target) {
        cost.repeats = cost.repeats.take().or(Some(target));
        return;
    }
    if path.len() >= DEEPEST || *budget == 0 {
        cost.is_complete = false;
        return;
    }
    *budget -= 1;
    let end = world.chain(&target).names.last().cloned().unwrap_or_else(|| target.clone());
    let Some(texts) = world.of(&end, "TXT") else {
        cost.is_complete = false;
        return;
    };
    let records: Vec<String> = texts
        .iter()
        .filter(|record| matches!(record.data, Data::Text(_)))
        .filter_map(|record| record.text())
        .filter(|text| is_spf(text))
        .collect();
    if texts.is_empty() {
        cost.void += 1;
    }
    match records.as_slice() {
        [one] => {
            path.push(target);
            follow(&read(one), path, world, cost, budget);
            path.pop();
        }
        _ => cost.broken.push((target, world.exists(&end) != Some(false))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> Option<String> {
        let spf = read(text);
        spf.problem.map(|(message, place)| format!("{} at `{}`", message, &text[place]))
    }

    #[test]
    fn what_is_right_is_silent() {
        for text in [
            "v=spf1 -all",
            "v=spf1 mx a:mail.example.com/24 ip4:192.0.2.0/24 ip6:2001:db8::/32 include:_spf.example.net ~all",
            "v=spf1 exists:%{i}._spf.%{d2} redirect=_spf.example.com",
            "v=spf1 a/24//64 mx//64 ?all exp=explain.example.com moo=x",
            "v=spf1 ptr ptr:example.com +all",
            "v=spf1",
        ] {
            assert!(is_spf(text), "{text}");
            assert_eq!(problem(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for text in [
            "v=spf1 ipv4:192.0.2.1 -all",
            "v=spf1 ip4:192.0.2.300 -all",
            "v=spf1 ip4:192.0.2.0/33 -all",
            "v=spf1 include -all",
            "v=spf1 include:spf -all",
            "v=spf1 include=_spf.example.com -all",
            "v=spf1 a:%x.example.com -all",
            "v=spf1 all:x",
            "v=spf1 redirect=a.example.com redirect=b.example.com",
            "v=spf1 mx -all;",
            "v=spf1 a:1.2.3.4 -all",
        ] {
            assert!(problem(text).is_some(), "{text}");
        }
        assert_eq!(problem("v=spf1 mx foo -all").unwrap(), "there is no mechanism `foo` at `foo`");
        assert!(!is_spf("v=spf10 -all") && !is_spf("v=spf2.0/pra") && is_spf("V=SPF1 -all"));
    }
}
