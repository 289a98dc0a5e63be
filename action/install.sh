#!/usr/bin/env bash
# Finds the program: the same version on PATH, else a release archive whose digest this repository knows, else a build of
# this repository. Says which in the log, and its path as the output `bin`.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=action/lib.sh
. "$here/lib.sh"

own=$(tr -d '\r' <"$here/../Cargo.toml" | awk -F'"' '/^version = "/ && !seen { print $2; seen = 1 }')
version=${SW_VERSION:-$own}
temp=${RUNNER_TEMP:-${TMPDIR:-/tmp}}
why=''
bin=''

# The platform in the words of the release archives; nothing where there is none.
platform() {
  case "${RUNNER_OS:-$(uname -s)}-${RUNNER_ARCH:-$(uname -m)}" in
    Linux-X64 | Linux-x86_64) echo x86_64-unknown-linux-musl ;;
    Linux-ARM64 | Linux-aarch64) echo aarch64-unknown-linux-musl ;;
    macOS-X64 | Darwin-x86_64) echo x86_64-apple-darwin ;;
    macOS-ARM64 | Darwin-arm64) echo aarch64-apple-darwin ;;
    Windows-X64) echo x86_64-pc-windows-msvc ;;
  esac
}

digest() {
  if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -d ' ' -f 1
}

from_path() {
  local found said
  found=$(command -v seaworthy) || { why='there is no seaworthy on PATH' && return 1; }
  # A relative entry of PATH would run what the change brings.
  case $found in
    /* | [A-Za-z]:*) ;;
    *) why="the seaworthy on PATH is at a relative place: $found" && return 1 ;;
  esac
  said=$("$found" --version </dev/null 2>/dev/null) || said='nothing'
  case $said in
    "seaworthy $version") ;;
    "seaworthy "*) [[ $1 == any ]] || { why="$found is $said, not $version" && return 1; } ;;
    *) why="$found does not say which version it is" && return 1 ;;
  esac
  bin=$found
  echo "$said at $found"
}

from_release() {
  local target name base want got archive part
  target=$(platform)
  [[ -n $target ]] || { why="there is no archive for ${RUNNER_OS:-this system} on ${RUNNER_ARCH:-this processor}" && return 1; }
  want=$(tr -d '\r' <"$here/digests.txt" | awk -v v="$version" -v t="$target" '$1 == v && $2 == t { print $3 }')
  [[ $want =~ ^[0-9a-f]{64}$ ]] || { why="this action knows no digest of $version for $target" && return 1; }
  base=${SW_INSTALL_URL:-}
  if [[ -z $base ]]; then
    [[ -n ${SW_ACTION_REPOSITORY:-} ]] || { why='the repository of this action is not known; set install-url' && return 1; }
    base=${GITHUB_SERVER_URL:-https://github.com}/$SW_ACTION_REPOSITORY/releases/download
  fi
  case $base in
    https://* | file://*) ;;
    *) fail "install-url has to start with https:// or file://" ;;
  esac
  name=seaworthy-$version-$target
  # The archive is kept, not the program: it is compared with its digest each time.
  archive=${RUNNER_TOOL_CACHE:-$temp}/seaworthy/$version/$name.tar.gz
  part=$archive.$$
  mkdir -p "$(dirname "$archive")"
  if [[ ! -f $archive ]] || [[ $(digest "$archive") != "$want" ]]; then
    curl -q --fail --silent --show-error --location --proto '=https,file' --proto-redir '=https' --retry 3 \
      --connect-timeout 20 --max-time 300 --max-filesize 200000000 --output "$part" \
      --url "${base%/}/v$version/$name.tar.gz" || { why="the archive of $version could not be downloaded" && return 1; }
    got=$(digest "$part")
    if [[ $got != "$want" ]]; then
      rm -f "$part"
      # No way round this one: something else was served than what was released.
      fail "the archive $name.tar.gz has the digest $got and should have $want"
    fi
    mv -f "$part" "$archive"
  fi
  bin=$(mktemp -d "$temp/seaworthy.XXXXXX")
  # Not by name: tar takes `D:…` for another machine.
  tar -xzf - -C "$bin" <"$archive"
  bin=$bin/$name/seaworthy
  [[ $target != *windows* ]] || bin=$bin.exe
  [[ -x $bin ]] || fail "there is no program in $name.tar.gz"
  echo "seaworthy $version, released for $target, sha256 $want"
}

from_source() {
  local target=${RUNNER_TEMP:-$temp}/seaworthy-build
  [[ $version == "$own" ]] || { why="this action can only build its own version, $own" && return 1; }
  command -v cargo >/dev/null || { why='there is no cargo to build it with' && return 1; }
  # The workflow's own flags are for the workflow's own code.
  unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET CARGO_BUILD_RUSTFLAGS RUSTC_WRAPPER
  (cd "$here/.." && CARGO_PROFILE_RELEASE_LTO=thin CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_TARGET_DIR=$target \
    quietly cargo build --release --locked --bin seaworthy </dev/null) || { why='the build failed' && return 1; }
  bin=$target/release/seaworthy
  [[ ! -f $bin.exe ]] || bin=$bin.exe
  echo "seaworthy $version, built from $here/.."
}

[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || fail "version has to be X.Y.Z, not \`$version\`"
case ${SW_INSTALL:-auto} in
  path)
    if [[ -n ${SW_VERSION:-} ]]; then from_path same || fail "$why"; else from_path any || fail "$why"; fi
    ;;
  release) from_release || fail "$why" ;;
  source) from_source || fail "$why" ;;
  auto)
    for way in 'from_path same' from_release from_source; do
      $way && break
      echo "Not this way: $(data "$why")"
      all="${all:+$all; }$why"
    done
    [[ -n $bin ]] || fail "seaworthy could not be installed: $all"
    ;;
  *) fail "install has to be auto, path, release or source, not \`$SW_INSTALL\`" ;;
esac
output bin "$bin"
