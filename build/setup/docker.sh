# Sourced by the scripts beside it: asks the Docker engine, by its command where that is installed, otherwise by its socket.
# shellcheck shell=bash

# engine_sockets prints the places where an engine's socket may be, as the application looks for it.
engine_sockets() {
  case ${DOCKER_HOST:-} in
  unix://*) echo "${DOCKER_HOST#unix://}" ;;
  ?*) ;; # only the command reaches it
  *)
    local home=${HOME:-/nowhere}
    printf '%s\n' /var/run/docker.sock "$home/.docker/run/docker.sock" "$home/.docker/desktop/docker.sock" \
      "$home/.colima/default/docker.sock" "$home/.orbstack/run/docker.sock" "${XDG_RUNTIME_DIR:-/nowhere}/docker.sock"
    ;;
  esac
}

# engine_socket prints the socket of an engine that answers.
engine_socket() {
  command -v curl >/dev/null || return 1
  local socket
  while read -r socket; do
    [[ -S $socket ]] && curl -sf -m 5 -o /dev/null --unix-socket "$socket" http://engine/_ping || continue
    echo "$socket"
    return 0
  done < <(engine_sockets)
  return 1
}

engine_answers() {
  engine_socket >/dev/null || { command -v docker >/dev/null && timeout 10 docker version >/dev/null 2>&1; }
}

# image_label IMAGE LABEL prints the label's value; it fails where there is no such image.
image_label() {
  if command -v docker >/dev/null; then
    docker image inspect --format "{{index .Config.Labels \"$2\"}}" "$1" 2>/dev/null
    return
  fi
  local socket found
  socket=$(engine_socket) || return 1
  found=$(curl -sf --unix-socket "$socket" "http://engine/images/$1/json") || return 1
  grep -oE "\"$2\":\"[^\"]*\"" <<<"$found" | head -n 1 | cut -d'"' -f4 || true
}

# pull_image IMAGE pulls it; what the engine says last is why it failed. A registry that doesn't answer ends it, too.
pull_image() {
  if command -v docker >/dev/null; then
    timeout 600 docker pull "$1"
    return
  fi
  local socket said
  socket=$(engine_socket) || return 1
  # A registry that cannot be reached is an error of the request, or a line of its answer.
  said=$(curl -s -m 600 -X POST --unix-socket "$socket" "http://engine/images/create?fromImage=${1%:*}&tag=${1##*:}")
  ! grep -qE '"(error|message)":' <<<"$said" && image_label "$1" '' >/dev/null || {
    grep -oE '"(error|message)":"([^"\\]|\\.)*"' <<<"$said" | tail -n 1 | sed -E 's/^"[a-z]+":"(.*)"$/\1/; s/\\(.)/\1/g'
    return 1
  }
}

# import_image TAR IMAGE CHANGE... makes an image of a root file system.
import_image() {
  local tar=$1 image=$2 change
  shift 2
  if command -v docker >/dev/null; then
    local changes=()
    for change in "$@"; do changes+=(--change "$change"); done
    docker import "${changes[@]}" "$tar" "$image"
    return
  fi
  local socket query="fromSrc=-&repo=${image%:*}&tag=${image##*:}"
  socket=$(engine_socket) || return 1
  for change in "$@"; do query+="&changes=$(percent "$change")"; done
  ! curl -sSf -X POST -H 'Content-Type: application/x-tar' -T "$tar" --unix-socket "$socket" \
    "http://engine/images/create?$query" | grep '"error"'
}

# percent TEXT prints it as it stands in an address.
percent() {
  local text=$1 i c
  for ((i = 0; i < ${#text}; i++)); do
    c=${text:i:1}
    [[ $c == [a-zA-Z0-9._~/-] ]] && printf '%s' "$c" || printf '%%%02X' "'$c"
  done
}
