#!/bin/sh
# Install what the tests use beside Python: a browser and LaTeX. Does nothing where both are there.
# To add one, add a line to `needed` below: the command, then the Debian packages that hold it.
set -eu

needed='
chromium  chromium
pdflatex  texlive-latex-base texlive-latex-recommended
'

missing=''
while read -r command packages; do
    [ -z "$command" ] || command -v "$command" >/dev/null 2>&1 || missing="$missing $packages"
done <<LIST
$needed
LIST

[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" -ne 0 ]; then
    echo "The tests need these Debian packages, or what corresponds to them here:$missing" >&2
    echo "Install them (sudo apt-get install --no-install-recommends$missing) and try again." >&2
    exit 1
fi

echo "Installing$missing (about a minute)"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086  # one word a package
apt-get install -y -qq --no-install-recommends $missing >/dev/null
