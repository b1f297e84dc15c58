package journal

import (
	"context"
	"errors"
	"fmt"

	"github.com/desksync/desksync/internal/fault"
)

// The parts of a change's id: 4 bits of rank above 32 of sequence, the run above both.
const (
	seqBits  = 32
	rankBits = 4
	runBits  = seqBits + rankBits
	maxSeq   = 1<<seqBits - 1
	maxRank  = 1<<rankBits - 1
)

// idOf is the number under which a change is stored.
func idOf(run int64, p Pos) int64 { return run<<runBits | int64(p.Rank)<<seqBits | p.Seq }

// posOf is the place of a stored change in its run.
func posOf(id int64) Pos {
	return Pos{Rank: int(id >> seqBits & maxRank), Seq: id & maxSeq}
}

// span is the open interval of the ids of a run.
func span(run int64) (after, before int64) { return run<<runBits - 1, (run + 1) << runBits }

// check refuses a change that could not be read back as it is.
func (c *ChangeRow) check() error {
	if c.Rank < 0 || c.Rank > maxRank || c.Seq < 1 || c.Seq > maxSeq {
		return fault.New("journal.changes", fault.Invalid, fmt.Errorf("a change at rank %d, sequence %d has no place; ranks go from 0 to %d, sequences from 1", c.Rank, c.Seq, maxRank))
	}
	if kindCode(c.Kind) == 0 || opCode(c.Op) == 0 {
		return fault.New("journal.changes", fault.Invalid, fmt.Errorf("the journal knows no operation %q on a %q", c.Op, c.Kind))
	}
	return nil
}

var changeList = list{
	table: "change", columns: "id, account, kind, key, op, class, hold, arr, body",
	types: "bigint, text, bigint, text, bigint, bigint, text, float8, bytea", tail: "ON CONFLICT (id) DO NOTHING",
}

// AddChanges stores changes of an unsealed run; a change put twice is stored once.
func (j *Journal) AddChanges(ctx context.Context, run Run, rows []ChangeRow) error {
	args := make([]any, 0, len(rows)*changeList.width())
	for i := range rows {
		c := &rows[i]
		if err := c.check(); err != nil {
			return err
		}
		args = append(args, idOf(run.ID, c.Pos()), c.Account, kindCode(c.Kind), c.Key, opCode(c.Op), int64(c.Class), clean(c.Hold), c.ARR, c.Body)
	}
	return j.inTx(ctx, "journal.changes", func(t *tx) error {
		if err := t.soft(ctx); err != nil {
			return err
		}
		if err := t.unsealed(ctx, run); err != nil {
			return err
		}
		return t.add(ctx, &changeList, args)
	}, &changeList)
}

// unsealed is guard, and refuses a run that is sealed already.
func (t *tx) unsealed(ctx context.Context, run Run) error {
	if err := t.guard(ctx, run); err != nil {
		return err
	}
	var at int64
	if err := t.get(ctx, &at, `SELECT sealed_at FROM run WHERE id = ?`, run.ID); err != nil {
		return err
	}
	if at != 0 {
		return fault.New("journal.changes", fault.Invalid, errSealed)
	}
	return nil
}

var errSealed = errors.New("the run is sealed; its changeset is fixed")

// storedChange is a ChangeRow as selected.
type storedChange struct {
	ID            int64
	Account       string
	Kind          int64
	Key           string
	Op, Class     int64
	Hold, Dropped string
	ARR           float64
	Body          []byte
}

func (c *storedChange) row() ChangeRow {
	p := posOf(c.ID)
	return ChangeRow{
		Rank: p.Rank, Seq: p.Seq, Account: c.Account, Kind: nameOf(kindNames, c.Kind), Key: c.Key, Op: nameOf(opNames, c.Op),
		Class: uint32(c.Class), Hold: c.Hold, Dropped: c.Dropped, ARR: c.ARR, Body: c.Body, //nolint:gosec // written from a uint32
	}
}
