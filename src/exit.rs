//! What the process says to the shell.

/// The exit code of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ExitCode {
    /// GO, or `--exit-zero`.
    Ready = 0,
    /// NO-GO or INCOMPLETE.
    NotReady = 1,
    /// The run could not happen: see [`Error`](crate::error::Error).
    CouldNotRun = 2,
    /// Only with `--strict`: not NO-GO, but something is unknown.
    NotEverythingChecked = 3,
}

impl ExitCode {
    /// Every code, in order: what the manual lists.
    pub const ALL: [ExitCode; 4] =
        [ExitCode::Ready, ExitCode::NotReady, ExitCode::CouldNotRun, ExitCode::NotEverythingChecked];

    /// The number.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// What it means, for `--help` and the manual.
    pub fn meaning(self) -> &'static str {
        match self {
            ExitCode::Ready => "ready",
            ExitCode::NotReady => "not ready",
            ExitCode::CouldNotRun => "could not run",
            ExitCode::NotEverythingChecked => "not everything could be checked",
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        std::process::ExitCode::from(code.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_documented_ones() {
        let codes: Vec<(u8, &str)> = ExitCode::ALL.iter().map(|code| (code.code(), code.meaning())).collect();
        assert_eq!(
            codes,
            [(0, "ready"), (1, "not ready"), (2, "could not run"), (3, "not everything could be checked")]
        );
    }
}
