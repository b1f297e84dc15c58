package config

import (
	"errors"
	"io/fs"
)

func (f *File) check() {}

// cause returns the innermost reason of a failed file operation: "no such file".
func cause(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err.Error()
	}
	return err.Error()
}
