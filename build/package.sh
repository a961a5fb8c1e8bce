#!/usr/bin/env bash
# Makes packages of what `make build` built, in build/bin: deb, rpm and tar.gz on Linux, and, with makensis, the Windows
# installer. On a Mac it makes the disk image. VERSION is a tag (v1.2.3) or a commit.
set -euo pipefail
cd "$(dirname "$0")/.."

# The licenses of what is linked and bundled go into each package.
mkdir -p build/bin
go run ./build/licenses >build/bin/THIRD-PARTY-LICENSES.txt

if [[ $(uname) == Darwin ]]; then
  exec build/darwin/dmg.sh
fi

version=${VERSION:-dev}
# Packages want a number first; what is no release sorts before the next one.
number=${version#v}
[[ $number =~ ^[0-9]+\. ]] || number=0.1.0~$number
out=$PWD/build/bin
GOARCH=$(go env GOARCH)
export GOARCH PACKAGE_VERSION=$number

if [[ ! -x .bin/nfpm ]]; then
  GOBIN=$PWD/.bin go install github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2
fi
for kind in deb rpm; do
  .bin/nfpm package --config build/linux/nfpm.yaml --packager "$kind" --target "$out/"
done

name=background-agents-$number-linux-$GOARCH
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage/$name/icons"
cp "$out/background-agents" "$out/bga" build/linux/background-agents.desktop build/linux/install.sh \
  LICENSE "$out/THIRD-PARTY-LICENSES.txt" CHANGELOG.md "$stage/$name/"
cp build/icons/app-*.png "$stage/$name/icons/"
tar -C "$stage" --owner=0 --group=0 -czf "$out/$name.tar.gz" "$name"

if command -v makensis >/dev/null; then
  flags='-s -w -X background-agents/backend/control.Version='$version
  make .bin/wails
  # The Wails commands add icon and manifest.
  .bin/wails build -platform windows/amd64 -s -m -nosyncgomod -nocolour -trimpath -ldflags "$flags" -o background-agents.exe
  GOOS=windows GOARCH=amd64 CGO_ENABLED=0 go build -trimpath -ldflags "$flags" -o "$out/bga.exe" ./app/cli
  webview=$(go list -m -f '{{.Dir}}' github.com/wailsapp/wails/v2)/internal/webview2runtime/MicrosoftEdgeWebview2Setup.exe
  cp LICENSE "$out/LICENSE.txt"
  makensis -V2 -DVERSION="$number" -DSOURCE="$out" -DWEBVIEW="$webview" build/windows/installer.nsi
else
  echo "makensis is not here: no Windows installer (package nsis)"
fi
ls -l "$out"
