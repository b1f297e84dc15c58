package cases

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/desksync/desksync/cmd/internal/wire"
	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/config/casefile"
	"github.com/desksync/desksync/config/strict"
	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/crm/csvfile"
)

// export is the CRM of a case. Its rows are written as an export and read as
// every export is, so that ids, dates, numbers and doubles mean what they mean there.
type export struct {
	c      *casefile.Case
	w      *wire.Pipeline
	source *config.Source
	dir    string
	reads  map[crm.Role][]string // the columns that rules read
}

// exportFiles are the files of an export of a case, by role.
var exportFiles = map[crm.Role]string{
	crm.Account: "accounts.csv", crm.Contact: "contacts.csv", crm.Subscription: "subscriptions.csv", crm.Relation: "relations.csv",
	crm.Team: "team.csv",
}

func newExport(w *wire.Pipeline, c *casefile.Case, dir string) (*export, error) {
	source := w.File.Sources.Get(w.Config.From)
	if source == nil {
		return nil, fmt.Errorf("%s has no source %q", w.File.Name(), w.Config.From)
	}
	return &export{c: c, w: w, source: source, dir: dir, reads: w.ColumnNames()}, os.MkdirAll(dir, 0o700)
}

// open writes the export and returns the source that reads it.
func (x *export) open() (crm.Source, error) {
	for role, rows := range x.rows() {
		if (role == crm.Relation || role == crm.Team) && len(rows) == 0 && x.reads[role] == nil {
			continue
		}
		if err := x.write(role, rows); err != nil {
			return nil, err
		}
	}
	opt := wire.CSVOptions(x.w.Config.From, x.source)
	opt.Dir, opt.Names, opt.Files, opt.Encoding, opt.Memory = x.dir, x.reads, nil, csvfile.UTF8, 1<<20
	opt.Complete = csvfile.ByManifest // there is none, so nothing is proved
	if x.c.CRM.Complete {
		opt.Complete = csvfile.Declared
	}
	source, err := csvfile.New(opt)
	return exportSource{source, x.deleted(), x.rates()}, err
}

// exportSource is the CRM of a case: an export, and what the case says that the CRM
// deleted and that currencies are worth.
type exportSource struct {
	*csvfile.Source
	deleted []string
	rates   []crm.Rate
}

var _ crm.Rates = exportSource{}

// Rates implements crm.Rates: the same on every day.
func (s exportSource) Rates(context.Context, crm.RateQuery) ([]crm.Rate, error) { return s.rates, nil }

// Deleted implements crm.Tombstones.
func (s exportSource) Deleted(ctx context.Context) ([]string, error) {
	rows, err := s.Source.Deleted(ctx)
	return append(rows, s.deleted...), err
}

func (x *export) rates() []crm.Rate {
	var out []crm.Rate
	for code, rate := range x.c.CRM.Rates.All() {
		out = append(out, crm.Rate{Currency: code, Value: float64(*rate), Origin: "crm.rates of the case"})
	}
	slices.SortFunc(out, func(a, b crm.Rate) int { return cmp.Compare(a.Currency, b.Currency) })
	return out
}

func (x *export) deleted() []string {
	var out []string
	for _, id := range x.c.CRM.Deleted {
		if key, err := x.w.Key(id); err == nil {
			out = append(out, key)
		}
	}
	return out
}

func (x *export) rows() map[crm.Role][]casefile.Row {
	return map[crm.Role][]casefile.Row{
		crm.Account: x.c.CRM.Accounts, crm.Contact: x.c.CRM.Contacts, crm.Subscription: x.c.CRM.Subscriptions, crm.Relation: x.c.CRM.Relations,
		crm.Team: x.c.CRM.Team,
	}
}

// write writes the rows of a role, each on the line on which the case has it where
// that is free: then messages name the right line by themselves.
func (x *export) write(role crm.Role, rows []casefile.Row) error {
	columns := x.columns(role)
	out, line := cellsText(columns), 1
	for i, row := range rows {
		cells, err := x.cells(role, columns, row, i)
		if err != nil {
			return err
		}
		text := strings.Repeat("\n", max(0, row.Line-line-1)) + cellsText(cells)
		out, line = out+text, line+strings.Count(text, "\n")
	}
	return os.WriteFile(filepath.Join(x.dir, exportFiles[role]), []byte(out), 0o600)
}

// cellsText is one line of an export.
func cellsText(cells []string) string {
	var out strings.Builder
	w := csv.NewWriter(&out)
	_ = w.Write(cells) // a Builder takes everything
	w.Flush()
	return out.String()
}

