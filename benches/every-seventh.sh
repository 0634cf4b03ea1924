#!/usr/bin/env bash
# Lets 200 guests return while every seventh answer is an error, and counts the guests who get a key.
# Usage: benches/every-seventh.sh [path to roomkey]
set -euo pipefail
roomkey="${1:-target/release/roomkey}"
home="$(mktemp -d)"
server=
trap 'kill "$server" 2>/dev/null || true; rm -rf "$home"' EXIT
for kind in 429 503-before 503-after; do
    export ROOMKEY_HOME="$home/$kind"
    mkdir -p "$ROOMKEY_HOME"
    : >"$ROOMKEY_HOME/env" # the loop below reads it
    env -u SEAM_ENDPOINT "$roomkey" sandbox serve --sync 20 >"$ROOMKEY_HOME/env" 2>/dev/null &
    server=$!
    until [ "$(wc -l <"$ROOMKEY_HOME/env")" -eq 2 ]; do
        kill -0 "$server" || exit 1
    done
    # shellcheck disable=SC1091
    . "$ROOMKEY_HOME/env"
    curl -sf -o "$ROOMKEY_HOME/ordered" -H "authorization: Bearer $SEAM_API_KEY" -H 'content-type: application/json' \
        -d "{\"path\":\"*\",\"kind\":\"$kind\",\"every\":7,\"count\":1000000}" "$SEAM_ENDPOINT/_sandbox/faults"
    good=0
    for number in $(seq 200); do
        room=$((101 + number % 9))
        if "$roomkey" return-guest --guest jane@example.com --room "$room" --nights 2 --yes --settle 0.3 \
            >/dev/null 2>>"$ROOMKEY_HOME/errors"; then
            good=$((good + 1))
        fi
    done
    echo "$kind every 7th answer: $good of 200"
    kill "$server"
    wait "$server" 2>/dev/null || true
done
