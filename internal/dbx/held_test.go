//go:build unix

package dbx_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// heldEnv names a database: this binary, as another process, says whether it is held.
const heldEnv = "DBX_HELD"

func TestMain(m *testing.M) {
	if path := os.Getenv(heldEnv); path != "" {
		_, _ = os.Stdout.WriteString(held(path)) // who asked sees what is missing
		return
	}
	m.Run()
}

// held says whether another process has the lock by which SQLite knows that a database is
// in use (sqlite.org, "File Format", section 1.2.9: the shared range).
func held(path string) string {
	const pending = 0x40000000
	f, err := os.Open(path) //nolint:gosec // the test's own
	if err != nil {
		return err.Error()
	}
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Start: pending + 2, Len: 510}
	if err := syscall.FcntlFlock(f.Fd(), syscall.F_GETLK, &lock); err != nil {
		return err.Error()
	}
	if lock.Type == syscall.F_UNLCK {
		return "free"
	}
	return "held"
}

// TestStaysHeld opens a database twice, as a daemon does for its journal and its queue. Were
// it free then, a sqlite3 of the system that looked into it would take its log away when it
// ends: all that is written after that would be lost.
func TestStaysHeld(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	open(t, "sqlite:"+path).MustExec("CREATE TABLE t (a)")
	open(t, "sqlite:"+path)
	other := exec.CommandContext(t.Context(), os.Args[0]) //nolint:gosec // this binary
	other.Env = append(os.Environ(), heldEnv+"="+path)
	if out, err := other.CombinedOutput(); err != nil || string(out) != "held" {
		t.Errorf("a database that is open twice is %q to another process (%v), want held", out, err)
	}
}
