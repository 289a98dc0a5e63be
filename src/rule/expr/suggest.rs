//! "Did you mean": the known name that is nearest to a mistyped one.

/// `did you mean …?`, if one of `names` is near enough.
pub(super) fn help<'n>(wrong: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
    let limit = (wrong.chars().count() / 3).max(1);
    let near = names.filter(|name| *name != wrong).map(|name| (distance(wrong, name), name));
    let (distance, name) = near.min()?;
    (distance <= limit).then(|| format!("did you mean `{name}`?"))
}

/// How many letters have to be put in, taken out, replaced or swapped with their neighbour; letter case is free.
fn distance(left: &str, right: &str) -> usize {
    let fold = |text: &str| -> Vec<char> { text.chars().take(64).map(|c| c.to_ascii_lowercase()).collect() };
    let (left, right) = (fold(left), fold(right));
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for i in 1..=left.len() {
        let mut next = vec![i];
        for j in 1..=right.len() {
            let replaced = row[j - 1] + usize::from(left[i - 1] != right[j - 1]);
            let mut best = replaced.min(row[j] + 1).min(next[j - 1] + 1);
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered() {
        let names = ["runsAsNonRoot", "runsAsRoot", "image"];
        let near = |wrong| help(wrong, names.into_iter());
        assert_eq!(near("runAsRoot").as_deref(), Some("did you mean `runsAsRoot`?"));
        assert_eq!(near("imgae").as_deref(), Some("did you mean `image`?"));
        assert_eq!(near("RunsAsRoot").as_deref(), Some("did you mean `runsAsRoot`?"));
        assert_eq!(near("ports"), None);
    }
}
