package salesforce

import (
	"cmp"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/extsort"
	"github.com/desksync/desksync/internal/pack"
)

// gather takes rows in the order in which they come and sorts them on disk.
type gather struct {
	packer
	main   *extsort.Sorter // records, by (account, id)
	twins  *extsort.Sorter // ids with their account, where an id may stand under two
	rows   int             // rows taken, repeated ones too
	alone  int             // rows that belong to no account
	unique int             // records handed out

	key, value, tail []byte          // buffers, used again for every row
	superseded       map[uint64]bool // rows that a later one of the same id, under another account, replaces
}

func newGather(p *plan, opt *Options, rep *crm.Report) *gather {
	sorter := func(quarters int) *extsort.Sorter {
		return extsort.New(extsort.Options{Memory: opt.Memory / 4 * quarters, Dir: opt.TempDir})
	}
	return &gather{packer: packer{plan: p, opt: opt, rep: rep}, main: sorter(3), twins: sorter(1)}
}

// sink takes rows. What came of a page that broke is taken back where it was counted;
// the rows themselves come again.
type sink interface {
	add(cells []string) error
	mark() (back func())
}

func (g *gather) mark() func() {
	alone, back := g.alone, g.packer.mark()
	return func() {
		g.alone = alone
		back()
	}
}

func (g *gather) close() {
	_, _ = g.main.Close(), g.twins.Close() // the spill files have no name any more
}

// add takes one row: its cells stand in the order of the statement. Only an error of
// the sorters is returned; a row that cannot be used is reported.
func (g *gather) add(cells []string) error {
	g.rows++
	if g.plan.role != crm.Account && cells[g.plan.account] == "" {
		g.alone++
		return nil
	}
	id, what := g.id(cells[g.plan.id], 0)
	account, whose := id, ""
	if g.plan.role != crm.Account {
		account, whose = g.id(cells[g.plan.account], 1)
	}
	if what = cmp.Or(what, whose); what == "" {
		what = g.pack(cells)
	}
	if what != "" {
		g.skip(cells[g.plan.id], what)
		return nil
	}
	return g.sort(account, id)
}

// sort hands a row over. Rows of one key keep their order, so the last one is known.
func (g *gather) sort(account, id []byte) error {
	g.key = append(g.key[:0], account...)
	if g.plan.role == crm.Account {
		return g.main.Add(g.key, g.value)
	}
	g.key = append(g.key, id...)
	if err := g.main.Add(g.key, g.value); err != nil {
		return err
	}
	g.tail = append(pack.Uint(g.tail[:0], uint64(g.rows)), account...)
	return g.twins.Add(id, g.tail)
}

// pack writes row number, parent and values into g.value; what is wrong with them is
// returned as a sentence.
func (g *gather) pack(cells []string) (what string) {
	g.value, what = g.append(pack.Uint(g.value[:0], uint64(g.rows)), cells)
	return what
}
