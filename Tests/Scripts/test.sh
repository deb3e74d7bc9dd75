#!/bin/sh
# test.sh [--filter NAME]: runs the tests that were built.
#
# Without a filter all run, in two processes side by side: tests of whole programs mostly wait, the
# others mostly compute. Shows the first while they run, the others after them; each process ends
# with the test runner's own summary. What failed in either is said once more, last.
set -u
runner=.build/debug/accordPackageTests.xctest
test -e "$runner" || { echo "test.sh: build the tests first: make test" >&2; exit 1; }
test $# = 0 || exec "$runner" --testing-library swift-testing --no-parallel "$@"
said=$(mktemp -d)
trap 'rm -rf "$said"' EXIT
trap 'kill "$whole" "$rest" 2> /dev/null; exit 130' INT TERM
"$runner" --testing-library swift-testing --no-parallel --filter '^ProgramTests' > "$said/programs" 2>&1 &
whole=$!
"$runner" --testing-library swift-testing --no-parallel --skip '^ProgramTests' > "$said/others" 2>&1 &
rest=$!
tail -n +1 -f --pid="$whole" "$said/programs"
wait "$whole"
programs=$?
wait "$rest"
others=$?
cat "$said/others"
test "$((programs | others))" = 0 && exit
{
  echo
  echo "test.sh: failed (tests of whole programs: exit $programs, the others: exit $others):"
  grep -a -h -A 4 '^✘' "$said/programs" "$said/others" | head -c 20000
  # A process that died says no more than its last lines.
  for process in programs others; do
    tail -n 1 "$said/$process" | grep -a -q '^[✔✘] Test run' || { echo "$process ended with:"; tail -n 15 "$said/$process"; }
  done
} >&2
exit 1
