#!/usr/bin/env bash
# The set-up on fresh systems, each a container of this machine's engine. `roots.sh check` runs the check alone, on Debian 12,
# Debian 13 and Ubuntu 24.04, each as root, with a sudo that asks for nothing, and with one that asks for a password; `roots.sh run`
# runs all of `make run` on Debian 13, with an engine of its own. A system whose archive cannot be reached is named and left out.
set -euo pipefail
cd "$(dirname "$0")/../.."
cache=$PWD/.bin/roots
mkdir -p "$cache"
here=build/test/roots

# tarball NAME prints the root file system of a system, which is made once.
tarball() {
  local tar=$cache/$1.tar options=(--variant=minbase) keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg include=ca-certificates,sudo,make,git
  [[ -f $tar ]] && { echo "$tar"; return; }
  case $1 in
  bookworm | trixie) options+=(--include="$include" "$1" "$tar.part" http://deb.debian.org/debian) ;;
  noble)
    if [[ ! -f $keyring ]]; then
      # Debian has no package of it. Ubuntu's own is found by the index that it would verify: this is a test, which runs nothing
      # of it outside a container.
      keyring=$cache/ubuntu/usr/share/keyrings/ubuntu-archive-keyring.gpg
      [[ -f $keyring ]] || ubuntu_keyring || return 1
    fi
    options+=(--keyring="$keyring" --components=main,universe --include="apt,$include" "$1" "$tar.part" http://archive.ubuntu.com/ubuntu)
    ;;
  esac
  mmdebstrap "${options[@]}" >"$cache/$1.log" 2>&1 || { tail -n 3 "$cache/$1.log" >&2; return 1; }
  mv "$tar.part" "$tar"
  echo "$tar"
}

ubuntu_keyring() {
  local at=http://archive.ubuntu.com/ubuntu path
  path=$(curl -fsS -m 120 "$at/dists/noble/main/binary-amd64/Packages.gz" | gzip -dc | sed -n 's/^Filename: \(.*\/ubuntu-keyring_.*\)/\1/p' | head -n 1)
  [[ -n $path ]] && curl -fsS -m 60 -o "$cache/keyring.deb" "$at/$path" && dpkg -x "$cache/keyring.deb" "$cache/ubuntu"
}

# system NAME prints the image of a system.
system() {
  local image=background-agents-test/$1:$(sha256sum "$here/Prepare" | cut -c1-12) tar
  if ! docker image inspect "$image" >/dev/null 2>&1; then
    tar=$(tarball "$1") || return 1
    docker import "$tar" "$image.root" >/dev/null
    local context=$cache/context
    rm -rf "$context" && mkdir -p "$context/certificates"
    cp /usr/local/share/ca-certificates/*.crt "$context/certificates/" 2>/dev/null || true
    cp "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$context/bundle.crt"
    docker build -q --build-arg "ROOT=$image.root" -t "$image" -f "$here/Prepare" "$context" >/dev/null
    docker rmi "$image.root" >/dev/null
  fi
  echo "$image"
}

check() {
  local name image failed=0 tried=0
  for name in bookworm trixie noble; do
    if ! image=$(system "$name"); then
      echo "$name: left out, its archive cannot be reached"
      continue
    fi
    for user in root free asked; do
      if docker run --rm -v "$PWD:/checkout:ro" "$image" /checkout/$here/check.sh "$user"; then
        echo "$name as $user: ok"
      else
        echo "$name as $user: FAILED"
        failed=1
      fi
      tried=$((tried + 1))
    done
  done
  echo "$tried of 9 combinations tried"
  ((tried && !failed))
}

full() {
  local image go
  image=$(system trixie)
  go=$(go env GOROOT)
  docker volume create background-agents-test-run >/dev/null
  trap 'docker volume rm -f background-agents-test-run >/dev/null' EXIT
  git bundle create -q "$cache/checkout.bundle" HEAD
  docker run --rm --privileged --network host -v background-agents-test-run:/var/lib/docker \
    -v "$go:/usr/local/go:ro" -v "$(command -v node):/usr/local/bin/node:ro" -v "$(npm root -g)/npm:/usr/local/lib/node_modules/npm:ro" \
    -v "$PWD/$here:/test:ro" -v "$cache:/in:ro" -e "GOPROXY=$(go env GOPROXY)" -e "GOSUMDB=$(go env GOSUMDB)" \
    "$image" /test/run.sh
}

case ${1:-check} in
check) check ;;
run) full ;;
*) echo "usage: roots.sh check|run" >&2; exit 2 ;;
esac
