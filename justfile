# `just` lists what there is. Nothing here does more than its lines say; without just, type them.

_default:
    @just --list

# What CI runs: tests, format, lints, docs, dependencies, rules, contract, fuzzing.
ready:
    .ci/run

# The fast part of it, while writing.
quick:
    cargo fmt --check
    cargo clippy --all-targets --locked -- -D warnings
    cargo test --locked

# Accept what the golden reports and the manual's transcripts look like now; read the diff before you commit it.
accept:
    INSTA_UPDATE=always TRYCMD=overwrite cargo test --locked

# Run every rule's examples.
rules:
    cargo run --release --locked -- rules test rules

# Fuzz every reader for so many seconds.
fuzz seconds="10":
    fuzz/run {{ seconds }}

# Archive, wheel, npm packages, SBOM and digests in target/dist, static where the musl target is installed; all of it tested.
dist:
    dist/build.sh

# The GitHub Action against a stand-in runner.
action:
    cargo build --release --locked
    tests/action/run
