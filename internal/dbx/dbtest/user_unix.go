//go:build unix

package dbtest

import (
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// nobody is the user of no rights on every unix we know.
const nobody = 65534

// credential is the user as which PostgreSQL runs; nil: our own.
type credential struct{ cred *syscall.Credential }

// unprivileged picks a user for PostgreSQL, which refuses to run as root.
func unprivileged() credential {
	if os.Geteuid() != 0 {
		return credential{}
	}
	uid, gid := uint32(nobody), uint32(nobody)
	if u, err := user.Lookup("postgres"); err == nil {
		uid, gid = number(u.Uid, uid), number(u.Gid, gid)
	}
	return credential{&syscall.Credential{Uid: uid, Gid: gid}}
}

func number(s string, otherwise uint32) uint32 {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return otherwise
	}
	return uint32(n)
}

func (c credential) own(dir string) error {
	if c.cred == nil {
		return nil
	}
	return os.Chown(dir, int(c.cred.Uid), int(c.cred.Gid))
}

func (c credential) become(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.cred}
}

// detach lets cmd outlive an interrupt typed at our terminal.
func (c credential) detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.cred, Setsid: true}
}
