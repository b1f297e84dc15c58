package dbx

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/desksync/desksync/internal/fault"
)

// calledBy is what people call the database of a component; Migrate is given its name.
var calledBy = map[string]string{"journal": "a journal", "sqldesk": "a helpdesk store"}

// Belongs refuses a SQLite file that another program or another component made its
// tables in, before anything is written there. A file that is not there yet, or that
// cannot be looked into, is left to Open, which says what is wrong with it; so is
// PostgreSQL, where components share databases.
func Belongs(ctx context.Context, dsn, name string) error {
	path, ok := strings.CutPrefix(dsn, "sqlite:")
	if info, err := os.Stat(path); !ok || err != nil || info.Size() == 0 {
		return nil //nolint:nilerr // Open says it
	}
	tables, err := tablesIn(ctx, path, "mode=ro&_pragma=busy_timeout(5000)")
	if err != nil || len(tables) == 0 {
		return nil //nolint:nilerr // Open says it
	}
	return refuseOthers(tables, path, name, "correct the path in the configuration")
}

// CopyOf refuses a SQLite file that does not hold the tables of a component. The file
// alone is looked into, as a copy of it would be, and nothing is made beside it.
func CopyOf(ctx context.Context, path, name string) error {
	tables, err := tablesIn(ctx, path, "mode=ro&immutable=1")
	if err != nil {
		return (&DB{Name: path}).Fault("dbx.copy", err)
	}
	return refuseOthers(tables, path, name, "name another file")
}

func refuseOthers(tables []string, path, name, remedy string) error {
	if slices.Contains(tables, name+"_version") {
		return nil
	}
	is := "the database of another program"
	for other, called := range calledBy {
		if slices.Contains(tables, other+"_version") {
			is = called
		}
	}
	return fault.New("dbx.open", fault.Invalid, fmt.Errorf("%s is %s, not %s; %s", path, is, calledBy[name], remedy))
}

// tablesIn lists the tables of a SQLite file.
func tablesIn(ctx context.Context, path, options string) (tables []string, err error) {
	db, err := pool(path, options, 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.SelectContext(ctx, &tables, `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`)
	return tables, err
}
