//! What is known of names: in a zone file everything within the zone, in a transcript what was asked. What is not known
//! is `None`, never "there is none".

use std::collections::{HashMap, HashSet};

use super::document::{Data, Document, Record};
use super::name::Name;
use super::transcript::{Asked, Transcript};

/// A chain of aliases longer than this is taken for endless.
pub const LONGEST_CHAIN: usize = 16;

/// What is known.
#[derive(Debug)]
pub struct World<'d> {
    /// Every record.
    pub records: &'d [Record],
    /// The zone's name.
    pub apex: &'d Name,
    by_name: HashMap<&'d Name, Vec<usize>>,
    scope: Scope<'d>,
}

#[derive(Debug)]
enum Scope<'d> {
    /// A zone file: the names in it with those above them, the cuts, and whether the file is all there is.
    Zone { names: HashSet<Name>, broken: HashSet<&'d Name>, is_complete: bool, is_named: bool, has_cuts: bool },
    /// Answers: what was asked, and the names that are not there.
    Answers { asked: HashSet<(Name, String)>, names: HashSet<Name>, missing: HashSet<Name> },
}

/// Where a chain of aliases ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The aliases' targets, in order.
    pub names: Vec<Name>,
    /// Whether it comes back to a name it has been at.
    pub is_loop: bool,
}

impl<'d> World<'d> {
    fn new(document: &'d Document, indices: impl Iterator<Item = usize>, scope: Scope<'d>) -> Self {
        let mut by_name: HashMap<&Name, Vec<usize>> = HashMap::new();
        for index in indices {
            let Some(record) = document.records.get(index) else { continue };
            by_name.entry(&record.owner).or_default().push(index);
        }
        Self { records: &document.records, apex: &document.base, by_name, scope }
    }

    /// What a zone file tells.
    pub fn of_zone(document: &'d Document) -> Self {
        let mut names = HashSet::new();
        for record in &document.records {
            let mut name = Some(record.owner.clone());
            while let Some(one) = name.filter(|one| one.is_within(&document.base)) {
                name = one.parent();
                if !names.insert(one) {
                    break;
                }
            }
        }
        let is_complete = document.includes.is_empty()
            && !document.is_cut
            && document.faults.iter().all(|fault| fault.owner.is_some());
        let cuts = |record: &Record| record.kind == "DNAME" || record.kind == "NS" && record.owner != document.base;
        let has_cuts = document.records.iter().any(cuts);
        let broken = document.faults.iter().filter_map(|fault| fault.owner.as_ref()).collect();
        Self::new(
            document,
            0..document.records.len(),
            Scope::Zone { names, broken, is_complete, is_named: document.origin.is_some(), has_cuts },
        )
    }

    /// What answers tell.
    pub fn of_transcript(transcript: &'d Transcript) -> Self {
        let (mut asked, mut missing) = (HashSet::new(), HashSet::new());
        for exchange in transcript.exchanges.iter().filter(|one| one.asked == Asked::Resolver && one.is_answered()) {
            let records = exchange.answer.iter().filter_map(|index| transcript.document.records.get(*index));
            let records: Vec<&Record> = records.collect();
            let mut name = exchange.name.clone();
            for _ in 0..LONGEST_CHAIN {
                let alias = records.iter().find(|record| record.kind == "CNAME" && record.owner == name);
                let Some(Data::Name(target)) = alias.map(|record| &record.data) else { break };
                if exchange.kind == "CNAME" {
                    break;
                }
                asked.insert((name, "CNAME".to_owned()));
                name = target.name.clone();
            }
            if exchange.status.as_deref() == Ok("NXDOMAIN") && !records.iter().any(|record| record.owner == name) {
                missing.insert(name.clone());
            }
            asked.insert((name.clone(), exchange.kind.clone()));
            if exchange.kind != "CNAME" {
                asked.insert((name, "CNAME".to_owned()));
            }
        }
        let names = asked.iter().map(|(name, _)| name.clone()).collect();
        Self::new(&transcript.document, resolved(transcript).into_iter(), Scope::Answers { asked, names, missing })
    }

