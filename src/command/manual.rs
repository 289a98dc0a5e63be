//! `completions` and `man`: made from the command line's own description.

use std::io;

use clap::CommandFactory;

use crate::cli::Cli;

/// The completion script for `shell`.
pub fn completions(shell: clap_complete::Shell) -> io::Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "seaworthy", &mut text);
    super::put(&String::from_utf8_lossy(&text))
}

/// The manual page in roff, the subcommands' pages after the main one.
pub fn man() -> io::Result<()> {
    let mut command = Cli::command();
    command.build();
    let mut text = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut text)?;
    for subcommand in command.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()) {
        let name = format!("seaworthy-{}", subcommand.get_name());
        clap_mangen::Man::new(subcommand.clone().name(name)).render(&mut text)?;
    }
    super::put(&String::from_utf8_lossy(&text))
}
