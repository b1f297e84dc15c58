package journal

import (
	"context"
	"errors"
	"time"

	"github.com/desksync/desksync/helpdesk"
)

var seenList = list{
	table: "seen", columns: "target, kind, stranger, id",
	types: "bigint, bigint, bigint, text", tail: "ON CONFLICT DO NOTHING",
}

// Cursor returns where the target's feed goes on; empty: a full listing is due.
func (j *Journal) Cursor(ctx context.Context, target string, kind helpdesk.Kind) (helpdesk.Cursor, error) {
	id, err := j.targetID(ctx, target)
	if err != nil || id == 0 {
		return "", err
	}
	var place string
	_, err = j.get(ctx, "journal.cursor", &place, `SELECT place FROM feed WHERE target = ? AND kind = ?`, id, kindCode(kind))
	return helpdesk.Cursor(place), err
}

// keepPlace stores where the feed goes on; an empty place keeps the old one.
func (t *tx) keepPlace(ctx context.Context, target, kind int64, place string) error {
	if place == "" {
		return nil
	}
	const q = `INSERT INTO feed (target, kind, place) VALUES (?, ?, ?) ON CONFLICT (target, kind) DO UPDATE SET place = excluded.place`
	_, err := t.exec(ctx, q, target, kind, place)
	return err
}

// BeginListing starts a full listing of a kind: PutHave from then on also notes
// what was seen. A listing that was cut short starts over.
func (j *Journal) BeginListing(ctx context.Context, run Run, kind helpdesk.Kind) error {
	return j.inTx(ctx, "journal.listing", func(t *tx) error {
		if err := t.guard(ctx, run); err != nil {
			return err
		}
		if err := t.clearSeen(ctx, run.target, kindCode(kind)); err != nil {
			return err
		}
		const q = `INSERT INTO feed (target, kind, listing) VALUES (?, ?, ?) ON CONFLICT (target, kind) DO UPDATE SET listing = excluded.listing`
		_, err := t.exec(ctx, q, run.target, kindCode(kind), run.ID)
		return err
	})
}

func (t *tx) clearSeen(ctx context.Context, target, kind int64) error {
	_, err := t.exec(ctx, `DELETE FROM seen WHERE target = ? AND kind = ?`, target, kind)
	return err
}

// see notes what a page of a full listing holds.
func (t *tx) see(ctx context.Context, run Run, kind int64, puts []HavePut) error {
	listing, err := t.listing(ctx, run, kind)
	if err != nil || !listing {
		return err
	}
	var args []any
	for _, p := range puts {
		switch {
		case p.Gone:
		case p.Key == "":
			args = append(args, run.target, kind, 1, p.TargetID)
		default:
			args = append(args, run.target, kind, 0, p.Key)
		}
	}
	return t.put(ctx, &seenList, args)
}

// listing reports whether this run is listing a kind in full.
func (t *tx) listing(ctx context.Context, run Run, kind int64) (bool, error) {
	var n int
	err := t.get(ctx, &n, `SELECT count(*) FROM feed WHERE target = ? AND kind = ? AND listing = ?`, run.target, kind, run.ID)
	return n > 0, err
}

var errNoListing = errors.New("no full listing is under way; call BeginListing first")

// EndListing ends a full listing that met its last page: objects of ours that were
// not seen are gone and their accounts dirty, strangers not seen are forgotten. It
// returns how many of ours are gone.
func (j *Journal) EndListing(ctx context.Context, run Run, kind helpdesk.Kind) (int, error) {
	gone := 0
	err := j.inTx(ctx, "journal.listing", func(t *tx) error {
		if err := t.guard(ctx, run); err != nil {
			return err
		}
		code := kindCode(kind)
		if on, err := t.listing(ctx, run, code); err != nil || !on {
			return errors.Join(err, errNoListing)
		}
		var err error
		if gone, err = t.loseUnseen(ctx, run.target, code); err != nil {
			return err
		}
		if err := t.clearSeen(ctx, run.target, code); err != nil {
			return err
		}
		_, err = t.exec(ctx, `UPDATE feed SET listing = 0, listed_at = ? WHERE target = ? AND kind = ?`, t.j.now(), run.target, code)
		return err
	}, &dirtyList, &claimList)
	return gone, err
}

