package journal

import (
	"context"
	"encoding/json"
	"strconv"
	"time"
)

// Reservation are calls of a target that some process may make, and when it began to.
type Reservation struct {
	Owner string         `json:"owner"`
	Nth   int64          `json:"nth"` // of its owner's
	Age   time.Duration  `json:"-"`
	Calls int            `json:"calls"`
	Limit int            `json:"limit,omitzero"`  // calls a minute that the target allows, as the owner heard; 0: it did not yet
	Parts map[string]int `json:"parts,omitempty"` // what they count against beside that; the target knows what it means
}

// empty reports that nothing is reserved.
func (r *Reservation) empty() bool { return r.Calls == 0 && len(r.Parts) == 0 }

// reservation is one as stored; At is by the clock of locks, in microseconds.
type reservation struct {
	Reservation
	At int64 `json:"at"`
}

// Reserve has ask decide what owner is about to call of a target, once it is told what
// others reserved within a time, and notes that. Who reserves at the same moment does so in
// turn. Ask must ask nothing of the journal.
func (j *Journal) Reserve(ctx context.Context, target, owner string, within time.Duration, ask func(others []Reservation) Reservation) error {
	id, err := j.ensurePeer(ctx, peer{TargetSide, target})
	if err != nil {
		return err
	}
	return j.inTx(ctx, "journal.reserve", func(t *tx) error {
		return t.reserve(ctx, metaReserved+strconv.FormatInt(id, 10), owner, within, ask)
	})
}

func (t *tx) reserve(ctx context.Context, name, owner string, within time.Duration, ask func([]Reservation) Reservation) error {
	const hold = `INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = meta.value RETURNING value`
	var text string
	if err := t.get(ctx, &text, hold, name, "[]"); err != nil {
		return err
	}
	var now int64
	clock, args := t.j.clock()
	if err := t.get(ctx, &now, `SELECT `+clock, args...); err != nil {
		return err
	}
	var all []reservation
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return err
	}
	kept, others, nth := recent(all, owner, now, within)
	own := reservation{ask(others), now}
	if own.empty() {
		return nil
	}
	own.Owner, own.Nth = owner, nth
	body, err := json.Marshal(append(kept, own))
	if err == nil {
		_, err = t.exec(ctx, `UPDATE meta SET value = ? WHERE name = ?`, string(body), name)
	}
	return err
}

// recent are the reservations that were made within a time, those of them that are not the
// owner's, and the number of its next one.
func recent(all []reservation, owner string, now int64, within time.Duration) (kept []reservation, others []Reservation, nth int64) {
	for _, r := range all {
		r.Age = time.Duration(now-r.At) * time.Microsecond
		switch {
		case r.Age.Abs() >= within:
			continue
		case r.Owner == owner:
			nth = r.Nth + 1
		default:
			others = append(others, r.Reservation)
		}
		kept = append(kept, r)
	}
	return kept, others, nth
}
