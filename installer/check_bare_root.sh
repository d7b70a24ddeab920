#!/usr/bin/env bash
# Proves the two commands of README.md in a bare Debian 12 that holds python3, python3-venv and certificates only.
#
#   installer/check_bare_root.sh make    build such a root with debootstrap and keep it as $BARE_TAR
#   installer/check_bare_root.sh run     unpack it, put a clone of this checkout in, run both commands, say the times
#
# Needs root. Everything about this machine comes from outside: the mirror from apt's own settings (or $BARE_MIRROR),
# package index and certificates from the PIP_* and SSL_* variables, further folders to show inside from $BARE_BINDS.
set -euo pipefail

BARE_TAR=${BARE_TAR:-/var/tmp/bare.tar}
BARE_ROOT=${BARE_ROOT:-/var/tmp/bare}
here=$(cd "$(dirname "$0")/.." && pwd)

make() {
    local mirror=${BARE_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)}
    rm -rf "$BARE_ROOT"
    debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates bookworm "$BARE_ROOT" "$mirror"
    rm -rf "$BARE_ROOT"/var/cache/apt/archives/*.deb
    tar -C "$BARE_ROOT" -cf "$BARE_TAR" .
}

unmount() {
    local place
    for place in "${mounted[@]}"; do umount "$place"; done
}

inside() {  # inside WORDS...: run them in the root, in the clone, with nothing of this machine but the settings named above
    local settings
    mapfile -t settings < <(env | grep -E '^(PIP|SSL|UV|http|https|no)_[A-Za-z_]+=' || true)
    chroot "$BARE_ROOT" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "${settings[@]}" \
        /bin/sh -c 'cd /srv/shop && exec "$@"' sh "$@"
}

run() {
    rm -rf "$BARE_ROOT"
    mkdir -p "$BARE_ROOT"
    tar -C "$BARE_ROOT" -xf "$BARE_TAR"
    git clone -q --no-hardlinks "$here" "$BARE_ROOT/srv/shop"
    cp /etc/resolv.conf /etc/hosts "$BARE_ROOT/etc/"
    cp -r /etc/apt/apt.conf.d/. "$BARE_ROOT/etc/apt/apt.conf.d/"
    mounted=()
    trap unmount EXIT
    local place
    for place in /proc /dev /etc/ssl/certs /usr/share/ca-certificates /usr/local/share/ca-certificates ${BARE_BINDS:-}; do
        [ -e "$place" ] || continue
        mkdir -p "$BARE_ROOT$place"
        mount --bind "$place" "$BARE_ROOT$place"
        mounted=("$BARE_ROOT$place" "${mounted[@]}")
    done
    local start=$SECONDS
    inside python3 main.py
    echo "== python3 main.py: $((SECONDS - start)) s"
    inside find . -path ./.venv -prune -o -newer LICENSE \( -name '*.png' -o -name '*.xlsx' \) -print
    start=$SECONDS
    inside python3 -m tests
    echo "== python3 -m tests: $((SECONDS - start)) s"
}

"$1"
