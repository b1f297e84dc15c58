package changeset

import (
	"testing"

	"github.com/desksync/desksync/helpdesk"
)

func TestIDDependsOnWhatAChangeDoes(t *testing.T) {
	t.Parallel()
	base := func() helpdesk.Change {
		return helpdesk.Change{
			Op: helpdesk.Update, Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: acme}, TargetID: "119", Name: "Acme", Account: acme,
			Deltas: []helpdesk.Delta{{Field: "name", Want: gold, Have: silver, Last: silver, Cause: helpdesk.Moved, Origin: "Account.Name"}},
		}
	}
	first := base()
	id := ID(&first)
	for name, change := range map[string]func(*helpdesk.Change){
		"operation": func(c *helpdesk.Change) { c.Op = helpdesk.Retire }, "kind": func(c *helpdesk.Change) { c.Ref.Kind = helpdesk.User },
		"key": func(c *helpdesk.Change) { c.Ref.Key = "001B" }, "target id": func(c *helpdesk.Change) { c.TargetID = "120" },
		"field": func(c *helpdesk.Change) { c.Deltas[0].Field = "notes" }, "want": func(c *helpdesk.Change) { c.Deltas[0].Want = bronze },
		"have": func(c *helpdesk.Change) { c.Deltas[0].Have = bronze }, "hold of a delta": func(c *helpdesk.Change) { c.Deltas[0].Hold = "x" },
		"number of deltas": func(c *helpdesk.Change) { c.Deltas = nil },
	} {
		c := base()
		if change(&c); ID(&c) == id {
			t.Errorf("another %s gives the same ID", name)
		}
	}
	for name, change := range map[string]func(*helpdesk.Change){
		"name": func(c *helpdesk.Change) { c.Name = "x" }, "hold": func(c *helpdesk.Change) { c.Hold = "guard: x" },
		"origin": func(c *helpdesk.Change) { c.Deltas[0].Origin = "x" }, "cause": func(c *helpdesk.Change) { c.Deltas[0].Cause = helpdesk.Drifted },
		"own ID": func(c *helpdesk.Change) { c.ID = id },
	} {
		c := base()
		if change(&c); ID(&c) != id {
			t.Errorf("another %s gives another ID", name)
		}
	}
}

func TestDigestDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	changes := []helpdesk.Change{{ID: "a"}, {ID: "b"}, {ID: "c"}}
	var all, back, left, right Digest
	for i := range changes {
		all.Add(&changes[i])
		back.Add(&changes[len(changes)-1-i])
	}
	left.Add(&changes[0])
	right.Add(&changes[2])
	right.Add(&changes[1])
	left.Merge(right)
	if all.String() != back.String() || all.String() != left.String() {
		t.Errorf("the digests are %s, %s and %s", all, back, left)
	}
	var none, twice Digest
	twice.Add(&changes[0])
	one := twice.String()
	twice.Add(&changes[0])
	if none.String() == one || one == twice.String() || twice.String() == all.String() || len(one) != 32 {
		t.Errorf("no change, one, and one twice give %s, %s, %s", none, one, twice)
	}
}
