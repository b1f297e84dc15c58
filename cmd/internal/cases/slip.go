package cases

import (
	"slices"
	"strings"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/config/casefile"
	"github.com/desksync/desksync/internal/near"
)

// slips are the columns of rows that no rule reads, where they look like one that a rule
// does read and the row leaves out. A row may say more than the rules ask; a case that
// says something else than its author meant must not pass.
func (x *export) slips() error {
	var out config.Problems
	for role, rows := range x.rows() {
		columns, plain := x.columns(role), x.plain(role)
		for i, row := range rows {
			known, missing := names(columns, plain, row)
			for name := range row.Values.All() {
				if meant := near.Name(name, missing); meant != "" && !known[strings.ToLower(name)] {
					out = append(out, x.c.AnnotateKey(rowPath(role, i)+"."+name, "no rule reads "+name+near.Meant(name, missing), ""))
				}
			}
		}
	}
	return out.Err()
}

// names are all that a row may call its columns, in small letters, and those of columns
// that it leaves out.
func names(columns []string, plain map[string][]string, row casefile.Row) (known map[string]bool, missing []string) {
	known = map[string]bool{}
	for _, column := range columns {
		all := append([]string{column}, plain[column]...)
		for _, name := range all {
			known[strings.ToLower(name)] = true
		}
		if _, given := factOf(row, all); !given {
			missing = append(missing, all...)
		}
	}
	slices.Sort(missing)
	return known, missing
}
