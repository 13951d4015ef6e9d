#!/usr/bin/env bash
# Debian's Chromium, which the browser tests drive; nothing happens when a browser is there already.
set -euo pipefail

for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then exit 0; fi
done

root=()
if [ "$(id -u)" != 0 ]; then root=(sudo -n); fi
if command -v apt-get >/dev/null && "${root[@]}" true 2>/dev/null; then
  echo "Installing Chromium from Debian for the browser tests"
  if { "${root[@]}" apt-get update -qq &&
    DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends chromium; } >/dev/null; then
    exit 0
  fi
fi
echo "Chromium is not here and could not be installed: the browser tests (tests/journeys) will fail." >&2
echo "Install Debian's package 'chromium' as root, then run make test again." >&2
