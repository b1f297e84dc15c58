package reconcile_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/reconcile"
)

// sighted is a CRM that knows what it showed before.
type sighted struct {
	*changing
	known  crm.Schema // what Describe tells; without an Account it asks
	looked int
	change func(*crm.Schema) // what became of the columns since
}

// Describe implements crm.Source.
func (s *sighted) Describe(ctx context.Context) (crm.Schema, error) {
	if s.known.Account == "" {
		return s.Look(ctx)
	}
	return s.known, nil
}

// Look implements crm.Sighted.
func (s *sighted) Look(ctx context.Context) (schema crm.Schema, err error) {
	s.looked++
	if schema, err = s.changing.Describe(ctx); err == nil && s.change != nil {
		s.change(&schema)
	}
	s.known = schema
	return schema, err
}

// Sight implements crm.Sighted.
func (s *sighted) Sight() string { return s.known.Account }

// Recognize implements crm.Sighted.
func (s *sighted) Recognize(sight string) {
	s.known, _ = s.changing.Describe(context.Background()) // in memory, and never fails
	s.known.Account = sight
}

// process gives the pipeline a source of its own, as each command has.
func (w *world) process(change func(*crm.Schema)) *sighted {
	w.Helper()
	next := &sighted{changing: newChanging(w.crm), change: change}
	if before, ok := w.pipe.Source.(*sighted); ok {
		next.pictures = before.pictures
	}
	w.pipe.Source = next
	if err := reconcile.Recognize(w.Context(), w.journal, w.pipe.Name, w.pipe.Config, next); err != nil {
		w.Fatal(err)
	}
	return next
}

func TestWhatTheLoginSeesIsAskedForAFullRead(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.process(nil)
		w.run()
		for _, tt := range []struct {
			full   bool
			looked int
		}{{false, 0}, {true, 1}} {
			source := w.process(nil)
			if rep := w.run(reconcile.Trigger{Full: tt.full}); source.looked != tt.looked || rep.Since.IsZero() != tt.full {
				w.Errorf("full %v: looked %d times, want %d; since %v", tt.full, source.looked, tt.looked, rep.Since)
			}
		}
		w.pipe.Config += "another"
		if source := w.process(nil); source.known.Account != "" {
			w.Error("of another configuration, it goes on from what was seen")
		}
	})
}

func TestAColumnThatIsSeenInAnotherWayEndsAFullRead(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.process(nil)
		w.run()
		w.process(func(s *crm.Schema) {
			s.Columns[crm.Account] = slices.DeleteFunc(s.Columns[crm.Account], func(c crm.Column) bool { return c.Name == "Owner" })
		})
		if rep := w.run(reconcile.Trigger{Full: true}); len(rep.Incomplete()) != 1 || !strings.Contains(rep.Incomplete()[0].Report.Why, "no longer sees the account column Owner") {
			w.Errorf("hidden: %+v", rep.Reads)
		}
		w.process(nil)
		w.run(reconcile.Trigger{Full: true})
		w.process(func(s *crm.Schema) {
			for i := range s.Columns[crm.Account] {
				s.Columns[crm.Account][i].Type = crm.Multi
			}
		})
		_, err := w.reconciler().Run(w.Context(), reconcile.Trigger{Full: true})
		if fault.KindOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "another type than it did: run again") {
			w.Errorf("another type: %v", err)
		}
	})
}
