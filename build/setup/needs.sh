# Sourced by the scripts beside it: what each goal needs, and what of it this computer lacks. Nothing here changes anything.
# A goal is `terminal` (bga), `window` (the window, too), or `test` (all tests).
# shellcheck shell=bash

has() { command -v "$1" >/dev/null; }

# me prints the user's name; $USER is empty under su and cron.
me() { id -un; }

# at_least VERSION MINIMUM compares as far as MINIMUM goes: 20.19.4 is at least 20.19.
at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

go_needed() { sed -nE 's/^go ([0-9]+\.[0-9]+).*/\1/p' go.mod; }

# go_found prints the version of Go, or nothing. Without GOTOOLCHAIN=local it would go and fetch another one.
go_found() { (cd / && GOTOOLCHAIN=local go version 2>/dev/null) | sed -nE 's/^go version go([0-9.]+).*/\1/p'; }

# go_fits reports whether this Go does: by its version, or because it fetches the one that go.mod asks for.
go_fits() {
  local found
  found=$(go_found)
  [[ -n $found ]] || return 1
  at_least "$found" "$(go_needed)" && return 0
  at_least "$found" 1.21 && [[ $(cd / && GOTOOLCHAIN='' go env GOTOOLCHAIN 2>/dev/null) == *auto* ]]
}

# node_needed prints what frontend/package.json asks for: alternatives as "^20.19 || >=22.12".
node_needed() { sed -nE 's/^ *"node": "([^"]*)".*/\1/p' frontend/package.json; }

node_found() { node --version 2>/dev/null | sed -nE 's/^v([0-9.]+).*/\1/p'; }

node_fits() {
  local found need
  found=$(node_found)
  [[ -n $found ]] || return 1
  while read -r need; do
    case $need in
    '^'*) [[ ${found%%.*} == "$(cut -d. -f1 <<<"${need#^}")" ]] && at_least "$found" "${need#^}" && return 0 ;;
    '>='*) at_least "$found" "${need#>=}" && return 0 ;;
    esac
  done < <(node_needed | sed 's/ *|| */\n/g')
  return 1
}

# node_text says the same in words.
node_text() { node_needed | sed -E 's/\^([0-9]+)([0-9.]*)/\1\2 (of \1)/; s/ *\|\| */, or /; s/>=([0-9.]+)/\1 or newer/'; }

installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# packages_missing GOAL prints the Debian packages that are missing. What is there already in another way is not listed: a
# Docker engine, say, or a chromium that is not the package's.
packages_missing() {
  local goal=$1 want=()
  has git || want+=(git)
  [[ -s /etc/ssl/certs/ca-certificates.crt ]] || want+=(ca-certificates)
  has curl || want+=(curl)
  # For the image of sandboxes, where no registry can be reached. They are small.
  has mmdebstrap || want+=(mmdebstrap)
  [[ -f /usr/share/keyrings/debian-archive-keyring.gpg ]] || want+=(debian-archive-keyring)
  has newuidmap || want+=(uidmap)
  has openssl || want+=(openssl)
  engine_there || want+=(docker.io iptables)
  if [[ $goal != terminal ]]; then
    has gcc || want+=(gcc libc6-dev)
    has pkg-config || want+=(pkg-config)
    pkg-config --exists gtk+-3.0 2>/dev/null || want+=(libgtk-3-dev)
    pkg-config --exists webkit2gtk-4.1 2>/dev/null || want+=(libwebkit2gtk-4.1-dev)
    for package in libsecret-1-0 adwaita-icon-theme fonts-dejavu-core; do installed "$package" || want+=("$package"); done
  fi
  if [[ $goal == test ]]; then
    has chromium || want+=(chromium)
    has Xvfb || want+=(xvfb)
    has openbox || want+=(openbox)
    has dbus-run-session || want+=(dbus)
    has dbus-launch || want+=(dbus-x11)
    has xdotool || want+=(xdotool)
    has xdpyinfo || want+=(x11-utils)
    has import || want+=(imagemagick)
    has WebKitWebDriver || want+=(webkit2gtk-driver)
    has gnome-keyring-daemon || want+=(gnome-keyring)
    installed fonts-noto-color-emoji || want+=(fonts-noto-color-emoji)
    [[ -x /usr/sbin/sshd ]] || want+=(openssh-server)
    has docker || ! known docker-cli || want+=(docker-cli)
  fi
  printf '%s\n' "${want[@]}"
}

# known PACKAGE reports whether the package lists have it. Debian 12's docker.io brings the command itself.
known() { apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= show "$1" >/dev/null 2>&1; }

# engine_there reports whether an engine is installed, or one that is elsewhere answers.
engine_there() { has dockerd || [[ -n ${DOCKER_HOST:-} ]] || [[ -S /var/run/docker.sock ]] || engine_answers; }

# engine_use says how this user can use the engine: `yes`; `group`, in a login that knows of the group docker; `join`, once
# they are a member; `start`, once it runs; `install`; or `no`, an address of the user's own where none answers.
engine_use() {
  if engine_answers; then
    echo yes
  elif [[ -n ${DOCKER_HOST:-} ]]; then
    echo no
  elif [[ -S /var/run/docker.sock && ! -w /var/run/docker.sock ]] && engine_runs; then
    if in_docker_group; then echo group; else echo join; fi
  elif has dockerd; then
    echo start
  else
    echo install
  fi
}

# engine_runs reports, without a right to use it, whether there is a process behind the engine's socket.
engine_runs() { pgrep -x dockerd >/dev/null 2>&1 || grep -qsx dockerd /proc/[0-9]*/comm; }

# in_docker_group asks the system's list of groups, which is newer than this login's.
in_docker_group() {
  local members
  members=$(getent group docker | cut -d: -f4)
  [[ ",$members," == *",$(me),"* ]]
}

# display_answers reports whether there is something behind DISPLAY or WAYLAND_DISPLAY, as far as that can be seen without
# a program: a display of another computer is taken to be there.
display_answers() {
  local number=${DISPLAY:-}
  number=${number#:}
  number=${number%%.*}
  if [[ -n ${WAYLAND_DISPLAY:-} ]]; then
    case $WAYLAND_DISPLAY in
    /*) [[ -S $WAYLAND_DISPLAY ]] && return 0 ;;
    *) [[ -S ${XDG_RUNTIME_DIR:-/nowhere}/$WAYLAND_DISPLAY ]] && return 0 ;;
    esac
  fi
  [[ -n ${DISPLAY:-} ]] || return 1
  [[ $DISPLAY == :* ]] || return 0
  [[ -S /tmp/.X11-unix/X$number ]] || grep -qs "@/tmp/.X11-unix/X$number\$" /proc/net/unix
}

# root says how commands can be run as root: `root`, `sudo` without a password, `ask`, with one and a terminal to ask on,
# `password`, with one and no terminal, or `no`.
root() {
  if ((EUID == 0)); then
    echo root
  elif ! has sudo; then
    echo no
  elif sudo -n true 2>/dev/null; then
    echo sudo
  elif ! id -nG | grep -qwE 'sudo|wheel|admin' && ! sudo -n -l 2>&1 | grep -q 'password is required'; then
    echo no
  elif [[ -t 0 && -t 2 ]]; then
    echo ask
  else
    echo password
  fi
}
