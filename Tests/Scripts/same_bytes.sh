#!/usr/bin/env bash
# Plays tapes again and again: every recording and picture has to be the same to the byte.
#
#   Tests/Scripts/same_bytes.sh [PLAYS] [PLAYS-WITH-NODE]
#
# BIN names the folder of accord and accord-node (default: .build/debug of this package).
set -eu
plays=${1:-1000}
with_node=${2:-20}
package=$(cd "$(dirname "$0")/../.." && pwd)
bin=${BIN:-$package/.build/debug}
[ -x "$bin/accord" ] || { echo "same_bytes: build the package first" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Plays a tape so many times; the files it writes are in the folder it is played in.
compare() {
    local name=$1 count=$2 first= sum
    for round in $(seq 1 "$count"); do
        rm -f "$folder"/out.*
        "$bin/accord" play "$folder/$name.tape" > "$folder/said" 2>&1 || { cat "$folder/said"; exit 1; }
        sum=$(cat "$folder"/out.* | sha256sum)
        first=${first:-$sum}
        [ "$sum" = "$first" ] || { echo "same_bytes: $name differs in play $round" >&2; exit 1; }
    done
    echo "$name: $count plays wrote the same bytes"
}

outputs="Output out.cast
Output out.svg
Output out.txt
Output out.json"

cat > "$folder/welcome.tape" <<TAPE
$outputs
Seed 3
Down
Enter
Type "HELLO 睡眠"
Tab
Type "http://x"
Resize 60x20
Escape
Type "L"
Type "?"
TAPE

cat > "$folder/member.tape" <<TAPE
$outputs
Seed 7
Clock 2026-11-22T09:00:00Z
Node demo
Wait+Screen /verified/
Type "2"
Type "/sleep"
Enter
Type "s"
Enter
Type "1"
Resize 100x30
Node Kill
Type "2"
Type "s"
Enter
Wait+Screen@30s /no connection/
Type "6"
TAPE

compare welcome "$plays"
compare member "$with_node"
