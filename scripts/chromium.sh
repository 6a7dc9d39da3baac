#!/bin/sh
# Make sure a Chromium is there for the browser tests: CHROMIUM, one on PATH, or Debian's package.
set -eu
if [ -n "${CHROMIUM:-}" ]; then exit 0; fi
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "installing chromium for the browser tests"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
    exit 0
fi
echo "No Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM=/path/to/it;" >&2
echo "until then the browser tests are left out at home, and fail in CI." >&2
