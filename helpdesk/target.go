package helpdesk

import (
	"context"
	"iter"

	"github.com/desksync/desksync/internal/pack"
)

// Cause says why a field differs from what the rules want; the table stands in
// docs/concepts.md.
type Cause string

// The causes.
const (
	InStep    Cause = "in step"
	New       Cause = "new"
	Found     Cause = "found"     // set by someone else, never written by us
	Moved     Cause = "moved"     // the source or a rule changed
	Drifted   Cause = "drifted"   // someone edited the helpdesk
	Clashed   Cause = "clashed"   // both moved
	Withdrawn Cause = "withdrawn" // no longer wanted: take back what we added
	LetGo     Cause = "let go"    // forgotten and reported, never written
	Undone    Cause = "undone"    // written back by undo
	Gone      Cause = "gone"      // the account went: retire
	Linked    Cause = "linked"    // an existing object is tied to its account
	Merged    Cause = "merged"    // the account was merged into another one
)

// Causes are all causes that a delta may have.
var Causes = []Cause{New, Found, Moved, Drifted, Clashed, Withdrawn, LetGo, Undone, Gone, Linked, Merged}

// Delta is one field of a change, with the three values that led to it.
type Delta struct {
	Field            string
	Want, Have, Last Value
	Cause            Cause
	Origin           string // "Account.Tier__c by rule organizations.fields.tier"
	Hold             string // why it is not written; empty: it is
}

// Op is what a change does to its object.
type Op string

// The operations.
const (
	Create Op = "create"
	Update Op = "update"
	Retire Op = "retire" // mark, as the deltas say; for a membership: remove it
	Delete Op = "delete"
	Merge  Op = "merge" // into another one of its kind, see Merger
)

// Change is one instruction, as data: printed, stored, compared, replayed, inverted.
type Change struct {
	ID       string // digest of what it does; unique within its run
	Op       Op
	Ref      Ref
	Account  string // the account whose mapping led to it
	TargetID string // empty for a create
	Name     string // the object's name, for people
	Deltas   []Delta
	Hold     string // why the whole change is not made; empty: it is
	Into     string // merge: the key of the one that takes it in
	IntoID   string // merge: the target id of that one
	Was      string // user: the key under which it went until now, of a contact that is gone; empty: it had none, or this one
	Untied   bool   // its object is there and does not carry the key yet; not stored
	OrgID    string // membership: the target id of its organization, where it is known when the change goes out; not stored
	UserID   string // membership: likewise of its user
}

// Writes yields the deltas that are to be written.
func (c Change) Writes() iter.Seq[Delta] {
	return func(yield func(Delta) bool) {
		for _, d := range c.Deltas {
			if d.Hold == "" && c.Hold == "" && !yield(d) {
				return
			}
		}
	}
}

// Pack appends the change in stored form.
func (c Change) Pack(b []byte) []byte {
	b = pack.Digest(b, c.ID)
	for _, s := range []string{string(c.Op), string(c.Ref.Kind), c.Ref.Key, c.Account, c.TargetID, c.Name, c.Hold} {
		b = pack.String(b, s)
	}
	b = pack.Uint(b, uint64(len(c.Deltas)))
	var before *Delta
	for i := range c.Deltas {
		d := &c.Deltas[i]
		b, before = d.pack(b, before), d
	}
	if c.Op == Merge {
		b = pack.String(pack.String(b, c.Into), c.IntoID)
	}
	return b
}

// UnpackChange reads what Pack wrote; what stands behind the change is not read.
func UnpackChange(b []byte) (Change, error) { return ReadChange(pack.Read(b)) }

// ReadChange reads what Pack wrote and leaves r behind it.
func ReadChange(r *pack.Reader) (Change, error) {
	c := Change{ID: r.Digest(), Op: Op(r.String())}
	c.Ref = Ref{Kind: Kind(r.String()), Key: r.String()}
	c.Account, c.TargetID, c.Name, c.Hold = r.String(), r.String(), r.String(), r.String()
	n := r.Uint()
	c.Deltas = make([]Delta, 0, min(n, 256))
	var before *Delta
	for range n {
		if r.Err() != nil {
			break
		}
		c.Deltas = append(c.Deltas, readDelta(r, before))
		before = &c.Deltas[len(c.Deltas)-1]
	}
	if c.Op == Merge {
		c.Into, c.IntoID = r.String(), r.String()
	}
	return c, r.Err()
}

// Cursor marks a place in a target's feed of changes; empty is the beginning.
type Cursor string

// Page is part of what a target holds.
type Page struct {
	Objects  []Object
	Gone     []string // target ids that no longer exist
	Next     Cursor   // where the next listing of this kind goes on
	Complete bool     // the last page of a full listing
}

// State is what became of a change.
type State string

// The states.
const (
	Sent    State = "sent" // under way in the target; a final outcome follows
	Applied State = "applied"
	Failed  State = "failed"
	Skipped State = "skipped"
)

// Outcome is what became of one change.
type Outcome struct {
	ChangeID string
	State    State
	Token    string // sent: the target's handle, enough to ask again after a crash
	TargetID string
	Err      error // carries a fault.Kind
}

// Target is a helpdesk, or anything that can stand in for one.
//
// Implementations must pass helpdesktest.Run. All methods are safe for
// concurrent use, stop promptly when ctx ends, and return errors that carry a
// fault.Kind.
type Target interface {
	// Describe connects, checks credentials and reports what this target can do.
	Describe(ctx context.Context) (Capabilities, error)

	// Objects yields pages of what changed since the cursor; the zero cursor
	// means all. An object without a CRM id has an empty Key. What this target's
	// own Apply wrote may be left out of an incremental listing, never out of a
	// full one. After an error is yielded, nothing more is.
	Objects(ctx context.Context, k Kind, since Cursor) iter.Seq2[Page, error]

	// Get returns the objects of one kind that have these keys; those that do not
	// exist are missing from the answer. It reads the truth, not a cache.
	Get(ctx context.Context, k Kind, keys []string) ([]Object, error)

	// Apply makes the changes in the target's own batches and yields an outcome
	// for each as it is known, sent ones first where the target works in the
	// background. A change that already holds is applied, not an error. Held
	// deltas are not in what it is given. It takes changes in order, no more than
	// Capabilities.Shard beyond those of which it yielded the last word; each taking
	// may wait.
	Apply(ctx context.Context, changes iter.Seq[Change]) iter.Seq2[Outcome, error]
}

// Settler is a Target that can ask again about work that was in flight when the
// process died.
type Settler interface {
	Settle(ctx context.Context, sent []Outcome) iter.Seq2[Outcome, error]
}

// Paced is a Target whose account limits its calls, which therefore are counted.
type Paced interface {
	Pace() Pace
}

// Pace is what calls a target made, and how many it may make in a minute.
type Pace struct {
	Calls   int // since it was opened, logins aside
	Limit   int // what the account allows in a minute, as last heard or configured; 0: not known
	Allowed int // what this process may make of them
	Left    int // what the account has left of the minute under way, whoever used the rest; negative: not heard within a minute
}

// TicketCounter is a Target that knows how many tickets of an organization are
// not closed (solved is not closed), by target id; it guards deletion.
type TicketCounter interface {
	OpenTickets(ctx context.Context, ids []string) (map[string]int, error)
}
