use std::time::Instant;

use super::*;
use crate::fact::target::DnsTarget;
use crate::span::SourceId;

fn asked(names: &[&str]) -> Vec<Asked> {
    let one = |(at, name): (usize, &&str)| {
        let target = Target::Dns(DnsTarget { name: (*name).into(), ..DnsTarget::default() });
        Asked { target, place: Span::new(SourceId(0), at..at + 1) }
    };
    names.iter().enumerate().map(one).collect()
}

fn options() -> Options {
    Options { timeout: Duration::from_millis(100), ..Options::default() }
}

fn odd<'a>(target: &'a Target, net: &'a Net, out: &'a mut Writer) -> Probe<'a> {
    Box::pin(async move {
        let name = target.endpoint();
        match name.split('.').next().unwrap_or_default() {
            "panics" => panic!("a hole in {name}"),
            "hangs" => std::future::pending::<()>().await,
            "waits" => {
                out.text("before", "x");
                while !net.is_over() {
                    if let Err(failure) = net.within("waiting", std::future::pending::<()>()).await {
                        out.text("last", &failure.to_string());
                    }
                }
            }
            "silent" => {}
            "endless" => {
                for _ in 0..100_000 {
                    out.text("line", "abcdefghijklmnopqrstuvwxyz abcdefghijklmnopqrstuvwxyz");
                }
            }
            _ => {
                tokio::time::sleep(Duration::from_millis(50)).await;
                out.text("said", &name);
            }
        }
    })
}

#[test]
fn one_bad_probe_spoils_no_other() {
    let started = Instant::now();
    let seen =
        all_by(asked(&["a.b", "panics.b", "hangs.b", "silent.b", "endless.b", "waits.b", "z.b"]), &options(), odd);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    let told: Vec<&str> = seen.iter().map(|one| one.text.split_once("observed:\n").unwrap().1.trim()).collect();
    assert_eq!(told[0], "said: a.b");
    assert_eq!(told[1], "failure: \"a defect of seaworthy, please report it: a hole in panics.b\"");
    assert_eq!(told[2], "failure: \"timed out: the target as a whole\"");
    assert_eq!(told[3], "failure: nothing was observed");
    assert_eq!(told[4], "failure: it showed more than a transcript holds");
    assert!(told[5].starts_with("before: x\n  last: \"timed out: waiting\""), "{}", told[5]);
    assert_eq!(told[6], "said: z.b");
}

#[test]
fn targets_are_probed_at_once() {
    let names: Vec<String> = (0..2 * AT_ONCE).map(|n| format!("n{n}.example")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let started = Instant::now();
    let seen = all_by(asked(&names), &options(), odd);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert!(seen.iter().zip(&names).all(|(one, name)| one.text.ends_with(&format!("said: {name}\n"))));
}

#[test]
fn what_was_recorded_is_replayed_to_the_same_bytes() {
    let seen = all_by(asked(&["a.b", "a.b", "silent.b", "A.b"]), &options(), odd);
    let files: Vec<&str> = seen.iter().map(|one| one.file.as_str()).collect();
    assert_eq!(files.iter().collect::<std::collections::BTreeSet<_>>().len(), 4, "{files:?}");
    let read = |name: &str| seen.iter().find(|one| one.file == name).map(|one| Ok(one.text.clone()));
    assert_eq!(replay(asked(&["a.b", "a.b", "silent.b", "A.b"]), &read), seen);
}

#[test]
fn a_stored_transcript_that_is_no_good_says_why() {
    let good = all_by(asked(&["a.b"]), &options(), odd).remove(0).text;
    let huge = format!("{good}  more: {}\n", "x".repeat(transcript::MAX_BYTES));
    for (stored, told) in [
        (None, "no transcript: there is no dns-a.b.yaml"),
        (Some(Err("it is a folder".to_owned())), "cannot be read: it is a folder"),
        (Some(Ok(String::new())), "cannot be used: it is not a transcript"),
        (Some(Ok(good.replace("transcript/1", "transcript/9"))), "it is of another version (transcript/9)"),
        (Some(Ok(good.replace("endpoint: a.b", "endpoint: c.d"))), "it is of dns c.d"),
        (Some(Ok(good.replace("protocol: dns", "protocol: tls"))), "it is of tls a.b"),
        (Some(Ok(good.replace("observed:", "seen:"))), "nothing was observed"),
        (Some(Ok(good.replace("said: a.b", "said: [a.b"))), "it is broken: "),
        (Some(Ok(format!("{good}extra: 1\n"))), "it has other parts than a transcript"),
        (Some(Ok(good.replace("observed:\n  said: a.b", "observed: 1"))), "nothing was observed"),
        (Some(Ok(huge)), "it is too large"),
    ] {
        let seen = replay(asked(&["a.b"]), &|_| stored.clone()).remove(0);
        let failure = seen.text.split_once("observed:\n  failure: ").unwrap_or_else(|| panic!("{}", seen.text)).1;
        assert!(failure.contains(told), "{failure} for {told}");
    }
}

#[test]
fn a_stored_transcript_is_judged_by_the_policy_of_today() {
    let stored = all_by(asked(&["a.b"]), &options(), odd).remove(0).text;
    let mut today = asked(&["a.b"]);
    if let Target::Dns(target) = &mut today[0].target {
        target.expect.insert("A".into(), vec!["192.0.2.1".into()]);
    }
    let seen = replay(today, &|_| Some(Ok(stored.clone()))).remove(0);
    assert!(
        seen.text.contains("target:\n  expect:\n    A:\n      - \"192.0.2.1\"\n  name: a.b\nobserved:\n"),
        "{}",
        seen.text
    );
}
