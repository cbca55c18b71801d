#!/bin/sh
# Make sure that the browser tests find a Chromium; where it cannot be installed they skip and say why.
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing chromium for the browser tests ..."
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk >/dev/null ||
        echo "chromium could not be installed: the browser tests will be skipped"
else
    echo "no chromium here: the browser tests will be skipped (install it, for example with: sudo apt-get install chromium)"
fi