    /// The records of that name, of every type that is known.
    pub fn at(&self, name: &Name) -> impl Iterator<Item = &'d Record> + use<'d, '_> {
        let indices = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        indices.iter().filter_map(|index| self.records.get(*index))
    }

    /// The records of that name and type that were seen.
    pub fn seen(&self, name: &Name, kind: &str) -> Vec<&'d Record> {
        self.at(name).filter(|record| record.kind == kind).collect()
    }

    /// The records of that name and type; `None` when that is not known. Wildcards count.
    pub fn of(&self, name: &Name, kind: &str) -> Option<Vec<&'d Record>> {
        let seen = self.seen(name, kind);
        if !seen.is_empty() {
            return Some(seen);
        }
        match &self.scope {
            Scope::Answers { asked, missing, .. } => {
                let is_asked = asked.contains(&(name.clone(), kind.to_owned())) || is_missing(missing, name);
                is_asked.then(Vec::new)
            }
            Scope::Zone { broken, is_complete, .. } => {
                if !*is_complete || broken.contains(name) || !self.is_own(name) {
                    return None;
                }
                match self.wildcard(name) {
                    Some(star) if !self.is_there(name) => Some(self.seen(&star, kind)),
                    _ => Some(Vec::new()),
                }
            }
        }
    }

    /// Whether there is such a name; `None` when that is not known.
    pub fn exists(&self, name: &Name) -> Option<bool> {
        if self.by_name.contains_key(name) {
            return Some(true);
        }
        match &self.scope {
            Scope::Answers { names, missing, .. } => {
                if is_missing(missing, name) {
                    return Some(false);
                }
                names.contains(name).then_some(true)
            }
            Scope::Zone { broken, is_complete, .. } => {
                if self.is_there(name) || broken.contains(name) {
                    return Some(true);
                }
                if !*is_complete || !self.is_own(name) {
                    return None;
                }
                Some(self.wildcard(name).is_some())
            }
        }
    }

    /// Whether the zone file has the name, or one below it.
    fn is_there(&self, name: &Name) -> bool {
        matches!(&self.scope, Scope::Zone { names, .. } if names.contains(name))
    }

    /// Whether this zone decides about the name: within it and not given away.
    pub fn is_own(&self, name: &Name) -> bool {
        let is_named = match &self.scope {
            Scope::Zone { is_named, .. } => *is_named,
            Scope::Answers { .. } => true,
        };
        (is_named || name.is_below(self.apex)) && name.is_within(self.apex) && self.cut(name).is_none()
    }

    /// The delegation or DNAME at or above the name, below the apex; for a DNAME only above.
    pub fn cut(&self, name: &Name) -> Option<(Name, &'static str)> {
        if !matches!(self.scope, Scope::Zone { has_cuts: true, .. }) {
            return None;
        }
        let mut at = Some(name.clone());
        let mut found = None;
        while let Some(one) = at.filter(|one| one.is_within(self.apex)) {
            let has = |kind: &str| self.at(&one).any(|record| record.kind == kind);
            if one != *self.apex && has("NS") {
                found = Some((one.clone(), "delegation"));
            } else if one != *name && has("DNAME") {
                found = Some((one.clone(), "dname"));
            }
            at = one.parent();
        }
        found
    }

    /// The wildcard that answers for the name.
    fn wildcard(&self, name: &Name) -> Option<Name> {
        let mut above = name.parent();
        while let Some(one) = above.filter(|one| one.is_within(self.apex)) {
            let star = one.child("*");
            if self.by_name.contains_key(&star) {
                return Some(star);
            }
            if self.is_there(&one) {
                return None;
            }
            above = one.parent();
        }
        None
    }

    /// Follows aliases from the name as far as they are known.
    pub fn chain(&self, name: &Name) -> Chain {
        let mut chain = Chain { names: Vec::new(), is_loop: false };
        let mut at = name.clone();
        while chain.names.len() <= LONGEST_CHAIN {
            let aliases = self.of(&at, "CNAME").unwrap_or_default();
            let Some(Data::Name(target)) = aliases.first().map(|record| &record.data) else { break };
            chain.is_loop = target.name == *name || chain.names.contains(&target.name);
            at = target.name.clone();
            chain.names.push(at.clone());
            if chain.is_loop {
                break;
            }
        }
        chain
    }

    /// Whether the name, or the one that it is an alias of, has an address; `None` when that is not known.
    pub fn has_address(&self, name: &Name) -> Option<bool> {
        let chain = self.chain(name);
        let end = chain.names.last().unwrap_or(name);
        let found = |kind: &str| self.of(end, kind).map(|records| !records.is_empty());
        match (found("A"), found("AAAA")) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ if self.exists(end) == Some(false) => Some(false),
            _ => None,
        }
    }

    /// The joined strings of the text records of a name that begin with `start`, in any case.
    pub fn texts(&self, name: &Name, start: &str) -> Option<Vec<&'d Record>> {
        let records = self.of(name, "TXT")?;
        let begins = |record: &&Record| {
            let text = record.text().unwrap_or_default();
            text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
        };
        Some(records.into_iter().filter(begins).collect())
    }
}

/// The records that resolvers gave, each once, whatever its TTL: what servers say for themselves is compared, not believed.
pub fn resolved(transcript: &Transcript) -> Vec<usize> {
    let exchanges = transcript.exchanges.iter().filter(|one| one.asked == Asked::Resolver);
    let mut seen = HashSet::new();
    let mut is_new = |index: &usize| {
        let record = transcript.document.records.get(*index);
        record.is_some_and(|record| seen.insert((&record.owner, &record.kind, record.shown())))
    };
    exchanges.flat_map(|one| one.answer.iter().copied()).filter(|index| is_new(index)).collect()
}

fn is_missing(missing: &HashSet<Name>, name: &Name) -> bool {
    let mut at = Some(name.clone());
    while let Some(one) = at {
        if missing.contains(&one) {
            return true;
        }
        at = one.parent();
    }
    false
}
