// Package helpdesktest holds the laws of a helpdesk.Target, which every one of them
// must pass, and a Fake that obeys them in memory, for the tests of whoever drives
// a target. What a law needs is asked of the target's capabilities, never of its
// name.
package helpdesktest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/helpdesk"
)

// Harness says how a target is set up for the laws.
type Harness struct {
	// New returns an empty target of its own for one law. It cleans up by itself.
	New func(t *testing.T) helpdesk.Target

	// Field is a text field of organizations that can be written and emptied;
	// default notes.
	Field string

	// Many is how many organizations fill more than one page of a listing; default 150.
	Many int

	// Edit changes one field behind the target's back, as an agent would, and Remove
	// deletes an object so. Without them the laws about others' doings are skipped.
	Edit   func(t *testing.T, target helpdesk.Target, k helpdesk.Kind, id, field string, v helpdesk.Value)
	Remove func(t *testing.T, target helpdesk.Target, k helpdesk.Kind, id string)

	// Stranger makes an organization without a CRM id and returns its id. Without it
	// the laws about linking are skipped.
	Stranger func(t *testing.T, target helpdesk.Target, name string) string

	// Spared makes a user whom no sync may write, such as an agent, with this address, and
	// returns its id. Without it the law about them is skipped.
	Spared func(t *testing.T, target helpdesk.Target, email string) string
}

// Run tests one target against every law that its capabilities are under.
func Run(t *testing.T, h Harness) {
	t.Helper()
	if h.Field == "" {
		h.Field = helpdesk.Notes
	}
	if h.Many == 0 {
		h.Many = 150
	}
	for _, l := range laws {
		t.Run(strings.ReplaceAll(l.says, ",", ""), func(t *testing.T) {
			t.Parallel()
			d := &desk{T: t, Harness: h, target: h.New(t)}
			caps, err := d.target.Describe(t.Context())
			if err != nil {
				t.Fatalf("Describe: %v", err)
			}
			d.caps = caps
			l.holds(d)
		})
	}
}

// law is one promise of a target and its proof.
type law struct {
	says  string
	holds func(*desk)
}

var laws = slices.Concat(listingLaws, writingLaws, refusingLaws, feedLaws, peopleLaws, mergingLaws)

// desk is a target under test, with short names for what the laws do to it.
type desk struct {
	*testing.T
	Harness
	target helpdesk.Target
	caps   helpdesk.Capabilities
}

// needs skips the law if the target does not offer these operations.
func (d *desk) needs(k helpdesk.Kind, ops ...helpdesk.Op) {
	d.Helper()
	for _, op := range ops {
		if !d.caps.Can(k, op) {
			d.Skipf("the target does not offer to %s a %s", op, k)
		}
	}
}

// change builds a change; fields are names and values in turn.
func change(op helpdesk.Op, k helpdesk.Kind, key, id string, fields ...any) helpdesk.Change {
	c := helpdesk.Change{ID: fmt.Sprintf("%s-%s-%s-%d", op, k, key, len(fields)), Op: op, Ref: helpdesk.Ref{Kind: k, Key: key}, TargetID: id, Name: key}
	for i := 0; i+1 < len(fields); i += 2 {
		name, _ := fields[i].(string)           // the laws are written here
		want, _ := fields[i+1].(helpdesk.Value) // as above
		c.Deltas = append(c.Deltas, helpdesk.Delta{Field: name, Want: want, Cause: helpdesk.New})
	}
	return c
}

func org(key string, fields ...any) helpdesk.Change {
	return change(helpdesk.Create, helpdesk.Organization, key, "", append([]any{helpdesk.Name, text("Name of " + key)}, fields...)...)
}

func user(key string) helpdesk.Change {
	return change(helpdesk.Create, helpdesk.User, key, "", helpdesk.Email, text(strings.ToLower(key)+"@customer.example"), helpdesk.Name, text("Person "+key))
}

func member(account, contact string, fields ...any) helpdesk.Change {
	return change(helpdesk.Create, helpdesk.Membership, helpdesk.MemberKey(account, contact), "", fields...)
}

func text(s string) helpdesk.Value { return helpdesk.TextOf(s) }

// apply makes changes and returns the last outcome of each. The applying itself
// must not fail, and every change must have a final outcome.
func (d *desk) apply(changes ...helpdesk.Change) map[string]helpdesk.Outcome {
	d.Helper()
	out, err := d.try(d.Context(), changes...)
	if err != nil {
		d.Fatalf("Apply: %v", err)
	}
	for _, c := range changes {
		if o, ok := out[c.ID]; !ok || o.State == helpdesk.Sent {
			d.Fatalf("Apply gave no final outcome for %s (%+v)", c.ID, o)
		}
	}
	return out
}

// try is apply for what may fail as a whole.
func (d *desk) try(ctx context.Context, changes ...helpdesk.Change) (map[string]helpdesk.Outcome, error) {
	out := map[string]helpdesk.Outcome{}
	for o, err := range d.target.Apply(ctx, slices.Values(changes)) {
		if err != nil {
			return out, err
		}
		if old, ok := out[o.ChangeID]; ok && old.State != helpdesk.Sent {
			d.Errorf("Apply gave two final outcomes for %s: %+v and %+v", o.ChangeID, old, o)
		}
		out[o.ChangeID] = o
	}
	return out, nil
}

// must is apply for changes that all have to be made; it returns the target ids in
// the order of the changes.
func (d *desk) must(changes ...helpdesk.Change) []string {
	d.Helper()
	out := d.apply(changes...)
	ids := make([]string, len(changes))
	for i, c := range changes {
		o := out[c.ID]
		if o.State != helpdesk.Applied || o.Err != nil {
			d.Fatalf("%s: got %s %v, want it applied", c.ID, o.State, o.Err)
		}
		ids[i] = o.TargetID
	}
	return ids
}

// list reads a listing to its end: the objects by id, what is gone, and the last page.
func (d *desk) list(k helpdesk.Kind, since helpdesk.Cursor) (objects map[string]helpdesk.Object, gone []string, last helpdesk.Page) {
	d.Helper()
	objects = map[string]helpdesk.Object{}
	for p, err := range d.target.Objects(d.Context(), k, since) {
		if err != nil {
			d.Fatalf("Objects(%s, %q): %v", k, since, err)
		}
		for _, o := range p.Objects {
			objects[o.ID] = o
		}
		gone, last = append(gone, p.Gone...), p
	}
	return objects, gone, last
}

// get reads one object by its key.
func (d *desk) get(k helpdesk.Kind, key string) helpdesk.Object {
	d.Helper()
	got, err := d.target.Get(d.Context(), k, []string{key})
	if err != nil || len(got) != 1 {
		d.Fatalf("Get(%s, %q) = %v, %v; want one object", k, key, got, err)
	}
	return got[0]
}

// holds reports an object that does not hold a value.
func (d *desk) holds(o helpdesk.Object, field string, want helpdesk.Value) {
	d.Helper()
	spec, _ := d.caps.Spec(o.Ref.Kind, field)
	got, _ := o.Fields.Get(field)
	zero := spec.ZeroIsEmpty || isPart(field) // a tag that is not there is as good as one that is false
	if got != want && !(zero && got.IsZero() && want.IsZero()) {
		d.Errorf("%s holds %s = %v %q, want %v %q", o.Ref, field, got.Type(), got.Text(), want.Type(), want.Text())
	}
}
