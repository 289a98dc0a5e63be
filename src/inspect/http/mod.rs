//! HTTP targets: what was seen of a URL, kept in a transcript.

use super::{Inspection, Inspector, Problem};
use crate::fact::target::Protocol;
use crate::fact::{Reason, Subject};
use crate::observe::transcript;
use crate::source::{Source, TRANSCRIPT_ENDING};

pub mod csp;
pub mod document;
pub mod facts;
pub mod header;
pub mod health;
pub mod observe;
mod page;
pub mod read;
mod response;
pub mod score;
pub mod subjects;
pub mod url;

/// The inspector.
#[derive(Debug)]
pub struct Http;

impl Inspector for Http {
    fn name(&self) -> &'static str {
        "http"
    }

    fn subjects(&self) -> &'static [&'static Subject] {
        &[
            subjects::Address::SUBJECT,
            subjects::Component::SUBJECT,
            subjects::Cookie::SUBJECT,
            subjects::Endpoint::SUBJECT,
            subjects::Expected::SUBJECT,
            subjects::Field::SUBJECT,
            subjects::Header::SUBJECT,
            subjects::Load::SUBJECT,
            subjects::Page::SUBJECT,
            subjects::Redirect::SUBJECT,
            subjects::Response::SUBJECT,
        ]
    }

    fn usual_name(&self) -> &'static str {
        "http.transcript"
    }

    fn wants(&self, path: &str) -> bool {
        path.ends_with(TRANSCRIPT_ENDING)
    }

    fn claims(&self, path: &str, text: &str) -> bool {
        transcript::is_of(Protocol::Http, path, text)
    }

    fn inspect<'s>(&self, source: &'s Source) -> Inspection<'s> {
        let problem = |span, reason| {
            let problem = Problem { span, reason, inspector: self.name() };
            Inspection { problems: vec![problem], ..Inspection::default() }
        };
        let tree = source.tree();
        if let Some(broken) = tree.problems.first() {
            return problem(broken.span, Reason::Syntax(broken.message.as_str().into()));
        }
        let Some(document) = read::read(tree) else {
            return problem(
                source.whole().at_start(),
                Reason::Syntax("this is no transcript of an HTTP target".into()),
            );
        };
        let unreached = document.failure.or_else(|| document.first(document::Probe::Main)?.failure);
        if let Some(failure) = unreached {
            return problem(failure.span(), Reason::Unreachable(failure.text().into()));
        }
        match document.first(document::Probe::Main).filter(|main| main.status.is_some()) {
            Some(main) => Inspection { facts: facts::state(&document, main, source), ..Inspection::default() },
            None => problem(source.whole().at_start(), Reason::Unreachable("nothing was seen of it".into())),
        }
    }
}

#[cfg(test)]
mod tests;
