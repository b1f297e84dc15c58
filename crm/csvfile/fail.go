package csvfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
)

// lineError is a fault at a place in a file; the scanner knows no path.
type lineError struct {
	line, column int // column 0: the whole line
	msg          string
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.msg) }

// at puts the path before an error: path:line:column: what.
func at(path string, err error) error {
	e, ok := errors.AsType[*lineError](err)
	switch {
	case !ok:
		return fmt.Errorf("%s %w", path, err)
	case e.column == 0:
		return fmt.Errorf("%s:%d: %s", path, e.line, e.msg)
	default:
		return fmt.Errorf("%s:%d:%d: %s", path, e.line, e.column, e.msg)
	}
}

// wrap gives an error its kind; most of what can go wrong is the file's fault.
func wrap(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	kind := fault.Invalid
	switch _, disk := errors.AsType[*fs.PathError](err); {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, fs.ErrPermission):
		kind = fault.Denied
	case disk:
		kind = fault.Unavailable
	}
	return fault.New("csvfile.read", kind, err)
}

// rows writes a number of rows: 1 row, 11,204 rows.
func rows(n int) string {
	if n == 1 {
		return "1 row"
	}
	return crm.Count(n) + " rows"
}
