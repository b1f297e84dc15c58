package sqldesk

import (
	"cmp"
	"context"

	"github.com/desksync/desksync/helpdesk"
)

// NewOrganization is an organization to be made by hand.
type NewOrganization struct {
	ID         int64  // 0: the store gives one
	ExternalID string // the account; empty: it belongs to none yet
	Name       string
	Fields     helpdesk.Fields // custom fields, texts, tags, domains and groups, as a listing shows them
}

// CreateOrganization makes an organization by hand. A sync that maps its account, or
// is told to link it, takes it over as it is.
func (s *Store) CreateOrganization(ctx context.Context, who Actor, n NewOrganization) (int64, error) {
	if err := s.may(who, "create organization"); err != nil {
		return 0, err
	}
	w := &orgWork{dirty: true}
	w.row.ID, w.row.ExternalID, w.row.Fields = n.ID, nullText(n.ExternalID), "{}"
	fields := n.Fields.With(helpdesk.Name, helpdesk.TextOf(n.Name))
	err := s.write(ctx, "create organization", func(t *txn) error {
		w.fresh = true
		if err := s.layAll(w, fields); err != nil {
			return err
		}
		if err := cmp.Or(t.refuseTaken("create organization", w), s.refuseTwin(t, "create organization", w)); err != nil {
			return err
		}
		given := w.row.ID != 0
		b := &batch{s: s, t: t}
		if err := b.numberOrgs([]*orgWork{w}); err != nil {
			return err
		}
		if err := b.putByHand(w); err != nil || !given {
			return err
		}
		return t.taken("organization")
	})
	return w.row.ID, err
}

// Edit changes fields of an organization by hand; the empty value empties a field.
// The next sync sees it as somebody else's doing.
func (s *Store) Edit(ctx context.Context, organization int64, fields helpdesk.Fields) error {
	return s.write(ctx, "edit", func(t *txn) error {
		w := &orgWork{}
		ok, err := t.find(&w.row, `SELECT `+orgColumns+` FROM organization WHERE id = ?`, organization)
		if err != nil || !ok {
			return orNotFound(err, "edit", organization)
		}
		w.old = w.row.Fold
		if w.entries, err = readEntries(w.row.Fields); err != nil {
			return invalid("edit", "the fields of organization %d are not a JSON object: %w", organization, err)
		}
		if err := s.layAll(w, fields); err != nil {
			return err
		}
		if err := s.refuseTwin(t, "edit", w); err != nil {
			return err
		}
		return (&batch{s: s, t: t}).putByHand(w)
	})
}

func orNotFound(err error, op string, organization int64) error {
	if err != nil {
		return err
	}
	return notFound(op, "there is no organization %d", organization)
}

func (s *Store) layAll(w *orgWork, fields helpdesk.Fields) error {
	for _, f := range fields {
		if err := s.lay(w, helpdesk.Delta{Field: f.Name, Want: f.Value}); err != nil {
			return err
		}
	}
	return w.complete()
}

// refuseTaken refuses a number or an account that another organization has: written under
// its number, the new one would replace it.
func (t *txn) refuseTaken(op string, w *orgWork) error {
	var other namedRow
	held, err := t.find(&other, `SELECT `+namedColumns+` FROM organization o WHERE o.id = ? OR o.external_id = ? ORDER BY o.id`, w.row.ID, w.row.ExternalID)
	switch {
	case w.row.ID < 0:
		return invalid(op, "a number is 1 or more, and not %d", w.row.ID)
	case err != nil || !held:
		return err
	case other.ID == w.row.ID:
		return invalid(op, "the number %d is taken by %s", other.ID, other.named())
	default:
		return invalid(op, "the account %s belongs to %s already", other.ExternalID.String, other.named())
	}
}

// refuseTwin refuses a name that another organization holds.
func (s *Store) refuseTwin(t *txn, op string, w *orgWork) error {
	if s.opt.SharedNames || w.old == w.row.Fold {
		return nil
	}
	var twin namedRow
	held, err := t.find(&twin, `SELECT `+namedColumns+` FROM organization o WHERE o.name_fold = ? AND o.id <> ?`, w.row.Fold, w.row.ID)
	if err == nil && held {
		err = invalid(op, "%s is called so already, and names are unique here", twin.named())
	}
	return err
}

// putByHand writes one organization outside of Apply: the triggers give it its place
// in the feed.
func (b *batch) putByHand(w *orgWork) error {
	works := []*orgWork{w}
	moves, err := b.partMoves(works)
	if err != nil || !w.dirty {
		return err
	}
	r, now := &w.row, b.now()
	row := []any{r.ID, r.ExternalID, r.Name, r.Fold, r.Summary, r.Contact, r.Notes, w.entries.write(), r.MarkedOn, now, now, r.Seq, r.Writer, r.Other}
	table := orgTable
	table.Conflict = orgChanged
	if err := b.t.load(table, func(yield func([]any) bool) { yield(row) }); err != nil {
		return err
	}
	return b.moveParts(moves)
}

// DeleteOrganization deletes an organization by hand, with its memberships, domains
// and tags: never while a ticket is not closed, and never one that is exempted.
func (s *Store) DeleteOrganization(ctx context.Context, who Actor, organization int64) error {
	if err := s.may(who, "delete organization"); err != nil {
		return err
	}
	return s.write(ctx, "delete organization", func(t *txn) error {
		var fields string
		ok, err := t.find(&fields, `SELECT fields FROM organization WHERE id = ?`, organization)
		if err != nil || !ok {
			return orNotFound(err, "delete organization", organization)
		}
		if err := t.deletable(s, organization, fields); err != nil {
			return err
		}
		_, err = t.change("organization", `DELETE FROM organization WHERE id = ?`, organization)
		return err
	})
}
