#!/bin/sh
# Holds the sandboxes against clients this project did not write: jsforce and node-zendesk,
# pinned in sandbox/*/conformance/package-lock.json.
set -eu
. "$(dirname "$0")/need.sh"

have node || install Node.js nodejs "brew install node"
have npm || install npm npm "brew install node"
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ] || die "Node.js is $(node --version); jsforce and node-zendesk want 18 or newer"

for dir in sandbox/*/conformance; do
	cmp -s "$dir/package-lock.json" "$dir/node_modules/.installed" && continue
	npm ci --prefix "$dir" --ignore-scripts --no-audit --no-fund >&2
	echo "module node_modules // keeps go ./... out" >"$dir/node_modules/go.mod"
	cp "$dir/package-lock.json" "$dir/node_modules/.installed"
done
CGO_ENABLED=0 exec go test -count=1 -tags conformance ./sandbox/*/conformance
