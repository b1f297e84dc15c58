#!/bin/sh
# Runs every test on SQLite and on a throw-away PostgreSQL, with the race detector and
# in random order. Arguments go to go test: scripts/test.sh -run Undo ./sync/...
set -eu
. "$(dirname "$0")/need.sh"
need_gcc
need_postgres

[ $# -gt 0 ] || set -- ./...
export CGO_ENABLED=1
# A program with the race detector sleeps for a second before it ends, and the script
# tests start hundreds. Tests that wait, for a lock or a lost database, leave the cores free.
export GORACE="${GORACE:-atexit_sleep_ms=20}"
# The engine of SQLite and the C library below it, translated from C, are watched over by
# their own tests and most of all work; the Go driver, and all that is ours, stays under the
# detector, which still sees their locks: those are Go's.
for p in sqlite/lib libc/... memory; do set -- "-gcflags=modernc.org/$p=-race=false" "$@"; done
exec go run ./tools/withpostgres go test -race -shuffle=on -timeout 40m -parallel 4 "$@"
