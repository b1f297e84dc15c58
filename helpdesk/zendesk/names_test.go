package zendesk

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/desksync/desksync/helpdesk"
)

// desk is a helpdesk of names only, in which no two are the same: it takes single
// updates and updates in bulk, one after another.
type desk struct {
	names map[int64]string
	clash string
}

func (d *desk) RoundTrip(r *http.Request) (*http.Response, error) {
	b, _ := io.ReadAll(r.Body)
	answer := noFields
	switch {
	case r.URL.Path == tokenPath:
		answer = `{"access_token":"t"}`
	case r.Method == http.MethodPut:
		var in struct {
			Organization  struct{ Name string }
			Organizations []struct {
				ID   int64
				Name string
			}
		}
		_ = json.Unmarshal(b, &in)
		if in.Organization.Name != "" {
			var id int64
			_, _ = fmt.Sscanf(r.URL.Path, "/api/v2/organizations/%d", &id)
			d.rename(id, in.Organization.Name)
		}
		for _, o := range in.Organizations {
			d.rename(o.ID, o.Name)
		}
		answer = fmt.Sprintf(`{"job_status":{"id":"J%d"}}`, len(in.Organizations))
	case strings.HasSuffix(r.URL.Path, "job_statuses/show_many"):
		var n int
		id := r.URL.Query().Get("ids")
		_, _ = fmt.Sscanf(id, "J%d", &n)
		answer = fmt.Sprintf(`{"job_statuses":[{"id":%q,"status":"completed","results":[%s]}]}`, id, strings.TrimSuffix(strings.Repeat(`{"success":true},`, n), ","))
	}
	return reply{body: answer}.play(r, noon), nil
}

func (d *desk) rename(id int64, name string) {
	for other, has := range d.names {
		if other != id && strings.EqualFold(has, name) {
			d.clash = fmt.Sprintf("%d shall be %q, as %d is", id, name, other)
		}
	}
	d.names[id] = name
}

// TestNamesChangeHands: whatever the swaps, chains and circles, every organization ends
// with its name, and at no moment are there two of one.
func TestNamesChangeHands(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		d := &desk{names: map[int64]string{}}
		n := rapid.IntRange(2, 7).Draw(rt, "organizations")
		order := rapid.Permutation(numbers(n)).Draw(rt, "new names")
		s := start(t, nil)
		target := s.target(func(o *Options) { o.Base = d })
		var changes []helpdesk.Change
		for i := range n {
			id, key := int64(i+1), fmt.Sprintf("001%d", i)
			d.names[id] = fmt.Sprintf("Name %d", i)
			target.note(helpdesk.Organization, id, key)
			if order[i] != i {
				changes = append(changes, orgChange(helpdesk.Update, key, idText(id), "name", d.names[id], fmt.Sprintf("NAME %d", order[i])))
			}
		}
		changes = rapid.Permutation(changes).Draw(rt, "order")
		for _, o := range run(t, target, changes...) {
			if o.State != helpdesk.Applied {
				rt.Fatalf("%+v", o)
			}
		}
		for i := range n {
			if got, want := d.names[int64(i+1)], fmt.Sprintf("NAME %d", order[i]); !strings.EqualFold(got, want) {
				rt.Fatalf("organization %d is called %q, want %q", i+1, got, want)
			}
		}
		if d.clash != "" {
			rt.Fatal(d.clash)
		}
	})
}

func numbers(n int) (out []int) {
	for i := range n {
		out = append(out, i)
	}
	return out
}

// TestListsKeepWhatIsNotOurs: whatever a change adds and removes, what it does not name
// stays, and what fields bring stays with the fields.
func TestListsKeepWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		element := rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f"})
		list := rapid.SliceOfDistinct(element, func(s string) string { return s })
		have, fixed := list.Draw(t, "have"), list.Draw(t, "fixed")
		p := parts{add: list.Draw(t, "add")}
		p.remove = slices.DeleteFunc(list.Draw(t, "remove"), func(s string) bool { return slices.Contains(p.add, s) })
		got := p.merge(append(slices.Clone(have), fixed...), fixed)
		for _, s := range []string{"a", "b", "c", "d", "e", "f"} {
			want := slices.Contains(p.add, s) || slices.Contains(fixed, s) || slices.Contains(have, s) && !slices.Contains(p.remove, s)
			if slices.Contains(got, s) != want {
				t.Fatalf("of %v with %v fixed, %+v makes %v; %s: want %v", have, fixed, p, got, s, want)
			}
		}
		if !slices.IsSorted(got) || got == nil {
			t.Fatalf("%v is nil or not sorted", got)
		}
	})
}
