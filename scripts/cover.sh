#!/bin/sh
# Prints the share of statements that tests run, per package and in all, and writes
# cover.out for `go tool cover -html=cover.out`.
set -eu
. "$(dirname "$0")/need.sh"
need_postgres
CGO_ENABLED=0 go run ./tools/withpostgres go test -coverpkg=./... -coverprofile=cover.out ./... >/dev/null
go tool cover -func=cover.out | tail -n 1
