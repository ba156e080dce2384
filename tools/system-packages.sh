#!/bin/sh
# Bring what the tests use beside Python: a browser and LaTeX. Does nothing where both are there.
#   root on Debian: installed as packages;
#   anyone else on Debian: the browser is unpacked into build/system, where tests/conftest.py finds it;
#   otherwise: the line to type is shown, and the tests that need the program are left out. CI demands all of them.
# To add a program, add a line to `needed` below: the command, then the Debian packages that hold it.
set -eu
cd "$(dirname "$0")/.."

needed='
chromium  chromium
pdflatex  texlive-latex-base texlive-latex-recommended
'
system=$PWD/build/system
PATH=$PATH:$system/bin

packages_missing() {
    echo "$needed" | while read -r command packages; do
        [ -z "$command" ] || command -v "$command" >/dev/null 2>&1 || echo "$packages"
    done | xargs
}

# Chromium and the libraries that the machine lacks, unpacked and started from where they lie.
unpack_chromium() {
    echo "Fetching chromium into build/system, without root (about a minute)"
    mkdir -p "$system/lists/partial" "$system/cache/archives/partial" "$system/bin"
    apt="apt-get -qq -o Dir::State::Lists=$system/lists -o Dir::Cache=$system/cache -o Debug::NoLocking=true"
    $apt update && $apt install --yes --no-install-recommends --download-only chromium >/dev/null || return 1
    for package in "$system"/cache/archives/*.deb; do
        dpkg -x "$package" "$system"
    done
    rm -rf "$system/lists" "$system/cache"
    cat >"$system/fonts.conf" <<FONTS
<fontconfig><dir>$system/usr/share/fonts</dir><cachedir>$system/fonts</cachedir></fontconfig>
FONTS
    cat >"$system/bin/chromium" <<'START'
#!/bin/sh
system=$(dirname "$(dirname "$(readlink -f "$0")")")
[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_FILE="$system/fonts.conf"
libraries=$(echo "$system"/usr/lib/*-linux-gnu "$system"/usr/lib/*-linux-gnu/pulseaudio "$system"/lib/*-linux-gnu | tr " " ":")
export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
exec "$system/usr/lib/chromium/chromium" "$@"
START
    chmod +x "$system/bin/chromium"
    "$system/bin/chromium" --version || { rm "$system/bin/chromium"; return 1; }
}

missing=$(packages_missing)
[ -n "$missing" ] || exit 0

if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" -eq 0 ]; then
        echo "Installing $missing (about a minute)"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        # shellcheck disable=SC2086  # one word a package
        apt-get install -y -qq --no-install-recommends $missing >/dev/null
    elif ! command -v chromium >/dev/null 2>&1; then
        unpack_chromium || echo "chromium could not be fetched" >&2
    fi
    missing=$(packages_missing)
    [ -n "$missing" ] || exit 0
fi

echo "Not here, and so not tested: what these Debian packages hold, or what corresponds to them here: $missing" >&2
echo "To have it: sudo apt-get install --no-install-recommends $missing" >&2
[ -z "${CI:-}" ]
