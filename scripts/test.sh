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
# The engine of SQLite, translated from C, is watched over by its own tests and half of all
# work; its Go driver, and all that is ours, stays under the detector.
exec go run ./tools/withpostgres go test -race -gcflags=modernc.org/sqlite/lib=-race=false -shuffle=on -timeout 40m -parallel 4 "$@"
