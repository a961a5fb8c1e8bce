#!/usr/bin/env bash
# Installs what the tests need beyond what the application needs, on Debian and Ubuntu, where it is missing: a display
# without a screen, a keychain, browsers that can be driven, and Docker.
set -euo pipefail
cd "$(dirname "$0")/../.."

build/setup/engine.sh
[[ $(uname) == Linux ]] || exit 0
build/setup/desktop.sh

declare -A needed=(
  [Xvfb]=xvfb [openbox]=openbox [dbus-run-session]=dbus [gnome-keyring-daemon]=gnome-keyring [import]=imagemagick
  [WebKitWebDriver]=webkit2gtk-driver [chromium]=chromium [gcc]=gcc [pkg-config]=pkg-config [xdpyinfo]=x11-utils [git]=git
)
missing=()
for command in "${!needed[@]}"; do
  command -v "$command" >/dev/null || missing+=("${needed[$command]}")
done
((${#missing[@]})) || exit 0

if ! command -v apt-get >/dev/null; then
  echo "error: the tests need ${!needed[*]}" >&2
  echo "hint: install the packages that have them, and run this again" >&2
  exit 1
fi
root=()
((EUID == 0)) || root=(sudo)
echo "Installing for the tests: ${missing[*]}"
"${root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
