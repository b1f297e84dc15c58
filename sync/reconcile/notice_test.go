package reconcile_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/reconcile"
)

// policed is a helpdesk with SLA policies of its own, and a login that ends.
type policed struct {
	*helpdesktest.Fake
	list []helpdesk.SLAPolicy
	err  error
	ends []string
}

func (p *policed) SLAPolicies(context.Context) ([]helpdesk.SLAPolicy, error) { return p.list, p.err }
func (p *policed) Expires() []string                                         { return p.ends }

// asks is a policy for tickets with a tag.
func asks(title string, tags ...string) helpdesk.SLAPolicy {
	return helpdesk.SLAPolicy{Title: title, All: []helpdesk.Condition{{Field: helpdesk.TicketTags, Operator: helpdesk.Includes, Values: tags}}}
}

// notices are the open findings about the helpdesk as a whole, by their codes.
func (w *world) notices() string {
	w.Helper()
	var codes []string
	for _, i := range w.items() {
		for _, code := range []string{helpdesk.NoPolicy, helpdesk.TagUnasked, helpdesk.PolicyOrder, helpdesk.PolicyShadowed, reconcile.CodeExpires, "policies not shown"} {
			if i == "finding "+code {
				codes = append(codes, code)
			}
		}
	}
	slices.Sort(codes)
	return strings.Join(codes, ", ")
}

func TestTheHelpdesksSLAPoliciesAreComparedWithTheConfiguredOnes(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		desk := &policed{Fake: w.desk}
		w.pipe.Target = desk
		for _, step := range []struct {
			has  string
			list []helpdesk.SLAPolicy
			want string
		}{
			{"what is configured", []helpdesk.SLAPolicy{asks("Priority", "gold", "premium"), asks("Standard", "starter")}, ""},
			{"another order", []helpdesk.SLAPolicy{asks("Standard", "starter"), asks("Priority", "gold", "premium")}, "policy order"},
			{"one that is wider above", []helpdesk.SLAPolicy{asks("Priority", "gold", "premium", "starter"), asks("Standard", "starter")}, "policy shadowed"},
			{"one less", []helpdesk.SLAPolicy{asks("Priority", "gold", "premium")}, "no policy, tag without policy"},
			{"what is configured again", []helpdesk.SLAPolicy{asks("Priority", "gold", "premium"), asks("Standard", "starter")}, ""},
		} {
			desk.list = step.list
			diff := w.run(reconcile.Trigger{Mode: reconcile.Diff})
			rep := w.run()
			var said []string
			for _, n := range rep.Notices {
				said = append(said, n.Code)
			}
			if got := strings.Join(said, ", "); got != step.want || w.notices() != step.want || len(diff.Notices) != len(said) {
				t.Errorf("with %s the run notices %q, the diff %v, and %q stay open; want %q", step.has, got, diff.Notices, w.notices(), step.want)
			}
			if rep.State == "partly" || rep.State == "held" || rep.State == "failed" {
				t.Errorf("with %s the run ends as %s; a finding stops nothing", step.has, rep.State)
			}
		}
	})
}

// TestNoticesOutliveARunOverSomeAccounts: such a run does not ask, and what is open stays.
func TestNoticesOutliveARunOverSomeAccounts(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		desk := &policed{Fake: w.desk, list: []helpdesk.SLAPolicy{asks("Standard", "starter"), asks("Priority", "gold", "premium")}, ends: []string{"the login ends on 2027-04-30"}}
		w.pipe.Target = desk
		w.run()
		rep := w.run(reconcile.Trigger{Only: []string{"A1"}})
		if want := "login ends, policy order"; w.notices() != want || len(rep.Notices) != 0 {
			t.Errorf("open are %q, want %q; the run over one account notices %v, want nothing", w.notices(), want, rep.Notices)
		}
		desk.list, desk.ends = nil, nil
		desk.err = fault.New("fake", fault.Unsupported, errors.New("support shows no SLA policies: they need another plan"))
		rep = w.run()
		if w.notices() != "policies not shown" || !strings.Contains(rep.Notices[0].Text, "another plan; they were not compared") {
			t.Errorf("where there are none to see, open are %q: %v", w.notices(), rep.Notices)
		}
		desk.err = errDown
		if _, err := w.try(reconcile.Trigger{}); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("where nobody answers the run gives %v, want unavailable", err)
		}
	})
}
