#!/usr/bin/env bash
# Kills a node and a member's commands with SIGKILL, again and again, at random moments under
# load, and then checks that nothing that was ever shown as recorded is missing or there twice.
#
#   Tests/Scripts/soak.sh [ROUNDS] [SEED]
#
# BIN names the folder of accord and accord-node (default: .build/debug of this package).
# KEEP=1 keeps the folder with ledger, home and logs. Needs python3 (standard library only).
set -u
rounds=${1:-200}
RANDOM=${2:-1}
package=$(cd "$(dirname "$0")/../.." && pwd)
bin=${BIN:-$package/.build/debug}
accord=$bin/accord
node=$bin/accord-node
for program in "$accord" "$node"; do
    [ -x "$program" ] || { echo "soak: $program is missing: build the package first" >&2; exit 2; }
done
world=$(mktemp -d)
data=$world/node
export ACCORD_HOME=$world/home
unset XDG_CONFIG_HOME XDG_STATE_HOME XDG_DATA_HOME
node_pid=
worker_pids=
listen=127.0.0.1:0

fail() {
    echo "soak: $*" >&2
    echo "soak: what happened is in $world" >&2
    KEEP=1
    exit 1
}

finish() {
    touch "$world/stop"
    for pid in $worker_pids; do wait "$pid" 2>/dev/null; done
    [ -n "$node_pid" ] && kill "$node_pid" 2>/dev/null && wait "$node_pid" 2>/dev/null
    [ -n "${KEEP:-}" ] || rm -rf "$world"
}
trap finish EXIT

start_node() {
    : >"$world/listening"
    "$node" serve --data "$data" --listen "$listen" >"$world/listening" 2>>"$world/node.log" &
    node_pid=$!
    for _ in $(seq 600); do
        grep -q '^listening on ' "$world/listening" && break
        kill -0 "$node_pid" 2>/dev/null || fail "the node does not start again"
        sleep 0.05
    done
    address=$(sed -n 's/^listening on //p' "$world/listening")
    [ -n "$address" ] || fail "the node does not listen"
    listen=${address#http://}
}

# A random pause of $1 to $2 milliseconds.
pause() {
    local milliseconds=$(($1 + RANDOM % ($2 - $1)))
    sleep "$(printf '%d.%03d' $((milliseconds / 1000)) $((milliseconds % 1000)))"
}

# One command after the other for one project, until told to stop; what they print is kept.
worker() {
    local number=$1 project=soak-$1
    while [ ! -e "$world/stop" ]; do
        for words in "signup $project" "grant $project --kinds wearable --until 2027-12-31" \
            "revoke $project" "sync" "leave $project"; do
            [ -e "$world/stop" ] && break
            # shellcheck disable=SC2086
            "$accord" $words --json </dev/null >>"$world/printed.$number" \
                2>>"$world/client.$number.log" &
            echo $! >"$world/client.$number.pid"
            wait $! 2>/dev/null
            # What a killed command printed ends without a newline.
            echo >>"$world/printed.$number"
        done
    done
}

"$node" init --data "$data" --origin soak.accord.example/ledger >/dev/null || fail "no ledger"
start_node
study=$world/study
"$accord" study keys --home "$study" --out "$world/keys.json" </dev/null >/dev/null ||
    fail "no keys for the study team"
"$node" admit --data "$data" --keys "$world/keys.json" --name-en "Soak study" >/dev/null ||
    fail "the study team was not admitted"
python3 - "$world/projects.json" <<'PYTHON'
import json, sys
projects = [{
    "project": f"soak-{number}", "programme": "staff-plan", "title": {"en": f"Soak {number}"},
    "why": {"en": "To find out what a kill loses."}, "kinds": [["wearable", True]],
    "purposes": ["HMB"], "collect_from": "2020-01-01", "collect_until": "2027-12-31",
    "use_until": "2028-12-31", "erase_at": "2029-06-30"} for number in (1, 2)]
json.dump(projects, open(sys.argv[1], "w"))
PYTHON
"$accord" study publish "$world/projects.json" --home "$study" --node "$address" \
    </dev/null >/dev/null || fail "the projects were not published"
code=$("$node" invite --data "$data") || fail "no invitation"
"$accord" join "$code" --node "$address" </dev/null >/dev/null 2>>"$world/join.log" ||
    fail "the member could not join"

for number in 1 2; do
    worker "$number" &
    worker_pids="$worker_pids $!"
done
node_kills=0
client_kills=0
for _ in $(seq "$rounds"); do
    pause 50 700
    kill -9 "$node_pid" 2>/dev/null && node_kills=$((node_kills + 1))
    wait "$node_pid" 2>/dev/null
    pause 1 300
    start_node
    # A command that just ended has no process to kill: try again a moment later.
    for _ in $(seq 50); do
        pause 10 250
        victim=$(cat "$world/client.$((1 + RANDOM % 2)).pid" 2>/dev/null) || continue
        grep -qs accord "/proc/$victim/comm" && kill -9 "$victim" 2>/dev/null &&
            client_kills=$((client_kills + 1)) && break
    done
done
touch "$world/stop"
for pid in $worker_pids; do wait "$pid" 2>/dev/null; done
worker_pids=
for _ in 1 2 3; do "$accord" sync --json </dev/null >>"$world/printed.1" 2>>"$world/sync.log" && break; done
"$accord" activity --limit 0 --json </dev/null >"$world/activity.json" 2>>"$world/sync.log" ||
    fail "the member's activity cannot be read"
"$node" check --data "$data" >"$world/check.txt" 2>&1 || fail "check: $(cat "$world/check.txt")"
python3 - "$world" "$data/ledger.sqlite" "$node_kills" "$client_kills" <<'PYTHON'
import collections, glob, json, sqlite3, sys

world, ledger, node_kills, client_kills = sys.argv[1:]
database = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)
log = collections.Counter(
    bytes(row[0]).hex() for row in database.execute("SELECT id FROM entry"))
