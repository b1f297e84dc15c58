package reconcile_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
)

// changing is a CRM in memory that can tell what changed: it keeps a picture of itself
// at every place it ever named, and compares.
type changing struct {
	*memory
	pictures []map[crm.Role]map[string]row
	asked    int    // how many delta reads were asked for
	refuse   string // why only a full read will do
	broken   int    // fail after so many changes; 0: never
	partial  bool   // shows none of them, and says so
	made     int    // calls, if it counts them
	recalled []int  // what it was told of each hour: calls that were made, and may be made in a day
	note     func(context.Context, int) error
	dice     *rand.Rand // shows unchanged records too, and leaves out what it need not say
}

func newChanging(m *memory) *changing {
	return &changing{memory: m, dice: rand.New(rand.NewPCG(1, 2))} //nolint:gosec // for tests
}

// Usage implements crm.Metered.
func (c *changing) Usage() crm.Usage { return crm.Usage{Calls: c.made, Used: c.made, Max: 1000} }

// Recall implements crm.Metered.
func (c *changing) Recall(_ time.Time, calls, most int) {
	c.recalled = append(c.recalled, calls, most)
}

// Meter implements crm.Metered.
func (c *changing) Meter(note func(context.Context, int) error) { c.note = note }

// call makes a call, if it may be made.
func (c *changing) call(ctx context.Context) error {
	if c.note != nil {
		if err := c.note(ctx, 1000); err != nil {
			return err
		}
	}
	c.made++
	return nil
}

// Records implements crm.Source.
func (c *changing) Records(ctx context.Context, q crm.Query, rep *crm.Report) iter.Seq2[crm.Record, error] {
	place := c.place()
	return func(yield func(crm.Record, error) bool) {
		if err := c.call(ctx); err != nil {
			yield(crm.Record{}, err)
			return
		}
		for r, err := range c.memory.Records(ctx, q, rep) {
			if !yield(r, err) {
				return
			}
		}
		rep.Next = place
	}
}

func (c *changing) place() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	picture := map[crm.Role]map[string]row{}
	for role, rows := range c.rows {
		picture[role] = maps.Clone(rows)
	}
	c.pictures = append(c.pictures, picture)
	return strconv.Itoa(len(c.pictures) - 1)
}

// Changes implements crm.Deltas.
func (c *changing) Changes(_ context.Context, deltas []crm.Delta, reps []crm.Report) iter.Seq2[crm.Change, error] {
	return func(yield func(crm.Change, error) bool) {
		c.asked++
		place, n := c.place(), 0
		for i, d := range deltas {
			if c.refuse != "" {
				yield(crm.Change{}, fault.New("memory.changes", fault.Unsupported, fmt.Errorf("%s: %w", c.refuse, crm.ErrReadFull)))
				return
			}
			for _, change := range c.changes(d) {
				if c.partial {
					break
				}
				if n++; n == c.broken {
					yield(crm.Change{}, fault.New("memory.changes", fault.Unavailable, errors.New("the connection broke")))
					return
				}
				if !yield(change, nil) {
					return
				}
			}
			reps[i].Complete, reps[i].Next = !c.partial, place
			if c.partial {
				reps[i].Why = "a record could not be read"
			}
		}
	}
}

func (c *changing) changes(d crm.Delta) []crm.Change {
	at, _ := strconv.Atoi(d.Since)
	before := c.pictures[at][d.Role]
	var out []crm.Change
	for _, rec := range c.sorted(d.Query) {
		was, had := before[rec.ID]
		now := c.rows[d.Role][rec.ID]
		same := had && was.account == now.account && was.parent == now.parent && maps.Equal(was.cells, now.cells)
		if !same || c.dice.IntN(4) == 0 {
			out = append(out, crm.Change{Record: rec, Made: !had && c.dice.IntN(2) == 0})
		}
	}
	for id, was := range before {
		if _, here := c.rows[d.Role][id]; here {
			continue
		}
		gone := crm.Change{Record: crm.Record{Role: d.Role, ID: id}, Gone: crm.Left}
		if slices.Contains(c.tombstones, id) {
			gone.Gone, gone.Into = crm.Deleted, c.merges[id]
		}
		if c.dice.IntN(2) == 0 {
			gone.Account = was.account
		}
		out = append(out, gone)
	}
	slices.SortFunc(out, func(a, b crm.Change) int { return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.ID, b.ID)) })
	return out
}
