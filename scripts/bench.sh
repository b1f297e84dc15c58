#!/bin/sh
# Runs the benchmarks. Arguments go to go test: scripts/bench.sh -bench Diff ./sync/...
set -eu
. "$(dirname "$0")/need.sh"
need_postgres
[ $# -gt 0 ] || set -- -bench . ./...
CGO_ENABLED=0 exec go run ./tools/withpostgres go test -run '^$' -benchmem "$@"
