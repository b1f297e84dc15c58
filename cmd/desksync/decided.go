package main

import (
	"cmp"
	"context"
	"strings"

	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// settleMatters notes of matters that somebody decided about them since they were seen
// last: the next run acts on it.
func (s *session) settleMatters(ctx context.Context, pipeline int64, list []*matter) error {
	if len(list) == 0 || list[0].Class == journal.ItemMerge {
		return nil // what is to be merged says itself how it stands
	}
	byItem, byField := map[int64]*journal.Decision{}, map[sharedBy]*journal.Decision{}
	for d, err := range s.journal.EachDecision(ctx, journal.DecisionFilter{Pipeline: pipeline}) {
		if err != nil {
			return err
		}
		switch {
		case d.Action == reconcile.ActionAssign:
			byField[sharedBy{pipeline: d.Pipeline, field: d.Field}] = &d
		case d.Item != 0:
			byItem[d.Item] = &d
		}
	}
	for _, m := range list {
		d := byItem[m.ID]
		if m.Class == journal.ItemConflict {
			d = nil // what was given away and waits for its room is no question any more
			if strings.HasSuffix(m.Text, reconcile.UntilDecided) {
				d = byField[sharedBy{pipeline: m.Pipeline, field: m.Field}]
			}
		}
		if err := s.settleMatter(ctx, m, d); err != nil {
			return err
		}
	}
	return nil
}

// settleMatter takes a decision for one about the matter as it stands, unless a run saw
// both.
func (s *session) settleMatter(ctx context.Context, m *matter, d *journal.Decision) error {
	if d == nil {
		return nil
	}
	seen, err := s.journal.RunByID(ctx, m.LastRun)
	if err == nil && !d.At.Before(seen.Started) {
		m.decided = d
	}
	return err
}

// text is the sentence below a matter.
func (m *matter) text() string {
	if m.decided == nil {
		return m.Text
	}
	what := m.decided.Action
	switch what {
	case reconcile.ActionAssign:
		what = "it goes to " + cmp.Or(m.decided.Value.Text(), m.decided.Account)
	case journal.ActionOverride:
		what = "adopt"
	}
	return strings.TrimSuffix(m.Text, reconcile.UntilDecided) + "; decided: " + what + "; the next run acts on it"
}

// settledGuards are the items of guards whose run was approved or rejected since a run saw
// them last; of the rejected ones the next run lists what is held, change by change.
func (s *session) settledGuards(ctx context.Context, pipeline int64) (settled map[int64]bool, rejected int, err error) {
	settled = map[int64]bool{}
	for i, err := range s.journal.EachItem(ctx, journal.ItemFilter{Pipeline: pipeline, Class: journal.ItemGuard}) {
		if err != nil {
			return nil, 0, err
		}
		how, err := s.guardSettled(ctx, &i)
		if err != nil {
			return nil, 0, err
		}
		settled[i.ID] = how != ""
		if how == string(changeset.Reject) {
			rejected++
		}
	}
	return settled, rejected, nil
}

// guardSettled says what was decided of a guard's hold since a run saw it last; empty:
// nothing.
func (s *session) guardSettled(ctx context.Context, i *journal.Item) (string, error) {
	hold, err := s.holdOf(ctx, i.Pipeline, i.LastRun)
	if err != nil || hold.ID == 0 {
		return "", err
	}
	if by, err := s.approvedBy(ctx, &hold); by > i.LastRun || err != nil {
		return actionApprove, err
	}
	seen, err := s.journal.RunByID(ctx, i.LastRun)
	if err != nil {
		return "", err
	}
	at, err := s.rejectedAt(ctx, &hold)
	if err != nil || at.IsZero() || at.Before(seen.Started) {
		return "", err
	}
	return string(changeset.Reject), nil
}

// putBack counts the values that undo put back and that no run has listed as held yet.
func (s *session) putBack(ctx context.Context, pipeline int64) (n int, err error) {
	last := map[int64]int64{}
	for d, err := range s.journal.EachDecision(ctx, journal.DecisionFilter{Pipeline: pipeline, Action: string(changeset.Pin)}) {
		if err != nil {
			return n, err
		}
		if _, known := last[d.Pipeline]; !known {
			if last[d.Pipeline], err = s.lastLook(ctx, d.Pipeline); err != nil {
				return n, err
			}
		}
		if d.Run > last[d.Pipeline] {
			n++
		}
	}
	return n, nil
}

// lastLook is the last run of a pipeline that compared and listed what it found.
func (s *session) lastLook(ctx context.Context, pipeline int64) (int64, error) {
	for r, err := range s.journal.EachRun(ctx, journal.RunFilter{Pipeline: pipeline}) {
		if err != nil || r.Mode.Looks() && r.Mode != journal.Forecast && !r.Finished.IsZero() {
			return r.ID, err
		}
	}
	return 0, nil
}
