#!/usr/bin/env bash
# Runs in a fresh system as root: what build/setup/check.sh says to a user, with Go and Node missing, too old and right.
set -uo pipefail
user=$1
failed=0
wrong() { printf 'WRONG (%s): %s\n%s\n' "$user" "$1" "$said" >&2; failed=1; }

# tools GO NODE puts programs in place that say these versions; without an argument, none.
tools() {
  rm -f /usr/local/bin/{go,node,npm}
  [[ -n ${1:-} ]] || return 0
  printf '#!/bin/sh\ncase $1 in version) echo "go version go%s linux/amd64" ;; env) echo local ;; esac\n' "$1" >/usr/local/bin/go
  printf '#!/bin/sh\necho v%s\n' "$2" >/usr/local/bin/node
  printf '#!/bin/sh\n' >/usr/local/bin/npm
  chmod 755 /usr/local/bin/{go,node,npm}
}

# ask GOAL runs the check as the user, without a terminal; asked_on_terminal, with one.
ask() {
  said=$(runuser -u "$user" -- /checkout/build/setup/check.sh "$1" </dev/null 2>&1)
  code=$?
}
ask_on_terminal() {
  said=$(runuser -u "$user" -- script -qec "/checkout/build/setup/check.sh $1" /dev/null </dev/null 2>&1)
  code=$?
}
says() { [[ $said == *"$1"* ]] || wrong "it does not say “$1”"; }
silent() { [[ $said != *"$1"* ]] || wrong "it says “$1”"; }
ends() { [[ $code == "$1" ]] || wrong "it ends with $code, not $1"; }

touch /tmp/before
sleep 0.1
# A display that is there: the list is about other things.
export DISPLAY=elsewhere:0

# Nothing there: one list, before any work.
tools
ask window
ends 1
says 'Go 1.'
says 'https://go.dev/dl/'
says 'https://nodejs.org'
silent 'command not found'
[[ $(grep -c 'found: none' <<<"$said") == 2 ]] || wrong 'Go and Node are not both in the list'
says 'docker.io'
says 'libwebkit2gtk-4.1-dev'
silent 'chromium'

# Too old: the versions found and needed.
tools 1.19.8 18.20.4
ask window
ends 1
says 'found: 1.19.8'
says 'found: 18.20.4, needed: 20.19'
tools 1.26.1 22.11.0 # between the two ranges that vite takes
ask window
says 'found: 22.11.0'

# Without a display Node isn't needed.
tools 1.26.1 18.20.4
ask terminal
silent 'Node.js'
silent 'libwebkit2gtk'

# All there: what is missing now can be installed from here, if the user may.
tools 1.26.1 20.19.0
ask test
says 'chromium'
case $user in
root)
  ends 10
  says 'install with apt: '
  silent 'password'
  silent 'group docker'
  ;;
free)
  ends 10
  says 'install with apt: '
  says 'add free to the group docker'
  silent 'password'
  ;;
asked) # nobody is there to be asked: one command for everything
  ends 1
  [[ $(grep -c 'apt-get install' <<<"$said") == 1 ]] || wrong 'there is not one command for all packages'
  says 'sudo usermod -aG docker asked'
  silent 'log out'
  ask_on_terminal test
  ends 10
  says 'sudo asks for your password, once'
  ;;
esac

# A display that isn't there is in the list, and not found after minutes of work.
DISPLAY=:77 ask window
says 'DISPLAY=:77'

said=$(runuser -u "$user" -- env -u DISPLAY WAYLAND_DISPLAY=wayland-9 /checkout/build/setup/check.sh window </dev/null 2>&1)
says 'WAYLAND_DISPLAY=wayland-9'
silent 'unbound'

# It is a check: nothing has changed.
said=$(find / -xdev -newer /tmp/before -type f -not -path '/proc/*' -not -path '/sys/*' -not -path '/tmp/before' -not -path '/usr/local/bin/*' \
  -not -path '/run/sudo/*' -not -path '/var/log/*' -not -path '/var/lib/sudo/*' 2>/dev/null)
[[ -z $said ]] || wrong 'it changes files'
exit "$failed"
