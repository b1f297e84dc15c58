package salesforce

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
)

// TestASightServesAnotherProcess: what one process saw, the next goes on from, if it asks
// the same of the same organization, and not for ever.
func TestASightServesAnotherProcess(t *testing.T) {
	t.Parallel()
	const described = "GET sobjects/Account/describe"
	tests := map[string]struct {
		change func(*Options)
		sight  func(string) string
		look   bool
		asked  int // how often, by both processes
	}{
		"as it is":             {asked: 1},
		"nearly a day old":     {change: func(o *Options) { o.Now = func() time.Time { return noon.Add(usedAgain - time.Second) } }, asked: 1},
		"a day old":            {change: func(o *Options) { o.Now = func() time.Time { return noon.Add(usedAgain) } }, asked: 2},
		"a clock was set back": {change: func(o *Options) { o.Now = func() time.Time { return noon.Add(-time.Second) } }, asked: 2},
		"for a full read":      {look: true, asked: 2},
		"as another user":      {change: func(o *Options) { o.Auth.Username = "kim" }, asked: 2},
		"another condition":    {change: func(o *Options) { o.Objects = map[crm.Role]Object{crm.Account: {Where: "Name != null"}} }, asked: 2},
		"rules name another":   {change: func(o *Options) { o.Names = map[crm.Role][]string{crm.Account: {"Owner.Name"}} }, asked: 2},
		"another organization": {sight: func(s string) string { return strings.Replace(s, orgID, "00Dxx0000001gEQEAY", 1) }, asked: 2},
		"damaged":              {sight: func(s string) string { return s[1:] }, asked: 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startDelta(t, nil)
			first := s.source(nil)
			want, err := first.Describe(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			sight := first.Sight()
			if tt.sight != nil {
				sight = tt.sight(sight)
			}
			next := s.source(tt.change)
			next.Recognize(sight)
			ask := next.Describe
			if tt.look {
				ask = next.Look
			}
			got, err := ask(t.Context())
			if err != nil || s.times(described) != tt.asked || tt.asked == 1 && !reflect.DeepEqual(got, want) {
				t.Errorf("described %d times, want %d: %+v, %v; want %+v", s.times(described), tt.asked, got, err, want)
			}
		})
	}
}

// TestASightThatIsWrongIsForgotten: a query that names a field which is hidden by now
// shows it, and the next process asks again.
func TestASightThatIsWrongIsForgotten(t *testing.T) {
	t.Parallel()
	s := startDelta(t, map[string][]reply{pollAccounts: {{status: 400, body: `[{"message":"No such column 'Name' on entity 'Account'.","errorCode":"INVALID_FIELD"}]`}}})
	first := s.source(nil)
	if _, err := first.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	next := s.source(nil)
	next.Recognize(first.Sight())
	deltas := sinceBefore(t, next, names)
	if next.Sight() != first.Sight() || next.Sight() == "" {
		t.Errorf("it goes on from %q as %q", first.Sight(), next.Sight())
	}
	if _, _, err := changesOf(t.Context(), next, deltas); fault.KindOf(err) != fault.Invalid || next.Sight() != "" {
		t.Errorf("Changes: %v; kept %q", err, next.Sight())
	}
}
