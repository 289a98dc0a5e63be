//! The same work on many things: in parallel where there is much of it. Starting threads and waking them costs more
//! than all the work on a small repository.

use rayon::prelude::*;

/// Up to so many things are worked on one after the other, unless they are heavy.
const FEW: usize = 64;

/// Up to so many bytes of text are light work: a few milliseconds.
const LIGHT: usize = 512 << 10;

/// `work` on every item, in the order of the items. `bytes` is how much text the items hold altogether; 0 where it is
/// not known or does not matter.
pub fn map<T: Send, R: Send>(items: Vec<T>, bytes: usize, work: impl Fn(T) -> R + Send + Sync) -> Vec<R> {
    if items.len() <= FEW && bytes <= LIGHT {
        items.into_iter().map(work).collect()
    } else {
        items.into_par_iter().map(work).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_kept_with_and_without_threads() {
        for (count, bytes) in [(3, 0), (3, LIGHT + 1), (FEW + 1, 0), (10 * FEW, 0), (0, 0)] {
            let doubled = map((0..count).collect(), bytes, |number| number * 2);
            assert_eq!(doubled, (0..count).map(|number| number * 2).collect::<Vec<_>>());
        }
    }
}
