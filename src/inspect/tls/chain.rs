//! What several certificates are to one another: which signed which, and what is missing or too much.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::OnceLock;

use super::certificate;
use super::document::Certificate;

/// A path longer than this is not followed.
const LONGEST_PATH: usize = 16;

/// A list of certificates that begins, or ought to begin, with that of a server.
#[derive(Debug, Default)]
pub(super) struct Chain {
    /// The server's certificate.
    pub(super) leaf: usize,
    /// From the server's certificate upwards, by index.
    pub(super) path: Vec<usize>,
    /// Those that do not stand where they should.
    pub(super) misplaced: Vec<usize>,
    /// Those that stand there a second time.
    pub(super) repeated: Vec<usize>,
    /// Those that are not on the path.
    pub(super) unrelated: Vec<usize>,
    /// Those whose signature was not made by the next one of the path.
    pub(super) wrongly_signed: Vec<usize>,
    /// Those that end after the next one of the path.
    pub(super) outliving: Vec<usize>,
    /// Those that signed without being allowed to.
    pub(super) unfit: Vec<usize>,
    /// Those that have more authorities below them than they allow.
    pub(super) too_deep: Vec<usize>,
    /// A root at the end.
    pub(super) root: Option<usize>,
    /// Whether the path ends in a root, or in one that a root of the public store signed.
    pub(super) is_complete: bool,
}

/// The leaf of a list: the first certificate that is no authority. `None` when there is not exactly one: then it is a
/// store of roots, or of several servers' certificates.
pub(super) fn leaf(list: &[&Certificate]) -> Option<usize> {
    let mut seen = HashSet::new();
    let mut leaves =
        list.iter().enumerate().filter(|(_, one)| !one.may_sign() && seen.insert(&one.der)).map(|(index, _)| index);
    let first = leaves.next();
    match (first, leaves.next()) {
        (Some(first), None) => Some(first),
        (Some(0), Some(_)) => None,
        (None, _) if list.len() == 1 => Some(0).filter(|_| list.first().is_some_and(|one| serves(one))),
        _ => None,
    }
}

/// An authority that is made to serve: it has names or the purpose of a server.
pub(super) fn serves(one: &Certificate) -> bool {
    let purpose = one.purposes.iter().flatten().any(|purpose| purpose == "serverAuth");
    one.names.as_ref().is_some_and(|names| !names.is_empty())
        || (purpose && one.key_usage.is_none_or(|bits| bits & 1 == 1))
}

/// What the certificates of `list` are to one another, seen from its server's certificate.
pub(super) fn examine(list: &[&Certificate], leaf: usize) -> Chain {
    let mut chain = Chain { leaf, path: path(list, leaf), ..Chain::default() };
    let mut seen: HashMap<&[u8], usize> = HashMap::new();
    for (index, one) in list.iter().enumerate() {
        if seen.insert(&one.der, index).is_some() {
            chain.repeated.push(index);
        }
    }
    let seen_twice: HashSet<usize> = chain.repeated.iter().copied().collect();
    let on_path: BTreeMap<usize, usize> = chain.path.iter().enumerate().map(|(place, index)| (*index, place)).collect();
    // Another certificate of an issuer on the path (cross-signed) opens another way.
    let subjects: HashSet<&[u8]> =
        chain.path.iter().filter_map(|index| list.get(*index)).map(|one| one.raw_subject.as_slice()).collect();
    let is_other = |one: &&Certificate| !subjects.contains(one.raw_subject.as_slice());
    let others = (0..list.len()).filter(|index| {
        !on_path.contains_key(index) && !seen_twice.contains(index) && list.get(*index).is_some_and(is_other)
    });
    chain.unrelated = others.collect();
    let kept: Vec<usize> = (0..list.len()).filter(|index| on_path.contains_key(index)).collect();
    chain.misplaced =
        kept.iter().zip(&chain.path).filter(|(there, wanted)| there != wanted).map(|(there, _)| *there).collect();
    for (below, pair) in chain.path.windows(2).enumerate() {
        let [child, parent] = pair else { continue };
        let (Some(one), Some(issuer)) = (list.get(*child), list.get(*parent)) else { continue };
        if certificate::is_signed_by(&one.der, &issuer.der) == Some(false) {
            chain.wrongly_signed.push(*child);
        }
        if one.not_after > issuer.not_after {
            chain.outliving.push(*child);
        }
        if !issuer.may_sign() || issuer.key_usage.is_some_and(|bits| bits & 0x20 == 0) {
            chain.unfit.push(*parent);
        }
        if issuer.path_length.is_some_and(|most| below > most as usize) {
            chain.too_deep.push(*parent);
        }
    }
    let last = chain.path.last().and_then(|index| list.get(*index));
    chain.root = chain.path.last().copied().filter(|index| *index != leaf && last.is_some_and(|one| is_root(one)));
    chain.is_complete = last.is_some_and(|one| is_root(one) || is_anchor(&one.raw_issuer));
    chain
}

fn is_root(one: &Certificate) -> bool {
    one.raw_subject == one.raw_issuer && one.is_self_signed != Some(false)
}

/// From `leaf` to the last issuer that the list holds.
pub(super) fn path(list: &[&Certificate], leaf: usize) -> Vec<usize> {
    let mut by_subject: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (index, one) in list.iter().enumerate() {
        by_subject.entry(&one.raw_subject).or_default().push(index);
    }
    let mut path = vec![leaf];
    while let Some(one) = path.last().and_then(|index| list.get(*index))
        && path.len() < LONGEST_PATH
        && one.raw_subject != one.raw_issuer
    {
        let candidates = by_subject.get(one.raw_issuer.as_slice()).map(Vec::as_slice).unwrap_or_default();
        let fresh = candidates.iter().copied().filter(|index| !path.contains(index)).take(LONGEST_PATH);
        let fits = |index: usize| {
            let issuer = list.get(index)?;
            let keys =
                one.authority_key.is_none() || issuer.subject_key.is_none() || one.authority_key == issuer.subject_key;
            let signed = certificate::is_signed_by(&one.der, &issuer.der);
            Some((signed == Some(true), keys, signed.is_none()))
        };
        let Some(next) = fresh.max_by_key(|index| (fits(*index), std::cmp::Reverse(*index))) else { break };
        path.push(next);
    }
    path
}

/// Whether a root of Mozilla's store has this subject.
pub(super) fn is_anchor(raw_name: &[u8]) -> bool {
    static SUBJECTS: OnceLock<HashSet<&'static [u8]>> = OnceLock::new();
    let subjects =
        SUBJECTS.get_or_init(|| webpki_roots::TLS_SERVER_ROOTS.iter().map(|root| root.subject.as_ref()).collect());
    // The store keeps names without their outer tag.
    super::der::sequence(raw_name).is_some_and(|name| subjects.contains(name))
}

/// Whether an authority that browsers know issued it, as far as it shows: promises of transparency logs, a policy of the
/// CA/Browser Forum, or a root of the store as its issuer.
pub(super) fn is_public(one: &Certificate) -> bool {
    one.log_promises > 0 || one.names_public_policy || (is_anchor(&one.raw_issuer) && one.raw_issuer != one.raw_subject)
}
