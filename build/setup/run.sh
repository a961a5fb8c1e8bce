#!/usr/bin/env bash
# Sets up what a goal needs and builds it, with a line for each step that takes long; then it runs the command that is given,
# with a right to use the engine. See check.sh for the goals.
#   run.sh GOAL COMMAND...
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=docker.sh
source build/setup/docker.sh
# shellcheck source=needs.sh
source build/setup/needs.sh
# shellcheck source=step.sh
source build/setup/step.sh
goal=$1
shift

code=0
build/setup/check.sh "$goal" || code=$?
((code == 0 || code == 10)) || exit 1

builds=(supervisor bga)
[[ $goal == terminal ]] || builds+=(modules page app)
[[ $goal != test ]] || builds=(supervisor modules page)
export STEP=0 STEPS=$((${#builds[@]} + 1))

if ((code == 10)); then
  STEPS=$((STEPS + 2))
  # shellcheck disable=SC2046
  case $(root) in
  root) build/setup/install.sh "$goal" "$(me)" ;;
  *) sudo env "STEPS=$STEPS" $(printenv | grep -iE '^(https?|no|all)_proxy=' || true) build/setup/install.sh "$goal" "$(me)" ;;
  esac
  STEP=2
fi

# A user who has just joined the group docker goes on with it, without logging in again.
if [[ $(engine_use) == group && -z ${BGA_IN_GROUP:-} ]]; then
  # sg makes the group the main one, so that new files would belong to it. The second one takes that back.
  command=$(printf '%q ' env BGA_IN_GROUP=1 "$0" "$goal" "$@")
  exec sg docker -c "exec sg $(printf '%q' "$(id -gn)") -c $(printf '%q' "exec $command")"
fi

build() { make --no-print-directory "$1"; }
declare -A what=(
  [supervisor]='Building what runs inside sandboxes' [bga]='Building bga' [modules]="Fetching the page's packages"
  [page]='Building the page' [app]='Building the window'
)
if [[ $(uname) == Linux ]] && engine_answers && [[ -z ${SANDBOX_IMAGE:-} ]]; then
  step 'Preparing the image of sandboxes' build/setup/base.sh
fi
for name in "${builds[@]}"; do step "${what[$name]}" build "$name"; done
unset STEP STEPS
exec "$@"
