package salesforce

import (
	"cmp"
	"slices"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/extsort"
	"github.com/desksync/desksync/internal/pack"
)

// news gathers the rows that the queries of a delta show of one role, in the order in
// which they come. Of one record the last row counts.
type news struct {
	packer
	since place

	whole, heads             []string // columns of whole rows, and of heads
	deleted, created, master int      // positions in whole rows; -1: not there
	headAccount, headMaster  int      // positions in heads; -1: not there

	byID   *extsort.Sorter
	byKey  *extsort.Sorter
	alive  bool            // a head was seen whose record may still be read
	merged map[string]bool // accounts that took in others; one too many at most
	value  []byte
}

// fate is what a row says of its record: a crm.Gone, or that it cannot be used.
type fate = crm.Gone

const unusable fate = 255

func (s *Source) newNews(p *plan, since place, rep *crm.Report) *news {
	sorter := func() *extsort.Sorter {
		return extsort.New(extsort.Options{Memory: s.opt.Memory / (2 * len(crm.Roles)), Dir: s.opt.TempDir})
	}
	n := &news{packer: packer{plan: p, opt: &s.opt, rep: rep}, since: since, created: -1, master: -1, headAccount: -1, headMaster: -1, byID: sorter(), byKey: sorter(), merged: map[string]bool{}}
	whole, heads := selection(slices.Clone(p.statement.columns)), selection{"Id", "IsDeleted"}
	n.deleted = whole.add("IsDeleted")
	if p.stamps.created {
		n.created = whole.add("CreatedDate")
	}
	if p.role != crm.Account {
		n.headAccount = heads.add(p.statement.columns[p.account])
	}
	if p.role == crm.Account && mergeable(p.statement.object) {
		n.master, n.headMaster = whole.add("MasterRecordId"), heads.add("MasterRecordId")
	}
	n.whole, n.heads = whole, heads
	return n
}

func (n *news) close() { _, _ = n.byID.Close(), n.byKey.Close() } // the spill files have no name any more

// wholeRows takes whole rows.
type wholeRows struct{ *news }

func (r wholeRows) add(cells []string) error {
	id, what := r.id(cells[r.plan.id], 0)
	if what != "" {
		r.skip(cells[r.plan.id], what)
		return nil
	}
	switch {
	case cells[r.deleted] == "true":
		return r.gone(id, crm.Deleted, cells[r.plan.account], cellAt(cells, r.master))
	case r.plan.role != crm.Account && cells[r.plan.account] == "":
		return r.put(id, crm.Left, nil, "")
	}
	account, what := r.id(cells[r.plan.account], 1)
	if what == "" {
		r.begin(crm.Here, account, "")
		r.value, what = r.append(pack.Uint(r.value, r.made(cells)), cells)
	}
	if what != "" {
		r.skip(cells[r.plan.id], what)
		return r.put(id, unusable, nil, "")
	}
	return r.byID.Add(id, r.value)
}

// headRows takes ids. What is not seen as a whole row later on does not meet the condition.
type headRows struct{ *news }

func (h headRows) add(cells []string) error {
	id, what := h.id(cells[0], 0)
	if what != "" {
		h.skip(cells[0], what)
		return nil
	}
	account := cellAt(cells, h.headAccount)
	if cells[1] == "true" {
		return h.gone(id, crm.Deleted, account, cellAt(cells, h.headMaster))
	}
	h.alive = true
	return h.gone(id, crm.Left, account, "")
}

func cellAt(cells []string, i int) string {
	if i < 0 {
		return ""
	}
	return cells[i]
}

// gone takes a record that is not there any more. Where it was is told if Salesforce
// says it in a way that can be read.
func (n *news) gone(id []byte, how fate, account, winner string) error {
	into := ""
	if winner != "" {
		master, what := n.id(winner, 2)
		if what != "" {
			n.skip(string(id), "MasterRecordId: "+what)
			return n.put(id, unusable, nil, "")
		}
		if into = string(master); len(n.merged) <= maxWinners {
			n.merged[into] = true
		}
	}
	was, what := n.id(account, 1)
	if what != "" {
		was = nil
	}
	return n.put(id, how, was, into)
}

func (n *news) put(id []byte, how fate, account []byte, into string) error {
	n.begin(how, account, into)
	return n.byID.Add(id, n.value)
}

func (n *news) begin(how fate, account []byte, into string) {
	n.value = pack.String(pack.Bytes(pack.Uint(n.value[:0], uint64(how)), account), into)
}

// made is 1 for a record that no earlier read can have shown.
func (n *news) made(cells []string) uint64 {
	at, err := time.Parse("2006-01-02T15:04:05Z0700", cmp.Or(cellAt(cells, n.created), "-"))
	if err != nil || !at.After(n.since.until.Add(apart)) {
		return 0
	}
	return 1
}
