package helpdesk

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func anyChange() *rapid.Generator[Change] {
	s := rapid.String()
	delta := rapid.Custom(func(t *rapid.T) Delta {
		return Delta{
			Field: s.Draw(t, "field"), Want: anyValue().Draw(t, "want"), Have: anyValue().Draw(t, "have"), Last: anyValue().Draw(t, "last"),
			Cause: Cause(s.Draw(t, "cause")), Origin: s.Draw(t, "origin"), Hold: s.Draw(t, "hold"),
		}
	})
	return rapid.Custom(func(t *rapid.T) Change {
		c := Change{
			ID: s.Draw(t, "id"), Op: Op(s.Draw(t, "op")), Ref: Ref{Kind(s.Draw(t, "kind")), s.Draw(t, "key")}, Account: s.Draw(t, "account"),
			TargetID: s.Draw(t, "target id"), Name: s.Draw(t, "name"), Deltas: rapid.SliceOf(delta).Draw(t, "deltas"), Hold: s.Draw(t, "hold"),
		}
		if rapid.Bool().Draw(t, "merges") {
			c.Op, c.Into, c.IntoID = Merge, s.Draw(t, "into"), s.Draw(t, "into id")
		}
		return c
	})
}

func TestChangesRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := anyChange().Draw(t, "change")
		got, err := UnpackChange(c.Pack(nil))
		if err != nil || !sameChange(got, c) {
			t.Fatalf("%+v became %+v (%v)", c, got, err)
		}
	})
}

// sameChange compares changes; no deltas are the same as none.
func sameChange(a, b Change) bool {
	deltas := slices.Equal(a.Deltas, b.Deltas)
	a.Deltas, b.Deltas = nil, nil
	return deltas && reflect.DeepEqual(a, b)
}

func TestEveryFieldOfAChangeIsStored(t *testing.T) {
	t.Parallel()
	const apart = 4 // OrgID, UserID and Untied are found when a change goes out; who passes on a user keeps Was beside it
	if n := reflect.TypeFor[Change]().NumField() - apart; n != 10 {
		t.Errorf("Change has %d fields; does Pack write them all?", n)
	}
	if n := reflect.TypeFor[Delta]().NumField(); n != 7 {
		t.Errorf("Delta has %d fields; does Pack write them all?", n)
	}
}

func TestAChangeThatEndsTooEarly(t *testing.T) {
	t.Parallel()
	for _, c := range []Change{
		{ID: "1", Op: Update, Ref: Ref{Organization, "001A"}, Deltas: []Delta{{Field: "name", Want: TextOf("A")}}},
		{ID: "1", Op: Merge, Ref: Ref{Organization, "001A"}, Into: "001B", IntoID: "2"},
	} {
		whole := c.Pack(nil)
		for n := range whole {
			if c, err := UnpackChange(whole[:n]); err == nil {
				t.Errorf("the first %d of %d bytes read as %+v", n, len(whole), c)
			}
		}
	}
}

func TestWrites(t *testing.T) {
	t.Parallel()
	c := Change{Deltas: []Delta{{Field: "a"}, {Field: "b", Hold: "policy"}, {Field: "c"}}}
	var got []string
	for d := range c.Writes() {
		got = append(got, d.Field)
	}
	if !slices.Equal(got, []string{"a", "c"}) {
		t.Errorf("writes %v", got)
	}
	for d := range c.Writes() {
		if d.Field != "a" {
			t.Errorf("goes on to %s after the reader stopped", d.Field)
		}
		break
	}
	c.Hold = "guard"
	for d := range c.Writes() {
		t.Errorf("a held change writes %s", d.Field)
	}
}

// FuzzUnpackChange: any bytes either fail or read as a change that stores as it is.
func FuzzUnpackChange(f *testing.F) {
	f.Add([]byte{})
	f.Add(Change{ID: "1", Op: Update, Ref: Ref{Organization, "001A"}, Deltas: []Delta{{Field: "name", Want: TextOf("A"), Have: None, Last: IntOf(5), Cause: Moved}}}.Pack(nil))
	f.Add(Change{ID: "1", Op: Merge, Ref: Ref{Organization, "001A"}, Into: "001B", IntoID: "2"}.Pack(nil))
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := UnpackChange(b)
		if err != nil {
			return
		}
		if back, err := UnpackChange(c.Pack(nil)); err != nil || !sameChange(back, c) {
			t.Fatalf("%x reads as %+v and back as %+v (%v)", b, c, back, err)
		}
	})
}
