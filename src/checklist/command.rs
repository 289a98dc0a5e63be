//! Commands that answer items: what is to be run, and what came of it. Nothing is run here: the caller hands in a
//! [`Runner`], and only `command/run_allowed` is one that starts a process.

use std::collections::BTreeMap;

use super::{Evidence, State};

/// Seconds after which a command is ended when the policy says nothing.
pub const TIMEOUT: u32 = 60;
/// The most seconds that a policy may give a command.
pub const LONGEST: u32 = 3600;

/// A program that is to answer an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its name in the policy.
    pub name: String,
    /// The program and its arguments.
    pub words: Vec<String>,
    /// Seconds after which it is ended.
    pub timeout: u32,
    /// The folder that it runs in, relative to the root.
    pub folder: String,
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ran {
    /// It came to an end with this code.
    Exited(i32),
    /// Something ended it.
    Killed,
    /// It took too long and was ended.
    TimedOut,
    /// It could not be started, or nobody may start it; why.
    NotRun(String),
}

/// What a command came to, and the end of what it wrote, masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Result {
    /// How it ended.
    pub ran: Ran,
    /// The last lines that it wrote; every secret in them is masked.
    pub output: String,
}

/// Commands by name: what is to be run, or why it is not.
pub type Orders = BTreeMap<String, std::result::Result<Order, String>>;

/// Runs commands, or says why not.
pub type Runner<'r> = dyn Fn(&Order) -> Result + 'r;

/// Runs nothing.
pub fn nobody(_: &Order) -> Result {
    Result { ran: Ran::NotRun("`--allow-commands` was not given".into()), output: String::new() }
}

/// What a command says of its item: `None` where it decides nothing.
pub fn answer(name: &str, timeout: u32, result: &Result) -> (Option<State>, Evidence) {
    let (state, mut message) = match &result.ran {
        Ran::Exited(0) => (Some(State::Pass), "ended with 0".to_owned()),
        Ran::Exited(code) => (Some(State::Fail), format!("ended with {code}")),
        Ran::Killed => (Some(State::Unknown), "was ended from outside".to_owned()),
        Ran::TimedOut => (Some(State::Unknown), format!("was ended after {timeout} seconds")),
        Ran::NotRun(why) => (None, format!("not run: {why}")),
    };
    if !result.output.is_empty() {
        message += &format!(": {}", result.output);
    }
    (state, evidence(name, message))
}

/// Evidence of a command.
pub fn evidence(name: &str, message: String) -> Evidence {
    Evidence { kind: "command".into(), reference: name.to_owned(), message }
}
