//! What a text consists of, as a list of pieces: by two of them one can tell whether a change touched more than it
//! should have.

use std::ops::Range;

use super::tree::{Dialect, Kind, Node, Tree};

/// A part of a text that means something by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Which bytes.
    pub range: Range<usize>,
    /// What it is, where it belongs and what it says: equal for what means the same.
    pub what: String,
    /// Whether nobody knows what a change of it would do.
    pub is_sealed: bool,
}

impl Piece {
    /// A piece that may be changed.
    pub fn new(range: Range<usize>, what: impl Into<String>) -> Self {
        Piece { range, what: what.into(), is_sealed: false }
    }

    /// A piece that must stay as it is.
    pub fn sealed(range: Range<usize>, what: impl Into<String>) -> Self {
        Piece { is_sealed: true, ..Self::new(range, what) }
    }
}

/// The keys, values and comments of a data tree; `None` when it could not be read whole.
pub fn of_tree(tree: &Tree) -> Option<Vec<Piece>> {
    if !tree.problems.is_empty() || tree.template.is_some() {
        return None;
    }
    let mut pieces: Vec<Piece> =
        tree.comments.iter().map(|comment| Piece::new(comment.span.range(), "comment")).collect();
    for (index, root) in tree.documents(Dialect::Core).enumerate() {
        walk(root, &index.to_string(), &mut pieces);
    }
    pieces.retain(|piece| !piece.range.is_empty());
    Some(pieces)
}

fn walk(node: Node<'_>, path: &str, pieces: &mut Vec<Piece>) {
    let range = node.span().range();
    let target = node.with_id(node.target_id());
    if target != node {
        // A change of what an alias stands for would be a change here as well.
        pieces.push(Piece::new(range, format!("{path} alias")));
        pieces.push(Piece::sealed(target.span().range(), "anchor"));
        return;
    }
    let tag = node.tag().unwrap_or_default();
    match node.kind() {
        Kind::List if node.items().len() > 0 => {
            node.items().for_each(|item| walk(item, &format!("{path}{tag}/-"), pieces));
        }
        Kind::Map if node.entries().len() > 0 => {
            for entry in node.entries() {
                let path = format!("{path}{tag}/{:?}", entry.key.text());
                pieces.push(Piece::new(entry.key.span().range(), format!("{path} key")));
                walk(entry.value, &path, pieces);
            }
        }
        kind => pieces.push(Piece::new(range, format!("{path} {tag} {kind:?} {:?}", node.text()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::SourceId;

    fn pieces(text: &str) -> Option<Vec<(String, String)>> {
        let tree = crate::syntax::yaml::read(SourceId(0), text.into());
        let pieces = of_tree(&tree)?.into_iter();
        Some(pieces.map(|piece| (text[piece.range].to_owned(), piece.what)).collect())
    }

    #[test]
    fn a_tree_is_its_keys_values_and_comments() {
        let found = pieces("a: # why\n  - 1\n  - b: ''\n").expect("pieces");
        let texts: Vec<&str> = found.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, ["# why", "a", "1", "b", "''"]);
        assert_eq!(found[4].1, "0/\"a\"/-/\"b\"  Str \"\"");
    }

    #[test]
    fn what_an_alias_stands_for_is_sealed() {
        let tree = crate::syntax::yaml::read(SourceId(0), "a: &x\n  b: 1\nc: *x\n".into());
        let sealed: Vec<_> = of_tree(&tree).expect("pieces").into_iter().filter(|piece| piece.is_sealed).collect();
        assert_eq!(sealed.len(), 1);
        assert!(sealed[0].range.contains(&8));
    }

    #[test]
    fn a_broken_text_has_no_outline() {
        assert_eq!(pieces("a: [1\n"), None);
    }
}
