package cases

import (
	"context"
	"slices"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// announce finds the organizations that the calendar alone has moved: those for which
// the CRM, as the case has it, led on an earlier day to exactly what was written. The
// guards let what was announced in advance pass.
func (v *world) announce(ctx context.Context, notes []journal.ObjectNote) error {
	var accounts []string
	for _, n := range notes {
		if n.Kind == helpdesk.Organization && len(n.Last) > 0 {
			accounts = append(accounts, n.Key)
		}
	}
	if len(accounts) == 0 || len(v.c.CRM.Subscriptions)+len(v.pipeline.Overrides) == 0 {
		return nil
	}
	if err := v.diff(ctx, v.pipeline); err != nil {
		return err
	}
	r := v.reconciler(v.pipeline)
	groups, err := r.Groups(ctx, accounts)
	if err != nil {
		return err
	}
	rules, err := r.Recorded(ctx)
	if err != nil {
		return err
	}
	w := rules.NewWorker()
	for i := range groups {
		n := slices.IndexFunc(notes, func(n journal.ObjectNote) bool {
			return n.Kind == helpdesk.Organization && n.Key == groups[i].Account.ID
		})
		if v.wasOnce(w, &groups[i], notes[n].Last) {
			notes[n].Source, notes[n].Digest = groups[i].Source, groups[i].Digest
		}
	}
	return nil
}

// maxBoundaries bounds how many days of an account's past are tried: rules may name
// a boundary for every day.
const maxBoundaries = 200

// wasOnce reports whether the rules led to these fields on an earlier day. Between
// two boundaries nothing changes, so that one day of each stretch tells.
func (v *world) wasOnce(w *mapping.Worker, g *reconcile.Staged, last helpdesk.Fields) bool {
	d := day.Day(1)
	for range maxBoundaries {
		res, err := w.Map(&g.Group, d)
		if err != nil {
			return false
		}
		if res.Skip == "" && v.wants(res.Org.Fields, last) {
			return true
		}
		if d = res.Next; d == 0 || d >= v.c.Day {
			return false
		}
	}
	return false
}

// wants reports whether wanted fields hold all of others.
func (v *world) wants(fields, others helpdesk.Fields) bool {
	return !slices.ContainsFunc(others, func(f helpdesk.Field) bool {
		want, _ := fields.Get(f.Name)
		return !v.equal(helpdesk.Organization, f.Name, want, f.Value)
	})
}
