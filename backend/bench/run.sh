#!/usr/bin/env bash
# Runs the benchmarks, with a desktop for those of the window. Arguments go to them.
set -euo pipefail
cd "$(dirname "$0")/../.."

go build -tags desktop,production,webkit2_41 -trimpath -ldflags '-s -w' -o build/bin/bare-window ./app/barewindow
go build -o build/bin/bench ./backend/bench
build/test/desktop.sh build/bin/bench "$@"
