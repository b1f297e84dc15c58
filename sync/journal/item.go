package journal

import (
	"time"

	"github.com/desksync/desksync/helpdesk"
)

// ItemClass is what kind of thing waits for a person's look.
type ItemClass string

// The classes.
const (
	ItemDrift    ItemClass = "drift"
	ItemHeld     ItemClass = "held"
	ItemConflict ItemClass = "conflict"
	ItemFinding  ItemClass = "finding"
	ItemGuard    ItemClass = "guard"
	ItemMerge    ItemClass = "merge" // organizations to merge, because their accounts were; Value is the winner
)

// Item is one thing worth a person's look. Pipeline, Class, Code, Kind, Key, Field
// and Value name it: put again it stays the same item.
type Item struct {
	ID       int64
	Pipeline int64 // PutItems fills it in
	Class    ItemClass
	Code     string // what exactly, such as "domain claimed twice"
	Account  string // empty: concerns the pipeline
	Kind     helpdesk.Kind
	Key      string
	Field    string
	Value    string
	Body     []byte // packed by the caller
	Text     string // one sentence
	Since    time.Time
	FirstRun int64
	LastRun  int64
	Over     time.Time // zero: open
}

// ItemFilter chooses items; zero fields choose all open ones.
type ItemFilter struct {
	Pipeline int64
	Class    ItemClass
	Code     string
	Accounts []string // at most MaxPage
	Run      int64    // last seen in this run
	Over     bool     // those that are over instead
	Seen     int64    // seen in this run, or open while it was made; over or not
	After    int64    // ids above, for paging
}
