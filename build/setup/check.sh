#!/usr/bin/env bash
# Says in one list what is missing on this computer for a goal (terminal, window or test; see needs.sh), and what will be
# installed. It changes nothing. Exit code: 0 nothing is missing; 10 all that is missing can be installed from here; 1 the user
# has to do something first, and the list says what.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=docker.sh
source build/setup/docker.sh
# shellcheck source=needs.sh
source build/setup/needs.sh
goal=${1:-window}

missing=() # lines that the user has to act on
line() { missing+=("$(printf '  %-18s %-28s %s' "$1" "$2" "$3")"); }

go_fits || line "Go $(go_needed) or newer" "found: $(go_found | grep . || echo none)" https://go.dev/dl/
if [[ $goal != terminal ]] && ! node_fits; then
  line 'Node.js' "found: $(node_found | grep . || echo none), needed: $(node_text)" https://nodejs.org/en/download
elif [[ $goal != terminal ]] && ! has npm; then
  line 'npm' 'found: none' 'it comes with https://nodejs.org/en/download; on Debian: sudo apt-get install npm'
fi

if [[ $goal == window && $(uname) == Linux ]] && ! display_answers; then
  line 'Display' "${WAYLAND_DISPLAY:+WAYLAND_DISPLAY=$WAYLAND_DISPLAY }${DISPLAY:+DISPLAY=$DISPLAY }does not answer" \
    'correct it, or run without one: env -u DISPLAY -u WAYLAND_DISPLAY make run'
fi

packages=()
will=() # what is done from here
use=yes
if [[ $(uname) == Darwin ]]; then
  has git || line git 'found: none' 'xcode-select --install'
  [[ $goal == terminal ]] || has clang || line 'Command line tools' 'found: none' 'xcode-select --install'
  engine_answers || echo 'No Docker engine answers. Start Docker Desktop, OrbStack or Colima: sessions need it, the window does not.'
elif ! has apt-get; then
  has git || line git 'found: none' 'install it with your package manager'
  if [[ $goal != terminal ]] && ! { has gcc && has pkg-config && pkg-config --exists gtk+-3.0 webkit2gtk-4.1; }; then
    line 'GTK 3, WebKitGTK' 'development files of 4.1' 'Fedora: sudo dnf install gcc pkgconf gtk3-devel webkit2gtk4.1-devel'
  fi
  use=$(engine_use)
  case $use in
  yes | group) ;;
  join) line Docker "$(me) may not use it" "sudo usermod -aG docker $(me)" ;;
  start) line Docker 'it does not run' 'sudo systemctl start docker' ;;
  *) line Docker 'no engine answers' https://docs.docker.com/engine/install/ ;;
  esac
else
  mapfile -t packages < <(packages_missing "$goal" | grep .)
  use=$(engine_use)
  steps=()
  ((${#packages[@]} == 0)) || steps+=("apt-get update && sudo apt-get install --no-install-recommends ${packages[*]}")
  [[ $use != start ]] || steps+=("$([[ -d /run/systemd/system ]] && echo 'systemctl start docker' || echo 'service docker start')")
  if [[ $use == join || $use == start || $use == install ]] && ((EUID != 0)) && ! in_docker_group; then
    steps+=("usermod -aG docker $(me)")
  fi
  if [[ $use == no ]]; then line Docker "none answers at $DOCKER_HOST" 'start it, or unset DOCKER_HOST'; fi
  if ((${#steps[@]})); then
    may=$(root)
    if [[ $may == no || $may == password ]]; then
      command=$(printf ' && sudo %s' "${steps[@]}")
      ((${#packages[@]} == 0)) || line 'Packages' "${#packages[@]} missing" 'see below'
      [[ $use == yes || $use == group || $use == no ]] || line Docker "$([[ $use == install ]] && echo 'not installed' || echo 'not usable yet')" 'see below'
      after="To install and set up what is missing, as a user with sudo:
  ${command# && }"
    else
      ((${#packages[@]} == 0)) || will+=("install with apt: ${packages[*]}")
      [[ $use != start && $use != install ]] || will+=('start the Docker engine')
      [[ ${steps[-1]} != usermod* ]] || will+=("add $(me) to the group docker, which is as powerful as root")
    fi
  fi
fi

if ((${#missing[@]})); then
  echo "This is missing:"
  printf '%s\n' "${missing[@]}"
  [[ -z ${after:-} ]] || echo "$after"
  ((${#will[@]} == 0)) || { echo "Once that is there, this is done from here:"; printf '  - %s\n' "${will[@]}"; }
  exit 1
fi
((${#will[@]})) || exit 0
echo "This is set up first$([[ $may == ask ]] && echo ' (sudo asks for your password, once)' || true):"
printf '  - %s\n' "${will[@]}"
exit 10
