package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/desksync/desksync/sync/journal"
)

// guardSaid is what a guard said when it held something in a run.
type guardSaid struct{ Guard, Text string }

// printGuards says what guards held in a run, as they said it then, and how that stands now.
func (s *session) printGuards(ctx context.Context, run *journal.Run) error {
	var totals struct {
		Guards []guardSaid `json:"guards"`
	}
	if s.json || len(run.Totals) == 0 {
		return nil
	}
	if err := json.Unmarshal(run.Totals, &totals); err != nil {
		return fmt.Errorf("what is recorded of run %d cannot be read: %w", run.ID, err)
	}
	for _, g := range totals.Guards {
		i, err := s.guardItem(ctx, run, g.Guard)
		if err != nil {
			return err
		}
		s.prose(0, "HELD since %s by guard %q: %s", i.Since.UTC().Format("2006-01-02 15:04"), g.Guard, g.Text)
		if err := s.printStanding(ctx, run, &i); err != nil {
			return err
		}
	}
	return nil
}

// guardItem is what the journal has of a guard that held something in a run; where it was
// over and came again, no more than when this run saw it.
func (s *session) guardItem(ctx context.Context, run *journal.Run, guard string) (journal.Item, error) {
	for i, err := range s.journal.EachItem(ctx, journal.ItemFilter{Pipeline: run.Pipeline, Class: journal.ItemGuard, Code: guard, Seen: run.ID}) {
		return i, err
	}
	return journal.Item{Since: run.Started, Over: run.Started}, nil
}

// stands reports whether what a run holds may be decided about: no later one holds
// something else.
func (s *session) stands(ctx context.Context, run *journal.Run) (bool, error) {
	if run.Sealed.IsZero() {
		return false, nil
	}
	err := s.newest(ctx, run, actionApprove)
	if refusal := (*exitError)(nil); errors.As(err, &refusal) {
		return false, nil
	}
	return err == nil, err
}

// printStanding says what became of what a run held by a guard.
func (s *session) printStanding(ctx context.Context, run *journal.Run, i *journal.Item) error {
	by, err := s.approvedBy(ctx, run)
	if err != nil {
		return err
	}
	at, err := s.rejectedAt(ctx, run)
	if err != nil {
		return err
	}
	hold, err := s.holdOf(ctx, run.Pipeline, 0)
	if err != nil {
		return err
	}
	later, err := s.approvedBy(ctx, &hold)
	if err != nil {
		return err
	}
	stands, err := s.stands(ctx, run)
	if err != nil {
		return err
	}
	switch {
	case by != 0:
		s.prose(0, "approved: run %d wrote it", by)
	case !at.IsZero():
		s.prose(0, "rejected on %s: it stays held until what the CRM wants changes", at.UTC().Format("2006-01-02 15:04"))
	case !i.Over.IsZero():
		s.prose(0, "over: later runs hold nothing of it")
	case later > i.LastRun:
		s.prose(0, "over: run %d held what stood last, and run %d wrote it", hold.ID, later)
	case hold.ID != 0 && stands:
		s.hint("approve: desksync approve %d · reject: desksync reject %d --reason \"…\"", run.ID, run.ID)
	case hold.ID != 0:
		s.hint("run %d holds what stands now: desksync runs show %d --held", hold.ID, hold.ID)
	default:
		s.hint("this run only looked: desksync reconcile holds what is too much, and names the run to approve")
	}
	return nil
}
