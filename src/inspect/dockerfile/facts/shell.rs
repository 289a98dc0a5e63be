//! The shell that SHELL chooses.

use super::layer;
use crate::inspect::dockerfile::document::Word;

/// The shell that reads a RUN, as far as it matters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shell {
    /// It reads POSIX text.
    pub(super) is_posix: bool,
    /// It was started with `-o pipefail`.
    pub(super) pipefail: bool,
    /// It was started with `-e`.
    pub(super) errexit: bool,
}

impl Shell {
    pub(super) fn of(words: &[Word<'_>]) -> Self {
        let name = words.first().map(|word| &*word.value.text).unwrap_or_default();
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let short = |letter: char| {
            words.iter().any(|word| {
                word.value.text.strip_prefix('-').is_some_and(|rest| !rest.starts_with('-') && rest.contains(letter))
            })
        };
        let said = |option: &str| words.iter().any(|word| word.value.text == option);
        Self { is_posix: layer::is_shell(name), pipefail: said("pipefail"), errexit: short('e') || said("errexit") }
    }
}
