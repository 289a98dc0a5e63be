//! "Did you mean": the nearest of a few known words.

/// Longer words are not compared.
const MAX_LENGTH: usize = 64;

/// The candidate that `word` was probably meant to be. Case, `-`, `_` and blanks make no difference; otherwise a third
/// of the letters may be wrong. Of equally near ones the first.
pub fn suggest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word = letters(word)?;
    let limit = (word.len() / 3).max(1);
    let distances = candidates.into_iter().filter_map(|candidate| {
        let distance = distance(&word, &letters(candidate)?);
        // Two words of which nothing is alike are no typo of one another.
        (distance <= limit && distance < word.len()).then_some((distance, candidate))
    });
    distances.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

fn letters(word: &str) -> Option<Vec<char>> {
    let letters: Vec<char> = word
        .chars()
        .take(MAX_LENGTH + 1)
        .filter(|c| !matches!(c, '-' | '_' | ' '))
        .flat_map(char::to_lowercase)
        .collect();
    (!letters.is_empty() && letters.len() <= MAX_LENGTH).then_some(letters)
}

/// Insertions, deletions, replacements and swaps of neighbours.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, y) in b.iter().enumerate() {
            let mut best = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words() {
        let known = ["severity", "title", "category", "run-as-root", "on", "fix"];
        for (word, expected) in [
            ("serverity", Some("severity")),
            ("titel", Some("title")),
            ("Title", Some("title")),
            ("runAsRoot", Some("run-as-root")),
            ("run_as_rot", Some("run-as-root")),
            ("no", Some("on")),
            ("fx", Some("fix")),
            ("x", None),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(suggest(word, known), expected, "{word}");
        }
        assert_eq!(suggest(&"a".repeat(1_000_000), known), None);
    }
}
