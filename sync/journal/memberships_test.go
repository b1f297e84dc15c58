package journal

import (
	"slices"
	"testing"

	"github.com/desksync/desksync/helpdesk"
)

func TestMembershipsAreFoundByTheirContact(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		var list []Object
		for _, key := range []string{"A/c1", "A/c2", "B/c1", "B/c11", "Bc1/c", "C/c2"} {
			list = append(list, Object{Kind: helpdesk.Membership, Key: key, Written: true, Last: helpdesk.Fields{}, Have: helpdesk.Fields{}})
		}
		d.notes(d.begin(), append(list, Object{Kind: helpdesk.User, Key: "c1"}, d.org("A", "1", nil))...)
		var got []string
		for _, o := range must(d.MembershipsOf(t.Context(), "support", []string{"c1", "c9"}))(t) {
			got = append(got, o.Key)
		}
		if want := []string{"A/c1", "B/c1"}; !slices.Equal(got, want) {
			t.Errorf("memberships of c1 and c9: %q, want %q", got, want)
		}
		if other := must(d.MembershipsOf(t.Context(), "elsewhere", []string{"c1"}))(t); len(other) > 0 {
			t.Errorf("in another target: %v", other)
		}
	})
}
