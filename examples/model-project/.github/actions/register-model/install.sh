#!/usr/bin/env bash
# Puts the command greenroom onto the PATH of the steps that follow.
#
#   VERSION  of @greenroom/cli: an exact one, so that nothing changes by itself
#   PROGRAM  a file that takes its place, for runners that reach no registry of packages
#   SHA256   of the program; it is not looked at when this is empty
set -euo pipefail

OLDEST_NODE=22

major() { "$1" -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0; }

# Runners of GitHub keep several releases of Node beside the one that they use.
node=$(command -v node || true)
if [ -z "$node" ] || [ "$(major "$node")" -lt "$OLDEST_NODE" ]; then
  node=
  for candidate in "${RUNNER_TOOL_CACHE:-/nonexistent}"/node/*/*/bin/node; do
    if [ -x "$candidate" ] && [ "$(major "$candidate")" -ge "$OLDEST_NODE" ]; then
      node=$candidate
    fi
  done
fi
if [ -z "$node" ]; then
  echo "::error::greenroom needs Node $OLDEST_NODE or newer: install it in a step before this one"
  exit 1
fi

if [ -n "${PROGRAM:-}" ]; then
  program=$(realpath "$PROGRAM")
else
  case "$VERSION" in
    *[!0-9A-Za-z.-]* | '' | latest)
      echo "::error::version is '$VERSION': expected an exact one such as 1.2.3"
      exit 1
      ;;
  esac
  folder="$RUNNER_TEMP/greenroom-$VERSION"
  mkdir -p "$folder"
  # The package is one file: nothing is installed with it, and none of its scripts is run.
  archive=$(cd "$folder" && npm pack --loglevel=error "@greenroom/cli@$VERSION" | tail -n 1)
  tar -xzf "$folder/$archive" -C "$folder" package/dist/main.cjs
  program="$folder/package/dist/main.cjs"
fi

if [ -n "${SHA256:-}" ]; then
  echo "$SHA256  $program" | sha256sum --check --quiet || {
    echo "::error::the program is not the one with the SHA-256 $SHA256"
    exit 1
  }
fi

bin="$RUNNER_TEMP/greenroom-bin"
mkdir -p "$bin"
printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$node" "$program" >"$bin/greenroom"
chmod +x "$bin/greenroom"
echo "$bin" >>"$GITHUB_PATH"
"$bin/greenroom" --version
