package journal

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

var (
	errNoItem     = errors.New("there is no such item; desksync drift and desksync conflicts list them")
	errNoDecision = errors.New("there is no such decision")
)

// PutDecision records a decision, audits it, and marks its account dirty, all or
// nothing. It returns the decision's id.
func (j *Journal) PutDecision(ctx context.Context, d Decision) (int64, error) {
	var id int64
	err := j.inTx(ctx, "journal.decide", func(t *tx) (err error) {
		id, err = t.decide(ctx, d)
		return err
	}, &dirtyList)
	return id, err
}

// PutDecisions records many at once, all or nothing.
func (j *Journal) PutDecisions(ctx context.Context, list []Decision) error {
	return j.inTx(ctx, "journal.decide", func(t *tx) error {
		for i := range list {
			if _, err := t.decide(ctx, list[i]); err != nil {
				return err
			}
		}
		return nil
	}, &dirtyList)
}

func (t *tx) decide(ctx context.Context, d Decision) (id int64, err error) {
	const q = `
		INSERT INTO decision (pipeline, account, kind, key, field, action, want, value, from_day, until_day, reason, author, at, item, run)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		RETURNING id`
	err = t.get(ctx, &id, q, d.Pipeline, d.Account, kindCode(d.Kind), d.Key, d.Field, d.Action, valueText(d.Want), valueText(d.Value), d.From.String(),
		d.Until.String(), clean(d.Reason), clean(d.Author), t.j.now(), d.Item, d.Run)
	if err != nil {
		return 0, err
	}
	a := Audit{Who: d.Author, What: "decision", Ref: strconv.FormatInt(id, 10), Detail: d.Action + " " + d.about() + ": " + d.Reason}
	return id, errors.Join(t.audit(ctx, a), t.markDecided(ctx, d))
}

// about names what a decision is about, for the audit.
func (d *Decision) about() string {
	if d.Field == "" {
		return d.Account
	}
	return d.Account + " " + d.Field
}

func (t *tx) markDecided(ctx context.Context, d Decision) error {
	if d.Account == "" {
		return nil
	}
	return t.markOutside(ctx, d.Pipeline, []string{d.Account})
}

// valueText is a value with its type, as it is stored.
func valueText(v helpdesk.Value) string {
	b, err := v.MarshalText()
	if err != nil {
		return ""
	}
	return clean(string(b))
}

// decisionRow is a Decision as selected.
type decisionRow struct {
	ID, Pipeline, Kind, At, Item, Run int64
	Account, Key, Field, Action       string
	Want, Value, Reason, Author, Why  string
	FromDay                           string `db:"from_day"`
	UntilDay                          string `db:"until_day"`
	ReleasedAt                        int64  `db:"released_at"`
}

const selectDecision = `
	SELECT id, pipeline, account, kind, key, field, action, want, value, from_day, until_day, reason, author, at, item, run, released_at, why
	FROM   decision `

func (r *decisionRow) decision() (Decision, error) {
	d := Decision{
		ID: r.ID, Pipeline: r.Pipeline, Account: r.Account, Kind: nameOf(kindNames, r.Kind), Key: r.Key, Field: r.Field, Action: r.Action,
		From: dayOf(r.FromDay), Until: dayOf(r.UntilDay), Reason: r.Reason, Author: r.Author, At: timeOf(r.At), Item: r.Item, Run: r.Run,
		Released: timeOf(r.ReleasedAt), Why: r.Why,
	}
	err := errors.Join(d.Want.UnmarshalText([]byte(r.Want)), d.Value.UnmarshalText([]byte(r.Value)))
	if err != nil {
		err = fmt.Errorf("decision %d: %w", r.ID, err)
	}
	return d, err
}

// EachDecision yields all decisions by id.
func (j *Journal) EachDecision(ctx context.Context, f DecisionFilter) iter.Seq2[Decision, error] {
	return pages(MaxPage, func(last *Decision) ([]Decision, error) {
		if last != nil {
			f.After = last.ID
		}
		return j.Decisions(ctx, f, MaxPage)
	})
}

// Decisions lists decisions by id.
func (j *Journal) Decisions(ctx context.Context, f DecisionFilter, limit int) ([]Decision, error) {
	if len(f.Accounts) > MaxPage {
		return nil, tooMany("journal.decisions", len(f.Accounts))
	}
	var w where
	w.number("pipeline = ?", f.Pipeline)
	w.text("action = ?", f.Action)
	w.number("run = ?", f.Run)
	w.number("id > ?", f.After)
	if !f.Released {
		w.add("released_at = 0")
	}
	if f.Accounts != nil {
		w.add(among(j.db.Dialect, "account", f.Accounts))
	}
	var rows []decisionRow
	err := j.all(ctx, "journal.decisions", &rows, selectDecision+w.String()+` ORDER BY id LIMIT ?`, append(w.args, min(limit, MaxPage))...)
	if err != nil {
		return nil, err
	}
	out := make([]Decision, len(rows))
	for i := range rows {
		if out[i], err = rows[i].decision(); err != nil {
			return nil, j.db.Fault("journal.decisions", err)
		}
	}
	return out, nil
}

// DecisionByID returns one decision; an unknown one is fault.NotFound.
func (j *Journal) DecisionByID(ctx context.Context, id int64) (Decision, error) {
	var row decisionRow
	ok, err := j.get(ctx, "journal.decision", &row, selectDecision+`WHERE id = ?`, id)
	if err != nil {
		return Decision{}, err
	}
	if !ok {
		return Decision{}, noDecision(id)
	}
	return row.decision()
}

func noDecision(id int64) error {
	return &fault.Error{Op: "journal.decision", Kind: fault.NotFound, Ref: strconv.FormatInt(id, 10), Err: errNoDecision}
}

// Release ends a decision, audits it, and marks its account dirty. One that is
// released already stays as it is.
func (j *Journal) Release(ctx context.Context, id int64, who, why string) error {
	d, err := j.DecisionByID(ctx, id)
	if err != nil {
		return err
	}
	return j.inTx(ctx, "journal.release", func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE decision SET released_at = ?, why = ? WHERE id = ? AND released_at = 0`, t.j.now(), clean(why), id)
		if err != nil || n == 0 {
			return err
		}
		a := Audit{Who: who, What: "release", Ref: strconv.FormatInt(id, 10), Detail: d.Action + " " + d.about() + ": " + why}
		return errors.Join(t.audit(ctx, a), t.markDecided(ctx, d))
	}, &dirtyList)
}
