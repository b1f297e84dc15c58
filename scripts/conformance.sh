#!/bin/sh
# Holds the sandboxes against clients this project did not write: jsforce, pinned in
# sandbox/salesforce/conformance/package-lock.json.
set -eu
. "$(dirname "$0")/need.sh"

have node || install Node.js nodejs "brew install node"
have npm || install npm npm "brew install node"
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ] || die "Node.js is $(node --version); jsforce wants 18 or newer"

dir=sandbox/salesforce/conformance
if ! cmp -s $dir/package-lock.json $dir/node_modules/.installed; then
	npm ci --prefix $dir --ignore-scripts --no-audit --no-fund >&2
	echo "module node_modules // keeps go ./... out" >$dir/node_modules/go.mod
	cp $dir/package-lock.json $dir/node_modules/.installed
fi
CGO_ENABLED=0 exec go test -count=1 -tags conformance ./$dir/...
