#!/usr/bin/env bash
# On a pull request (and in a merge queue), sees to it that the base commit is there: its policy counts, not the one that
# the change brings. When it cannot be had the reference is given all the same: the report then says that what the change
# loosens is unknown. Outputs: `ref`, and `note` when something is wrong.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=action/lib.sh
. "$here/lib.sh"

case ${GITHUB_EVENT_NAME:-} in
  pull_request | pull_request_target | merge_group) ;;
  *) exit 0 ;;
esac
base=${SW_BASE:-}
path=$(harmless "${SW_PATH:-}")
[[ -d $path ]] || path=$(dirname "$path")

# there_is OPTION…: whether the base commit is here, without asking anybody for it.
there_is() { GIT_NO_LAZY_FETCH=1 git -C "$path" "$@" cat-file -e "$base^{tree}" 2>/dev/null; }

# Only what is named is fetched, and nothing that belongs to the checkout is run or asked.
fetch() {
  local depth=''
  # A depth would cut a whole clone short.
  [[ $(git -C "$path" "${safe[@]}" rev-parse --is-shallow-repository 2>/dev/null) != true ]] || depth=--depth=1
  GIT_TERMINAL_PROMPT=0 git -C "$path" "${safe[@]}" -c core.hooksPath=/dev/null -c gc.auto=0 -c maintenance.auto=false \
    -c http.lowSpeedLimit=1000 -c http.lowSpeedTime=60 \
    fetch --quiet --no-tags --no-recurse-submodules --no-write-fetch-head ${depth:+"$depth"} \
    "${GITHUB_SERVER_URL:-https://github.com}/${GITHUB_REPOSITORY:-}" "$base" </dev/null
}

# The token goes in by the environment: other processes can read a command line.
fetch_with_token() {
  [[ -n ${SW_TOKEN:-} ]] || return 1
  local basic
  basic=$(printf 'x-access-token:%s' "$SW_TOKEN" | base64 | tr -d '\n')
  GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.${GITHUB_SERVER_URL:-https://github.com}/.extraheader" \
    GIT_CONFIG_VALUE_0="AUTHORIZATION: basic $basic" fetch
}

safe=(-c "safe.directory=*")
note=''
if [[ ! $base =~ ^[0-9a-f]{40}([0-9a-f]{24})?$ ]]; then
  note='the event names no base commit'
  base=0000000000000000000000000000000000000000
elif ! command -v git >/dev/null; then
  note='there is no git to fetch the base commit with'
elif ! there_is "${safe[@]}"; then
  echo "Fetching the base commit $base"
  quietly fetch || quietly fetch_with_token || true
  there_is "${safe[@]}" || note="the base commit $base could not be fetched"
fi
if [[ -n $note ]]; then
  note="What this change loosens in the policy is unknown: $note."
  warn "$note"
fi
output ref "$base"
output note "$note"
