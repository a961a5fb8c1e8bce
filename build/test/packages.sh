#!/usr/bin/env bash
# Makes all packages and looks at them, and builds with plain `wails build`, as a Wails user would. Neither may change the
# checkout.
set -euo pipefail
cd "$(dirname "$0")/../.."

state() { git status --porcelain; git diff; }
before=$(state)
unchanged() {
  [[ $(state) == "$before" ]] && return 0
  echo "error: $1 changes the checkout:" >&2
  diff <(printf '%s\n' "$before") <(state) | head -n 20 >&2
  exit 1
}

rm -f build/bin/*.deb build/bin/*.rpm build/bin/*.tar.gz
make package
unchanged 'make package'

deb=$(ls build/bin/*.deb)
for file in ./usr/bin/background-agents ./usr/bin/bga ./usr/share/applications/background-agents.desktop \
  ./usr/share/doc/background-agents/THIRD-PARTY-LICENSES.txt; do
  dpkg-deb -c "$deb" | grep -q " $file\$" || { echo "error: $deb has no $file" >&2; exit 1; }
done
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
dpkg-deb -x "$deb" "$root"
"$root/usr/bin/bga" --version
"$root/usr/bin/background-agents" --version
if command -v desktop-file-validate >/dev/null; then desktop-file-validate "$root/usr/share/applications/background-agents.desktop"; fi
for work in svelte marked highlight.js lowlight github.com/hashicorp/yamux; do
  grep -qF "$work" "$root/usr/share/doc/background-agents/THIRD-PARTY-LICENSES.txt" || { echo "error: $deb lacks the license of $work" >&2; exit 1; }
done
for file in install.sh THIRD-PARTY-LICENSES.txt; do tar -tzf build/bin/*.tar.gz | grep -q "/$file\$"; done
ls build/bin/*.rpm

make .bin/wails
.bin/wails build -nocolour
unchanged 'wails build'
build/bin/background-agents --version
# The supervisors are what it needs to start a session.
for arch in amd64 arm64; do
  sum=$(cat "sandbox/bin/supervisor-$arch.sha256")
  grep -qF "$sum" build/bin/background-agents || { echo "error: wails build left out the supervisor for $arch" >&2; exit 1; }
done
make app # the one with its version
