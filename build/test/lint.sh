#!/usr/bin/env bash
# Formatters, linters and type checks, for every system that the application runs on.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=v2.15.0
tool=.bin/golangci-lint
step() { printf '== %s (%d s)\n' "$1" "$SECONDS"; }

# The page's linters use one processor each, so they run beside Go's.
page=$(mktemp)
trap 'rm -f "$page"' EXIT
{
  npm --prefix frontend run check && npm --prefix frontend run lint && npm --prefix frontend run knip
} >"$page" 2>&1 &
page_checks=$!

step gofmt
unformatted=$(git ls-files '*.go' | xargs gofmt -l)
[[ -z $unformatted ]] || { echo "not formatted: $unformatted"; exit 1; }

step 'go.mod is tidy'
mkdir -p .bin
go mod tidy -diff >.bin/tidy.diff || { cat .bin/tidy.diff; echo 'error: go.mod is not tidy'; echo 'hint: go mod tidy'; exit 1; }

step 'go vet, Linux'
go vet -tags webkit2_41 ./...
# The two other systems are type-checked without C; what needs a window's C libraries is left out by these tags. The
# supervisor runs in sandboxes only, which are Linux.
mapfile -t elsewhere < <(go list -tags bindings ./... | grep -v /sandbox/supervisor)
step 'go vet, Windows'
GOOS=windows CGO_ENABLED=0 go vet -tags desktop,production "${elsewhere[@]}"
step 'go vet, macOS'
GOOS=darwin GOARCH=arm64 CGO_ENABLED=0 go vet -tags bindings "${elsewhere[@]}"

step golangci-lint
if [[ ! -x $tool ]] || ! "$tool" version | grep -q "${version#v}"; then
  GOBIN=$PWD/.bin go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$version"
fi
"$tool" run --build-tags webkit2_41 ./...

step 'page: types, eslint, prettier, knip'
wait "$page_checks" || { cat "$page"; echo 'error: the page has faults'; exit 1; }

step 'shell scripts'
git ls-files '*.sh' .ci/run | xargs -n1 bash -n
printf '== lint: ok in %d s\n' "$SECONDS"
