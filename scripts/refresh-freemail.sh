#!/bin/sh
# Refreshes helpdesk/domains/freemail.txt: the free-mail providers that no
# organization may claim as its domain.
#
#   sh scripts/refresh-freemail.sh
#
# The names come from one pinned release of an npm package and from
# helpdesk/domains/freemail-extra.txt (kept by hand). Needs npm, openssl and the
# registry; runs nothing of what it fetches. To move to another release, change
# `version` and `digest` together, then read the difference: later releases
# (1.9 and up) mix in throw-away and hijacked names that read like companies.
set -eu
export LC_ALL=C

package=free-email-domains
version=1.2.26
digest='sha512-HHk4Fp8ts63MDIpnd3LCbfUNAqj6Ea9kjXWUv15zbmEZRR7f7TtBLUvK56ZtyjR6voCdZ1xG1DNIme7yUl9vww=='

here=$(cd "$(dirname "$0")/.." && pwd)
list=$here/helpdesk/domains/freemail.txt
extra=$here/helpdesk/domains/freemail-extra.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
	echo "refresh-freemail: $*" >&2
	exit 1
}

(cd "$work" && npm pack --ignore-scripts --silent "$package@$version" >/dev/null) ||
	fail "npm could not fetch $package@$version; check the network and the npm registry, then run this again"
archive=$work/$package-$version.tgz
got=sha512-$(openssl dgst -sha512 -binary "$archive" | openssl base64 -A)
[ "$got" = "$digest" ] ||
	fail "$package@$version has the digest $got, not the one pinned in this script; find out why before using it"
tar -xzf "$archive" -C "$work"

# names prints the domain names of a JSON list or of a plain list, one on a line.
names() {
	sed 's/#.*//' "$@" | tr ',"[] \t' '\n' | tr 'A-Z' 'a-z' |
		grep -E '^[a-z0-9-]+(\.[a-z0-9-]+)+$'
}

names "$work/package/domains.json" "$extra" | sort -u >"$work/names"
count=$(wc -l <"$work/names" | tr -d ' ')
[ "$count" -ge 3000 ] || fail "only $count names came out of $package@$version; at least 3000 were expected, the list was left as it was"

{
	echo "# Free-mail providers: domains at which anybody gets a mailbox."
	echo "#"
	echo "# Origin:  npm package $package $version (https://github.com/Kikobeats/free-email-domains), and freemail-extra.txt"
	echo "# Licence: MIT, below"
	echo "# Command: sh scripts/refresh-freemail.sh"
	echo "# Date:    $(date -u +%Y-%m-%d)"
	echo "# Names:   $count"
	echo "#"
	sed 's/[[:space:]]*$//; s/^/# /; s/^# $/#/' "$work/package/LICENSE.md"
	echo "#"
	cat "$work/names"
} >"$work/list"
mv "$work/list" "$list"
echo "$list: $count names"
