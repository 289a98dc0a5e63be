//! BER → DER: programs wrote key stores with lengths that are not told in advance, and with strings in pieces.

use super::super::der::{Element, OCTET_STRING, element, elements};

/// Things nested deeper than this are no key store.
const DEEPEST: usize = 24;
/// A string in pieces.
const PIECES: u8 = 0x24;
/// The end of what has no length.
const END: [u8; 2] = [0, 0];

/// The element that `bytes` begin with, every length definite and every string whole.
pub(super) fn definite(bytes: &[u8]) -> Option<Vec<u8>> {
    read(bytes, DEEPEST).map(|(whole, _)| whole)
}

fn read(bytes: &[u8], depth: usize) -> Option<(Vec<u8>, &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    if tag & 0x20 == 0 {
        return element(bytes).map(|(one, after)| (one.whole.to_vec(), after));
    }
    let below = depth.checked_sub(1)?;
    let mut inside = Vec::new();
    let after = match rest.split_first()? {
        (0x80, mut rest) => loop {
            if let Some(after) = rest.strip_prefix(&END) {
                break after;
            }
            let (one, after) = read(rest, below)?;
            inside.push(one);
            rest = after;
        },
        _ => {
            let (Element { content, .. }, after) = element(bytes)?;
            let mut rest = content;
            while !rest.is_empty() {
                let (one, after) = read(rest, below)?;
                inside.push(one);
                rest = after;
            }
            after
        }
    };
    Some(if *tag == PIECES {
        (written(OCTET_STRING, &joined(&inside)), after)
    } else {
        (written(*tag, &inside.concat()), after)
    })
}

fn joined(pieces: &[Vec<u8>]) -> Vec<u8> {
    pieces.iter().filter_map(|piece| element(piece)).flat_map(|(one, _)| one.content.to_vec()).collect()
}

/// The content of a string that may stand in pieces below a tag of its own.
pub(super) fn string(one: Element<'_>) -> Vec<u8> {
    match one.tag & 0x20 {
        0 => one.content.to_vec(),
        _ => elements(one.content).flat_map(|piece| piece.content.to_vec()).collect(),
    }
}

fn written(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    match length {
        0..=0x7f => out.push((length & 0x7f) as u8),
        _ => {
            out.push(0x84);
            out.extend(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        }
    }
    out.extend_from_slice(content);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_told_and_pieces_joined() {
        assert_eq!(definite(&[0x30, 0x80, 2, 1, 5, 0, 0]), Some(vec![0x30, 3, 2, 1, 5]));
        assert_eq!(definite(&[0x24, 0x80, 4, 1, 5, 4, 1, 6, 0, 0]), Some(vec![4, 2, 5, 6]));
        assert_eq!(definite(&[0x30, 3, 2, 1, 5]), Some(vec![0x30, 3, 2, 1, 5]));
        assert_eq!(definite(&[0x30, 5, 0x24, 3, 4, 1, 5]), Some(vec![0x30, 3, 4, 1, 5]));
        let long = [&[0x30, 0x82, 1, 0][..], &[4, 0x81, 0xfd], &[7; 0xfd]].concat();
        let read = definite(&long).unwrap();
        assert_eq!((read.len(), &read[..6]), (262, &[0x30, 0x84, 0, 0, 1, 0][..]));
        for broken in
            [&[][..], &[0x30, 0x80], &[0x30, 0x80, 2, 1, 5], &[0x30, 4, 2, 1, 5], &[0x30; 100], &[0x24, 0x80, 0]]
        {
            assert_eq!(definite(broken), None, "{broken:x?}");
        }
    }
}
