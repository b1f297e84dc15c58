//go:build unix

package dbx

import (
	"os"
	"syscall"
)

// writable reports what keeps this user from writing a file, without opening it.
func writable(path string) error {
	const toWrite = 2 // W_OK of access(2)
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		err = syscall.EISDIR
	}
	if err == nil {
		err = syscall.Access(path, toWrite)
	}
	return err
}
