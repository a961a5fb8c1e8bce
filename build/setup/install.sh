#!/usr/bin/env bash
# Installs and starts, as root on Debian or Ubuntu, what check.sh lists for a goal: packages, a Docker engine, and for the user
# who is named the right to use it. It is one program so that sudo asks once. Can be run again after it was cut off.
#   install.sh GOAL USER
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=docker.sh
source build/setup/docker.sh
# shellcheck source=needs.sh
source build/setup/needs.sh
# shellcheck source=apt.sh
source build/setup/apt.sh
# shellcheck source=step.sh
source build/setup/step.sh
goal=$1 user=$2
((EUID == 0)) || { echo "error: install.sh runs as root" >&2; exit 1; }

packages() {
  local package missing=() server=''
  mapfile -t missing < <(packages_missing "$goal" | grep .)
  for package in "${!missing[@]}"; do
    # Tests start an SSH server of their own on a loopback port. The package's must not begin to listen on this computer.
    if [[ ${missing[package]} == openssh-server ]]; then server=yes; unset "missing[package]"; fi
  done
  install_packages "${missing[@]}"
  # It is known now, as the package lists are there.
  mapfile -t missing < <(packages_missing "$goal" | grep -x docker-cli)
  install_packages "${missing[@]}"
  [[ -n $server ]] || return 0
  units mask
  install_packages openssh-server
  units unmask
  units disable
}
units() { ! has systemctl || systemctl "$1" ssh.service ssh.socket >/dev/null 2>&1 || true; }

socket=/var/run/docker.sock log=/var/log/dockerd.log

# wait_for_engine SECONDS waits until the engine answers.
wait_for_engine() {
  local end=$((SECONDS + $1))
  until [[ -S $socket ]] && engine_answers; do
    ((SECONDS < end)) || return 1
    sleep 0.3
  done
}

# start_plain starts dockerd where there is no systemd, as on bare machines for tests. It outlives this script.
start_plain() {
  # A pid file of an engine that was killed; its number may be another program's by now.
  local pid
  pid=$(cat /var/run/docker.pid 2>/dev/null || true)
  if [[ -n $pid && $(cat "/proc/$pid/comm" 2>/dev/null) != dockerd ]]; then rm -f /var/run/docker.pid; fi
  sh -c "ulimit -n 65536 2>/dev/null; exec setsid dockerd >>$log 2>&1 </dev/null" 3>&- 4>&- &
}

start_engine() {
  if [[ -d /run/systemd/system ]]; then
    systemctl enable --now docker || systemctl start docker
  elif wait_for_engine 3; then
    : # its package has started it
  else
    echo "there is no systemd here: plain dockerd, its log is $log"
    start_plain
    if ! wait_for_engine 60 && grep -qi iptables "$log" && has update-alternatives; then
      say "note: its firewall rules don't work with this kernel; trying the older kind"
      update-alternatives --set iptables /usr/sbin/iptables-legacy
      kill "$(cat /var/run/docker.pid)" 2>/dev/null || true
      start_plain
    fi
  fi
  wait_for_engine 60 && return 0
  if [[ -d /run/systemd/system ]]; then journalctl -u docker -n 5 --no-pager; else tail -n 5 "$log"; fi
  echo "the Docker engine does not start"
  return 1
}

step 'Installing packages' packages
[[ -n ${DOCKER_HOST:-} ]] || engine_answers || step 'Starting the Docker engine' start_engine
if [[ -S $socket && $user != root && -z ${DOCKER_HOST:-} ]] && getent group docker >/dev/null; then
  id -nG "$user" | grep -qw docker || runuser -u "$user" -- test -w "$socket" || usermod -aG docker "$user"
fi
