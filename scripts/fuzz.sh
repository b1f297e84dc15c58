#!/bin/sh
# Runs every fuzz function for a number of inputs (default 100000), not for a time:
#   scripts/fuzz.sh [COUNT] [PACKAGE...]
set -eu
. "$(dirname "$0")/need.sh"
count=${1:-100000}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- ./...
export CGO_ENABLED=0

dirs=$(go list -f '{{.Dir}}' "$@") # not ImportPath: a folder may hold only tests
for dir in $dirs; do
	sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$dir"/*_test.go 2>/dev/null | while read -r name; do
		echo "$name ${dir#"$PWD"/}"
		go test -run '^$' -fuzz "^$name\$" -fuzztime "${count}x" "$dir"
	done
done
