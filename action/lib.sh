# shellcheck shell=bash
# What the scripts of the action share. Written for bash 3.2 (macOS). Inputs arrive as SW_… variables and are never code.

# data TEXT: text for a workflow command, on one line.
data() {
  local text=${1//'%'/%25}
  text=${text//$'\r'/%0D}
  printf '%s' "${text//$'\n'/%0A}"
}

warn() { printf '::warning title=seaworthy::%s\n' "$(data "$1")"; }

fail() {
  printf '::error title=seaworthy::%s\n' "$(data "$1")"
  exit 2
}

# A word that nobody can guess: ends values and the time without workflow commands.
token() { printf 'seaworthy-%s' "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"; }

# output NAME VALUE: any value, newlines included.
output() {
  local end
  end=$(token)
  printf '%s<<%s\n%s\n%s\n' "$1" "$end" "$2" "$end" >>"$GITHUB_OUTPUT"
}

# harmless PATH: a path that no program takes for an option or for standard input.
harmless() {
  case ${1:-.} in
    -*) printf './%s' "$1" ;;
    *) printf '%s' "${1:-.}" ;;
  esac
}

# quietly COMMAND…: its output is shown, and nothing in it is obeyed by the runner.
quietly() {
  local end code=0
  end=$(token)
  printf '::stop-commands::%s\n' "$end"
  "$@" || code=$?
  printf '\n::%s::\n' "$end"
  return "$code"
}
