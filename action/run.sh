#!/usr/bin/env bash
# Judges once, writes every report, the summary and the outputs. Fails only when it cannot do that: the gate is a later
# step, so that reports are uploaded even when the verdict is NO-GO.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=action/lib.sh
. "$here/lib.sh"

# A job summary may have 1 MiB; one that is bigger is dropped whole.
readonly SUMMARY_BYTES=900000
# What code scanning accepts of one file.
readonly SARIF_BYTES=10000000 SARIF_RESULTS=25000

# one_of NAME VALUE ALLOWED…
one_of() {
  local name=$1 value=$2 allowed
  shift 2
  for allowed; do [[ $value != "$allowed" ]] || return 0; done
  fail "$name has to be one of: $*; it is \`$value\`"
}

# field SECTION NAME: a plain member of an object of the report. Its lines start with what a text in it cannot contain,
# a line break and the indentation of its level.
field() {
  awk -v section="  \"$1\": {" -v name="    \"$2\": " '
    $0 == section { inside = 1; next }
    /^  }/ { inside = 0 }
    inside && index($0, name) == 1 {
      value = substr($0, length(name) + 1)
      sub(/,$/, "", value); gsub(/"/, "", value)
      print (value == "null" ? "" : value)
      exit
    }' "$json"
}

open_findings() {
  awk '$0 == "  \"findings\": [" { inside = 1; next } /^  ]/ { inside = 0 }
    inside && /^      "status": "open"/ { n++ } END { print n + 0 }' "$json"
}

# Why the report is not uploaded; nothing when it is.
why_not_uploaded() {
  if [[ $SW_UPLOAD_SARIF == false ]]; then
    echo 'upload-sarif is false'
  elif [[ $GITHUB_EVENT_NAME == pull_request_target ]]; then
    echo 'on pull_request_target it would be taken for a report about the base branch'
  elif [[ $GITHUB_EVENT_NAME == pull_request && ${SW_HEAD_REPOSITORY:-} != "$GITHUB_REPOSITORY" ]]; then
    echo 'the change comes from a fork'
  elif [[ $SW_UPLOAD_SARIF == auto && ${SW_PRIVATE:-} == true ]]; then
    echo 'the repository is private; with code scanning, set upload-sarif: true'
  elif [[ $SW_UPLOAD_SARIF == auto && ${GITHUB_ACTOR:-} == 'dependabot[bot]' ]]; then
    echo 'Dependabot has a token that may only read'
  elif (($(gzip -c "$sarif" | wc -c) > SARIF_BYTES || $(grep -c '^          "ruleId": ' "$sarif" || true) > SARIF_RESULTS)); then
    echo 'it has more than code scanning accepts'
  fi
}

# For HTML in the summary.
html() { LC_ALL=C sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g'; }

# cut_to_size FILE: whole lines, and no list left open.
cut_to_size() {
  if (($(wc -c <"$1") <= SUMMARY_BYTES)); then
    cat "$1"
    return
  fi
  head -c "$SUMMARY_BYTES" "$1" | LC_ALL=C sed '$d' >"$1.cut"
  cat "$1.cut"
  [[ $(grep -c '<details>' "$1.cut" || true) == "$(grep -c '</details>' "$1.cut" || true)" ]] || printf '\n</details>\n'
  printf '\nThere is more than a summary may have; the reports in JSON, SARIF and HTML are complete.\n'
}

summarize() {
  [[ $SW_SUMMARY == true ]] || return 0
  {
    [[ -z ${SW_BASE_NOTE:-} ]] || printf '> [!WARNING]\n> %s\n\n' "$SW_BASE_NOTE"
    if ((code == 2)); then
      printf '## ⚠️ seaworthy could not run\n\n<pre>'
      head -c 60000 "$out/stderr" | html
      printf '</pre>\n'
    else
      cut_to_size "$out/report.md"
      [[ -z $unsent ]] || printf '\nNot uploaded to code scanning: %s.\n' "$unsent"
    fi
  } >>"$GITHUB_STEP_SUMMARY"
}

judge() { "$SW_BIN" "${args[@]}" -- "$(harmless "${SW_PATH:-}")" </dev/null 2>"$out/stderr"; }

one_of upload-sarif "${SW_UPLOAD_SARIF:=auto}" auto true false
one_of summary "${SW_SUMMARY:=true}" true false
one_of online "${SW_ONLINE:=false}" true false
out=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/seaworthy.XXXXXX")
json=$out/report.json
sarif=$(harmless "${SW_SARIF_FILE:-$out/report.sarif}")
[[ ! -L $sarif ]] || fail 'sarif-file is a symbolic link'
case $sarif in */*) mkdir -p -- "$(dirname -- "$sarif")" ;; esac

args=(check --format=table "--format=json=$json" "--format=sarif=$sarif" "--format=html=$out/report.html"
  "--format=markdown=$out/report.md" "--format=github=$out/annotations" "--sarif-category=${SW_CATEGORY:-seaworthy}")
[[ -z ${SW_CONFIG:-} ]] || args+=("--config=$SW_CONFIG")
[[ -z ${SW_ENV:-} ]] || args+=("--env=$SW_ENV")
[[ -z ${SW_PROFILE:-} ]] || args+=("--profile=$SW_PROFILE")
[[ -z ${SW_ONLY:-} ]] || args+=("--only=$SW_ONLY")
[[ -z ${SW_FAIL_ON:-} ]] || args+=("--fail-on=$SW_FAIL_ON")
[[ -z ${SW_MIN_SCORE:-} ]] || args+=("--min-score=$SW_MIN_SCORE")
[[ -z ${SW_BASELINE:-} ]] || args+=("--baseline=$SW_BASELINE")
[[ -z ${SW_POLICY_FROM:-} ]] || args+=("--policy-from=$SW_POLICY_FROM")
[[ $SW_ONLINE != true ]] || args+=(--online)

code=0
quietly judge || code=$?
quietly cat "$out/stderr"
verdict='' score='' grade='' findings='' unsent='' upload=false
if [[ -s $json ]] && ((code == 0 || code == 1 || code == 3)); then
  verdict=$(field verdict result)
  score=$(field score value)
  grade=$(field score grade)
  findings=$(open_findings)
  case $verdict in
    go | no-go | incomplete) ;;
    *) code=2 && echo 'the report has no verdict' >>"$out/stderr" ;;
  esac
else
  ((code == 2)) || echo "seaworthy ended with $code and without a report" | tee -a "$out/stderr"
  code=2
fi
if ((code == 2)); then
  verdict=error
  printf '::error title=seaworthy::%s\n' "$(data "seaworthy could not run: $(head -c 4000 "$out/stderr")")"
else
  unsent=$(why_not_uploaded)
  if [[ -z $unsent ]]; then upload=true; else echo "Not uploaded to code scanning: $unsent."; fi
  output sarif-file "$sarif"
  output json-file "$json"
  output html-file "$out/report.html"
  output annotations-file "$out/annotations"
fi
output verdict "$verdict"
output score "$score"
output grade "$grade"
output findings "$findings"
output exit-code "$code"
output upload "$upload"
summarize
