package reconcile

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/journal"
)

// pollEvery is how often the target is asked, while a changeset is applied, what
// others did meanwhile.
const pollEvery = time.Minute

// poll takes over what moved in the target since the changeset was computed, and
// drops what it concerns: that is compared once more, see retry.
func (q *queue) poll(ctx context.Context) error {
	if q.opt.Now().Sub(q.polled) < pollEvery {
		return nil
	}
	q.polled = q.opt.Now()
	for _, kind := range kinds {
		since, err := q.journal.Cursor(ctx, q.TargetName, kind)
		if err != nil {
			return err
		}
		if since == "" || !q.caps.Incremental[kind] || len(q.caps.Ops[kind]) == 0 {
			continue
		}
		for page, err := range q.Target.Objects(ctx, kind, since) {
			if err != nil {
				return err
			}
			if err := q.meanwhile(ctx, kind, page); err != nil {
				return err
			}
		}
	}
	return nil
}

// meanwhile drops the changes that a page of the target's feed concerns, and takes
// the page over.
func (q *queue) meanwhile(ctx context.Context, kind helpdesk.Kind, page helpdesk.Page) error {
	if err := q.settleAll(ctx); err != nil { // what we wrote ourselves has not moved
		return err
	}
	news := map[helpdesk.Ref]*helpdesk.Object{}
	for i := range page.Objects {
		if page.Objects[i].Ref.Key != "" {
			news[page.Objects[i].Ref] = &page.Objects[i]
		}
	}
	for _, id := range page.Gone {
		o, known, err := q.journal.ObjectByTarget(ctx, q.TargetName, kind, id)
		if err != nil {
			return err
		}
		if known {
			news[helpdesk.Ref{Kind: kind, Key: o.Key}] = nil
		}
	}
	if err := q.drop(ctx, news); err != nil {
		return err
	}
	_, err := q.journal.PutHave(ctx, q.run, kind, q.puts(kind, page), page.Next)
	return err
}

// drop takes out of the changeset what is no longer as it was when it was computed.
func (q *queue) drop(ctx context.Context, news map[helpdesk.Ref]*helpdesk.Object) error {
	q.weed(q.next, news)
	var accounts []string
	var racing []journal.Pos
	for ref, now := range news {
		rows, err := q.overtaken(ctx, ref, now)
		if err != nil {
			return err
		}
		for i := range rows {
			accounts, racing = append(accounts, rows[i].Account), append(racing, rows[i].Pos())
			q.race(rows[i].Account, ref)
		}
	}
	if len(accounts) == 0 {
		return nil
	}
	accounts = sortedUnique(accounts)
	if err := q.journal.MarkDirty(ctx, q.pipe.ID, accounts); err != nil {
		return err
	}
	if err := q.journal.DropAt(ctx, q.run, racing, movedMeanwhile+q.TargetName+" meanwhile; it is compared again"); err != nil {
		return err
	}
	_, err := q.journal.DropChanges(ctx, q.run, accounts, besideMoved+q.TargetName+" meanwhile; it is compared again")
	return err
}

// overtaken are the stored changes of an object that write over what moved.
func (q *queue) overtaken(ctx context.Context, ref helpdesk.Ref, now *helpdesk.Object) ([]journal.ChangeRow, error) {
	account, err := q.accountOf(ctx, ref)
	if err != nil || account == "" { // never written by us
		return nil, err
	}
	open := false
	rows, err := q.journal.Changes(ctx, q.run.ID, journal.ChangeFilter{Held: &open, Account: account, Kind: ref.Kind}, q.after, journal.MaxPage)
	if err != nil {
		return nil, err
	}
	list, err := unpackAll(rows)
	if err != nil {
		return nil, err
	}
	var out []journal.ChangeRow
	for i := range list {
		if in := &list[i]; in.Ref == ref && in.writes() && q.moved(in, now) {
			out = append(out, rows[i])
		}
	}
	return out, nil
}

// accountOf returns the account under which the changes of an object are stored.
func (q *queue) accountOf(ctx context.Context, ref helpdesk.Ref) (string, error) {
	if ref.Kind != helpdesk.User {
		account, _, _ := strings.Cut(ref.Key, "/")
		return account, nil
	}
	objects, err := q.journal.ObjectsOf(ctx, q.TargetName, nil, []string{ref.Key})
	if o := objects.User(ref.Key); o != nil {
		return o.Account, err
	}
	return "", err
}

// weed gives the last word on the changes of a shard that moved meanwhile: they are
// not sent.
func (p *pass) weed(x *parcel, news map[helpdesk.Ref]*helpdesk.Object) {
	for i := range x.list {
		in := &x.list[i]
		now, asked := news[in.Ref]
		if _, told := x.outcomes[in.ID]; told || !asked || !in.writes() || holds(in, now) || !p.moved(in, now) {
			continue
		}
		err := fault.New("reconcile.apply", fault.Raced, fmt.Errorf("%s moved in %s meanwhile; it is compared again", in.Ref, p.TargetName))
		x.outcomes[in.ID] = helpdesk.Outcome{ChangeID: in.ID, State: helpdesk.Skipped, Err: err}
	}
}

