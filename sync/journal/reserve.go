package journal

import (
	"context"
	"encoding/json"
	"strconv"
	"time"
)

// Reservation are calls of a target that some process may make, and when it began to.
type Reservation struct {
	Owner string        `json:"owner"`
	Nth   int64         `json:"nth"` // of its owner's
	Age   time.Duration `json:"-"`
	Calls int           `json:"calls"`
	Limit int           `json:"limit,omitzero"` // calls a minute that the target allows, as the owner heard; 0: it did not yet
}

// reservation is one as stored; At is by the clock of locks, in microseconds.
type reservation struct {
	Reservation
	At int64 `json:"at"`
}

// Reserve notes that own.Owner is about to make own.Calls of a target, and returns what
// others reserved within a time. Who reserves at the same moment does so in turn.
func (j *Journal) Reserve(ctx context.Context, target string, own Reservation, within time.Duration) ([]Reservation, error) {
	id, err := j.ensurePeer(ctx, peer{TargetSide, target})
	if err != nil {
		return nil, err
	}
	var others []Reservation
	err = j.inTx(ctx, "journal.reserve", func(t *tx) error {
		others, err = t.reserve(ctx, metaReserved+strconv.FormatInt(id, 10), reservation{Reservation: own}, within)
		return err
	})
	return others, err
}

func (t *tx) reserve(ctx context.Context, name string, own reservation, within time.Duration) (others []Reservation, err error) {
	const hold = `INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = meta.value RETURNING value`
	var text string
	if err := t.get(ctx, &text, hold, name, "[]"); err != nil {
		return nil, err
	}
	clock, args := t.j.clock()
	if err := t.get(ctx, &own.At, `SELECT `+clock, args...); err != nil {
		return nil, err
	}
	var all, kept []reservation
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, err
	}
	for _, r := range all {
		r.Age = time.Duration(own.At-r.At) * time.Microsecond
		if r.Age.Abs() >= within {
			continue
		}
		kept = append(kept, r)
		if r.Owner == own.Owner {
			own.Nth = r.Nth + 1
			continue
		}
		others = append(others, r.Reservation)
	}
	body, err := json.Marshal(append(kept, own))
	if err == nil {
		_, err = t.exec(ctx, `UPDATE meta SET value = ? WHERE name = ?`, string(body), name)
	}
	return others, err
}
