# Sourced by install.sh: installs packages on Debian and Ubuntu, as root.
# shellcheck shell=bash

apt=(env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -y -qq -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3)

# install_packages PACKAGE... installs them. An installation that was cut off is completed first, and another one that runs is
# waited for.
install_packages() {
  (($#)) || return 0
  if [[ -n $(dpkg --audit) ]]; then
    echo "completing an installation that was cut off"
    DEBIAN_FRONTEND=noninteractive dpkg --configure -a
    "${apt[@]}" -f install
  fi
  # The lists may be old or absent. What can be installed with them needs no update.
  size "$@" >/dev/null || "${apt[@]}" update
  say "      $(size "$@")"
  "${apt[@]}" install --no-install-recommends "$@" && return 0
  "${apt[@]}" update # old lists name files that the mirror has replaced
  "${apt[@]}" install --no-install-recommends "$@"
}

# size PACKAGE... says how much an installation fetches and takes; it fails where the lists lack a package.
size() {
  LC_ALL=C apt-get -s -o Debug::NoLocking=1 install --no-install-recommends "$@" >/dev/null 2>&1 || return 1
  local all
  all=$(LC_ALL=C apt-get --assume-no -o Debug::NoLocking=1 install --no-install-recommends "$@" 2>/dev/null) || true # as nobody agreed
  sed -nE 's/^Need to get (.*) of archives\.$/\1 to fetch/p; s/^After this operation, (.*) of additional.*/\1 on the disk/p' <<<"$all" |
    paste -sd '|' | sed 's/|/, /'

}