// moved reports whether what an instruction writes over is no longer what it was,
// and says so.
func (p *pass) moved(in *instruction, now *helpdesk.Object) bool {
	c := open(in.Change)
	fields := moved(&c, now)
	if len(fields) == 0 {
		return false
	}
	p.rep.Raced++
	p.rep.Refused = append(p.rep.Refused, Refused{Change: in.Change, Fields: fields})
	return true
}

// recheck reads back what a shard of a resumed run is still to write: it was computed by
// another process, who knows how long ago.
func (p *pass) recheck(ctx context.Context, x *parcel) error {
	if !p.late {
		return nil
	}
	var rest []instruction
	for i := range x.list {
		in := &x.list[i]
		if _, told := x.outcomes[in.ID]; in.writes() && !told {
			rest = append(rest, *in)
		}
	}
	stand, err := p.readBack(ctx, rest)
	if err != nil {
		return err
	}
	p.outdated(x, stand)
	return nil
}

// outdated weeds a shard by what was read back of all that it is still to write.
func (p *pass) outdated(x *parcel, stand map[helpdesk.Ref]*helpdesk.Object) {
	news := make(map[helpdesk.Ref]*helpdesk.Object, len(x.list))
	for i := range x.list {
		news[x.list[i].Ref] = stand[x.list[i].Ref]
	}
	p.weed(x, news)
}

// unsure reads from the target what earlier runs sent without hearing what became
// of it. The target's feed need not tell, for it was our own doing.
func (p *pass) unsure(ctx context.Context) error {
	refs, err := p.unsureRefs(ctx)
	if err != nil {
		return err
	}
	for _, kind := range kinds {
		since, err := p.journal.Cursor(ctx, p.TargetName, kind)
		if err != nil {
			return err
		}
		if since == "" {
			continue // it is listed in full
		}
		if err := p.reread(ctx, kind, refs[kind], since); err != nil {
			return err
		}
	}
	return nil
}

// reread reads objects from the target by their keys.
func (p *pass) reread(ctx context.Context, kind helpdesk.Kind, keys []string, since helpdesk.Cursor) error {
	for page := range slices.Chunk(sortedUnique(keys), writePage) {
		if err := p.rereadPage(ctx, kind, page, since); err != nil {
			return err
		}
	}
	return nil
}

func (p *pass) rereadPage(ctx context.Context, kind helpdesk.Kind, keys []string, since helpdesk.Cursor) error {
	objects, err := p.Target.Get(ctx, kind, keys)
	if err != nil {
		return err
	}
	page := helpdesk.Page{Objects: objects}
	puts := p.puts(kind, page)
	for _, key := range keys {
		if !slices.ContainsFunc(puts, func(h journal.HavePut) bool { return h.Key == key }) { // also one that carries it though no sync may write it
			puts = append(puts, journal.HavePut{Key: key, Gone: true})
		}
	}
	_, err = p.journal.PutHave(ctx, p.run, kind, puts, since)
	return err
}

// unsureRefs lists what the runs since the last one that refreshed left open.
func (p *pass) unsureRefs(ctx context.Context) (map[helpdesk.Kind][]string, error) {
	out := map[helpdesk.Kind][]string{}
	for run, err := range p.journal.EachRun(ctx, journal.RunFilter{Pipeline: p.pipe.ID, Before: p.run.ID}) {
		if err != nil {
			return nil, err
		}
		if run.Sealed.IsZero() {
			continue // it wrote nothing
		}
		if err := p.openIn(ctx, run.ID, out); err != nil {
			return nil, err
		}
		if run.Mode == journal.Reconcile {
			break // it refreshed before it wrote
		}
	}
	return out, nil
}

// openIn adds the objects of which a run does not know what became of them.
func (p *pass) openIn(ctx context.Context, run int64, out map[helpdesk.Kind][]string) error {
	batches, err := p.journal.Unsettled(ctx, run)
	if err != nil {
		return err
	}
	for after := (journal.Pos{}); ; {
		list, err := p.journal.Outcomes(ctx, run, after, journal.MaxPage)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			break
		}
		for _, o := range list {
			if o.State != helpdesk.Skipped {
				batches = append(batches, journal.Batch{Run: run, From: previous(o.Pos), To: o.Pos})
			}
		}
		after = list[len(list)-1].Pos
	}
	for _, b := range batches {
		rows, err := p.within(ctx, b)
		if err != nil {
			return err
		}
		for i := range rows {
			out[rows[i].Kind] = append(out[rows[i].Kind], rows[i].Key)
		}
	}
	return nil
}

// previous is a place right before another.
func previous(p journal.Pos) journal.Pos { return journal.Pos{Rank: p.Rank, Seq: p.Seq - 1} }
