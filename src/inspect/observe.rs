//! The driver: every target of the policy at once, on as many threads as many targets are worth, each with a runtime of
//! its own; what a target showed becomes a transcript. With stored transcripts in place of the network it opens nothing.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::Semaphore;
use tokio::task::{Id, JoinError, JoinSet, LocalSet};

use super::{dns, http, tls};
use crate::fact::target::Target;
use crate::observe::{BUDGET, Net, Options, Writer, transcript};
use crate::span::Span;

/// So many targets are probed at a time.
pub const AT_ONCE: usize = 768;
/// So many targets are worth a thread: most of their time is waiting.
const OF_A_THREAD: usize = 64;
/// More threads are not started.
const MOST_THREADS: usize = 4;
/// A probe ends by itself when its time is up; one that does not is ended this much later.
const GRACE: Duration = Duration::from_millis(250);

/// A target that is to be probed.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// What.
    pub target: Target,
    /// The line of the policy that names it.
    pub place: Span,
}

/// What a target showed.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// What was asked.
    pub asked: Asked,
    /// The name of the file that holds the transcript, for `--record` and `--replay`.
    pub file: String,
    /// The transcript.
    pub text: String,
}

type Probe<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Who probes what: one line for each protocol.
fn probe<'a>(target: &'a Target, net: &'a Net, out: &'a mut Writer) -> Probe<'a> {
    match target {
        Target::Tls(target) => Box::pin(tls::observe::observe(target, net, out)),
        Target::Dns(target) => Box::pin(dns::observe::observe(target, net, out)),
        Target::Http(target) => Box::pin(http::observe::observe(target, net, out)),
    }
}

/// Probes all targets; the answers are in the order of the questions.
pub fn all(asked: Vec<Asked>, options: &Options) -> Vec<Seen> {
    all_by(asked, options, probe)
}

/// How a target is probed.
type Prober = for<'a> fn(&'a Target, &'a Net, &'a mut Writer) -> Probe<'a>;

fn all_by(asked: Vec<Asked>, options: &Options, probe: Prober) -> Vec<Seen> {
    let net = Net::new(options.clone());
    let mut parts = dealt(&asked);
    let at_once = AT_ONCE / parts.len().max(1);
    let own = parts.pop().unwrap_or_default();
    let mut texts: Vec<Option<String>> = vec![None; asked.len()];
    thread::scope(|scope| {
        let one = |part: Vec<usize>| {
            let (asked, net) = (&asked, net.beside());
            let work = move || part_of(asked, &part, at_once, &net, probe);
            thread::Builder::new().spawn_scoped(scope, work)
        };
        let others: Vec<_> = parts.into_iter().map(one).collect();
        let own = part_of(&asked, &own, at_once, &net, probe);
        let others = others.into_iter().filter_map(|other| other.ok()?.join().ok()).flatten();
        for (number, text) in own.into_iter().chain(others) {
            if let Some(slot) = texts.get_mut(number) {
                *slot = Some(text);
            }
        }
    });
    named(asked, |number, target| {
        let text = texts.get_mut(number).and_then(Option::take);
        text.unwrap_or_else(|| failed(target, "no thread could be started for it, or the one that probed it was lost"))
    })
}

/// Which targets are probed on which thread. What is timed has one of its own, so that the work for others is not in its
/// times; of the rest, each has something of everything.
fn dealt(asked: &[Asked]) -> Vec<Vec<usize>> {
    if asked.len() <= OF_A_THREAD {
        return vec![(0..asked.len()).collect()];
    }
    let is_timed = |(_, one): &(usize, &Asked)| matches!(one.target, Target::Http(_));
    let (timed, rest): (Vec<_>, Vec<_>) = asked.iter().enumerate().partition(is_timed);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let of = rest.len().div_ceil(OF_A_THREAD).min(cores).min(MOST_THREADS);
    let mut parts: Vec<Vec<usize>> = vec![timed.into_iter().map(|(number, _)| number).collect()];
    parts.extend((0..of).map(|first| rest.iter().skip(first).step_by(of).map(|(number, _)| *number).collect()));
    parts.retain(|part| !part.is_empty());
    parts
}