numbers = collections.Counter(database.execute("SELECT device, seq FROM entry"))
recorded = {"accepted", "proven"}

def shown(line):
    return {e["entry"] for e in line.get("entries", []) if e.get("state") in recorded}

printed = set()
for name in glob.glob(f"{world}/printed.*"):
    for line in open(name, errors="replace"):
        try:
            printed |= shown(json.loads(line))
        except (ValueError, AttributeError, KeyError):
            pass  # what a killed command printed of its line
activity = json.load(open(f"{world}/activity.json"))
states = collections.Counter(e["state"] for e in activity["entries"])
here = collections.Counter(e["entry"] for e in activity["entries"] if e["state"] in recorded)
missing = {entry for entry in printed | set(here) if entry not in log}
lost_here = {entry for entry in printed if entry not in here}
twice = [e for e, n in (log + collections.Counter()).items() if n > 1]
twice += [e for e, n in here.items() if n > 1] + [n for n, count in numbers.items() if count > 1]
waiting = sum(states[s] for s in ("queued", "sent"))
print(f"{node_kills} kills of node, {client_kills} of client, "
      f"missing {len(missing) + len(lost_here)}, twice {len(twice)}")
print(f"{len(printed)} entries printed as recorded, {sum(log.values())} on the ledger, "
      f"in the client: {dict(states)}")
for entry in sorted(missing): print(f"missing on the ledger: {entry}")
for entry in sorted(lost_here): print(f"missing in the client: {entry}")
for entry in twice: print(f"twice: {entry}")
if waiting: print(f"{waiting} entries were not decided in the end")
sys.exit(1 if missing or lost_here or twice or waiting or not printed else 0)
PYTHON
result=$?
[ "$result" = 0 ] || KEEP=1
exit "$result"
