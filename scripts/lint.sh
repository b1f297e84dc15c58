#!/bin/sh
# Lints everything, and sees the linter fail on one planted offence per rule.
# `scripts/lint.sh fmt` formats instead; other arguments go to golangci-lint run.
set -eu
. "$(dirname "$0")/need.sh"

version=v2.15.0
# apart from go.mod, and shared by all clones of this user
dir=$(go env GOPATH | cut -d: -f1)/desksync-tools/golangci-lint-$version
lint=$dir/golangci-lint
if [ ! -x "$lint" ]; then
	echo "installing golangci-lint $version into $dir (once; some minutes)" >&2
	GOBIN=$dir GOFLAGS= CGO_ENABLED=0 go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$version"
fi

export CGO_ENABLED=0 # as the product is built
case ${1:-} in
fmt) exec "$lint" fmt ./... ;;
"") "$lint" run ./... && exec go run ./tools/lintcheck "$lint" ;;
*) exec "$lint" run "$@" ;;
esac