// columns are those that rules read, and those with ids.
func (x *export) columns(role crm.Role) []string {
	keys := x.keys(role)
	out, deleted := []string{keys.id}, ""
	if x.gives(role, csvfile.DeletedColumn) {
		deleted = csvfile.DeletedColumn
	}
	for _, name := range append([]string{keys.account, keys.parent, keys.contact, x.currency(role), deleted}, x.reads[role]...) {
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// currency is the column with a record's currency: accounts always have it, other
// rows where the case says so.
func (x *export) currency(role crm.Role) string {
	money := x.w.File.Money
	if money == nil || role != crm.Account && !x.gives(role, money.Column) {
		return ""
	}
	return money.Column
}

// gives reports whether a row of a role has a column.
func (x *export) gives(role crm.Role, column string) bool {
	return slices.ContainsFunc(x.rows()[role], func(row casefile.Row) bool {
		_, given := factOf(row, []string{column})
		return given
	})
}

// keyColumns names the columns with ids; what a role does not have is empty.
type keyColumns struct{ id, account, parent, contact string }

func (x *export) keys(role crm.Role) keyColumns {
	c := &x.source.Columns
	switch role {
	case crm.Account:
		return keyColumns{id: cmp.Or(c.Accounts.ID, "Id"), parent: cmp.Or(c.Accounts.Parent, "ParentId")}
	case crm.Contact:
		return keyColumns{id: cmp.Or(c.Contacts.ID, "Id"), account: cmp.Or(c.Contacts.Account, "AccountId")}
	case crm.Subscription:
		return keyColumns{id: cmp.Or(c.Subscriptions.ID, "Id"), account: cmp.Or(c.Subscriptions.Account, "AccountId")}
	case crm.Team:
		return keyColumns{id: cmp.Or(c.Team.ID, "Id"), account: cmp.Or(c.Team.Account, "AccountId")}
	default:
		return keyColumns{id: cmp.Or(c.Relations.ID, "Id"), account: cmp.Or(c.Relations.Account, "AccountId"), contact: x.w.Related().Contact}
	}
}

// cells are the values of a row in the order of the columns.
func (x *export) cells(role crm.Role, columns []string, row casefile.Row, i int) ([]string, error) {
	plain := x.plain(role)
	out := make([]string, len(columns))
	for n, column := range columns {
		names := append([]string{column}, plain[column]...)
		if fact, ok := factOf(row, names); ok {
			out[n] = factText(fact)
		}
	}
	if err := x.complete(role, columns, out, i); err != nil {
		return nil, err
	}
	return out, nil
}

// factOf finds the first of some columns that a row gives, in any letter case.
func factOf(row casefile.Row, names []string) (casefile.Fact, bool) {
	for _, name := range names {
		if f, ok := row.Get(name); ok {
			return f, true
		}
		for given, f := range row.Values.All() {
			if strings.EqualFold(given, name) {
				return *f, true
			}
		}
	}
	return casefile.Fact{}, false
}

// factText is a value as an export writes it.
func factText(f casefile.Fact) string {
	if f.Kind == strict.Number {
		return strings.ReplaceAll(f.Text, "_", "")
	}
	return f.Text
}

// plain gives, for columns of a role, the other names that a case may use.
func (x *export) plain(role crm.Role) map[string][]string {
	keys, out := x.keys(role), map[string][]string{}
	add := func(column string, names ...string) {
		if column != "" {
			out[column] = append(out[column], names...)
		}
	}
	add(keys.id, "id")
	add(keys.account, "account")
	add(keys.parent, "parent")
	add(keys.contact, "contact")
	switch role {
	case crm.Account:
		key := plainColumn(x.w.Config.Organizations.Key.Text)
		add(keys.id, key)
		for _, same := range []string{key, "Id"} {
			if same != keys.id {
				add(same, keys.id, "id")
			}
		}
	case crm.Subscription:
		if s := x.w.Config.Accounts.Subscriptions; s != nil {
			add(s.ID, "id")
			add(s.Product, "product")
			add(s.Quantity, "quantity")
			add(s.Start, "start")
			add(s.End, "end")
			add(s.Status, "status")
			add(s.ARR, "arr")
		}
	}
	return out
}

var columnOfAccount = regexp.MustCompile(`^account(?:\.([\w.]+)|\["([^"]+)"\])$`)

// plainColumn is the column that an expression reads and does nothing else with.
func plainColumn(expr string) string {
	m := columnOfAccount.FindStringSubmatch(strings.TrimSpace(expr))
	if m == nil {
		return ""
	}
	return cmp.Or(m[1], m[2])
}

// complete gives a row what a case may leave out: the id of a child, and its account
// where there is only one. An account without an id is a fault of the case.
func (x *export) complete(role crm.Role, columns, cells []string, i int) error {
	keys := x.keys(role)
	id := &cells[slices.Index(columns, keys.id)]
	if role == crm.Account {
		if *id == "" {
			return config.Problems{x.c.Annotate(rowPath(role, i), "has no id", "add "+keys.id+", or id")}
		}
		return nil
	}
	if *id == "" {
		*id = x.childID(role, i)
	}
	account := &cells[slices.Index(columns, keys.account)]
	if *account != "" {
		return nil
	}
	if len(x.c.CRM.Accounts) != 1 {
		return config.Problems{x.c.Annotate(rowPath(role, i), "belongs to no account", "add account: and the account's id")}
	}
	*account = accountID(x, x.c.CRM.Accounts[0])
	return nil
}

// sections are the lists of a case, by role.
var sections = map[crm.Role]string{crm.Account: "accounts", crm.Contact: "contacts", crm.Subscription: "subscriptions", crm.Relation: "relations", crm.Team: "team"}

func rowPath(role crm.Role, i int) string { return fmt.Sprintf("crm.%s[%d]", sections[role], i) }

// childPrefixes begin the ids that are made up for rows without one, as Salesforce's
// own ids of such objects begin.
var childPrefixes = map[crm.Role]string{crm.Contact: "003", crm.Subscription: "a2B", crm.Relation: "07k", crm.Team: "01M"}

func (x *export) childID(role crm.Role, i int) string {
	id := fmt.Sprintf("%sCASE%08d", childPrefixes[role], i+1)
	if x.source.IDs == csvfile.TextIDs {
		return id
	}
	return id + crm.Suffix(id)
}

// inCase puts the name of the case file where a message names the export.
func (x *export) inCase(text string) string {
	for _, name := range exportFiles {
		text = strings.ReplaceAll(text, filepath.ToSlash(filepath.Join(x.dir, name)), x.c.File())
	}
	return text
}

// accountID is the id of a row of accounts as the case writes it.
func accountID(x *export, row casefile.Row) string {
	column := x.keys(crm.Account).id
	fact, _ := factOf(row, append([]string{column}, x.plain(crm.Account)[column]...))
	return factText(fact)
}
