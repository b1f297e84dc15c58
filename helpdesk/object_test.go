package helpdesk

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/desksync/desksync/internal/pack"
)

func TestMemberKeys(t *testing.T) {
	t.Parallel()
	key := MemberKey("001A", "003B")
	if account, contact := SplitMember(key); key != "001A/003B" || account != "001A" || contact != "003B" {
		t.Errorf("%s splits into %s and %s", key, account, contact)
	}
	if got := (Ref{Membership, key}).String(); got != "membership/001A/003B" {
		t.Errorf("the ref is %s", got)
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	f := Fields{{Name: "tag:gold", Value: BoolOf(true)}, {Name: "name", Value: TextOf("A")}, {Name: "tag:vip", Value: BoolOf(false)}, {Name: "name", Value: TextOf("B")}, {Name: "tag:", Value: BoolOf(true)}}.Sort()
	if got := names(f); !slices.Equal(got, []string{"name", "tag:", "tag:gold", "tag:vip"}) {
		t.Fatalf("sorted: %v", got)
	}
	if v, ok := f.Get("name"); !ok || v != TextOf("B") {
		t.Errorf("of two with one name the later should win: %v", v)
	}
	if _, ok := f.Get("notes"); ok {
		t.Error("an opinion on notes")
	}
	if got := f.Family("tag:"); !slices.Equal(got, []string{"", "gold"}) {
		t.Errorf("tags: %q", got)
	}
	if got := f.Family("domain:"); got != nil {
		t.Errorf("domains: %q", got)
	}
}

func TestFieldsAreCopiedNotChanged(t *testing.T) {
	t.Parallel()
	rule := &Rule{Path: "x"}
	f := Fields{{Name: "a", Value: IntOf(1), Rule: rule}, {Name: "c", Value: IntOf(3)}}
	was := slices.Clone(f)
	for name, got := range map[string]Fields{"a=9 c=3": f.With("a", IntOf(9)), "a=1 b=2 c=3": f.With("b", IntOf(2)), "a=1": f.Without("c"), "a=1 c=3": f.Without("b")} {
		if s := shownFields(got); s != name {
			t.Errorf("got %s, want %s", s, name)
		}
	}
	if !slices.Equal(f, was) {
		t.Errorf("the list itself became %v", f)
	}
	if !f.Equal(Fields{{Name: "a", Value: IntOf(1)}, {Name: "c", Value: IntOf(3)}}) || f.Equal(f[:1]) || f.Equal(f.With("a", IntOf(2))) || f.Equal(Fields{f[0], {Name: "d", Value: IntOf(3)}}) {
		t.Error("Equal compares names and values, and no rules")
	}
}

func names(f Fields) []string {
	var out []string
	for _, x := range f {
		out = append(out, x.Name)
	}
	return out
}

func shownFields(f Fields) string {
	var out []string
	for _, x := range f {
		out = append(out, x.Name+"="+x.Value.String())
	}
	return strings.Join(out, " ")
}

// anyFields draws lists as they stand before sorting.
func anyFields() *rapid.Generator[Fields] {
	field := rapid.Custom(func(t *rapid.T) Field {
		return Field{Name: rapid.StringMatching(`[a-d]{0,2}(:[a-c]{0,2})?`).Draw(t, "name"), Value: anyValue().Draw(t, "value")}
	})
	return rapid.Map(rapid.SliceOf(field), func(l []Field) Fields { return l })
}

// TestFieldsAreAMap: a sorted list behaves as a map from name to value does.
func TestFieldsAreAMap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := anyFields().Draw(t, "fields")
		model := map[string]Value{}
		for _, x := range list {
			model[x.Name] = x.Value
		}
		f := slices.Clone(list).Sort()
		name, v := rapid.StringMatching(`[a-d]{0,2}`).Draw(t, "name"), anyValue().Draw(t, "new value")
		if rapid.Bool().Draw(t, "set") {
			f, model[name] = f.With(name, v), v
		} else {
			f = f.Without(name)
			delete(model, name)
		}
		if len(f) != len(model) || !slices.IsSortedFunc(f, func(a, b Field) int { return strings.Compare(a.Name, b.Name) }) {
			t.Fatalf("%v is not the sorted form of %v", f, model)
		}
		for name, want := range model {
			if got, ok := f.Get(name); !ok || got != want {
				t.Fatalf("%s is %v (%t), want %v", name, got, ok, want)
			}
		}
	})
}

func TestFieldsRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := anyFields().Draw(t, "fields").Sort()
		r := pack.Read(f.Pack([]byte("x"))[1:])
		if got := UnpackFields(r); r.Err() != nil || !r.Done() || !got.Equal(f) {
			t.Fatalf("%v became %v (%v)", f, got, r.Err())
		}
	})
}

func TestFieldsThatEndTooEarly(t *testing.T) {
	t.Parallel()
	whole := Fields{{Name: "a", Value: TextOf("b")}, {Name: "c", Value: IntOf(5)}}.Pack(nil)
	for n := range whole {
		r := pack.Read(whole[:n])
		if got := UnpackFields(r); r.Err() == nil {
			t.Errorf("the first %d of %d bytes read as %v", n, len(whole), got)
		}
	}
	r := pack.Read(pack.Uint(nil, 1<<60))
	if got := UnpackFields(r); r.Err() == nil || len(got) > 0 {
		t.Errorf("a count that is a lie reads as %v", got)
	}
}

// FuzzUnpackFields: any bytes either fail or read as fields that store as they are.
func FuzzUnpackFields(f *testing.F) {
	f.Add([]byte{})
	f.Add(Fields{{Name: "name", Value: TextOf("Acme")}, {Name: "tag:gold", Value: BoolOf(true)}}.Pack(nil))
	f.Add(pack.Uint(nil, 1<<63))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := pack.Read(b)
		got := UnpackFields(r)
		if r.Err() != nil {
			return
		}
		again := pack.Read(got.Pack(nil))
		if back := UnpackFields(again); again.Err() != nil || !back.Equal(got) {
			t.Fatalf("%x reads as %v and back as %v", b, got, back)
		}
	})
}

func TestObjectsPrint(t *testing.T) {
	t.Parallel()
	o := Object{Ref: Ref{Organization, "001A"}, ID: "119"}
	if got := o.String(); got != "organization/001A(119)[]" {
		t.Errorf("the object prints as %s", got)
	}
}

func TestCapabilities(t *testing.T) {
	t.Parallel()
	c := Capabilities{
		Ops:   map[Kind][]Op{Organization: {Create, Update}},
		Specs: map[Kind][]Spec{Organization: {{Name: "name", Type: Text, MaxLen: 255}, {Name: "field:aar", Type: Decimal}}},
	}
	if !c.Can(Organization, Update) || c.Can(Organization, Delete) || c.Can(User, Update) {
		t.Error("Can does not tell what is offered")
	}
	if s, ok := c.Spec(Organization, "field:aar"); !ok || s.Type != Decimal {
		t.Errorf("Spec = %+v, %t", s, ok)
	}
	if s, ok := c.Spec(User, "field:aar"); ok || s.Name != "" {
		t.Errorf("Spec of another kind = %+v, %t", s, ok)
	}
}
