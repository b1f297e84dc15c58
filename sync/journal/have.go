package journal

import (
	"bytes"
	"context"
	"slices"

	"github.com/desksync/desksync/helpdesk"
)

// PutHave notes what the target holds now and where its feed goes on. Accounts
// whose objects differ from what was known become dirty in every pipeline on that
// target that has them. It returns how many objects differed. Of two for one key
// the later counts; a loose one that finds its key taken is a stranger. During a full listing
// it also notes what was seen.
func (j *Journal) PutHave(ctx context.Context, run Run, kind helpdesk.Kind, puts []HavePut, next helpdesk.Cursor) (int, error) {
	n := 0
	err := j.inTx(ctx, "journal.have", func(t *tx) error {
		if err := t.softGuard(ctx, run); err != nil {
			return err
		}
		h := &havePage{target: run.target, kind: kindCode(kind), puts: slices.Clone(puts)} // whose they are may be another thing when it is tried again
		if err := h.store(ctx, t); err != nil {
			return err
		}
		n = h.changed
		if err := t.see(ctx, run, h.kind, h.puts); err != nil {
			return err
		}
		return t.keepPlace(ctx, run.target, h.kind, string(next))
	}, &objectList, &strangerList, &claimList, &dirtyList, &seenList)
	return n, err
}

// havePage is one page of what a target holds.
type havePage struct {
	target, kind int64
	puts         []HavePut
	rows         map[string]*objectRow // by key
	ids          map[string]*objectRow // by target id
	changed      int
	dirty        []string
	upserts      upserts
}

func (h *havePage) store(ctx context.Context, t *tx) error {
	if len(h.puts) == 0 {
		return nil
	}
	if err := h.load(ctx, t); err != nil {
		return err
	}
	var strangers []Stranger
	var goneIDs, ours []string
	for i := range h.puts {
		h.puts[i] = h.tied(h.puts[i]) // a listing sees a stranger too
		p := h.puts[i]
		switch {
		case p.Gone:
			h.gone(p)
			goneIDs = append(goneIDs, p.TargetID)
		case p.Key == "":
			strangers = append(strangers, Stranger{TargetID: p.TargetID, Fields: p.Fields, Claims: p.Claims})
		default:
			h.put(p)
			ours = append(ours, p.TargetID)
		}
	}
	left, err := t.dropStrangers(ctx, h.target, h.kind, append(goneIDs, ours...))
	if err != nil {
		return err
	}
	came, err := t.putStrangers(ctx, h.target, h.kind, strangers)
	if err != nil {
		return err
	}
	h.changed += len(came)
	h.dirty = slices.Concat(h.dirty, left, came)
	if err := t.put(ctx, &objectList, h.upserts.args); err != nil {
		return err
	}
	return t.markOnTarget(ctx, h.target, h.dirty)
}

// load reads the rows that the page is about.
func (h *havePage) load(ctx context.Context, t *tx) error {
	var keys, ids []string
	for _, p := range h.puts {
		if p.Key != "" {
			keys = append(keys, p.Key)
		} else if p.Gone {
			ids = append(ids, p.TargetID)
		}
	}
	h.rows, h.ids = map[string]*objectRow{}, map[string]*objectRow{}
	for column, list := range map[string][]string{"o.key": keys, "o.target_id": ids} {
		if len(list) == 0 {
			continue
		}
		cond, arg := among(t.Dialect, column, list)
		of := "o.target = ? AND o.kind = ?"
		if column == "o.target_id" {
			of = byTargetID(nameOf(kindNames, h.kind))
		}
		var rows []objectRow
		if err := t.all(ctx, &rows, selectObject+`WHERE `+of+` AND `+cond, h.target, h.kind, arg); err != nil {
			return err
		}
		for i := range rows {
			h.rows[rows[i].Key], h.ids[rows[i].TargetID] = &rows[i], &rows[i]
		}
	}
	return nil
}

// tied takes a loose object that is known to be ours for ours, which has to be tied to its
// account again, and any other one for a stranger.
func (h *havePage) tied(p HavePut) HavePut {
	if p.Loose.Name == "" {
		return p
	}
	if row := h.rows[p.Key]; row != nil && row.TargetID == p.TargetID {
		p.Fields = p.Fields.With(p.Loose.Name, p.Loose.Value)
		return p
	}
	p.Key = ""
	return p
}

// put notes an object of ours where it differs from what was known.
func (h *havePage) put(p HavePut) {
	have := packFields(p.Fields)
	row := h.rows[p.Key]
	if row == nil {
		o := Object{Kind: nameOf(kindNames, h.kind), Key: p.Key}
		row = &objectRow{Kind: h.kind, Key: p.Key, Account: o.account(), HaveState: int64(HaveGone)}
		h.rows[p.Key] = row
	}
	same := bytes.Equal(have, row.known()) && HaveState(row.HaveState) != HaveGone && row.TargetID == p.TargetID //nolint:gosec // 0 to 3
	if same && row.HaveState != int64(NeverSeen) {
		return
	}
	row.TargetID, row.Have, row.HaveState = p.TargetID, have, int64(HaveDiffers)
	if row.Last != nil && bytes.Equal(have, row.Last) {
		row.Have, row.HaveState = nil, int64(HaveSame)
	}
	h.keep(row, !same)
}

// gone notes that an object of ours is no longer there.
func (h *havePage) gone(p HavePut) {
	row := h.rows[p.Key]
	if row == nil {
		row = h.ids[p.TargetID]
	}
	if row == nil || row.HaveState == int64(HaveGone) || p.Key == "" && row.TargetID != p.TargetID { // by now it has another id
		return
	}
	row.Have, row.HaveState = nil, int64(HaveGone)
	h.keep(row, true)
}

func (h *havePage) keep(r *objectRow, dirty bool) {
	h.upserts.add(r.Key, h.target, h.kind, r.Key, r.Account, r.TargetID, r.Pipeline, nilIfEmpty(r.Last), nilIfEmpty(r.Have), r.HaveState, r.Run, r.At,
		nilIfEmpty(r.Basis), r.Marked, nilIfEmpty(r.Corrected))
	if dirty {
		h.changed++
		if r.Account != "" {
			h.dirty = append(h.dirty, r.Account)
		}
	}
}

// nilIfEmpty makes a missing column null; packed fields are never empty.
func nilIfEmpty(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// markOnTarget marks accounts in every pipeline on a target that has them: staged,
// or an organization written by it.
func (t *tx) markOnTarget(ctx context.Context, target int64, accounts []string) error {
	if len(accounts) == 0 {
		return nil
	}
	staged, arg := among(t.Dialect, "s.account", accounts)
	written, _ := among(t.Dialect, "o.key", accounts)
	q := `
		INSERT INTO dirty (pipeline, account, gen)
		SELECT x.pipeline, x.account, x.gen FROM (
			SELECT p.id AS pipeline, s.account, p.gen FROM pipeline p JOIN stage s ON s.pipeline = p.id AND s.role = 1 WHERE p.target = ? AND ` + staged + `
			UNION
			SELECT p.id, o.key, p.gen FROM pipeline p JOIN object o ON o.target = p.target AND o.kind = 1 AND o.pipeline = p.id WHERE p.target = ? AND ` + written + `
		) x WHERE true ` + dirtyTail
	_, err := t.exec(ctx, q, target, arg, target, arg)
	return err
}
