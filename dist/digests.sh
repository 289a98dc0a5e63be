#!/usr/bin/env bash
# Lines for action/digests.txt from the SHA256SUMS of a release: `dist/digests.sh SHA256SUMS >>action/digests.txt`.
set -euo pipefail
(($# == 1)) || { echo "usage: dist/digests.sh SHA256SUMS" >&2 && exit 2; }
awk '$2 ~ /^\*?seaworthy-[0-9][^\/]*\.tar\.gz$/ && $1 ~ /^[0-9a-f]+$/ && length($1) == 64 {
  name = $2; sub(/^\*?seaworthy-/, "", name); sub(/\.tar\.gz$/, "", name)
  # The version has a dash only before a pre-release; the target starts with its processor.
  at = match(name, /-(x86_64|aarch64)-/)
  if (at) { print substr(name, 1, at - 1), substr(name, at + 1), $1; n++ }
}
END { exit !n }' "$1"
