package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/journal"
)

// printHolds says what the helpdesk holds, who wrote it, and what stands in the way.
func (s *session) printHolds(ctx context.Context, x *explained) error {
	if x.holder == "" {
		return nil
	}
	have, there := x.subject.Holds(x.holder)
	words := "has no organization for it"
	if !there {
		went, err := s.wentInto(ctx, x.target, x.Account)
		if err != nil {
			return err
		}
		words += went
	}
	if there {
		whose, err := s.writer(ctx, x, have)
		if err != nil {
			return err
		}
		words = "holds " + have.String() + whose
		if x.holder != x.Field {
			words = "holds " + have.String() + " in " + strings.TrimPrefix(x.holder, helpdesk.FieldPrefix) + whose
		}
	}
	s.row(x.target, words, "")
	for _, i := range x.subject.Items {
		if i.Kind == helpdesk.Organization && (i.Field == x.holder || i.Field == "" && i.Class != journal.ItemFinding) {
			s.row("but", strings.ReplaceAll(i.Code, "_", " ")+": "+i.Text, "")
		}
	}
	return nil
}

// writer says who wrote what the helpdesk holds of the field.
func (s *session) writer(ctx context.Context, x *explained, have helpdesk.Value) (string, error) {
	last, wrote := x.subject.Org.Last.Get(x.holder)
	switch {
	case !x.subject.Org.Written || !wrote:
		return ", which desksync never wrote", nil
	case last != have:
		return ", edited there; desksync last wrote " + last.String(), nil
	}
	run, err := s.wrote(ctx, x)
	if err != nil || run == nil {
		return ", as desksync found it", err
	}
	return fmt.Sprintf(" since %s, written by run %d", run.Started.UTC().Format("2006-01-02 15:04:05"), run.ID), nil
}

// historyPage is how many changes of an account are looked through at once.
const historyPage = 100

// wrote is the run that last wrote the field; nil where none did, because the value
// stood there before.
func (s *session) wrote(ctx context.Context, x *explained) (*journal.Run, error) {
	for before := int64(0); ; {
		list, err := s.journal.History(ctx, x.Account, before, historyPage)
		if err != nil {
			return nil, err
		}
		for i := range list {
			before = list[i].Run
			if !writes(&list[i], x.holder) {
				continue
			}
			run, err := s.journal.RunByID(ctx, list[i].Run)
			if err != nil {
				return nil, err
			}
			if run.Target == x.target && !run.Sealed.IsZero() {
				return &run, nil
			}
		}
		if len(list) < historyPage {
			return nil, nil //nolint:nilnil // nobody
		}
	}
}

// writes reports whether a change of a run wrote a field.
func writes(m *journal.Made, field string) bool {
	if m.Kind != helpdesk.Organization || m.Hold != "" || m.Dropped != "" || m.Op == journal.OpNote {
		return false
	}
	c, err := helpdesk.UnpackChange(m.Body)
	if err != nil {
		return false
	}
	for d := range c.Writes() {
		if d.Field == field {
			return true
		}
	}
	return false
}
