package journal

import (
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
)

// HaveState says what is known of the target's side of an object.
type HaveState uint8

// The states of knowledge.
const (
	NeverSeen   HaveState = iota // only what we wrote is known; Have is Last
	HaveSame                     // the target holds exactly Last; Have is Last
	HaveDiffers                  // the target holds Have
	HaveGone                     // the target no longer has it
)

// Object is what is known of one object of ours in a target: what desksync last
// wrote there and what the target held when last looked at.
type Object struct {
	Kind      helpdesk.Kind
	Key       string
	Account   string // users: the account whose mapping wrote them last; else follows from Key
	TargetID  string
	Pipeline  int64 // the pipeline that wrote it last; 0: none
	Last      helpdesk.Fields
	Written   bool            // false: never written by us, and Last is empty
	Have      helpdesk.Fields // everything the target holds, ours or not
	HaveState HaveState       // filled in on reading; on writing only HaveGone is heeded
	Run       int64           // the run that last wrote
	At        time.Time       // when
	Source    string          // 32 hex digits: the source rows at the last write
	Digest    string          // 32 hex digits: the mapping at the last write
	Marked    day.Day         // since when it is marked for deletion
	Corrected []Corrected     // recent corrections of drift, oldest first
}

// There reports whether the target has the object, as far as is known; nil is not there.
func (o *Object) There() bool { return o != nil && o.HaveState != HaveGone }

// Corrected is one correction of a drifted field.
type Corrected struct {
	Field string
	At    time.Time
}

// HavePut is one object as the target holds it now.
type HavePut struct {
	Key      string // CRM key; empty: a stranger
	TargetID string
	Fields   helpdesk.Fields
	Loose    helpdesk.Field // named: the key stands in a custom field only; one that is known to be ours stays so and gets this field, another is a stranger
	Gone     bool           // no longer there: only Key or TargetID is set
	Claims   []Claim        // strangers
}

// ObjectNote changes a last-written row without a write to the target.
type ObjectNote struct {
	Object
	Forget bool // the row goes: nothing of the object is ours any more
}
