//go:build !unix

package main

import (
	"errors"
	"os"
)

func askToCount(*os.Process) error {
	return errors.New("a daemon is only measured where there are signals")
}

func peak(any) int64 { return 0 }

func ownPeak() int64 { return 0 }
