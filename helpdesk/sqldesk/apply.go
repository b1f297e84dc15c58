package sqldesk

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/fault"
)

// Apply implements helpdesk.Target: one transaction per batch. Whatever one change
// is refused for, the others of its batch are made. An error ends the applying; the
// batch it struck wrote nothing, and its changes get no outcome.
func (s *Store) Apply(ctx context.Context, changes iter.Seq[helpdesk.Change]) iter.Seq2[helpdesk.Outcome, error] {
	return func(yield func(helpdesk.Outcome, error) bool) {
		if s.readOnly {
			yield(helpdesk.Outcome{}, errReadOnly("apply"))
			return
		}
		for batch := range batches(changes, s.opt.BatchSize) {
			outcomes, err := s.applyBatch(ctx, batch)
			for _, o := range outcomes {
				if !yield(o, nil) {
					return
				}
			}
			if err != nil {
				yield(helpdesk.Outcome{}, err)
				return
			}
		}
	}
}

// batches cuts the changes into lists of at most size, in which no object comes
// twice. A yielded list is not used again.
func batches(changes iter.Seq[helpdesk.Change], size int) iter.Seq[[]helpdesk.Change] {
	type object struct{ ref, id string }
	return func(yield func([]helpdesk.Change) bool) {
		var batch []helpdesk.Change
		seen := make(map[object]bool, size)
		for c := range changes {
			o := object{ref: c.Ref.String()}
			if c.Ref.Key == "" {
				o.id = c.TargetID
			}
			if len(batch) == size || seen[o] {
				if !yield(batch) {
					return
				}
				batch = nil
				clear(seen)
			}
			batch, seen[o] = append(batch, c), true
		}
		if len(batch) > 0 {
			yield(batch)
		}
	}
}

// batch is a list of changes on its way into the database.
type batch struct {
	s       *Store
	t       *txn
	seq     int64 // the number of this transaction
	changes []helpdesk.Change
	out     []helpdesk.Outcome
	made    made
}

// made is what a batch inserted, by CRM id: the memberships that come with it need not
// be told by the database.
type made struct {
	orgs  map[string]int64
	users map[string]*contactRow
}

// applyBatch applies changes in one transaction, and one by one if the database
// refuses something in it that was not foreseen.
func (s *Store) applyBatch(ctx context.Context, changes []helpdesk.Change) ([]helpdesk.Outcome, error) {
	b, err := s.commit(ctx, changes)
	if err == nil {
		return b.out, nil
	}
	if k := fault.KindOf(err); k != fault.Invalid && k != fault.Unknown || ctx.Err() != nil {
		return nil, err
	}
	if len(changes) == 1 {
		b.fail(0, err)
		return b.out, nil
	}
	var out []helpdesk.Outcome
	for one := range slices.Chunk(changes, 1) {
		o, err := s.applyBatch(ctx, one)
		if out = append(out, o...); err != nil {
			return out, err
		}
	}
	return out, nil
}

// commit makes the changes in one transaction, which is given up if there is
// nothing to write.
func (s *Store) commit(ctx context.Context, changes []helpdesk.Change) (*batch, error) {
	b := &batch{s: s, changes: changes, out: make([]helpdesk.Outcome, len(changes)), made: made{map[string]int64{}, map[string]*contactRow{}}}
	for i, c := range changes {
		b.out[i].ChangeID = c.ID
	}
	queries, err := s.prepared.ready(ctx, s.db)
	if err != nil {
		return b, s.db.Fault("sqldesk.apply", err)
	}
	err = s.db.Tx(ctx, "sqldesk.apply", func(tx *dbx.Tx) error {
		b.t = &txn{Tx: tx, ctx: ctx, prepared: queries}
		return b.run()
	})
	if errors.Is(err, errNothing) {
		return b, nil
	}
	if err == nil {
		s.tell("apply", b.t.wrote)
	}
	return b, err
}

// run makes room first and fills it then, so that within a batch a name, an address
// or a place in an organization can pass from one object to another.
func (b *batch) run() (err error) {
	if b.seq, err = b.t.begin(b.s.writer); err != nil {
		return err
	}
	for _, step := range []func() error{b.refuse, b.removeMembers, b.mergeOrganizations, b.deleteOrganizations, b.writeOrganizations, b.writeUsers, b.writeMembers} {
		if err := step(); err != nil {
			return err
		}
	}
	if len(b.t.wrote) == 0 {
		return errNothing
	}
	return b.t.end()
}

// refuse fails the changes that this store does not offer at all.
func (b *batch) refuse() error {
	for i, c := range b.changes {
		if !offered(c.Ref.Kind, c.Op) {
			b.fail(i, unsupported("apply", "this store does not offer to %s a %s", c.Op, c.Ref.Kind))
		}
	}
	return nil
}

func offered(k helpdesk.Kind, op helpdesk.Op) bool {
	switch op {
	case helpdesk.Create, helpdesk.Update:
		return k == helpdesk.Organization || k == helpdesk.User || k == helpdesk.Membership
	case helpdesk.Retire:
		return k == helpdesk.Organization || k == helpdesk.Membership
	default:
		return k == helpdesk.Organization && (op == helpdesk.Delete || op == helpdesk.Merge)
	}
}

// of yields the open changes of a kind for which one of the operations is asked.
func (b *batch) of(k helpdesk.Kind, ops ...helpdesk.Op) iter.Seq2[int, helpdesk.Change] {
	return func(yield func(int, helpdesk.Change) bool) {
		for i, c := range b.changes {
			if b.out[i].State == "" && c.Ref.Kind == k && slices.Contains(ops, c.Op) && !yield(i, c) {
				return
			}
		}
	}
}

// fail names the object and the change that cannot be made.
func (b *batch) fail(i int, err error) {
	b.out[i] = helpdesk.Outcome{ChangeID: b.changes[i].ID, State: helpdesk.Failed, TargetID: b.changes[i].TargetID, Err: b.named(i, err)}
}

// skip is fail for what is left alone by rule.
func (b *batch) skip(i int, err error) {
	b.fail(i, err)
	b.out[i].State = helpdesk.Skipped
}

func (b *batch) named(i int, err error) error {
	f := &fault.Error{Op: "sqldesk.apply", Kind: fault.KindOf(err), Ref: b.changes[i].Ref.String(), Err: err}
	if inner, ok := errors.AsType[*fault.Error](err); ok && inner == err { //nolint:errorlint // only the outermost is unwrapped
		f.Err = inner.Err
	}
	return f
}

func (b *batch) done(i int, id int64) {
	b.out[i].State, b.out[i].TargetID = helpdesk.Applied, idText(id)
}

// stamp is what every row that Apply writes remembers: the transaction, the writer,
// and when somebody else last changed it.
type stamp struct {
	Seq    int64 `db:"seq"`
	Writer int64 `db:"writer"`
	Other  int64 `db:"other_seq"`
}

// over returns the stamp of a row that now holds old.
func (b *batch) over(old stamp) stamp {
	if old.Writer != b.s.writer {
		old.Other = old.Seq
	}
	return stamp{b.seq, b.s.writer, old.Other}
}
