//! What follows an instruction's keyword and flags, by keyword.

use std::borrow::Cow;
use std::ops::Range;

use super::{Reader, words};
use crate::inspect::dockerfile::document::{Body, Command, Instruction, Keyword, Line, Mistake, Pair, Word};

type Read<'s> = Result<Body<'s>, Mistake>;

fn mistake<T>(message: impl Into<String>, place: Range<usize>) -> Result<T, Mistake> {
    Err(Mistake { message: message.into(), place })
}

impl<'s> Reader<'s> {
    /// Reads `rest` of the instruction's line.
    pub(super) fn body(&self, instruction: &Instruction<'s>, rest: Range<usize>) -> Read<'s> {
        use Keyword as K;
        let (line, keyword) = (&instruction.line, instruction.keyword);
        if rest.is_empty() && keyword != K::Unknown {
            return mistake(
                format!("{} needs at least one argument", keyword.name()),
                instruction.keyword_place.clone(),
            );
        }
        match keyword {
            K::From => self.from(line, rest),
            K::Env | K::Label => self.pairs(line, rest),
            K::Arg => Ok(self.arguments(line, rest)),
            K::Run | K::Cmd | K::Entrypoint => Ok(Body::Command(self.command(line, rest))),
            K::Copy | K::Add => self.files(line, rest, keyword),
            K::Volume => Ok(self.list_or_words(line, rest)),
            K::Expose => Ok(self.plain_words(line, words::plain(line.text(), rest))),
            K::Shell => match self.list(line, rest.clone()) {
                Some(Body::Words { words, .. }) if words.is_empty() => mistake("SHELL needs at least one word", rest),
                Some(body) => Ok(body),
                None => mistake("SHELL wants a JSON list such as [\"/bin/bash\", \"-c\"]", rest),
            },
            K::Healthcheck => self.healthcheck(line, rest),
            K::Workdir | K::User | K::Stopsignal => Ok(Body::Text(self.word(line, rest))),
            K::Maintainer => Ok(Body::Text(verbatim(line, rest))),
            K::Onbuild | K::Unknown => {
                let place = instruction.keyword_place.clone();
                mistake(format!("`{}` is not an instruction", line.get(place.clone())), place)
            }
        }
    }

    fn word(&self, line: &Line<'s>, place: Range<usize>) -> Word<'s> {
        self.scopes.word(line.cow(place.clone()), place, self.escape, false)
    }

    fn plain_words(&self, line: &Line<'s>, places: Vec<Range<usize>>) -> Body<'s> {
        let words = places.into_iter().map(|place| self.word(line, place)).collect();
        Body::Words { words, json: false }
    }

    fn from(&self, line: &Line<'s>, rest: Range<usize>) -> Read<'s> {
        let places = words::plain(line.text(), rest.clone());
        let word = |place: &Range<usize>| self.scopes.word(line.cow(place.clone()), place.clone(), self.escape, true);
        match places.as_slice() {
            [image] => Ok(Body::From { image: word(image), as_place: None, name: None }),
            [image, as_place, name] if line.get(as_place.clone()).eq_ignore_ascii_case("as") => {
                let text = line.get(name.clone());
                let legal = text.starts_with(|c: char| c.is_ascii_alphabetic())
                    && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
                if !legal {
                    return mistake(
                        "a stage's name begins with a letter and holds only letters, digits, `-`, `_` and `.`",
                        name.clone(),
                    );
                }
                Ok(Body::From { image: word(image), as_place: Some(as_place.clone()), name: Some(name.clone()) })
            }
            _ => mistake("FROM takes an image, or an image followed by AS and a name", rest),
        }
    }

    /// ENV and LABEL: `k=v …`, or the old form `k v`.
    fn pairs(&self, line: &Line<'s>, rest: Range<usize>) -> Read<'s> {
        let places = words::quoted(line.text(), rest.clone(), self.escape);
        let Some(first) = places.first() else { return Ok(Body::Broken) };
        if !line.get(first.clone()).contains('=') {
            let value = words::trim(line.text(), first.end..rest.end);
            if value.is_empty() {
                return mistake("a name without a value", first.clone());
            }
            let key = self.unquoted(line, first.clone());
            let value = self.word(line, value);
            let pair = Pair { key, key_place: first.clone(), value: Some(value) };
            return Ok(Body::Pairs { pairs: vec![pair], legacy: true });
        }
        let mut pairs = Vec::with_capacity(places.len());
        for place in places {
            match self.pair(line, place.clone()) {
                Some(pair) => pairs.push(pair),
                None => return mistake("a word without `=` between pairs; a value with blanks needs quotes", place),
            }
        }
        Ok(Body::Pairs { pairs, legacy: false })
    }

    fn pair(&self, line: &Line<'s>, place: Range<usize>) -> Option<Pair<'s>> {
        let equals = place.start + line.get(place.clone()).find('=')?;
        let key_place = place.start..equals;
        let key = self.unquoted(line, key_place.clone());
        Some(Pair { key, key_place, value: Some(self.word(line, equals + 1..place.end)) })
    }

    fn unquoted(&self, line: &Line<'s>, place: Range<usize>) -> Cow<'s, str> {
        self.word(line, place).value.text
    }

    fn arguments(&self, line: &Line<'s>, rest: Range<usize>) -> Body<'s> {
        let places = words::quoted(line.text(), rest, self.escape);
        let pairs = places.into_iter().map(|place| {
            self.pair(line, place.clone()).unwrap_or_else(|| Pair {
                key: self.unquoted(line, place.clone()),
                key_place: place,
                value: None,
            })
        });
        Body::Pairs { pairs: pairs.collect(), legacy: false }
    }

    fn command(&self, line: &Line<'s>, rest: Range<usize>) -> Command<'s> {
        if !line.get(rest.clone()).starts_with('[') {
            return Command::Shell { place: rest, failed_json: None };
        }
        match words::json(line.text(), rest.clone()) {
            Ok(strings) => {
                let args = strings.into_iter().map(|(place, text)| said(text.into_owned(), place)).collect();
                Command::Exec { place: rest, args }
            }
            Err(why) => Command::Shell { place: rest, failed_json: Some(why) },
        }
    }

    /// A JSON list whose strings may hold variables.
    fn list(&self, line: &Line<'s>, rest: Range<usize>) -> Option<Body<'s>> {
        if !line.get(rest.clone()).starts_with('[') {
            return None;
        }
        let strings = words::json(line.text(), rest).ok()?;
        let words = strings.into_iter().map(|(place, text)| {
            let mut word = self.scopes.word(Cow::Owned(text.into_owned()), place.clone(), self.escape, false);
            // Places inside a decoded string are not places of the line.
            word.undefined.iter_mut().for_each(|undefined| undefined.place = place.clone());
            word
        });
        Some(Body::Words { words: words.collect(), json: true })
    }

    fn list_or_words(&self, line: &Line<'s>, rest: Range<usize>) -> Body<'s> {
        let list = self.list(line, rest.clone());
        list.unwrap_or_else(|| self.plain_words(line, words::plain(line.text(), rest)))
    }

    fn files(&self, line: &Line<'s>, rest: Range<usize>, keyword: Keyword) -> Read<'s> {
        let body = self.list_or_words(line, rest.clone());
        match &body {
            Body::Words { words, .. } if words.len() < 2 => {
                mistake(format!("{} needs a source and a destination", keyword.name()), rest)
            }
            _ => Ok(body),
        }
    }

    fn healthcheck(&self, line: &Line<'s>, rest: Range<usize>) -> Read<'s> {
        let first = words::plain(line.text(), rest.clone()).into_iter().next().unwrap_or(rest.clone());
        let command = words::trim(line.text(), first.end..rest.end);
        match line.get(first.clone()).to_ascii_uppercase().as_str() {
            "NONE" if command.is_empty() => Ok(Body::Nothing),
            "NONE" => mistake("HEALTHCHECK NONE takes no arguments", command),
            "CMD" if command.is_empty() => mistake("HEALTHCHECK CMD needs a command", first),
            "CMD" => Ok(Body::Command(self.command(line, command))),
            _ => mistake("HEALTHCHECK is followed by CMD or NONE", first),
        }
    }
}

/// A word that says what it says.
fn said<'s>(text: String, place: Range<usize>) -> Word<'s> {
    let value = crate::inspect::dockerfile::document::Resolved { text: Cow::Owned(text), unknown: None };
    Word { place, value, undefined: Vec::new(), has_variable: false }
}

fn verbatim<'s>(line: &Line<'s>, place: Range<usize>) -> Word<'s> {
    let value = crate::inspect::dockerfile::document::Resolved { text: line.cow(place.clone()), unknown: None };
    Word { place, value, undefined: Vec::new(), has_variable: false }
}
