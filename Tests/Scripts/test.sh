#!/bin/sh
# test.sh [--filter NAME]: runs the tests that were built.
#
# Without a filter all run, in two processes side by side: tests of whole programs mostly wait, the
# others mostly compute. Shows the first while they run, the others after them; each process ends
# with the test runner's own summary.
set -u
runner=.build/debug/accordPackageTests.xctest
test -e "$runner" || { echo "test.sh: build the tests first: make test" >&2; exit 1; }
test $# = 0 || exec "$runner" --testing-library swift-testing --no-parallel "$@"
others=$(mktemp)
trap 'rm -f "$others"' EXIT
trap 'kill "$pid" 2> /dev/null; exit 130' INT TERM
"$runner" --testing-library swift-testing --no-parallel --skip '^ProgramTests' > "$others" 2>&1 &
pid=$!
"$runner" --testing-library swift-testing --no-parallel --filter '^ProgramTests'
programs=$?
wait "$pid"
rest=$?
cat "$others"
test "$programs" = 0 || echo "test.sh: tests of whole programs failed, see far above" >&2
exit $((programs | rest))
