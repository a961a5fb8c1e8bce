#!/usr/bin/env bash
# Stories that a user would tell, on the real frontend, the real backend, the real agent with the demo model and real
# Docker: in Chromium, and a few in the window itself. Arguments go to Playwright: `run.sh first-start`.
set -euo pipefail
cd "$(dirname "$0")/../.."
[[ $(uname) == Linux ]] || { echo "The stories run on Linux."; exit 0; }

make app bga
# The same program with Wails' development server, which shows the page to a browser.
go build -tags dev,webkit2_41 -o build/bin/background-agents-dev .
# What lets WebKitWebDriver into a window that was not made for it.
shim=build/bin/webdriver.so
if [[ ! $shim -nt app/e2e/webdriver.c ]]; then
  # shellcheck disable=SC2046
  gcc -shared -fPIC -O2 -o "$shim" app/e2e/webdriver.c $(pkg-config --cflags --libs webkit2gtk-4.1)
fi

display=$(mktemp)
Xvfb -displayfd 3 -screen 0 1440x900x24 -nolisten tcp 3>"$display" 2>/dev/null &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -f "$display"' EXIT
for _ in {1..100}; do
  [[ -s $display ]] && break
  sleep 0.1
done
DISPLAY=:$(tr -d '\n' <"$display")
export DISPLAY NO_AT_BRIDGE=1
# Playwright is installed with the page's tools; the stories stand beside the program they are about.
NODE_PATH=$PWD/frontend/node_modules dbus-run-session -- bash -c '
  openbox >/dev/null 2>&1 &
  wm=$!
  status=0
  node frontend/node_modules/@playwright/test/cli.js test -c app/e2e "$@" || status=$?
  kill "$wm"
  exit "$status"' _ "$@"
