# Sourced by the scripts beside it: shows a long piece of work as one line.
# shellcheck shell=bash

# The number of the step, and of how many; they go on from one script to the next by the environment.
: "${STEP:=0}" "${STEPS:=1}"

# step WHAT COMMAND... runs a command. Where it takes more than two seconds, one line says what is being done; where it takes
# more than twenty, another that it takes minutes. What the command prints is shown only where it fails, except lines that it
# prints with `say`.
step() {
  local what=$1 log began=$SECONDS code=0 shown
  shift
  STEP=$((STEP + 1))
  log=$(mktemp) shown=$(mktemp -u)
  exec 4>&1
  (
    pause 2
    printf '[%d/%d] %s\n' "$STEP" "$STEPS" "$what" >&4
    : >"$shown"
    pause 18
    printf '      this takes some minutes the first time; its log is %s\n' "$log" >&4
  ) </dev/null >/dev/null 2>&1 &
  local clock=$!
  set +e # not `|| code=$?`: within that, -e would count for nothing
  (
    set -e
    SAY=4 "$@"
  ) >"$log" 2>&1
  code=$?
  set -e
  kill "$clock" 2>/dev/null || true
  wait "$clock" 2>/dev/null || true
  exec 4>&-
  if ((code)); then
    printf '[%d/%d] %s: failed\n' "$STEP" "$STEPS" "$what"
    grep -q '^error: ' "$log" || tail -n 20 "$log"
    sed -n '/^error: /,$p' "$log"
  elif [[ -e $shown ]]; then
    printf '      done in %d s\n' "$((SECONDS - began))"
  fi
  rm -f "$log" "$shown"
  return "$code"
}

# pause SECONDS sleeps without a process of its own, which would hold the output open after its parent was ended.
pause() { read -rt "$1" _ <> <(:) || true; }

# say prints to who watches, from within a step.
say() { printf '%s\n' "$*" >&"${SAY:-1}"; }
