//! The little DER that is read by hand: private keys and containers, which no certificate parser takes.

/// One element: its tag, its content, and all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'b> {
    pub(super) tag: u8,
    pub(super) content: &'b [u8],
    pub(super) whole: &'b [u8],
}

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

/// The first element of `bytes`, and what follows it. Only definite lengths of up to four bytes.
pub(super) fn element(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().fold(0usize, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, after) = rest.split_at_checked(length)?;
    let whole = bytes.get(..bytes.len() - after.len())?;
    Some((Element { tag: *tag, content, whole }, after))
}

/// The elements in `bytes`, up to the first that is broken.
pub(super) fn elements(bytes: &[u8]) -> impl Iterator<Item = Element<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (found, after) = element(rest)?;
        rest = after;
        Some(found)
    })
}

/// The content of the sequence that `bytes` begin with.
pub(super) fn sequence(bytes: &[u8]) -> Option<&[u8]> {
    element(bytes).filter(|(one, _)| one.tag == SEQUENCE).map(|(one, _)| one.content)
}

/// An integer without the zero that keeps it positive.
pub(super) fn magnitude(content: &[u8]) -> &[u8] {
    let zeroes = content.iter().take_while(|byte| **byte == 0).count();
    content.get(zeroes..).unwrap_or_default()
}

/// How many bits a magnitude has.
pub(super) fn bits(magnitude: &[u8]) -> u32 {
    let whole = u32::try_from(magnitude.len()).unwrap_or(u32::MAX).saturating_mul(8);
    whole.saturating_sub(magnitude.first().map_or(0, |byte| byte.leading_zeros()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_read_and_broken_ones_end_the_list() {
        let (one, rest) = element(&[0x30, 0x03, 0x02, 0x01, 0x05, 0xff]).unwrap();
        assert_eq!((one.tag, one.content, rest), (SEQUENCE, &[2, 1, 5][..], &[0xff][..]));
        assert_eq!(one.whole.len(), 5);
        for broken in [&[][..], &[0x30], &[0x30, 0x05, 1], &[0x30, 0x80], &[0x30, 0x85, 1, 1, 1, 1, 1], &[0x1f, 1, 1]] {
            assert_eq!(element(broken), None, "{broken:x?}");
        }
        assert_eq!(elements(&[2, 1, 5, 2, 1, 6, 9]).count(), 2);
        assert_eq!(element(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
    }

    #[test]
    fn bits_are_counted_from_the_first_that_is_set() {
        assert_eq!(bits(magnitude(&[0, 0x80, 0])), 16);
        assert_eq!(bits(magnitude(&[0, 1, 0])), 9);
        assert_eq!(bits(magnitude(&[0, 0])), 0);
    }
}
