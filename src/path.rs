//! Paths as reports show them: relative to the root, with `/` between the folders.

/// The part of `path` after the last `/`.
pub fn file_name(path: &str) -> &str {
    path.rfind('/').map_or(path, |slash| &path[slash + 1..])
}

/// The folder of `path`; empty for the root.
pub fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |slash| &path[..slash])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_folder_and_a_name() {
        for (path, above, name) in
            [("a/b/c", "a/b", "c"), ("c", "", "c"), ("a/", "a", ""), ("/c", "", "c"), ("", "", "")]
        {
            assert_eq!((folder(path), file_name(path)), (above, name), "{path:?}");
        }
    }
}
