#!/usr/bin/env bash
# Writes the annotations of the report. The report has them within GitHub's limits already (ten of a kind, the worst first,
# the rest counted); here only room is made for a warning that the action gave itself.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=action/lib.sh
. "$here/lib.sh"

case ${SW_ANNOTATIONS:-auto} in
  true) ;;
  false) exit 0 ;;
  auto) [[ ${SW_UPLOAD:-} != success ]] || exit 0 ;;
  *) fail "annotations has to be auto, true or false, not \`$SW_ANNOTATIONS\`" ;;
esac
awk -v warned="${SW_BASE_NOTE:+1}" '
  # Whatever is no annotation is not passed on: the runner would obey it.
  !/^::(error|warning|notice) [^:]*::/ { next }
  { kind = substr($0, 3, index($0, " ") - 3); most = 10 - (kind == "warning" ? warned : 0) }
  ++n[kind] > most { left++; next }
  { if (held != "") print held; held = $0 }
  END { if (held != "") print held (left ? "%0A" left " more left out, for the limits of a step" : "") }
' "$SW_FILE"
