package sqldesk

import (
	"errors"
	"fmt"

	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/fault"
)

func unsupported(op, format string, args ...any) error {
	return said(op, fault.Unsupported, format, args...)
}

func denied(op, format string, args ...any) error { return said(op, fault.Denied, format, args...) }

func notFound(op, format string, args ...any) error { return said(op, fault.NotFound, format, args...) }

func unsafe(format string, args ...any) error { return said("apply", fault.Unsafe, format, args...) }

func said(op string, kind fault.Kind, format string, args ...any) error {
	return &fault.Error{Op: "sqldesk." + op, Kind: kind, Err: fmt.Errorf(format, args...)}
}

func errReadOnly(op string) error {
	return denied(op, "this store was opened for reading only; nothing was written")
}

// errNothing rolls a transaction back that had nothing to write.
var errNothing = errors.New("nothing to write")

// isRefusal reports whether err is about what was asked, and not about the database.
func isRefusal(err error) bool {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.NotFound, fault.Unsupported:
		f, _ := errors.AsType[*fault.Error](err)
		_, inDatabase := errors.AsType[*dbx.Error](err)
		return f != nil && !inDatabase
	}
	return false
}
