package journal

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// HolderName names this process and this opening of it: machine, process id and a
// mark that no other has.
func HolderName() string {
	return machine() + " " + strconv.Itoa(os.Getpid()) + " " + rand.Text()[:8]
}

// DeadHere reports that holder, a HolderName, ran on this machine and no longer
// does. Of another machine, or when in doubt, it says no: there the lease decides.
// A holder with this process's own id counts as alive.
func DeadHere(holder string) bool {
	name, rest, ok := strings.Cut(holder, " ")
	pid, _, ok2 := strings.Cut(rest, " ")
	n, err := strconv.Atoi(pid)
	if !ok || !ok2 || err != nil || n <= 0 || n == os.Getpid() || name != machine() {
		return false
	}
	p, err := os.FindProcess(n)
	if err != nil {
		return true
	}
	err = p.Signal(syscall.Signal(0))
	return errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH)
}

// machine names this host as far as process ids mean anything in it: host, boot
// and, in containers, the namespace of processes.
func machine() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id") // Linux only; elsewhere the host's name must do
	space, _ := os.Readlink("/proc/self/ns/pid")
	if len(boot) == 0 && space == "" {
		return host
	}
	sum := sha256.Sum256([]byte(string(boot) + space))
	return host + "/" + hex.EncodeToString(sum[:4])
}
