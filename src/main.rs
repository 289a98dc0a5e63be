//! argv → exit code, nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    seaworthy::main(std::env::args_os())
}
