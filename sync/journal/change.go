package journal

import (
	"encoding/json"
	"fmt"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
)

// Pos is the place of a change in its run: first by rank, then by sequence.
// Ranks run from 0 to 15, sequences from 1 to 4,294,967,295; the zero Pos is
// before all.
type Pos struct {
	Rank int
	Seq  int64
}

// ChangeRow is one change as stored.
type ChangeRow struct {
	Rank    int
	Seq     int64
	Account string
	Kind    helpdesk.Kind
	Key     string
	Op      helpdesk.Op
	Class   uint32 // bits of the guards' classes
	Hold    string // why the whole change waits; empty: it does not
	Dropped string // why it left the changeset after sealing; empty: it did not
	ARR     float64
	Body    []byte // helpdesk.Change, packed
}

// Pos returns the place of the change.
func (c ChangeRow) Pos() Pos { return Pos{c.Rank, c.Seq} }

// ChangeFilter chooses changes; zero fields choose all that are not dropped.
type ChangeFilter struct {
	Held    *bool  // only held ones, or only those that are not
	Class   uint32 // only those of any of these classes
	Account string
	Kind    helpdesk.Kind
	Op      helpdesk.Op
	Dropped bool // also those that left the changeset
}

// HeldCount says how much was put on hold.
type HeldCount struct {
	Changes, Accounts int
	ARR               float64
}

// Count is one line of the totals of a run.
type Count struct {
	Kind     helpdesk.Kind
	Op       helpdesk.Op
	Class    uint32
	Held     bool
	Changes  int
	Accounts int // distinct accounts within this line
	ARR      float64
}

// Sealed is what Seal stores.
type Sealed struct {
	Totals         json.RawMessage
	Digest         string // of the changeset
	PipelineDigest string // of the mapping
	Day            day.Day
	Notes          []ObjectNote
	Accounts       []string // scoped runs: only these were compared; nil: all that was dirty
	Again          []string // accounts that stay dirty, though they were compared: what waits there comes back by itself
}

// String renders rank and sequence.
func (p Pos) String() string { return fmt.Sprintf("%d/%d", p.Rank, p.Seq) }
