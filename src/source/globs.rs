//! Globs of the policy (`include`, `exclude`, `roles`), in the manner of `.gitignore`, from the root.

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use thiserror::Error;

/// Globs in the manner of `.gitignore`: one without a slash matches at any depth, one that matches a folder matches
/// everything below it, `!` takes back, the last that matches wins.
#[derive(Debug, Clone)]
pub struct Globs {
    matcher: Gitignore,
    patterns: Vec<String>,
}

/// A glob that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{pattern}` is not a glob: {message}")]
pub struct GlobError {
    /// Which one, counted from 0.
    pub index: usize,
    /// As it was written.
    pub pattern: String,
    /// What is wrong.
    pub message: String,
}

impl Default for Globs {
    fn default() -> Self {
        Self { matcher: Gitignore::empty(), patterns: Vec::new() }
    }
}

impl Globs {
    /// Compiles `patterns`; every mistake is told.
    pub fn new<S: AsRef<str>>(patterns: impl IntoIterator<Item = S>) -> Result<Self, Vec<GlobError>> {
        let mut builder = GitignoreBuilder::new("");
        builder.allow_unclosed_class(false);
        let mut list = Vec::new();
        let mut errors = Vec::new();
        for (index, pattern) in patterns.into_iter().enumerate() {
            let pattern = pattern.as_ref();
            if let Err(message) = add(&mut builder, pattern) {
                errors.push(GlobError { index, pattern: pattern.to_owned(), message });
            }
            list.push(pattern.to_owned());
        }
        match builder.build() {
            Ok(matcher) if errors.is_empty() => return Ok(Self { matcher, patterns: list }),
            Ok(_) => {}
            Err(error) => errors.push(GlobError { index: 0, pattern: list.join(" "), message: error.to_string() }),
        }
        Err(errors)
    }

    /// A glob that starts from `folder` (relative to the root), as one that starts from the root.
    pub fn from_folder(folder: &str, pattern: &str) -> String {
        if folder.is_empty() {
            return pattern.to_owned();
        }
        let (not, pattern) = pattern.strip_prefix('!').map_or(("", pattern), |rest| ("!", rest));
        let anchored = pattern.trim_end_matches('/').contains('/');
        let middle = if anchored { "" } else { "**/" };
        format!("{not}/{folder}/{middle}{}", pattern.trim_start_matches('/'))
    }

    /// Whether there is no glob at all.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The globs as they were written.
    pub fn patterns(&self) -> &[String] {
        &self.patterns
    }

    /// Whether `path`, relative to the root, or a folder above it is matched.
    pub fn matches(&self, path: &str, is_folder: bool) -> bool {
        let path = path.trim_start_matches('/');
        !self.is_empty()
            && !path.is_empty()
            && matches!(self.matcher.matched_path_or_any_parents(path, is_folder), Match::Ignore(_))
    }
}

/// `deploy/**` is meant as the folder `deploy`, so that a walk can leave out the folder as a whole.
fn add(builder: &mut GitignoreBuilder, pattern: &str) -> Result<(), String> {
    let (sign, body) = match pattern.strip_prefix('!') {
        Some(rest) => ("!", rest),
        None => ("", pattern),
    };
    if body.trim().is_empty() {
        return Err("it is empty".to_owned());
    }
    let line = match body.strip_suffix("/**") {
        Some("") => format!("{sign}/*"),
        Some("**") => format!("{sign}*/"),
        Some(folder) => format!("{sign}/{}/", folder.trim_start_matches('/')),
        None if body.starts_with('#') => format!("{sign}\\{body}"),
        None => pattern.to_owned(),
    };
    builder.add_line(None, &line).map(|_| ()).map_err(|error| match error {
        ignore::Error::Glob { err, .. } => err,
        other => other.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn globs(patterns: &[&str]) -> Globs {
        Globs::new(patterns).expect("globs")
    }

    #[test]
    fn a_folder_stands_for_all_below_it() {
        let list = globs(&["deploy/dev/**", "**/testdata/**", "*.tmp", "/only-here"]);
        for yes in ["deploy/dev/a.yaml", "deploy/dev/x/y", "testdata/a", "a/testdata/b/c", "a/b.tmp", "only-here/x"] {
            assert!(list.matches(yes, false), "{yes}");
        }
        for no in ["x/deploy/dev/a", "deploy/device/a", "testdata", "a/only-here", "a.tmpl", ""] {
            assert!(!list.matches(no, false), "{no}");
        }
        assert!(list.matches("deploy/dev", true) && list.matches("a/testdata", true));
    }

    #[test]
    fn an_exclamation_mark_takes_back() {
        let list = globs(&["*.yaml", "!deploy/**"]);
        assert!(list.matches("a/b.yaml", false));
        assert!(!list.matches("deploy/dev", true));
        assert!(list.matches("c.yaml", false));
        assert!(globs(&["/**"]).matches("a/b", false));
        assert!(!Globs::default().matches("a", false));
    }

    #[test]
    fn every_mistake_is_told() {
        let errors = Globs::new(["a[", "ok", "", "{x"]).expect_err("three mistakes");
        let which: Vec<usize> = errors.iter().map(|error| error.index).collect();
        assert_eq!(which, [0, 2, 3]);
        assert!(errors[0].to_string().starts_with("`a[` is not a glob: "), "{}", errors[0]);
    }
}
