//! Paths as reports show them: relative to the root, with `/` between the folders.

/// The part of `path` after the last `/`.
pub fn file_name(path: &str) -> &str {
    path.rfind('/').map_or(path, |slash| &path[slash + 1..])
}

/// The folder of `path`; empty for the root.
pub fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |slash| &path[..slash])
}

/// `name` in `folder`.
pub fn within(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// `path` as it is meant in `folder`, dots understood; `None` when it leaves the root.
pub fn join(folder: &str, path: &str) -> Option<String> {
    tidy(&within(folder, path))
}

/// `path` from `folder` on; `None` when it does not lie there.
pub fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() {
        return Some(path);
    }
    path.strip_prefix(folder)?.strip_prefix('/')
}

/// `a/./b/../c/` → `a/c`; `None` when it leaves the root.
pub fn tidy(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_in_folders() {
        assert_eq!((within("a", "b"), within("", "b")), ("a/b".to_owned(), "b".to_owned()));
        assert_eq!((below("a/b/c", "a/b"), below("a/bc", "a/b"), below("a", "")), (Some("c"), None, Some("a")));
        let tidied = ["a/./b/../c/", "", "../a", "a/../.."].map(tidy);
        assert_eq!(tidied, [Some("a/c".to_owned()), Some(String::new()), None, None]);
    }

    #[test]
    fn a_path_is_a_folder_and_a_name() {
        for (path, above, name) in
            [("a/b/c", "a/b", "c"), ("c", "", "c"), ("a/", "a", ""), ("/c", "", "c"), ("", "", "")]
        {
            assert_eq!((folder(path), file_name(path)), (above, name), "{path:?}");
        }
    }
}
