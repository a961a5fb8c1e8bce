#!/usr/bin/env bash
# What takes longer than CI may: run it before a release. It goes through all steps, whatever fails, and ends with a table.
# CASES is a command of your own that is one more step, KILLS how often the backend is killed.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=steps.sh
source build/test/steps.sh
export NO_SKIPS=1
KEEP_GOING=1
failed=0
try() {
  run "$@"
  ((code == 0)) || failed=1
}

slow_tests() {
  local packages
  mapfile -t packages < <(git grep -l 'slow\.Test(' -- '*_test.go' | xargs -r -n1 dirname | sort -u | sed 's|^|./|')
  ((${#packages[@]})) || { echo 'no test is marked as slow'; return 0; }
  BGA_SLOW=1 go test -tags webkit2_41 -count 1 -timeout 2h -json "${packages[@]}" | go run ./build/test/summary build/test/skips.txt
}

try 'set-up' build/setup/run.sh test true
try 'build' make build
try 'slow tests' slow_tests
try 'screens, light and dark' env BGA_SLOW=1 CI=1 npm --prefix frontend exec -- playwright test -c frontend screens
try "crash, ${KILLS:-50} kills" make crash KILLS="${KILLS:-50}"
try 'packages' build/test/packages.sh
try 'Debian 12, 13, Ubuntu 24.04: check' build/test/roots.sh check
try 'Debian 13: make run' build/test/roots.sh run
if [[ -n ${CASES:-} ]]; then try 'cases of your own' bash -c "$CASES"; else note 'cases of your own' 'none' 0; fi
table
exit "$failed"
