# Sourced by the other scripts: finds what they need, or installs it with apt as root
# or through sudo, or says in one line what to install.
# shellcheck shell=sh

cd "$(dirname "$0")/.." || exit 1
# a clone owned by another user has no version to stamp, and builds all the same
git status >/dev/null 2>&1 || export GOFLAGS="${GOFLAGS:-} -buildvcs=false"

die() {
	echo "$(basename "$0"): $*" >&2
	exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# as_root COMMAND... runs it as root, and fails where we may not.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif have sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
		sudo "$@"
	else
		return 1
	fi
}

# install WHAT PACKAGE BREW: apt installs PACKAGE; elsewhere a person has to.
install() {
	if have apt-get; then
		echo "installing $1 (apt package $2)" >&2
		apt_get "$2" && return
		die "$1 is missing and could not be installed; run as root: apt-get install $2"
	fi
	have brew && die "$1 is missing; run: $3"
	die "$1 is missing; install it with your package manager (Debian: apt-get install $2)"
}

apt_get() {
	set -- env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 -yq --no-install-recommends install "$1"
	as_root "$@" >&2 || { as_root apt-get -q update >&2 && as_root "$@" >&2; }
}

need_make() { have make || install make make "xcode-select --install"; }

# The race detector needs a C compiler; desksync itself does not.
need_gcc() {
	have "$(go env CC)" || install "a C compiler" gcc "xcode-select --install"
	if have apt-get && [ ! -e /usr/include/stdlib.h ]; then install "the C library's headers" libc6-dev ""; fi
}

# The same places as internal/dbx/dbtest.
have_postgres() {
	have initdb && return
	for f in /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb \
		/opt/homebrew/opt/postgresql@*/bin/initdb /usr/local/opt/postgresql@*/bin/initdb; do
		[ -x "$f" ] && return
	done
	return 1
}

# Debian's package starts a server of its own when installed; ours is thrown away, so
# it is told not to, this once.
need_postgres() {
	if [ -n "${DESKSYNC_TEST_POSTGRES_DSN:-}" ] || have_postgres; then return; fi
	conf=/etc/postgresql-common/createcluster.d/desksync.conf
	if have apt-get && as_root mkdir -p "${conf%/*}"; then
		echo "create_main_cluster = false" | as_root tee $conf >/dev/null
	fi
	failed=0
	(install PostgreSQL postgresql "brew install postgresql@17") || failed=1 # it has said why
	[ ! -e $conf ] || as_root rm -f $conf
	[ $failed = 0 ] || exit 1
	have_postgres || die "PostgreSQL is installed, but its initdb was not found; put its folder into PATH"
}
