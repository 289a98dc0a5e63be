//! Files that tests compare with; `UPDATE=1 cargo test` writes them anew.

use std::fs;
use std::path::Path;

/// Compares `bytes` with the file at `path`, below the root of the project.
pub(crate) fn check(path: &str, bytes: &[u8]) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, bytes).unwrap();
        return;
    }
    let want = fs::read(&file).unwrap_or_else(|error| panic!("{path}: {error}; UPDATE=1 cargo test writes it"));
    if want == bytes {
        return;
    }
    let (want, got) = (String::from_utf8_lossy(&want), String::from_utf8_lossy(bytes));
    let line = want.lines().zip(got.lines()).take_while(|(want, got)| want == got).count();
    panic!(
        "{path} differs from line {}:\n  file: {}\n  now:  {}\nUPDATE=1 cargo test writes it anew",
        line + 1,
        want.lines().nth(line).unwrap_or("(no such line)"),
        got.lines().nth(line).unwrap_or("(no such line)")
    );
}
