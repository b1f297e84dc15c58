package journal

import (
	"context"
	"slices"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/pack"
)

// sweepPage is how many rows Forget looks at in one transaction.
const sweepPage = 500

// findUsers learns from the users of ours that are the person's.
func (f *forgetting) findUsers(ctx context.Context) error {
	return f.sweepObjects(ctx, `o.kind = 2`, func(r *objectRow) (bool, error) {
		if !f.contacts[r.Key] && !f.hints(r.Last) && !f.hints(r.Have) {
			return false, nil
		}
		o, err := r.object()
		if err == nil && (f.contacts[r.Key] || f.tellsOf(o.Last) || f.tellsOf(o.Have)) {
			f.contacts[r.Key] = true
			f.learn(o.Last)
			f.learn(o.Have)
		}
		return false, err
	})
}

// findContacts learns the contacts in whose staged records an address stands, and
// the addresses that known contacts claim.
func (f *forgetting) findContacts(ctx context.Context) error {
	if err := f.sweepMapped(ctx, func(_ *mappedRow, claims []Claim) []Claim {
		for _, c := range claims {
			if f.contacts[c.Ref] {
				f.addEmail(c.Value)
			}
		}
		return claims
	}); err != nil {
		return err
	}
	return f.sweepStage(ctx, func(r Row) bool {
		if f.hints(r.Cols) && slices.ContainsFunc(stagedValues(r.Cols), f.mentions) {
			f.contacts[r.ID] = true
		}
		return false
	})
}

// stagedValues reads the values of a record: who stages it packs a list of them behind four
// bytes that say of which columns they are. What is packed in another way is one text.
func stagedValues(cols []byte) []string {
	if len(cols) < 4 {
		return []string{string(cols)}
	}
	r := pack.Read(cols[4:])
	list := r.Strings(nil)
	if r.Err() != nil || !r.Done() {
		return []string{string(cols)}
	}
	return list
}

// stage deletes the staged records of the person's contacts.
func (f *forgetting) stage(ctx context.Context) error {
	return f.sweepStage(ctx, func(r Row) bool { return f.contacts[r.ID] })
}

// sweepStage looks at all staged contacts, relations and team members; where gone says so, the
// record goes and its account becomes dirty.
func (f *forgetting) sweepStage(ctx context.Context, gone func(r Row) bool) error {
	pipes, err := f.j.Pipelines(ctx)
	if err != nil {
		return err
	}
	for _, p := range pipes {
		for _, role := range []crm.Role{crm.Contact, crm.Relation, crm.Team} {
			for after, more := "", true; more && err == nil; {
				after, more, err = f.sweepStagePage(ctx, p.ID, role, after, gone)
			}
		}
	}
	return err
}

func (f *forgetting) sweepStagePage(ctx context.Context, pipe int64, role crm.Role, after string, gone func(Row) bool) (last string, more bool, err error) {
	const q = `SELECT role, account, body FROM stage WHERE pipeline = ? AND role = ? AND account > ? ORDER BY account LIMIT ?`
	err = f.j.inTx(ctx, "journal.forget", func(t *tx) error {
		var rows []bodyRow
		if err := t.all(ctx, &rows, q, pipe, roleCode(role), after, sweepPage); err != nil || len(rows) == 0 {
			return err
		}
		last, more = rows[len(rows)-1].Account, true
		for _, r := range rows {
			if err := f.stageRow(ctx, t, pipe, role, r, gone); err != nil {
				return err
			}
		}
		return nil
	}, &stageList, &dirtyList)
	return last, more, err
}

func (f *forgetting) stageRow(ctx context.Context, t *tx, pipe int64, role crm.Role, r bodyRow, gone func(Row) bool) error {
	rows, err := unpackRows(r.Account, role, r.Body)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(rows), gone)
	if len(left) == len(rows) {
		return nil
	}
	f.counts["stage"] += len(rows) - len(left)
	if len(left) == 0 {
		err = t.deleteGroups(ctx, pipe, role, []string{r.Account})
	} else {
		err = t.writeGroups(ctx, pipe, role, [][]Row{left})
	}
	if err != nil {
		return err
	}
	return t.mark(ctx, pipe, []string{r.Account})
}

// claims takes back what the person's contacts claim.
func (f *forgetting) claims(ctx context.Context) error {
	return f.sweepMapped(ctx, func(_ *mappedRow, claims []Claim) []Claim {
		return slices.DeleteFunc(claims, func(c Claim) bool { return f.contacts[c.Ref] || f.emails[c.Value] })
	})
}

// sweepMapped looks at all claims and stores what keep leaves of them.
func (f *forgetting) sweepMapped(ctx context.Context, keep func(*mappedRow, []Claim) []Claim) error {
	pipes, err := f.j.Pipelines(ctx)
	if err != nil {
		return err
	}
	for _, p := range pipes {
		if err := f.j.IndexClaims(ctx, p.Target); err != nil {
			return err
		}
		for after, more := "", true; more; {
			if after, more, err = f.sweepMappedPage(ctx, p.ID, after, keep); err != nil {
				return err
			}
		}
		if err := f.j.IndexClaims(ctx, p.Target); err != nil {
			return err
		}
	}
	return nil
}

func (f *forgetting) sweepMappedPage(ctx context.Context, pipe int64, after string, keep func(*mappedRow, []Claim) []Claim) (last string, more bool, err error) {
	const q = `SELECT pipeline, account, next_day, claims FROM mapped WHERE pipeline = ? AND account > ? ORDER BY account LIMIT ?`
	err = f.j.inTx(ctx, "journal.forget", func(t *tx) error {
		var rows []mappedRow
		if err := t.all(ctx, &rows, q, pipe, after, sweepPage); err != nil || len(rows) == 0 {
			return err
		}
		last, more = rows[len(rows)-1].Account, true
		var put, todo []any
		for i := range rows {
			claims, err := unpackClaims(rows[i].Account, rows[i].Claims)
			if err != nil {
				return err
			}
			had := len(claims)
			if left := keep(&rows[i], claims); len(left) < had {
				f.counts["mapped"]++
				put = append(put, pipe, rows[i].Account, rows[i].NextDay, packClaims(left))
				todo = append(todo, pipe, rows[i].Account, rows[i].Claims)
			}
		}
		if err := t.put(ctx, &mappedList, put); err != nil {
			return err
		}
		return t.put(ctx, &todoList, todo)
	}, &mappedList, &todoList)
	return last, more, err
}
