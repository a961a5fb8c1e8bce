#!/usr/bin/env bash
# Fetches the upstream source of a Debian package and unpacks it: `source.sh cjson FOLDER`.
set -euo pipefail
name=$1 folder=$2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{parts,lists/partial,got} "$folder"
# The machine's own sources, for sources in place of packages.
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list; do
  [[ -e $file ]] || continue
  sed 's/^Types:.*/Types: deb-src/; s/^deb /deb-src /' "$file" >"$work/parts/$(basename "$file")"
done
options=(-o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/parts" -o Dir::State::Lists="$work/lists"
  -o Dir::Cache="$work" -o APT::Sandbox::User=root -o Acquire::Languages=none)
apt-get -qq "${options[@]}" update
(cd "$work/got" && apt-get -qq "${options[@]}" source --download-only "$name" >&2)
tar -xf "$work"/got/*.orig.tar.* -C "$folder" --strip-components 1
