#!/usr/bin/env bash
# What `make run` does without a display.
set -euo pipefail
cd "$(dirname "$0")/../.."
echo 'There is no display here, so there is no window: this runs the demo in the terminal instead.'
exec build/bin/bga demo
