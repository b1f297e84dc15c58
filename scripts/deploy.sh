#!/bin/sh
# Checks deploy/: the systemd unit, the Prometheus rules and their tests, the Compose file
# and the Kubernetes manifests. Says all that is wrong, not only the first.
#
# promtool is that of Debian's release; the other tools are built once, at pinned versions,
# from modules whose SHA-256 the Go checksum database knows.
set -u
. "$(dirname "$0")/need.sh"
bad=0
wrong() {
	echo "deploy: $*" >&2
	bad=1
}
tools=$(go env GOPATH | cut -d: -f1)/desksync-tools

# built NAME VERSION PACKAGE PROGRAM: go install, unless it is there.
built() {
	[ -x "$tools/$1-$2/$4" ] && return
	echo "installing $1 $2 into $tools (once; some minutes)" >&2
	GOBIN=$tools/$1-$2 GOFLAGS='' CGO_ENABLED=0 go install "$3@$2"
}

# promtool: Debian's, unpacked and not installed, since the package would start a server;
# elsewhere whatever is in PATH.
promtool=$(command -v promtool) || promtool=$tools/promtool-debian/usr/bin/promtool
get_promtool() (
	[ -x "$promtool" ] && return
	have apt-get && have dpkg-deb || {
		echo "deploy: promtool is missing; install Prometheus (brew install prometheus)" >&2
		return 1
	}
	echo "unpacking promtool of Debian's package prometheus into $tools (once)" >&2
	dir=$(mktemp -d) || return
	trap 'rm -rf "$dir"' EXIT
	chmod 755 "$dir" && cd "$dir" || return
	apt-get -q download prometheus >&2 || { as_root apt-get -q update >&2 && apt-get -q download prometheus >&2; } || return
	mkdir -p "$tools/promtool-debian" && dpkg-deb -x prometheus_*.deb "$dir/out" && mkdir -p "$(dirname "$promtool")" && cp "$dir/out/usr/bin/promtool" "$promtool"
)

# systemd: what it makes of the unit, and how much the unit leaves open, from 0 to 100.
check_unit() (
	dir=$(mktemp -d) || return
	trap 'rm -rf "$dir"' EXIT
	# the program need not be installed for its unit to be right
	sed 's|^ExecStart=/usr/bin/desksync |ExecStart=/bin/true |' deploy/desksync.service >"$dir/desksync.service"
	said=$(systemd-analyze verify "$dir/desksync.service" 2>&1) && [ -z "$said" ] || {
		echo "$said" >&2
		return 1
	}
	systemd-analyze security --offline=true --no-pager --threshold=15 "$dir/desksync.service" >"$dir/said" || {
		tail -n 1 "$dir/said" >&2
		return 1
	}
)
if have systemd-analyze || have apt-get; then
	have systemd-analyze || install systemd-analyze systemd ""
	check_unit || wrong "deploy/desksync.service is not right"
elif [ -n "${CI:-}" ]; then
	wrong "systemd-analyze is missing, and cannot be installed with apt"
else
	echo "deploy: NOT CHECKED: deploy/desksync.service; only Linux has systemd-analyze" >&2
fi

if get_promtool; then
	"$promtool" check config deploy/prometheus/prometheus.yml >/dev/null || wrong "deploy/prometheus/prometheus.yml is not right"
	"$promtool" check rules --lint=all --lint-fatal deploy/prometheus/rules.yaml >/dev/null || wrong "deploy/prometheus/rules.yaml is not right"
	said=$("$promtool" test rules deploy/prometheus/rules_test.yaml 2>&1) || wrong "the tests of deploy/prometheus/rules.yaml fail:
$said"
	for alert in $(sed -n 's/^ *- alert: //p' deploy/prometheus/rules.yaml); do
		grep -q "alertname: $alert\$" deploy/prometheus/rules_test.yaml || wrong "no test sees the alert $alert fire"
	done
else
	wrong "promtool cannot be had"
fi

compose=v2.9.0
if built compose-go $compose github.com/compose-spec/compose-go/v2/cmd cmd; then
	# it ends with 0 whatever it finds
	said=$(cd deploy && "$tools/compose-go-$compose/cmd" compose.yaml 2>&1 >/dev/null) && [ -z "$said" ] || wrong "deploy/compose.yaml is not right: $said"
else
	wrong "compose-go $compose cannot be built"
fi

kubernetes=1.30 # the newest that the tool has schemas of
validate=v0.0.4
if built kubectl-validate $validate sigs.k8s.io/kubectl-validate kubectl-validate; then
	said=$(KUBECONFIG=/dev/null "$tools/kubectl-validate-$validate/kubectl-validate" --version $kubernetes deploy/kubernetes 2>&1) || wrong "the manifests are not right:
$said"
else
	wrong "kubectl-validate $validate cannot be built"
fi

exit $bad
