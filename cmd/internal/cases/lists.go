package cases

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/config/casefile"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/changeset"
)

// lists checks which organizations are created, changed, marked and deleted.
func (k *checker) lists() {
	e := k.c.Expect
	for _, x := range []struct {
		name   string
		expect casefile.List[string]
		is     func(*helpdesk.Change) bool
	}{
		{"creates", e.Creates, func(c *helpdesk.Change) bool { return c.Op == helpdesk.Create }},
		{"updates", e.Updates, func(c *helpdesk.Change) bool {
			return c.Op == helpdesk.Update || c.Op == helpdesk.Retire && !k.marks(c)
		}},
		{"retires", e.Retires, func(c *helpdesk.Change) bool { return c.Op == helpdesk.Retire && k.marks(c) }},
		{"deletes", e.Deletes, func(c *helpdesk.Change) bool { return c.Op == helpdesk.Delete }},
	} {
		if x.expect.Given {
			k.accounts(x.name, x.expect, x.is)
		}
	}
}

// marks reports whether a change sets the mark.
func (o *outcome) marks(c *helpdesk.Change) bool {
	for d := range c.Writes() {
		if d.Field == o.pipeline.Mark.Field && d.Want.True() {
			return true
		}
	}
	return false
}

func (k *checker) accounts(name string, expect casefile.List[string], is func(*helpdesk.Change) bool) {
	var got []string
	for i := range k.changes {
		if c := &k.changes[i]; c.Ref.Kind == helpdesk.Organization && k.applied(c) && is(c) {
			got = append(got, c.Ref.Key)
		}
	}
	got = sortedSet(got)
	for i, id := range expect.Items {
		if key := k.canonical(id); !slices.Contains(got, key) {
			ref := helpdesk.Ref{Kind: helpdesk.Organization, Key: key}
			k.fail(fmt.Sprintf("%s[%d]", name, i), k.label(key), "not among the "+name, k.whole(ref)...)
		}
	}
	for _, key := range got {
		if !slices.ContainsFunc(expect.Items, func(id string) bool { return k.canonical(id) == key }) {
			k.fail(name, "no "+k.label(key), "it is among the "+name, k.whole(helpdesk.Ref{Kind: helpdesk.Organization, Key: key})...)
		}
	}
}

func (k *checker) skipped(expect casefile.List[string]) {
	if !expect.Given {
		return
	}
	rest := k.skippedRows()
	for i, part := range expect.Items {
		n := slices.IndexFunc(rest, func(s string) bool { return strings.Contains(s, part) })
		if n < 0 {
			k.fail(fmt.Sprintf("skipped[%d]", i), "a row that is skipped because of "+strconv.Quote(part), orElse(strings.Join(rest, "; "), "every row is read"))
			continue
		}
		rest = slices.Delete(rest, n, n+1)
	}
	for _, s := range rest {
		k.fail("skipped", "no such row", s)
	}
}

// skippedRows are the rows that could not be read, with the place in the case.
func (o *outcome) skippedRows() []string {
	var out []string
	for _, read := range o.rep.Reads {
		for _, bad := range read.Report.Skipped {
			out = append(out, o.export.inCase(bad.Where+": "+bad.What+"; "+bad.Fix))
		}
	}
	return out
}

func (k *checker) tickets(expect casefile.List[casefile.Policy]) {
	for i, want := range expect.Items {
		if got := k.ticketPolicy(i); !strings.EqualFold(got, string(want)) {
			k.fail(fmt.Sprintf("tickets[%d]", i), string(want), got, "tags "+listText(k.ticketTags(i)))
		}
	}
}

func (o *outcome) ticketPolicy(i int) string {
	t := o.c.Helpdesk.Tickets[i]
	name, _ := o.store.PolicyFor(o.ticketTags(i), t.Form, t.Stage)
	return orElse(name, noPolicy)
}

// ticketTags are those that the case gives a ticket, else those that its
// organization had when the case began.
func (o *outcome) ticketTags(i int) []string {
	t := o.c.Helpdesk.Tickets[i]
	if t.Tags != nil {
		return sortedSet(t.Tags)
	}
	id := strconv.FormatInt(o.orgs[string(t.Organization)], 10)
	return o.before[helpdesk.Organization][id].Fields.Family(helpdesk.TagPrefix)
}

const nobody = "nobody"

func (k *checker) joins(ctx context.Context, expect config.Map[config.Literal]) error {
	for email, want := range expect.All() {
		got, why, err := k.joinOf(ctx, email)
		if err != nil {
			return err
		}
		if !slices.Contains(got, string(*want)) {
			k.fail("joins."+email, string(*want), got[0], why...)
		}
	}
	return nil
}

// joinOf is what a case may call the organization that a new user with an address would
// belong to, best first: as the case has it, its account, its number.
func (o *outcome) joinOf(ctx context.Context, email string) (names, why []string, err error) {
	a, err := o.store.AssociationOf(ctx, email)
	if err != nil {
		return nil, nil, err
	}
	for _, x := range a.Tied {
		why = append(why, a.Domain+" stands at "+x.String())
	}
	if a.Organization.ID == 0 {
		return []string{nobody}, why, nil
	}
	for name, n := range o.orgs {
		if n == a.Organization.ID {
			return []string{name}, why, nil
		}
	}
	for _, name := range []string{a.Organization.ExternalID, strconv.FormatInt(a.Organization.ID, 10), a.Organization.String()} {
		if name != "" {
			names = append(names, name)
		}
	}
	return names, why, nil
}

func (k *checker) number(name string, want *int, got int) {
	if want != nil && *want != got {
		k.fail(name, strconv.Itoa(*want), strconv.Itoa(got), k.overall()...)
	}
}

// batches counts the batches in which the target was given changes of organizations.
func (o *outcome) batches() int {
	n, in, counted := 0, 0, false
	for i := range o.changes {
		if changeset.Held(&o.changes[i]) {
			continue
		}
		if o.changes[i].Ref.Kind == helpdesk.Organization && !counted {
			n, counted = n+1, true
		}
		if in++; in%max(1, o.caps.Batch) == 0 {
			counted = false
		}
	}
	return n
}
