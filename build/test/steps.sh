# Sourced by .ci/run and check-all.sh: runs steps, and prints at the end how each went and how long it took.
# shellcheck shell=bash

begun=$SECONDS
rows=() # of the table
code=0

# run WHAT COMMAND... runs a step. Where it fails, the script ends, unless KEEP_GOING is set: then the last result is in $code.
# Never write `run ... || ...`: within that, -e would count for nothing in the command.
run() {
  local what=$1 from=$SECONDS
  shift
  printf '\n#### %s (after %d s)\n' "$what" "$((SECONDS - begun))"
  set +e
  (
    set -e
    "$@"
  )
  code=$?
  set -e
  note "$what" "$( ((code)) && echo FAILED || echo ok)" "$((SECONDS - from))"
  ((code == 0)) || [[ -n ${KEEP_GOING:-} ]] || exit "$code"
}

# note WHAT RESULT SECONDS adds a row.
note() { rows+=("$(printf '| %-34s | %-10s | %5d s |' "$1" "$2" "$3")"); }

# table prints all rows.
table() {
  printf '\n| %-34s | %-10s | %7s |\n|%s|%s|%s|\n' step result time "$(dashes 36)" "$(dashes 12)" "$(dashes 9)"
  printf '%s\n' "${rows[@]}"
  printf '| %-34s | %-10s | %5d s |\n' all "$([[ ${rows[*]} == *FAILED* ]] && echo FAILED || echo ok)" "$((SECONDS - begun))"
}
dashes() { printf '%*s' "$1" '' | tr ' ' -; }
