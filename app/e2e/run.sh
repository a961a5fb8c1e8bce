#!/usr/bin/env bash
# Stories that a user would tell, on the real frontend, the real backend, the real agent with the demo model and real
# Docker: in Chromium, and a few in the window itself. Arguments go to Playwright: `run.sh first-start`.
set -euo pipefail
cd "$(dirname "$0")/../.."
[[ $(uname) == Linux ]] || { echo "The stories run on Linux."; exit 0; }

make app bga
# The same program with Wails' development server, which shows the page to a browser.
go build -tags dev,webkit2_41 -o build/bin/background-agents-dev .
# Playwright is installed with the page's tools; the stories stand beside the program they are about.
NODE_PATH=$PWD/frontend/node_modules build/test/desktop.sh node frontend/node_modules/@playwright/test/cli.js test -c app/e2e "$@"
