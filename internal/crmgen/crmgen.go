// Package crmgen writes the export of a CRM that does not exist: accounts, contacts
// and charges of any number, as ugly as real ones, the same for the same seed. Tests,
// benchmarks and the demo read it. What the fields mean stands in examples/gitlab.
package crmgen

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/desksync/desksync/internal/day"
)

// The files of an export.
const (
	AccountsFile      = "accounts.csv"
	ContactsFile      = "contacts.csv"
	SubscriptionsFile = "subscriptions.csv"
	RelationsFile     = "relations.csv"
	ManifestFile      = "manifest.json"
)

// Odd says which share of records, 0 to 1, is what someone must look at. Without
// it an export loads without conflict or finding.
type Odd struct {
	DuplicateNames  float64 // accounts named as another one
	SharedDomains   float64 // accounts that claim a domain of another one
	SharedEmails    float64 // contacts with the e-mail of a contact of another account
	UnknownProducts float64 // charges for a product that no catalogue knows
	Expired         float64 // accounts whose charges all ended
	SeveralPlans    float64 // accounts with charges for different plans
	LongNames       float64 // accounts with a name of 300 characters
	Partners        float64 // accounts of type Partner
	Holds           float64 // accounts with a support hold
}

// RealLife is what a CRM looks like after some years.
func RealLife() Odd {
	return Odd{
		DuplicateNames: 0.002, SharedDomains: 0.005, SharedEmails: 0.002, UnknownProducts: 0.002, Expired: 0.1,
		SeveralPlans: 0.15, LongNames: 0.0001, Partners: 0.02, Holds: 0.005,
	}
}

// Options say what to write; only Accounts is required.
type Options struct {
	Accounts  int
	Contacts  float64 // per account; default 2.4
	Charges   float64 // per account; default 1.5
	Relations float64 // share of contacts that belong to a second account; default none, and no file
	Day       day.Day // around which charges run; default 2026-11-21
	Seed      uint64  // another seed, another CRM
	Shuffled  bool    // rows in no order; default by id
	Products  []string
	Odd       Odd
}

// Totals says what was written.
type Totals struct{ Accounts, Contacts, Charges, Relations int }

// Products are the default products, all of them in the catalogue of examples/gitlab.
func Products() []string {
	return []string{
		"Ultimate (self-managed)", "Ultimate (SaaS)", "Gold", "Premium (self-managed)", "Premium (SaaS)",
		"Silver", "Starter", "Bronze",
	}
}

// Write makes the folder and writes the export with its manifest into it.
func Write(ctx context.Context, dir string, opt Options) (Totals, error) {
	if opt.Accounts <= 0 {
		return Totals{}, errors.New("crmgen: the number of accounts must be positive")
	}
	g := newGenerator(opt)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return Totals{}, err
	}
	m := newManifest(g.opt.Day)
	for _, f := range g.files() {
		size, err := g.write(ctx, filepath.Join(dir, f.name), f)
		if err != nil {
			return Totals{}, err
		}
		m.Files[f.name] = promised{Rows: f.rows, Bytes: size}
	}
	return g.totals, m.save(dir)
}

// generator derives every record from the seed and the record's number alone, so
// that nothing is kept in memory and rows can be written in any order.
type generator struct {
	opt    Options
	totals Totals
}

func newGenerator(opt Options) *generator {
	opt.Contacts = cmp.Or(opt.Contacts, 2.4)
	opt.Charges = cmp.Or(opt.Charges, 1.5)
	opt.Day = cmp.Or(opt.Day, day.MustParse("2026-11-21"))
	if len(opt.Products) == 0 {
		opt.Products = Products()
	}
	t := Totals{Accounts: opt.Accounts}
	t.Contacts = int(float64(t.Accounts)*opt.Contacts + 0.5)
	t.Charges = int(float64(t.Accounts)*opt.Charges + 0.5)
	t.Relations = int(float64(t.Contacts)*opt.Relations + 0.5)
	return &generator{opt, t}
}

// table is one file: its header, and how to append row i of it.
type table struct {
	name, header string
	rows         int
	row          func(b []byte, i int) []byte
}

func (g *generator) files() []table {
	list := []table{
		{AccountsFile, accountHeader, g.totals.Accounts, g.account},
		{ContactsFile, contactHeader, g.totals.Contacts, g.contact},
		{SubscriptionsFile, chargeHeader, g.totals.Charges, g.charge},
	}
	if g.totals.Relations > 0 {
		list = append(list, table{RelationsFile, relationHeader, g.totals.Relations, g.relation})
	}
	return list
}

// write streams one file and returns its size.
func (g *generator) write(ctx context.Context, path string, t table) (int64, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	w, size := bufio.NewWriterSize(f, 256<<10), int64(0)
	line := append([]byte(t.header), '\n')
	order := newShuffle(t.rows, g.opt.Shuffled)
	for i := 0; ; i++ {
		n, _ := w.Write(line) // a failure sticks until Flush
		size += int64(n)
		if i == t.rows {
			break
		}
		if i%4096 == 0 && ctx.Err() != nil {
			return 0, errors.Join(ctx.Err(), f.Close())
		}
		line = append(t.row(line[:0], order.at(i)), '\n')
	}
	return size, errors.Join(w.Flush(), f.Close())
}
