package zendesk

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// failing is a test, of whichever sort.
type failing interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// crew are processes that call one account one after the other, with one ledger.
type crew struct {
	failing
	now    time.Time
	ledger *Ledger
	paces  []*pace
	made   map[string][]time.Time // by what is limited
}

func newCrew(t failing) *crew {
	c := &crew{failing: t, now: noon, made: map[string][]time.Time{}}
	c.ledger = &Ledger{Now: func() time.Time { return c.now }}
	return c
}

// hire starts one more process.
func (c *crew) hire() *pace {
	p := newPace(Options{Share: 1, Now: func() time.Time { return c.now }, Reserve: c.ledger.For(fmt.Sprint("process ", len(c.paces))), Sleep: func(_ context.Context, d time.Duration) error {
		c.now = c.now.Add(d)
		return nil
	}})
	c.paces = append(c.paces, p)
	return p
}

// call makes a call, and returns how long it waited.
func (c *crew) call(p *pace, what, method, path string, about ...subject) time.Duration {
	c.Helper()
	began := c.now
	req, err := http.NewRequestWithContext(withSubjects(context.Background(), about), method, "https://acme.zendesk.com/api/v2/"+path, nil)
	if err == nil {
		err = p.before(req)
	}
	if err != nil {
		c.Fatal(err)
	}
	c.made[what] = append(c.made[what], c.now)
	for _, s := range about {
		c.made[s.String()] = append(c.made[s.String()], c.now)
	}
	return c.now.Sub(began)
}

func (c *crew) export(p *pace) time.Duration {
	return c.call(p, partExports, http.MethodGet, "incremental/organizations")
}

func (c *crew) write(p *pace, ids ...int64) time.Duration {
	about := make([]subject, len(ids))
	for i, id := range ids {
		about[i].id = id
	}
	return c.call(p, "writes", http.MethodPut, "organizations/update_many", about...)
}

// check fails where more was made within a minute than the limits allow.
func (c *crew) check() {
	for what, at := range c.made {
		most := perObject
		switch what {
		case partExports:
			most = exportsPerMinute
		case "writes":
			most = unknownLimit
		}
		for i := most; i < len(at); i++ {
			if at[i].Sub(at[i-most]) < time.Minute {
				c.Fatalf("%d of %s within %s, at %s; %d are allowed in a minute", most+1, what, at[i].Sub(at[i-most]), at[i].Sub(noon), most)
			}
		}
	}
}

// TestLimitsOfEndpointsAreThoseOfAllProcesses: whoever calls, and whether they are killed or
// end in order, no minute has more exports, or updates of one organization, than one process
// may make.
func TestLimitsOfEndpointsAreThoseOfAllProcesses(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := newCrew(t)
		at := c.hire()
		for range rapid.IntRange(1, 120).Draw(t, "calls") {
			switch rapid.IntRange(0, 9).Draw(t, "next") {
			case 0: // killed
				at = c.hire()
			case 1: // ends in order
				if err := at.settle(t.Context()); err != nil {
					t.Fatal(err)
				}
				at = c.hire()
			case 2: // hands over, or back
				at = rapid.SampledFrom(c.paces).Draw(t, "who")
			case 3:
				c.now = c.now.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "seconds")) * time.Second)
			case 4, 5:
				c.export(at)
			default:
				c.write(at, rapid.SliceOfNDistinct(rapid.Int64Range(1, 4), 1, 4, rapid.ID).Draw(t, "organizations")...)
			}
		}
		c.check()
	})
}

// TestSharedLimitsCostLittle: who updates each organization once reserves no more often
// than without limits of their own.
func TestSharedLimitsCostLittle(t *testing.T) {
	t.Parallel()
	c := newCrew(t)
	p := c.hire()
	for id := range int64(100) {
		c.write(p, 2*id, 2*id+1)
	}
	if got, want := c.ledger.Notes(), 100/portion(unknownLimit); got != want {
		t.Errorf("%d times something was reserved for 100 calls, want %d", got, want)
	}
}

// TestWhoEndsInOrderIsNotWaitedFor: eight processes, one after the other, each update other
// organizations. Of those that are killed nobody knows what they updated.
func TestWhoEndsInOrderIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	for _, killed := range []bool{false, true} {
		c, waited := newCrew(t), time.Duration(0)
		for id := range int64(8) {
			p := c.hire()
			waited += c.write(p, id)
			if killed {
				continue
			}
			if err := p.settle(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if waited > 0 != killed {
			t.Errorf("killed %v: they waited %s", killed, waited)
		}
	}
}