/// Probes the targets of those numbers; what each showed, with its number.
fn part_of(asked: &[Asked], part: &[usize], at_once: usize, net: &Net, probe: Prober) -> Vec<(usize, String)> {
    let own = part.iter().filter_map(|number| Some((*number, &asked.get(*number)?.target)));
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(_) => return own.map(|(number, one)| (number, failed(one, "the system gives no event queue"))).collect(),
    };
    let mut texts = Vec::with_capacity(part.len());
    LocalSet::new().block_on(&runtime, async {
        let slots = Rc::new(Semaphore::new(at_once));
        let mut tasks = JoinSet::new();
        let mut numbers: HashMap<Id, (usize, &Target)> = HashMap::with_capacity(part.len());
        for (number, target) in own {
            let (own, net, slots) = (target.clone(), net.clone(), Rc::clone(&slots));
            let task = tasks.spawn_local(async move {
                let _slot = slots.acquire().await;
                observe(&own, &net, probe).await
            });
            numbers.insert(task.id(), (number, target));
        }
        while let Some(done) = tasks.join_next_with_id().await {
            let (id, text) = match done {
                Ok((id, text)) => (id, Ok(text)),
                Err(error) => (error.id(), Err(error)),
            };
            let Some((number, target)) = numbers.get(&id) else { continue };
            texts.push((*number, text.unwrap_or_else(|error| failed(target, &defect(error)))));
        }
    });
    runtime.shutdown_background();
    texts
}

/// One transcript, whatever happens.
async fn observe(target: &Target, net: &Net, probe: Prober) -> String {
    let net = net.for_target();
    let mut out = transcript::begin(target);
    out.open(transcript::OBSERVED);
    let before = out.len();
    let time = net.options().timeout.saturating_mul(BUDGET).saturating_add(GRACE);
    if tokio::time::timeout(time, probe(target, &net, &mut out)).await.is_err() {
        return failed(target, "timed out: the target as a whole");
    }
    match out.len() {
        after if after == before => failed(target, "nothing was observed"),
        after if after > transcript::MAX_BYTES => failed(target, "it showed more than a transcript holds"),
        _ => out.finish(),
    }
}

/// The transcript of a target that showed nothing.
fn failed(target: &Target, why: &str) -> String {
    let mut out = transcript::begin(target);
    out.map(transcript::OBSERVED, |out| out.text("failure", why));
    out.finish()
}

fn defect(error: JoinError) -> String {
    let panic = error.try_into_panic().ok();
    let told = panic.as_ref().and_then(|panic| {
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str))
    });
    format!("a defect of seaworthy, please report it: {}", told.unwrap_or("the probe ended"))
}

/// Judges stored transcripts in place of the network: `read` gives the text of a file, `None` when it is not there.
pub fn replay(asked: Vec<Asked>, read: &dyn Fn(&str) -> Option<Result<String, String>>) -> Vec<Seen> {
    let mut seen = named(asked, |_, _| String::new());
    for one in &mut seen {
        let target = &one.asked.target;
        let text = match read(&one.file) {
            None => Err(format!("no transcript: there is no {}", one.file)),
            Some(Err(message)) => Err(format!("the transcript {} cannot be read: {message}", one.file)),
            Some(Ok(text)) => transcript::renewed(target, &text)
                .map_err(|message| format!("the transcript {} cannot be used: {message}", one.file)),
        };
        one.text = text.unwrap_or_else(|why| failed(target, &why));
    }
    seen
}

/// Gives every target the name of its file. What is asked of one endpoint twice is told apart by a number.
fn named(asked: Vec<Asked>, mut text: impl FnMut(usize, &Target) -> String) -> Vec<Seen> {
    let mut taken: BTreeMap<String, u32> = BTreeMap::new();
    let one = |(number, asked): (usize, Asked)| {
        let stem = transcript::file_stem(&asked.target);
        let times = taken.entry(stem.clone()).or_insert(0);
        *times += 1;
        let file = if *times == 1 { format!("{stem}.yaml") } else { format!("{stem}.{times}.yaml") };
        Seen { text: text(number, &asked.target), file, asked }
    };
    asked.into_iter().enumerate().map(one).collect()
}

#[cfg(test)]
#[path = "observe_tests.rs"]
mod tests;
