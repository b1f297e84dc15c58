package main

import (
	"context"
	"slices"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sla"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// view says how the changes of a run are shown.
type view struct {
	pipeline string
	keeps    func(*helpdesk.Change) bool // may cut a change down; nil: all
	filter   string                      // what keeps is, as flags; empty: nothing
	max      int                         // organizations in text; 0: all
	rest     string                      // command that shows what is left out
}

// viewPage is how many changes are looked up together.
const viewPage = 200

// viewer shows changes: with the names of their organizations, and the SLA policy
// before and after.
type viewer struct {
	*session
	view
	target  string
	rules   *sla.Rules // nil: the pipeline is not in the file any more
	print   func(changeset.Entry) error
	full    func() bool // nothing more is shown, only counted
	objects journal.Objects
}

// printChanges streams the changes of a run, for people or as JSON lines.
func (s *session) printChanges(ctx context.Context, run int64, how view) error {
	v := &viewer{session: s, view: how}
	if w, err := s.wire(s.file, how.pipeline); err == nil {
		v.target, v.rules = w.Config.To, w.Rules()
	}
	end := v.begin()
	var page []helpdesk.Change
	all, shown := 0, 0
	for c, err := range reconcile.Changes(ctx, s.journal, run, journal.ChangeFilter{}) {
		if err != nil {
			return err
		}
		if all++; v.keeps != nil && !v.keeps(&c) {
			continue
		}
		shown++
		if page = append(page, c); len(page) == viewPage {
			if err := v.show(ctx, page); err != nil {
				return err
			}
			page = page[:0]
		}
	}
	if err := v.show(ctx, page); err != nil {
		return err
	}
	if err := end(); err != nil || v.filter == "" || v.json {
		return err
	}
	s.prose(0, "%s: %s of %s; the sums of the run count all", strings.TrimSpace(v.filter), crm.Count(shown), count(all, "change"))
	return nil
}

// begin chooses the form of the output.
func (v *viewer) begin() (end func() error) {
	if v.json {
		v.print, v.full = changeset.NewEncoder(v.out).Encode, func() bool { return false }
		return func() error { return nil }
	}
	p := changeset.NewPrinter(v.out, changeset.TextOptions{Width: v.width(), Color: v.color(), Max: v.max, NameOf: v.nameOf, Rest: v.rest})
	v.print, v.full = p.Print, p.Full
	return p.Close
}

func (v *viewer) show(ctx context.Context, page []helpdesk.Change) error {
	if err := v.look(ctx, page); err != nil {
		return err
	}
	for i := range page {
		if err := v.print(v.entry(&page[i])); err != nil {
			return err
		}
	}
	return nil
}

// look reads what is recorded of the organizations of a page.
func (v *viewer) look(ctx context.Context, page []helpdesk.Change) (err error) {
	if v.full() || v.target == "" {
		return nil
	}
	var accounts []string
	for i := range page {
		accounts = append(accounts, page[i].Account)
	}
	slices.Sort(accounts)
	v.objects, err = v.journal.ObjectsOf(ctx, v.target, slices.Compact(accounts), nil)
	return err
}

func (v *viewer) nameOf(account string) string { return nameIn(&v.objects, account) }

func nameIn(objects *journal.Objects, account string) string {
	o := objects.Organization(account)
	if o == nil {
		return ""
	}
	name, _ := o.Have.Get(helpdesk.Name)
	return name.Text()
}

func (v *viewer) entry(c *helpdesk.Change) changeset.Entry {
	e := changeset.Entry{Change: c}
	if v.rules == nil || v.full() || c.Ref.Kind != helpdesk.Organization || c.Op == helpdesk.Retire || c.Op == helpdesk.Delete || c.Op == helpdesk.Merge || c.Hold != "" {
		return e
	}
	e.PolicyFrom, e.PolicyTo = v.policies(c)
	return e
}

// policies are the SLA policies of a ticket of the organization before the change and
// after it, whether or not it is made by now.
func (v *viewer) policies(c *helpdesk.Change) (before, after string) {
	was, will := map[string]bool{}, map[string]bool{}
	if o := v.objects.Organization(c.Account); o != nil {
		for _, tag := range o.Have.Family(helpdesk.TagPrefix) {
			was[tag], will[tag] = true, true
		}
	}
	moves := false
	for d := range c.Writes() {
		if tag, is := strings.CutPrefix(d.Field, helpdesk.TagPrefix); is {
			was[tag], will[tag], moves = d.Have.True(), d.Want.True(), true
		}
	}
	if !moves {
		return "", ""
	}
	return v.policyOf(was), v.policyOf(will)
}

func (v *viewer) policyOf(tags map[string]bool) string {
	var list []string
	for tag, has := range tags {
		if has {
			list = append(list, tag)
		}
	}
	slices.Sort(list)
	policy, _ := v.rules.PolicyFor(sla.Ticket{Tags: list})
	return policy.Name
}
