# Sourced by the scripts beside it: installs packages on Debian and Ubuntu, and says what it does.
# shellcheck shell=bash

# as_root COMMAND... runs it as root; may_root says whether that is possible without asking for a password.
as_root() {
  if ((EUID == 0)); then "$@"; else sudo -n "$@"; fi
}
may_root() {
  ((EUID == 0)) || sudo -n true 2>/dev/null
}

# install_packages WHAT PACKAGE... installs what is missing of the packages. An installation that was cut off is completed
# first, and another one that runs is waited for. Returns 1 where this may not be done, having said how to do it.
install_packages() {
  local what=$1 package missing=() begun=$SECONDS
  shift
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  if ! may_root; then
    echo "$what is missing: ${missing[*]}"
    echo "hint: sudo apt-get install --no-install-recommends ${missing[*]}"
    return 1
  fi
  local apt=(env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -y -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3)
  if [[ -n $(as_root dpkg --audit) ]]; then
    echo "Completing an installation that was cut off"
    as_root env DEBIAN_FRONTEND=noninteractive dpkg --configure -a
    as_root "${apt[@]}" -qq -f install
  fi
  echo "Installing $what: ${missing[*]}"
  # The lists may be old or absent; what can be installed with them needs no update.
  if ! size "${missing[@]}" >/dev/null; then
    echo "  fetching the package lists"
    as_root "${apt[@]}" -qq update
  fi
  size "${missing[@]}" || true
  if ! as_root "${apt[@]}" -qq install --no-install-recommends "${missing[@]}" >"$setup_log" 2>&1; then
    # Old lists name files that the mirror has replaced.
    as_root "${apt[@]}" -qq update
    if ! as_root "${apt[@]}" -qq install --no-install-recommends "${missing[@]}" >"$setup_log" 2>&1; then
      tail -n 15 "$setup_log"
      echo "error: $what could not be installed" >&2
      return 1
    fi
  fi
  echo "  installed in $((SECONDS - begun)) s"
}

# size PACKAGE... prints how much an installation fetches and takes; it fails where the lists lack a package.
size() {
  LC_ALL=C apt-get -s -o Debug::NoLocking=1 install --no-install-recommends "$@" >/dev/null 2>&1 || return 1
  # It exits with 1, as nobody agreed.
  { LC_ALL=C apt-get --assume-no -o Debug::NoLocking=1 install --no-install-recommends "$@" 2>/dev/null || true; } |
    sed -nE 's/^(Need to get|After this operation)/  &/p'
}

setup_log=$(mktemp)
trap 'rm -f "$setup_log"' EXIT
