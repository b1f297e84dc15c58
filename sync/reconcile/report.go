package reconcile

import (
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// maxNamed bounds how many failures and conflicts a report names; the journal has all.
const maxNamed = 100

// Report is what became of a pass, as far as it came.
type Report struct {
	Run      int64
	Pipeline string
	Source   string
	Target   string
	Mode     Mode
	Day      day.Day
	Forecast bool     // the day is another one than today
	Only     []string // the accounts that the pass was for; nil: all
	State    journal.State

	Rates     []crm.Rate // what the source says that currencies are worth on that day; nil: it was not asked
	Reads     []Read
	Since     time.Time // the reads show what changed since then; zero: full reads
	LastFull  time.Time // when the source was last read in full, if Since is set
	Calls     crm.Usage // of the source; Calls are those of this pass
	FullWhy   string    // why a full read was made where changes could have done
	Shrunk    []Shrunk
	Refreshed int // objects of the target that somebody else changed
	Vanished  int // objects of ours that the target no longer has
	Dirty     int // accounts mapped
	Compared  int // accounts compared

	Summary   changeset.Summary
	Impact    changeset.Impact
	Cost      changeset.Cost
	Guarded   changeset.Totals
	Digest    changeset.Digest
	Tripped   []Guarded
	Conflicts int
	Merges    int // organizations to merge that wait for a decision
	Findings  int
	Notices   []Notice       // of the findings those about the target as a whole
	Foreseen  []journal.Item // findings of another day, which the journal does not keep; at most a hundred

	Applied  int
	Failed   int
	Spared   int // left alone, because the target lets no sync write them: agents, suspended users
	Left     int // not sent any more because the run ended; the next run finds them again
	Failures []Failure
	Refused  []Refused // not written, because something moved since they were computed
	Declined bool      // whoever was asked before the first change said no
	Standing int       // changes of an earlier run that the target holds already
	Raced    int       // not written, because the target moved meanwhile; see Again
	Waiting  int       // sent, and the target still works on them; the next run looks what became of them

	Resumed  []Resumed // earlier runs that were brought to their end first
	Again    *Report   // the second try of what raced; nil: nothing did, or this is one
	Pending  []int64   // earlier runs that a diff left unfinished
	Restored bool      // the journal came out of a backup: this pass only looked

	contests map[string]bool
}

// Read is what became of reading one role.
type Read struct {
	Role    crm.Role
	Rows    int
	Before  int // rows of the last complete read
	Changed int
	Missing int
	Report  crm.Report
}

// Shrunk is a role that holds the run because it has far fewer rows than before.
type Shrunk struct {
	Role   crm.Role `json:"role"`
	Before int      `json:"before"`
	Now    int      `json:"now"`
	Text   string   `json:"text"`
}

// Guarded is a guard that held something, and how much.
type Guarded struct {
	changeset.Tripped
	Changes  int
	Accounts int
	ARR      float64
}

// Failure is a change that the target refused.
type Failure struct {
	Account string
	Key     string
	Err     error
}

// Resumed is an earlier run that was cut off and is at its end now.
type Resumed struct {
	Run   int64         `json:"run"`
	State journal.State `json:"state"`
	Tally               // in all: before it was cut off, however often, and now
}

// Held reports whether a guard held something.
func (r *Report) Held() bool { return len(r.Tripped) > 0 || r.Blocked() }

// Blocked reports whether the read held the run: the source shrank, or its export
// ends before its end.
func (r *Report) Blocked() bool {
	return len(r.Shrunk) > 0 || slices.ContainsFunc(r.Reads, func(x Read) bool { return x.Report.Cut })
}

// Incomplete lists the reads that did not prove complete.
func (r *Report) Incomplete() []Read {
	var out []Read
	for _, x := range r.Reads {
		if !x.Report.Complete {
			out = append(out, x)
		}
	}
	return out
}

func (r *Report) fail(row *journal.ChangeRow, err error) {
	r.Failed++
	if len(r.Failures) < maxNamed {
		r.Failures = append(r.Failures, Failure{Account: row.Account, Key: row.Key, Err: err})
	}
}

// conflict counts what is contested, by its field, once.
func (r *Report) conflict(field string) {
	if r.contests == nil {
		r.contests = map[string]bool{}
	}
	r.contests[field] = true
	r.Conflicts = len(r.contests)
}

// totals is what the journal keeps of the report.
func (r *Report) totals() json.RawMessage {
	totals := map[string]any{
		"todo": r.Summary.Todo, "held": r.Summary.Held, "guarded": r.Summary.Guarded, "in_step": r.Summary.InStep, "conflicts": r.Conflicts, "merges": r.Merges, "findings": r.Findings,
		"compared": r.Compared, "applied": r.Applied, "failed": r.Failed, "raced": r.Raced, "spared": r.Spared, "waiting": r.Waiting, "left": r.Left, "impact": r.Impact.Moves(), "guards": r.Tripped,
	}
	if r.Only != nil {
		totals["only"] = r.Only
	}
	if len(r.Shrunk) > 0 {
		totals["shrunk"] = r.Shrunk
	}
	if r.Calls.Calls > 0 {
		totals["calls"] = r.Calls.Calls
	}
	if r.Rates != nil {
		totals["rates"] = r.Rates
	}
	b, err := json.Marshal(totals)
	if err != nil {
		return nil // a report is plain data
	}
	return b
}

func join(a, b error) error {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	default:
		return errors.Join(a, b)
	}
}

func sortedUnique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