// NoteListed notes that all objects of a kind were shown by now, though not by a listing
// that proves what is gone.
func (j *Journal) NoteListed(ctx context.Context, run Run, kind helpdesk.Kind) error {
	return j.inTx(ctx, "journal.listing", func(t *tx) error {
		if err := t.guard(ctx, run); err != nil {
			return err
		}
		const q = `INSERT INTO feed (target, kind, listed_at) VALUES (?, ?, ?) ON CONFLICT (target, kind) DO UPDATE SET listed_at = excluded.listed_at`
		_, err := t.exec(ctx, q, run.target, kindCode(kind), t.j.now())
		return err
	})
}

// loseUnseen works through what a full listing did not meet, in pages.
func (t *tx) loseUnseen(ctx context.Context, target, kind int64) (int, error) {
	gone := 0
	for after := ""; ; {
		rows, err := t.unseen(ctx, target, kind, after)
		if err != nil || len(rows) == 0 {
			return gone, errors.Join(err, t.loseStrangers(ctx, target, kind))
		}
		var keys, accounts []string
		for _, r := range rows {
			keys, accounts = append(keys, r.Key), append(accounts, r.Account)
		}
		cond, arg := among(t.Dialect, "key", keys)
		if _, err := t.exec(ctx, `UPDATE object SET have = NULL, have_state = 3 WHERE target = ? AND kind = ? AND `+cond, target, kind, arg); err != nil {
			return gone, err
		}
		if err := t.markOnTarget(ctx, target, accounts); err != nil {
			return gone, err
		}
		gone, after = gone+len(rows), keys[len(keys)-1]
	}
}

// unseen returns objects that the target has, as far as known, and did not list.
func (t *tx) unseen(ctx context.Context, target, kind int64, after string) ([]objectRow, error) {
	const q = `
		SELECT o.key, o.account FROM object o
		WHERE  o.target = ? AND o.kind = ? AND o.key > ? AND o.have_state <> 3
		AND    NOT EXISTS (SELECT 1 FROM seen s WHERE s.target = o.target AND s.kind = o.kind AND s.stranger = 0 AND s.id = o.key)
		ORDER  BY o.key LIMIT 500`
	var rows []objectRow
	err := t.all(ctx, &rows, q, target, kind, after)
	return rows, err
}

func (t *tx) loseStrangers(ctx context.Context, target, kind int64) error {
	const q = `
		SELECT r.target_id FROM stranger r
		WHERE  r.target = ? AND r.kind = ?
		AND    NOT EXISTS (SELECT 1 FROM seen s WHERE s.target = r.target AND s.kind = r.kind AND s.stranger = 1 AND s.id = r.target_id)
		ORDER  BY r.target_id LIMIT 500`
	for {
		var ids []string
		if err := t.all(ctx, &ids, q, target, kind); err != nil || len(ids) == 0 {
			return err
		}
		named, err := t.dropStrangers(ctx, target, kind, ids)
		if err != nil {
			return err
		}
		if err := t.markOnTarget(ctx, target, named); err != nil {
			return err
		}
	}
}

// LastListing returns when the last full listing of a kind ended; zero: never.
func (j *Journal) LastListing(ctx context.Context, target string, kind helpdesk.Kind) (time.Time, error) {
	id, err := j.targetID(ctx, target)
	if err != nil || id == 0 {
		return time.Time{}, err
	}
	var at int64
	_, err = j.get(ctx, "journal.listing", &at, `SELECT listed_at FROM feed WHERE target = ? AND kind = ?`, id, kindCode(kind))
	return timeOf(at), err
}
