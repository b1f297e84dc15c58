package reconcile

import (
	"context"
	"crypto/sha256"
	"maps"
	"slices"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/pack"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

const (
	headPage  = 1000 // stage heads read at once
	writePage = 500  // rows per transaction
)

// read takes the source into the stage: what changed since the last read, where the
// source can tell and a full read is not due, else all of it.
func (p *pass) read(ctx context.Context) error {
	if err := p.journal.ClearMissing(ctx, p.run); err != nil {
		return err
	}
	d, err := p.delta(ctx)
	if err != nil {
		return err
	}
	if d != nil {
		if done, err := d.read(ctx); done || err != nil {
			return err
		}
	}
	return p.readFull(ctx)
}

// readFull reads everything: what is new or changed is written, what is missing is
// noted and, once every read is proved complete and none has shrunk, lost.
func (p *pass) readFull(ctx context.Context) error {
	if err := p.lookAgain(ctx); err != nil {
		return err
	}
	if err := p.readTombstones(ctx); err != nil {
		return err
	}
	columns := p.Mapper.Columns()
	for _, role := range crm.Roles {
		if columns[role] == nil {
			continue
		}
		if err := p.readRole(ctx, crm.Query{Role: role, Columns: columns[role]}); err != nil {
			return err
		}
	}
	if p.blocked {
		return nil
	}
	found, err := p.markDeleted(ctx)
	if found && err == nil {
		err = p.learnMerges(ctx)
	}
	if err != nil || len(p.rep.Incomplete()) > 0 {
		return err
	}
	return p.takeMissing(ctx)
}

// takeMissing makes what was noted as missing lost, and remembers which accounts the
// CRM deleted.
func (p *pass) takeMissing(ctx context.Context) error {
	if err := p.journal.TakeMissing(ctx, p.run); err != nil {
		return err
	}
	return p.journal.NoteDeleted(ctx, p.run, slices.Sorted(maps.Keys(p.deleted)))
}

func (p *pass) readRole(ctx context.Context, q crm.Query) error {
	last, known, err := p.journal.LastRead(ctx, p.pipe.ID, q.Role)
	if err != nil {
		return err
	}
	if hidden := p.hidden(q, last); len(hidden) > 0 {
		return p.refuse(ctx, q.Role, last.Rows, hidden)
	}
	if _, offered := p.schema.Columns[q.Role]; !offered {
		return nil
	}
	m := p.newMerge(q)
	m.limit = p.missingLimit(last.Rows)
	m.stage = stageWalk{role: q.Role, next: p.stagePage}
	q.Tell = func(plan crm.Plan) {
		m.total = max(0, plan.Rows)
		p.opt.Progress(Progress{Phase: phaseOf(q.Role), Total: m.total, Plan: &plan})
	}
	var rep crm.Report
	if err := m.all(ctx, p.Source.Records(ctx, q, &rep)); err != nil {
		return err
	}
	read := Read{Role: q.Role, Rows: rep.Rows, Before: last.Rows, Changed: m.changed, Missing: m.missed, Report: rep}
	p.rep.Reads = append(p.rep.Reads, read)
	if err := p.noted(ctx, rep.Noted); err != nil {
		return err
	}
	return p.settleRead(ctx, read, known)
}

// noted makes findings of what was read all the same, and is worth a look.
func (p *pass) noted(ctx context.Context, list []crm.Bad) error {
	items := make([]journal.Item, len(list))
	for i, b := range list {
		items[i] = journal.Item{
			Class: journal.ItemFinding, Code: "source", Kind: helpdesk.Organization, Field: b.Where, Text: b.Where + ": " + b.What + "; " + b.Fix,
		}
	}
	p.rep.Findings += len(items)
	return p.journal.PutItems(ctx, p.run, items)
}

// settleRead decides what a finished read proves. What an incomplete read did not
// show is not lost, and what shrank beyond the guard holds the run.
func (p *pass) settleRead(ctx context.Context, read Read, known bool) error {
	if read.Report.Cut {
		p.blocked = true // a charge that is not there any more would lower its account
	}
	if !read.Report.Complete {
		return nil
	}
	if known && !p.trigger.AcceptShrink && p.shrank(&read) {
		p.blocked = true
		return nil
	}
	info := journal.ReadInfo{
		Run: p.run.ID, Rows: read.Rows, Complete: true, Fingerprint: p.sight(read.Role), At: p.opt.Now(), Place: p.place(read.Role, &read.Report),
	}
	return p.journal.NoteRead(ctx, p.run, read.Role, info)
}

// shrank asks the guard whether a complete read has so few rows that the source,
// and not the customers, is the likely reason.
func (p *pass) shrank(read *Read) bool {
	totals := changeset.Totals{SourceBefore: read.Before, SourceNow: read.Rows}
	if read.Role != crm.Account {
		totals.SourceRole = string(read.Role)
	}
	tripped := p.Guards.Check(totals, changeset.Totals{})
	for _, t := range tripped {
		p.rep.Shrunk = append(p.rep.Shrunk, Shrunk{Role: read.Role, Before: read.Before, Now: read.Rows, Text: t.Text})
	}
	return len(tripped) > 0
}

// missingLimit bounds how many missing rows are noted: beyond what the guard lets
// pass, the run is held anyway. 0: no bound.
func (p *pass) missingLimit(before int) int {
	if p.trigger.AcceptShrink {
		return 0
	}
	return before/2 + writePage
}

func (p *pass) stagePage(ctx context.Context, role crm.Role, after journal.Key) ([]journal.Head, error) {
	return p.journal.StageHashes(ctx, p.pipe.ID, role, after, headPage)
}

// merge walks the source and the stage side by side, both in key order.
type merge struct {
	*pass
	query   crm.Query
	layout  layout
	stage   stageWalk
	batch   journal.StageBatch
	buf     []byte
	limit   int
	rows    int
	total   int // rows that were counted before; 0: not known
	changed int
	missed  int
}

func phaseOf(role crm.Role) string { return "read " + string(role) + "s" }

func (p *pass) newMerge(q crm.Query) *merge {
	m := &merge{pass: p, query: q, layout: p.layouts[q.Role]}
	m.batch.Role = q.Role
	return m
}

type records = func(func(crm.Record, error) bool)

func (m *merge) all(ctx context.Context, source records) error {
	var fail error
	source(func(rec crm.Record, err error) bool {
		fail = cmpErr(err, ctx.Err)
		if fail == nil {
			fail = m.record(ctx, rec)
		}
		return fail == nil
	})
	if fail != nil {
		return fail
	}
	if err := m.passOver(ctx, nil); err != nil {
		return err
	}
	return m.flush(ctx)
}

// cmpErr returns err, or else what next says.
func cmpErr(err error, next func() error) error {
	if err != nil {
		return err
	}
	return next()
}

func (m *merge) record(ctx context.Context, rec crm.Record) error {
	if err := m.passOver(ctx, &rec); err != nil {
		return err
	}
	m.rows++
	if m.query.Role == crm.Account {
		m.isBack(rec.ID)
	}
	if m.rows%headPage == 0 {
		m.opt.Progress(Progress{Phase: phaseOf(m.query.Role), Done: m.rows, Total: m.total})
	}
	hash := m.hash(&rec)
	head, err := m.stage.peek(ctx)
	if err != nil {
		return err
	}
	if head != nil && head.Account == rec.Account && head.ID == rec.ID {
		m.stage.at++
		if head.Hash == hash {
			return nil
		}
	}
	return m.put(ctx, rec, hash)
}

func (m *merge) hash(rec *crm.Record) [16]byte {
	m.buf = pack.Strings(pack.String(append(m.buf[:0], m.layout...), rec.Parent), rec.Values)
	return digest(m.buf)
}

// passOver notes the staged rows that stand before rec as missing; a nil rec
// stands behind all.
func (m *merge) passOver(ctx context.Context, rec *crm.Record) error {
	for {
		head, err := m.stage.peek(ctx)
		if err != nil {
			return err
		}
		if head == nil || rec != nil && !before(head, rec) {
			return nil
		}
		m.stage.at++
		if err := m.miss(ctx, *head); err != nil {
			return err
		}
	}
}

func before(h *journal.Head, rec *crm.Record) bool {
	if h.Account != rec.Account {
		return h.Account < rec.Account
	}
	return h.ID < rec.ID
}

func (m *merge) miss(ctx context.Context, h journal.Head) error {
	if h.Lost {
		return nil
	}
	m.missed++
	if m.limit > 0 && m.missed > m.limit {
		return nil
	}
	m.batch.Missing = append(m.batch.Missing, h)
	return m.flushFull(ctx)
}

func (m *merge) put(ctx context.Context, rec crm.Record, hash [16]byte) error {
	m.changed++
	m.batch.Put = append(m.batch.Put, journal.Row{
		Role: rec.Role, Account: rec.Account, ID: rec.ID, Parent: rec.Parent, Hash: hash, Cols: m.layout.pack(rec.Values),
	})
	m.batch.Dirty = append(m.batch.Dirty, rec.Account)
	return m.flushFull(ctx)
}

func (m *merge) flushFull(ctx context.Context) error {
	if len(m.batch.Put)+len(m.batch.Missing) < writePage {
		return nil
	}
	return m.flush(ctx)
}

func (m *merge) flush(ctx context.Context) error {
	if len(m.batch.Put)+len(m.batch.Missing) == 0 {
		return nil
	}
	m.opt.Checkpoint("read")
	err := m.journal.PutStage(ctx, m.run, m.batch)
	m.batch.Put, m.batch.Missing, m.batch.Dirty = m.batch.Put[:0], m.batch.Missing[:0], m.batch.Dirty[:0]
	return err
}

// stageWalk reads the staged heads of a role page by page; no cursor stays open.
type stageWalk struct {
	role crm.Role
	next func(context.Context, crm.Role, journal.Key) ([]journal.Head, error)
	page []journal.Head
	at   int
	end  bool
}

// peek returns the head that stands next, or nil behind the last.
func (w *stageWalk) peek(ctx context.Context) (*journal.Head, error) {
	for w.at == len(w.page) && !w.end {
		var last journal.Key
		if n := len(w.page); n > 0 {
			last = journal.Key{Account: w.page[n-1].Account, ID: w.page[n-1].ID}
		}
		page, err := w.next(ctx, w.role, last)
		if err != nil {
			return nil, err
		}
		w.page, w.at, w.end = page, 0, len(page) < headPage
	}
	if w.at == len(w.page) {
		return nil, nil //nolint:nilnil // behind the last
	}
	return &w.page[w.at], nil
}

// digest is the first half of SHA-256: enough to tell two versions of one row
// apart, for all the rows a CRM will ever hold.
func digest(b []byte) [16]byte {
	sum := sha256.Sum256(b)
	return [16]byte(sum[:16])
}
