package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
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
		if i.Kind == helpdesk.Organization && (i.Field == x.holder || i.Field == "" && i.Class != journal.ItemFinding || reconcile.Wholly(&i)) {
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
	run, value, err := s.wrote(ctx, x)
	switch {
	case err != nil:
		return "", err
	case run == nil:
		return ", as desksync found it", nil
	case value != have:
		adopted, err := s.adopted(ctx, x, have)
		return fmt.Sprintf(", set there by hand after run %d wrote %s%s", run.ID, value, adopted), err
	}
	return fmt.Sprintf(" since %s, written by run %d", run.Started.UTC().Format("2006-01-02 15:04:05"), run.ID), nil
}

// historyPage is how many changes of an account are looked through at once.
const historyPage = 100

// adopted names the decision by which a value of the helpdesk became what is wanted.
func (s *session) adopted(ctx context.Context, x *explained, have helpdesk.Value) (string, error) {
	filter := journal.DecisionFilter{Pipeline: x.run.Pipeline, Action: journal.ActionOverride, Accounts: []string{x.Account}}
	for d, err := range s.journal.EachDecision(ctx, filter) {
		if err != nil {
			return "", err
		}
		if d.Item != 0 && d.Field == strings.TrimPrefix(x.holder, helpdesk.FieldPrefix) && d.Value.Text() == have.Text() {
			return fmt.Sprintf(", and adopted on %s by %s (decision %d)", d.At.UTC().Format("2006-01-02 15:04"), d.Author, d.ID), nil
		}
	}
	return "", nil
}

// wrote is the run that last wrote the field, and what; nil where none did, because
// the value stood there before.
func (s *session) wrote(ctx context.Context, x *explained) (*journal.Run, helpdesk.Value, error) {
	none := helpdesk.Value{}
	for before := int64(0); ; {
		list, err := s.journal.History(ctx, x.Account, before, historyPage)
		if err != nil {
			return nil, none, err
		}
		for i := range list {
			before = list[i].Run
			value, ok := writes(&list[i], x.holder)
			if !ok {
				continue
			}
			run, err := s.journal.RunByID(ctx, list[i].Run)
			if err != nil {
				return nil, none, err
			}
			if run.Target == x.target && !run.Sealed.IsZero() {
				return &run, value, nil
			}
		}
		if len(list) < historyPage {
			return nil, none, nil
		}
	}
}

// writes reports whether a change of a run wrote a field, and what.
func writes(m *journal.Made, field string) (helpdesk.Value, bool) {
	if m.Kind != helpdesk.Organization || m.Hold != "" || m.Dropped != "" || m.Op == journal.OpNote {
		return helpdesk.Value{}, false
	}
	c, err := helpdesk.UnpackChange(m.Body)
	if err != nil {
		return helpdesk.Value{}, false
	}
	for d := range c.Writes() {
		if d.Field == field {
			return d.Want, true
		}
	}
	return helpdesk.Value{}, false
}
