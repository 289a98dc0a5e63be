//! Speed of the search for secrets: `cargo bench --bench detect -- FOLDER` reads every file of FOLDER into memory and
//! times the known formats, then everything, on two threads. With `--list` it prints where and what (never values).

#![allow(clippy::print_stdout, reason = "a bench prints its numbers")]

use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;
use seaworthy::detect::{self, Certainty, Nature};
use seaworthy::inspect::by_name;
use seaworthy::span::SourceId;
use seaworthy::syntax;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let list = arguments.iter().any(|argument| argument == "--list");
    let folder = arguments.iter().find(|argument| !argument.starts_with("--"));
    let folder = PathBuf::from(folder.map_or(concat!(env!("CARGO_MANIFEST_DIR"), "/src"), String::as_str));
    let begin = Instant::now();
    let formats = detect::formats();
    println!("{} formats compiled in {:.2} ms", formats.len(), begin.elapsed().as_secs_f64() * 1e3);
    let files = files(&folder);
    let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
    println!("{} files, {:.1} MB", files.len(), bytes as f64 / 1e6);
    let threads = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("threads");
    let rounds = if list { 1 } else { 3 };
    for _ in 0..rounds {
        threads.install(|| {
            let found = timed("formats", bytes, || files.par_iter().map(|(_, text)| formats.find(text).len()).sum());
            let all = timed("all", bytes, || files.par_iter().map(|(path, text)| credentials(path, text).len()).sum());
            println!("  {found} values of known formats, {all} credentials");
        });
    }
    if list {
        for (path, text) in &files {
            for one in credentials(path, text) {
                let line = text[..one.range.start].matches('\n').count() + 1;
                let format = match &one.nature {
                    Nature::Format { format, .. } => format.to_string(),
                    _ => String::new(),
                };
                println!("{path}:{line} {} {format} {} {}", one.nature.name(), one.place.name(), one.key);
            }
        }
    }
}

fn timed(name: &str, bytes: usize, work: impl FnOnce() -> usize) -> usize {
    let begin = Instant::now();
    let found = work();
    let seconds = begin.elapsed().as_secs_f64();
    println!("{name:8} {:7.3} s {:7.0} MB/s", seconds, bytes as f64 / 1e6 / seconds);
    found
}

fn credentials(path: &str, text: &str) -> Vec<detect::Credential> {
    let formats = detect::formats();
    let tree = std::cell::OnceCell::new();
    let mut found =
        detect::credentials(formats, path, text, || tree.get_or_init(|| syntax::read(SourceId(0), path, text.into())));
    found.retain(|one| one.certainty != Certainty::Doubtful);
    found
}

/// Every text file below `folder` that the inspector wants.
fn files(folder: &Path) -> Vec<(String, String)> {
    let inspector = by_name("secrets").expect("inspector");
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() && path.file_name().is_none_or(|name| name != ".git") {
                folders.push(path);
            } else if kind.is_file() && inspector.wants(&path.to_string_lossy()) {
                found.extend(
                    std::fs::read_to_string(&path).ok().map(|text| (path.to_string_lossy().into_owned(), text)),
                );
            }
        }
    }
    found.sort();
    found
}
