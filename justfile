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

# A release archive with its digest, in target/dist.
dist:
    #!/usr/bin/env bash
    set -euo pipefail
    target=$(rustc -vV | sed -n 's/^host: //p')
    version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
    name=seaworthy-$version-$target
    cargo build --release --locked --target "$target"
    rm -rf "target/dist/$name"
    mkdir -p "target/dist/$name"
    cp "target/$target/release/seaworthy" README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT "target/dist/$name"
    cd target/dist
    tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -czf "$name.tar.gz" "$name"
    sha256sum "$name.tar.gz" >"$name.tar.gz.sha256"
    cat "$name.tar.gz.sha256"
