#!/usr/bin/env bash
# Runs every suite of tests, says how long each took, and at the end how many passed. `run.sh go page` runs some.
# With NO_SKIPS=1, as CI has it, a test that is skipped fails unless skips.txt lists it.
set -uo pipefail
cd "$(dirname "$0")/../.."

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
tags=$([[ $(uname) == Linux ]] && echo webkit2_41)
failed_suites=()
times=()

# suite NAME COMMAND... runs one suite; its log is also kept to count from.
suite() {
  local name=$1 begun=$SECONDS
  shift
  [[ -z $wanted || " $wanted " == *" $name "* ]] || return 0
  echo "== $name"
  if "$@" 2>&1 | tee "$results/$name.log"; then
    times+=("$(printf '%-8s ok      %5d s' "$name" $((SECONDS - begun)))")
  else
    times+=("$(printf '%-8s FAILED  %5d s' "$name" $((SECONDS - begun)))")
    failed_suites+=("$name")
  fi
  echo "== ${times[-1]}"
}
wanted="$*"

# The keychain's tests need a session bus with a keychain that is open.
with_keychain() {
  if ! command -v dbus-run-session >/dev/null; then
    "$@"
    return
  fi
  local home
  home=$(mktemp -d)
  # shellcheck disable=SC2016
  XDG_DATA_HOME=$home dbus-run-session -- bash -c \
    'echo -n test | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$@"' _ env -u XDG_DATA_HOME "$@"
  local code=$?
  rm -rf "$home"
  return $code
}

# Results are never taken from Go's cache: it doesn't know of the engine, the keychain and the programs that tests start.
go_tests() {
  local profile=.bin/coverage.out code=0
  mkdir -p .bin
  with_keychain go test -count 1 -p 2 -timeout 40m -tags "$tags" -coverprofile "$profile" -json ./... |
    go run ./build/test/summary build/test/skips.txt || code=$?
  # Of the statements of all packages, by the tests beside them.
  echo "coverage, all packages: $(go tool cover -func "$profile" | awk 'END {print $NF}')"
  return $code
}

# Everything runs some ten times slower under the detector of races: here are the packages with many goroutines, without their
# floods (-short) and without what waits for Docker.
race_tests() {
  go test -race -short -count 1 -p 2 -timeout 10m -tags "$tags" -json ./app/... ./backend/session/... ./backend/broker/... ./backend/control \
    ./backend/egress ./backend/forge ./backend/sandboxlink ./sandbox/supervisor ./sandbox/supervisor/{agent,channel,mcp,tunnel} |
    go run ./build/test/summary -short build/test/skips.txt
}

page_tests() { npm --prefix frontend test; }

page_e2e() { (cd frontend && CI=1 npx playwright test); }

app_e2e() { app/e2e/run.sh; }

suite go go_tests
suite race race_tests
suite page page_tests
suite browser page_e2e
suite stories app_e2e

# Each tool says in its own way how many: "Tests  12 passed | 1 failed (13)", "  12 passed (4s)", "go: 12 passed, 0 failed".
count() { # count WORD
  cat "$results"/*.log 2>/dev/null | sed 's/\x1b\[[0-9;]*m//g' | grep -v 'Test Files' |
    grep -oE "(^|[^0-9])[0-9]+ $1" | grep -oE '[0-9]+' | awk '{n += $1} END {print n + 0}'
}
passed=$(count passed)
failed=$(count failed)
# The Go suites judge their skipped tests by the list; the page's have no reason to skip any.
for name in page browser stories; do
  skipped=$(sed 's/\x1b\[[0-9;]*m//g' "$results/$name.log" 2>/dev/null | grep -v 'Test Files' | grep -oE '[0-9]+ skipped' | awk '{n += $1} END {print n + 0}')
  if [[ -n ${NO_SKIPS:-} ]] && ((skipped)); then
    echo "FAIL $name: $skipped tests were skipped"
    failed=$((failed + skipped)) failed_suites+=("$name")
  fi
done
if ((${#failed_suites[@]})); then
  # What failed is said again where one looks first: at the end of a log of thousands of lines.
  for name in "${failed_suites[@]}"; do
    echo "== $name, what failed:"
    sed 's/\x1b\[[0-9;]*m//g' "$results/$name.log" | grep -A 25 -E '^ +[0-9]+\) |^ *✘|^--- FAIL|^ *(FAIL|×) ' | head -150
  done
  echo "Suites that failed: ${failed_suites[*]}"
  ((failed)) || failed=${#failed_suites[@]}
fi
mkdir -p .bin
printf '%s\n' "${times[@]}" | tee .bin/suites
echo "$passed passed, $failed failed"
((failed == 0))
