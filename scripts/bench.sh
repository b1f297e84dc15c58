#!/bin/sh
# Prints every figure that the product promises, with the goal beside it and the
# machine it ran on. Arguments go to the bench: scripts/bench.sh -run map -n 1.
set -eu
. "$(dirname "$0")/need.sh"
need_postgres
[ $# -gt 0 ] || set -- -large
CGO_ENABLED=0 exec go run ./tools/withpostgres go run ./internal/bench "$@"
