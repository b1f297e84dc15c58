// Package csvfile reads accounts, contacts, subscriptions, relations and account teams
// from CSV files in one folder, as Salesforce's Data Loader and report exports write them.
// It sorts them on disk, never holds a file in memory, and says whether an export
// is complete; what the records mean is left to the mapping.
package csvfile

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/extsort"
	"github.com/desksync/desksync/internal/fault"
)

// What Options.IDs can be.
const (
	SalesforceIDs = "salesforce" // 15 or 18 characters with a checksum; read as 18
	TextIDs       = "text"       // any text, compared as it is
)

// What Options.Complete can be.
const (
	ByManifest = "manifest" // a manifest beside the files says how many rows each has
	Declared   = "declared" // the operator says that what lies there is whole
)

// What Options.Encoding can be; UTF-16 is recognised by its byte order mark.
const (
	UTF8        = "utf-8"
	Windows1252 = "windows-1252" // also reads ISO-8859-1, the default of report exports
)

// What Options.Dates can be: how dates are written that are not YYYY-MM-DD.
const (
	ISODates   = "iso" // not at all
	MonthFirst = "mdy" // 11/21/2026
	DayFirst   = "dmy" // 21/11/2026, 21.11.2026
)

// KeyColumns names the columns that hold ids. An empty name means the usual ones.
type KeyColumns struct {
	ID      string // the row's own id
	Account string // all but accounts: the account it belongs to
	Parent  string // accounts: the parent account; the column may be missing
	Contact string // relations: the contact
}

// Options say what lies in the folder and how to read it; zero values have
// sensible meanings.
type Options struct {
	Dir      string
	Name     string                           // what the configuration calls this source, for messages
	Files    map[crm.Role]string              // file names that are not accounts.csv, contacts.csv, …
	Columns  map[crm.Role]KeyColumns          // id columns that are not the usual ones
	Types    map[crm.Role]map[string]crm.Type // columns that are not text
	Names    map[crm.Role][]string            // columns as rules spell them, for headers in other letter case
	IDs      string                           // SalesforceIDs (default) or TextIDs
	Complete string                           // ByManifest (default) or Declared
	Encoding string                           // UTF8 (default) or Windows1252
	Dates    string                           // ISODates (default), MonthFirst or DayFirst
	Location *time.Location                   // whose calendar days times with a zone become; default UTC
	Memory   int                              // bytes for sorting; default extsort.DefaultMemory
	TempDir  string                           // where sorting spills; default the system's
}

// Source is a folder of exported files. It is safe for concurrent use.
type Source struct{ opt Options }

var _ crm.Source = (*Source)(nil)

// New returns a source over a folder. The folder is not touched yet.
func New(opt Options) (*Source, error) {
	opt.Name = cmp.Or(opt.Name, "crm")
	opt.IDs = cmp.Or(opt.IDs, SalesforceIDs)
	opt.Complete = cmp.Or(opt.Complete, ByManifest)
	opt.Encoding = cmp.Or(opt.Encoding, UTF8)
	opt.Dates = cmp.Or(opt.Dates, ISODates)
	opt.Memory = cmp.Or(opt.Memory, extsort.DefaultMemory)
	if opt.Location == nil {
		opt.Location = time.UTC
	}
	for _, c := range []struct{ name, got, a, b, c string }{
		{"ids", opt.IDs, SalesforceIDs, TextIDs, TextIDs},
		{"complete", opt.Complete, ByManifest, Declared, Declared},
		{"encoding", opt.Encoding, UTF8, Windows1252, Windows1252},
		{"dates", opt.Dates, ISODates, MonthFirst, DayFirst},
	} {
		if c.got != c.a && c.got != c.b && c.got != c.c {
			return nil, fault.New("csvfile.new", fault.Invalid, fmt.Errorf("%s: %q is not one of %s", c.name, c.got, choices(c.a, c.b, c.c)))
		}
	}
	return &Source{opt}, nil
}

// Describe reads the headers: one role for each file that is there. A file
// without its id columns is an error that says what to do.
func (s *Source) Describe(ctx context.Context) (crm.Schema, error) {
	schema := crm.Schema{Columns: map[crm.Role][]crm.Column{}, Places: map[crm.Role]string{}}
	list, err := s.manifest()
	if err != nil {
		return schema, wrap(err)
	}
	schema.Account = list.Organization
	for _, role := range crm.Roles {
		if !s.offers(role, list) {
			continue
		}
		columns, err := s.describe(ctx, role)
		if err != nil {
			return schema, wrap(err)
		}
		schema.Columns[role], schema.Places[role] = columns, s.shown(role)
	}
	return schema, nil
}

// Records reads one file, sorts it on disk, and yields its records. Nothing is
// yielded from a file that cannot be trusted as a whole; rows that cannot be read
// are skipped, reported, and make the read incomplete. A charge is not skipped for a
// value that is none: it comes with the value as the file has it, and is reported too.
// Without a file there is nothing to yield, and nothing is proved.
func (s *Source) Records(ctx context.Context, q crm.Query, rep *crm.Report) iter.Seq2[crm.Record, error] {
	return func(yield func(crm.Record, error) bool) {
		*rep = crm.Report{}
		if err := s.records(ctx, q, rep, yield); err != nil {
			rep.Complete, rep.Why = false, fault.Sentence(err)
			yield(crm.Record{}, wrap(err))
		}
	}
}

func (s *Source) records(ctx context.Context, q crm.Query, rep *crm.Report, yield func(crm.Record, error) bool) error {
	list, err := s.manifest()
	if err != nil {
		return err
	}
	if !s.offers(q.Role, list) {
		rep.Why = fault.Sentence(s.absent(q.Role))
		return nil
	}
	r, err := s.open(q, list, rep)
	if err != nil {
		return err
	}
	defer r.close()
	if err := r.gather(ctx); err != nil {
		return err
	}
	return r.yieldAll(ctx, yield)
}

// offers reports whether a role can be read: its file is there, or is promised
// by name. Accounts always are, so that their absence is an error.
func (s *Source) offers(role crm.Role, list manifest) bool {
	if _, err := os.Stat(s.path(role)); err == nil || role == crm.Account {
		return true
	}
	_, promised := list.Files[s.file(role)]
	return promised || s.file(role) != usualFile[role]
}

func (s *Source) file(role crm.Role) string { return cmp.Or(s.opt.Files[role], usualFile[role]) }

func (s *Source) path(role crm.Role) string { return filepath.Join(s.opt.Dir, s.file(role)) }

// shown is the path as messages name it.
func (s *Source) shown(role crm.Role) string { return filepath.ToSlash(s.path(role)) }

var usualFile = map[crm.Role]string{
	crm.Account: "accounts.csv", crm.Contact: "contacts.csv",
	crm.Subscription: "subscriptions.csv", crm.Relation: "relations.csv", crm.Team: "team.csv",
}
