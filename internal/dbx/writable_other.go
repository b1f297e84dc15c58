//go:build !unix

package dbx

import "os"

// writable reports what keeps this user from writing a file.
func writable(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return f.Close()
}
