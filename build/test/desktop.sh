#!/usr/bin/env bash
# Runs a command with a desktop of its own: a display, a session bus, a window manager, and what lets a driver into windows.
set -euo pipefail
cd "$(dirname "$0")/../.."

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
dbus-run-session -- bash -c '
  openbox >/dev/null 2>&1 &
  wm=$!
  status=0
  "$@" || status=$?
  kill "$wm"
  exit "$status"' _ "$@"
