#!/usr/bin/env bash
# Runs in a fresh Debian 13 as root, in a container that may have an engine of its own: `make run` of an ordinary user whose sudo
# asks for a password, without a display, from nothing to the finished demo; then again, which is quick.
set -euo pipefail
ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm 2>/dev/null || true
trap 'kill "$(cat /var/run/docker.pid 2>/dev/null)" 2>/dev/null || true' EXIT
apt-get -qq update && apt-get -qq -y install --no-install-recommends expect >/dev/null 2>&1
runuser -u asked -- git clone -q /in/checkout.bundle /home/asked/checkout

cat >/tmp/go.exp <<'X'
set timeout 3600
set asked 0
spawn runuser -u asked -- env PATH=/usr/local/go/bin:/usr/local/bin:/usr/bin:/bin HOME=/home/asked make -C /home/asked/checkout run
expect {
  -re {password for asked: } { incr asked; send "secret\r"; exp_continue }
  eof
}
set code [lindex [wait] 3]
puts "asked for the password $asked times, code $code"
exit [expr {$code != 0 || $asked != [lindex $argv 0]}]
X
expect /tmp/go.exp 1 2>&1 | tee /tmp/first
grep -q 'log out' /tmp/first && { echo 'WRONG: it wants a new login'; exit 1; }
grep -q 'PLUGIN_TIMINGS\|command not found' /tmp/first && { echo 'WRONG: noise'; exit 1; }
grep -qE '\[[0-9]+/[0-9]+\] ' /tmp/first || { echo 'WRONG: no progress'; exit 1; }
[[ -z $(find /home/asked/checkout -group docker -print -quit) ]] || { echo 'WRONG: files belong to the group docker'; exit 1; }

began=$SECONDS
expect /tmp/go.exp 0
((SECONDS - began < 120)) || { echo "WRONG: the second run takes $((SECONDS - began)) s"; exit 1; }
