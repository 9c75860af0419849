#!/usr/bin/env bash
# Installs the programs the oracles compare with; refuses where that is not possible.
set -euo pipefail
list="$(dirname "$0")/packages.txt"

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "the oracles install Debian packages: run this as root on Debian or Ubuntu" >&2
    exit 2
fi

missing=()
while read -r name _; do
    case "$name" in '' | '#'*) continue ;; esac
    command -v "$name" >/dev/null && continue
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
done <"$list"
[ "${#missing[@]}" -gt 0 ] || exit 0

echo "installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
