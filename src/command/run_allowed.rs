//! The one place that starts a process: a command of the policy that `--allow-commands` allows. No shell, nothing on
//! standard input, an end after its time, and of what it writes only the last lines, masked.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::checklist::command::{Order, Ran, Result};
use crate::detect;
use crate::mask::{self, MASK, Masker};
use crate::settings::Settings;
use crate::source::{Encoding, Origin, Source};
use crate::span::{SourceId, Span};

/// How much of the end of each stream is kept.
const KEPT: usize = 16 << 10;
/// How many lines, and characters of each, are shown.
const LINES: usize = 3;
const WIDE: usize = 160;
/// How long the streams are waited for after the program has ended: something that it started may hold them.
const REST: Duration = Duration::from_millis(500);
/// How often it is looked whether the program has ended.
const STEP: Duration = Duration::from_millis(10);
/// Values of variables whose names hold one of these words are masked, when they are this long.
const SECRET: [&str; 6] = ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "KEY", "CREDENTIAL"];
const LONG: usize = 6;

/// Runs `order` in the folder of the policy that names it.
pub fn run(order: &Order, settings: &Settings) -> Result {
    let folder = settings.root.path().join(&order.folder);
    let (ran, written) = start(order, &folder);
    let output = if ran == Ran::Exited(0) { String::new() } else { shown(&written) };
    Result { ran, output }
}

fn start(order: &Order, folder: &Path) -> (Ran, String) {
    let not = |why: String| (Ran::NotRun(why), String::new());
    let Some((program, words)) = order.words.split_first() else { return not("it names no program".into()) };
    let path = if program.contains('/') { folder.join(program) } else { program.into() };
    let mut command = Command::new(path);
    command.args(words).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return not(format!("`{program}` could not be started: {error}")),
    };
    let streams = [tail(child.stdout.take()), tail(child.stderr.take())];
    let ran = wait(&mut child, Duration::from_secs(u64::from(order.timeout)));
    end(&mut child);
    let rest = Instant::now() + REST;
    while !streams.iter().all(|(_, reader)| reader.is_finished()) && Instant::now() < rest {
        thread::sleep(STEP);
    }
    let texts = streams.iter().map(|(kept, _)| {
        let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&kept).into_owned()
    });
    (ran, texts.collect::<Vec<_>>().join("\n"))
}

fn wait(child: &mut Child, timeout: Duration) -> Ran {
    let until = Instant::now() + timeout;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.code().map_or(Ran::Killed, Ran::Exited),
            Ok(None) if Instant::now() >= until => return Ran::TimedOut,
            Ok(None) => thread::sleep(STEP),
            Err(_) => return Ran::Killed,
        }
    }
}

/// Ends the program and everything that it started and left behind.
fn end(child: &mut Child) {
    #[cfg(unix)]
    let _ = rustix::process::kill_process_group(rustix::process::Pid::from_child(child), rustix::process::Signal::KILL);
    let _ = child.kill();
    let _ = child.wait();
}

/// Reads a stream to its end in a thread of its own and keeps the last of it.
fn tail(stream: Option<impl Read + Send + 'static>) -> (Arc<Mutex<Vec<u8>>>, thread::JoinHandle<()>) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&kept);
    let reader = thread::spawn(move || {
        let Some(mut stream) = stream else { return };
        let mut buffer = vec![0; 8 << 10];
        while let Ok(n @ 1..) = stream.read(&mut buffer) {
            let mut kept = into.lock().unwrap_or_else(PoisonError::into_inner);
            kept.extend(buffer.get(..n).unwrap_or_default());
            let over = kept.len().saturating_sub(KEPT);
            kept.drain(..over);
        }
    });
    (kept, reader)
}

/// Where the secrets of an output are, whichever way it writes names and values.
fn secrets(source: &Source) -> Vec<std::ops::Range<usize>> {
    let formats = detect::formats();
    let names = ["output.env", "output.properties", "output.sh"];
    let spans = |name| detect::secret_spans(formats, name, source.text(), || source.tree());
    names.into_iter().flat_map(spans).collect()
}

/// The last lines, every secret in them masked.
fn shown(written: &str) -> String {
    let origin = Origin::Stdin("output".into());
    let role = crate::fact::Role::Production;
    let source = Source::new(SourceId(0), origin, Encoding::Utf8, role, written);
    let masker = Masker::new(1, secrets);
    let mut text = masker.quote(&source, Span::new(SourceId(0), 0..written.len()));
    for (name, value) in std::env::vars_os() {
        let (name, value) = (name.to_string_lossy().to_uppercase(), value.to_string_lossy().into_owned());
        if value.len() >= LONG && SECRET.iter().any(|word| name.contains(word)) {
            text = text.replace(&value, MASK);
        }
    }
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines.iter().skip(lines.len().saturating_sub(LINES));
    let cut = |line: &&str| mask::harmless(&line.chars().take(WIDE).collect::<String>());
    last.map(cut).collect::<Vec<_>>().join(" / ")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn ran(words: &[&str], timeout: u32) -> (Ran, String) {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        start(&Order { name: "x".into(), words, timeout, folder: String::new() }, Path::new("/"))
    }

    #[test]
    fn a_program_ends_by_itself_or_is_ended_with_all_that_it_started() {
        assert_eq!(ran(&["true"], 5).0, Ran::Exited(0));
        assert_eq!(ran(&["sh", "-c", "exit 7"], 5).0, Ran::Exited(7));
        assert!(
            matches!(ran(&["no-such-program-here"], 5).0, Ran::NotRun(why) if why.contains("could not be started"))
        );
        let before = Instant::now();
        assert_eq!(ran(&["sh", "-c", "sleep 60 & sleep 60"], 1).0, Ran::TimedOut);
        assert_eq!(ran(&["sh", "-c", "sleep 60 &"], 5).0, Ran::Exited(0), "what it leaves behind is not waited for");
        assert!(before.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn of_its_output_the_end_is_kept_and_secrets_are_masked() {
        let (_, text) = ran(&["sh", "-c", "yes 0123456789 | head -c 3000000; echo the end; cat"], 20);
        assert!(text.len() <= 2 * KEPT + 16 && text.contains("the end"));
        let line = shown("one\ntwo\nDATABASE_URL=postgres://app:Xk29vRq81mTz@db/shop\n\x1b[31mbad\n\n");
        assert!(!line.contains("Xk29vRq81mTz") && !line.contains('\x1b') && line.contains("bad"), "{line}");
        assert!(line.starts_with("two"), "{line}");
    }
}
