#!/bin/sh
# Verifies what review forgets: go.mod is tidy, generated files are up to date, and
# changelog entries are well-formed. Says all that is wrong, not only the first.
set -u
. "$(dirname "$0")/need.sh"
bad=0
wrong() {
	echo "verify: $*" >&2
	bad=1
}

go mod tidy -diff || wrong "go.mod is not tidy; run: go mod tidy"
go run ./tools/changelog check || wrong "changelog entries are not well-formed; see changelog/README.md"
scripts/deploy.sh || wrong "what is in deploy/ is not right"

# Whatever //go:generate makes is made again in a copy and compared.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -co --exclude-standard | while read -r f; do [ -e "$f" ] && echo "$f"; done | tar cf - -T - | tar xf - -C "$copy"
stale=$(cd "$copy" && git init -q && git add -A && GOFLAGS=-buildvcs=false go generate ./... >&2 && git diff --name-only && git ls-files --others --exclude-standard) || wrong "go generate does not run"
[ -z "$stale" ] || wrong "generated files are not up to date; run: make docs
$stale"

exit $bad
