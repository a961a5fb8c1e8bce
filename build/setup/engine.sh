#!/usr/bin/env bash
# Sees to it that a Docker engine answers, and that git and what a stand-in of the base image is made with are there.
# Quick when nothing is to be done, and can be run again after it was cut off. On Debian and Ubuntu it installs what is missing
# where it may (as root, or with a sudo that asks for no password); elsewhere it says what to do.
set -euo pipefail
cd "$(dirname "$0")"

engine_answers() {
  if [[ -n ${DOCKER_HOST:-} ]]; then
    timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1
  elif command -v curl >/dev/null; then
    local socket
    for socket in /var/run/docker.sock "$HOME/.docker/run/docker.sock" "$HOME/.docker/desktop/docker.sock" \
      "$HOME/.colima/default/docker.sock" "$HOME/.orbstack/run/docker.sock" "${XDG_RUNTIME_DIR:-/nowhere}/docker.sock"; do
      [[ -S $socket ]] && curl -sf -m 5 -o /dev/null --unix-socket "$socket" http://engine/_ping && return 0
    done
    command -v docker >/dev/null && timeout 10 docker version >/dev/null 2>&1 # a docker context
  else
    command -v docker >/dev/null && timeout 10 docker version >/dev/null 2>&1
  fi
}

tools_there() {
  command -v git >/dev/null && { command -v mmdebstrap >/dev/null || command -v debootstrap >/dev/null; }
}

if [[ $(uname) != Linux ]]; then
  engine_answers || echo "No Docker engine answers. Start Docker Desktop, OrbStack or Colima; sessions need it, the window does not."
  exit 0
fi
if engine_answers && tools_there; then
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  engine_answers || echo "No Docker engine answers. Install and start one: https://docs.docker.com/engine/install/"
  command -v git >/dev/null || echo "git is missing. Install it with your package manager."
  exit 0
fi

# shellcheck source=apt.sh
source ./apt.sh

tools=(git ca-certificates curl)
# Only where the public base image cannot be pulled is it needed; it is small.
command -v mmdebstrap >/dev/null || command -v debootstrap >/dev/null || tools+=(mmdebstrap debian-archive-keyring uidmap)
install_packages "git and tools for the sandbox's image" "${tools[@]}" || true

engine_answers && exit 0

if [[ -S /var/run/docker.sock && ! -w /var/run/docker.sock ]]; then
  echo "A Docker engine runs, but you may not use it."
  echo "hint: sudo usermod -aG docker $USER, then log out and in again"
  exit 0
fi

command -v dockerd >/dev/null || install_packages "the Docker engine" docker.io iptables || exit 0

# wait_for_engine SECONDS
wait_for_engine() {
  local end=$((SECONDS + $1))
  until as_root test -S /var/run/docker.sock && as_root curl -sf -m 5 -o /dev/null --unix-socket /var/run/docker.sock http://engine/_ping; do
    ((SECONDS < end)) || return 1
    sleep 0.3
  done
}

# start_plain starts dockerd where there is no systemd, as on bare machines for tests. It outlives this script.
log=/var/log/dockerd.log
start_plain() {
  # A pid file of an engine that was killed; its number may be another program's by now.
  local pid
  pid=$(as_root cat /var/run/docker.pid 2>/dev/null || true)
  if [[ -n $pid && $(cat "/proc/$pid/comm" 2>/dev/null) != dockerd ]]; then
    as_root rm -f /var/run/docker.pid
  fi
  as_root sh -c "ulimit -n 65536 2>/dev/null; setsid dockerd >>$log 2>&1 </dev/null &"
}

begun=$SECONDS
if ! may_root; then
  echo "The Docker engine does not run."
  echo "hint: sudo systemctl start docker"
  exit 0
fi
if [[ -d /run/systemd/system ]]; then
  echo "Starting the Docker engine"
  as_root systemctl enable --now docker >/dev/null 2>&1 || as_root systemctl start docker
elif wait_for_engine 3; then
  : # its package has started it
else
  echo "Starting the Docker engine (there is no systemd here: plain dockerd, its log is $log)"
  start_plain
fi
if ! wait_for_engine 60 && [[ ! -d /run/systemd/system ]] && as_root grep -qi iptables "$log" && command -v update-alternatives >/dev/null; then
  echo "Its firewall rules do not work with this kernel; trying the older kind"
  as_root update-alternatives --set iptables /usr/sbin/iptables-legacy >/dev/null
  as_root sh -c 'kill "$(cat /var/run/docker.pid)"' 2>/dev/null || true
  start_plain
fi
if ! wait_for_engine 30; then
  echo "error: the Docker engine does not start" >&2
  if [[ -d /run/systemd/system ]]; then echo "hint: journalctl -u docker says why" >&2; else as_root tail -n 5 "$log" >&2; fi
  exit 1
fi
echo "The Docker engine runs, after $((SECONDS - begun)) s"

if ((EUID != 0)) && [[ ! -w /var/run/docker.sock ]]; then
  echo "Letting you use it: you join the group docker, which is as powerful as root"
  as_root usermod -aG docker "$USER"
  # For this login, which the new group has not reached yet.
  if command -v setfacl >/dev/null; then
    as_root setfacl -m "u:$USER:rw" /var/run/docker.sock
  else
    echo "hint: log out and in again for it to take effect"
  fi
fi
