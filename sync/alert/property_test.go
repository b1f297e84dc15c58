package alert_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/desksync/desksync/sync/alert"
)

var start = time.Date(2026, 11, 21, 9, 10, 0, 0, time.UTC)

// everyone is a policy under which one channel is told of everything.
func everyone() alert.Policy {
	return alert.Policy{Routes: []alert.Route{{To: []string{"chat"}}}, FailingAfter: 1}
}

// look is one look at the world: how much later, and what holds then.
type look struct {
	after time.Duration
	holds []alert.Condition
}

func looks(maxLevel int) *rapid.Generator[[]look] {
	one := rapid.Custom(func(t *rapid.T) look {
		l := look{after: time.Duration(rapid.IntRange(1, 600).Draw(t, "minutes")) * time.Minute}
		for i := range 4 {
			if rapid.Bool().Draw(t, "holds") {
				l.holds = append(l.holds, alert.Condition{
					Key: fmt.Sprint("drift/", i), Kind: alert.Drift, Level: rapid.IntRange(1, maxLevel).Draw(t, "level"), Title: fmt.Sprint("thing ", i),
					Severity: alert.Severity(rapid.IntRange(0, 2).Draw(t, "severity")), Pipeline: "customers",
				})
			}
		}
		return l
	})
	return rapid.SliceOfN(one, 1, 40)
}

// policies draws policies with and without silences and a digest.
func policies() *rapid.Generator[alert.Policy] {
	return rapid.Custom(func(t *rapid.T) alert.Policy {
		p := everyone()
		if rapid.Bool().Draw(t, "silence") {
			p.Silences = []alert.Silence{{From: 22 * time.Hour, To: 6 * time.Hour}}
		}
		if rapid.Bool().Draw(t, "digest") {
			p.Digest = alert.Digest{On: true, At: 9 * time.Hour, Below: alert.Warning}
		}
		return p
	})
}

type told struct {
	at    time.Time
	event alert.Event
}

// play steps through looks and returns what was told of each condition, in order.
func play(list []look, p alert.Policy) (map[string][]told, []alert.State) {
	var states []alert.State
	now, out := start, map[string][]told{}
	for _, l := range list {
		now = now.Add(l.after)
		var messages []alert.Message
		states, messages = alert.Step(states, l.holds, now, p)
		for _, m := range messages {
			for _, part := range m.Parts {
				out[part.Condition.Key] = append(out[part.Condition.Key], told{now, part.Event})
			}
		}
	}
	return out, states
}

func TestBegunAndOverAlternate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all, _ := play(looks(40).Draw(t, "looks"), policies().Draw(t, "policy"))
		for key, list := range all {
			open := false
			for _, e := range list {
				if (e.event == alert.Begun) == open {
					t.Fatalf("%s: told %v: begun twice, or worse or over without having begun", key, list)
				}
				open = e.event != alert.Ended
			}
		}
	})
}

func TestWhatLastsIsToldAndWhatIsOverIsToldToBeOver(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := looks(40).Draw(t, "looks")
		last := list[len(list)-1]
		for range 20 { // two days on, at different times of the day: no silence and no digest outlasts them
			list = append(list, look{after: 150 * time.Minute, holds: last.holds})
		}
		all, _ := play(list, policies().Draw(t, "policy"))
		held := map[string]bool{}
		for _, c := range last.holds {
			held[c.Key] = true
			if len(all[c.Key]) == 0 {
				t.Fatalf("%s lasted two days and nobody was told", c.Key)
			}
		}
		for key, events := range all {
			if over := events[len(events)-1].event == alert.Ended; over == held[key] {
				t.Fatalf("%s holds: %v, and was last told as %s", key, held[key], events[len(events)-1].event)
			}
		}
	})
}

func TestTheOrderOfConditionsDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list, p := looks(40).Draw(t, "looks"), policies().Draw(t, "policy")
		other := slices.Clone(list)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		for i := range other {
			other[i].holds = slices.Clone(other[i].holds)
			rng.Shuffle(len(other[i].holds), func(a, b int) { h := other[i].holds; h[a], h[b] = h[b], h[a] })
		}
		a, statesA := play(list, p)
		b, statesB := play(other, p)
		if d := cmp.Diff(a, b, cmp.AllowUnexported(told{})); d != "" {
			t.Fatal(d)
		}
		if d := cmp.Diff(statesA, statesB); d != "" {
			t.Fatal(d)
		}
	})
}

func TestFlappingIsBounded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var list []look
		steps := rapid.SliceOfN(rapid.Bool(), 1, 500).Draw(t, "holds")
		for _, holds := range steps {
			l := look{after: time.Minute}
			if holds {
				l.holds = []alert.Condition{{Key: "k", Kind: alert.Drift, Level: 1, Title: "k"}}
			}
			list = append(list, l)
		}
		all, _ := play(list, everyone())
		if most := 2 * (len(steps)/30 + 1); len(all["k"]) > most {
			t.Fatalf("%d messages in %d minutes, want at most %d: two in each half hour", len(all["k"]), len(steps), most)
		}
	})
}

func TestNothingNewTellsNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list, p := looks(40).Draw(t, "looks"), policies().Draw(t, "policy")
		_, states := play(list, p)
		now := start
		for _, l := range list {
			now = now.Add(l.after)
		}
		again, messages := alert.Step(states, list[len(list)-1].holds, now, p)
		if len(messages) > 0 {
			t.Fatalf("the same look once more told %v", messages)
		}
		if d := cmp.Diff(states, again); d != "" {
			t.Fatalf("the same look once more changed what is known: %s", d)
		}
	})
}
