#!/usr/bin/env bash
# Installs, on Debian and Ubuntu, what it takes to build the window and to run it. `desktop.sh tests` adds what the tests
# drive it with: a display without a screen, a session bus with a keychain, browsers, and an SSH server.
set -euo pipefail
cd "$(dirname "$0")"

[[ $(uname) == Linux ]] || exit 0

there() {
  command -v gcc >/dev/null && command -v pkg-config >/dev/null && pkg-config --exists gtk+-3.0 webkit2gtk-4.1 || return 1
  [[ ${1:-} == tests ]] || return 0
  local command
  for command in chromium Xvfb openbox dbus-run-session dbus-launch xdotool xdpyinfo import WebKitWebDriver gnome-keyring-daemon; do
    command -v "$command" >/dev/null || return 1
  done
  [[ -x /usr/sbin/sshd ]] || return 1
}
there "$@" && exit 0

if ! command -v apt-get >/dev/null; then
  echo "error: building the window needs gcc, pkg-config, and the development files of GTK 3 and WebKitGTK 4.1" >&2
  echo "hint: on Fedora: sudo dnf install gcc pkgconf gtk3-devel webkit2gtk4.1-devel" >&2
  exit 1
fi

# shellcheck source=apt.sh
source ./apt.sh

install_packages "what the window needs" \
  gcc libc6-dev pkg-config libgtk-3-dev libwebkit2gtk-4.1-dev libsecret-1-0 adwaita-icon-theme fonts-dejavu-core
if [[ ${1:-} == tests ]]; then
  install_packages "what the tests need" \
    chromium xvfb openbox dbus dbus-x11 xdotool x11-utils imagemagick webkit2gtk-driver gnome-keyring fonts-noto-color-emoji
  if [[ ! -x /usr/sbin/sshd ]]; then
    # Tests start a server of their own on a loopback port; the package's must not begin to listen on this machine.
    units() { ! command -v systemctl >/dev/null || as_root systemctl "$1" ssh.service ssh.socket >/dev/null 2>&1 || true; }
    units mask
    install_packages "an SSH server that tests start" openssh-server
    units unmask
    units disable
  fi
fi
