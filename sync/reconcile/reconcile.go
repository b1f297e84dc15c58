// Package reconcile makes the pass: read, map, resolve, refresh, compare, guard,
// seal, apply, record. It is the only place that calls everything, and it decides
// nothing itself: what is wanted stands in mapping and sla, what to change in
// changeset, what is remembered in journal. Command line, scheduler, console and
// tests all call Run.
package reconcile

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/domains"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sla"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// Pipeline is one source, one target and the rules between them.
type Pipeline struct {
	Name        string
	SourceName  string
	TargetName  string
	Source      crm.Source
	Target      helpdesk.Target
	Mapper      *mapping.Mapper
	Rules       *sla.Rules
	Guards      changeset.Guards
	Gone        GonePolicies
	Mark        changeset.Mark
	Match       Match
	OnNameClash string      // what becomes of accounts of one name: SuffixNames, or they are held
	Tie         domains.Tie // which of several organizations keeps a domain
	Scope       Scope
	Overrides   []sla.Override // of the reviewed file; those decided by command stand in the journal
	FullEvery   time.Duration  // how old the last full read may be before a run makes another; default a day
	Observe     bool           // never writes, whatever is asked
	Location    *time.Location // the zone whose calendar day a run takes; nil: UTC
	Config      string         // the text of the configuration, recorded with each run
}

// GonePolicies says what becomes of an organization whose account is gone, by
// the cause of its absence: hold, mark or delete; and of a membership that no contact
// stands for: it ends unless it says hold.
type GonePolicies struct{ Lost, Left, Deleted, Members string }

// Match says how an organization that does not carry our id may be recognised.
type Match struct {
	IDField string // a custom field that holds the CRM id in either form; empty: none
	ByName  bool   // exact folded name
}

// Scope limits what is written; the rest is shown as not yet. The mapping may know
// of further limits.
type Scope struct {
	Only  map[string]bool // account ids; nil: all
	Share float64         // of the accounts, from 0 to 1, by id: a larger share has those of a smaller; 0: all
}

// Mode says how far a pass goes.
type Mode string

// The modes.
const (
	Reconcile Mode = "reconcile"
	Diff      Mode = "diff" // reads and compares, seals nothing, writes nothing
)

// Trigger is what asks for a pass.
type Trigger struct {
	Mode         Mode
	By           string   // who or what asked, for the record
	Full         bool     // read the source and list the target in full, whatever their feeds say
	FullSource   bool     // read the source in full, and the target by its feed
	Only         []string // only these accounts; nil: all
	AcceptShrink bool     // the operator says that the source is right to have shrunk
	AsOf         day.Day  // diff only: as if it were this day, and what is found is only reported; 0: today
	// Confirm is asked before the first change of the pass is sealed, where there is one to
	// write; its no ends the pass, and nothing is written. nil: nobody is asked.
	Confirm func(*Report) bool
	retry   *retry // a second try, of what raced in the first
}

// Options tune a Reconciler; the zero Options are safe.
type Options struct {
	Now        func() time.Time
	Log        zerolog.Logger
	Holder     string             // who holds the target's lock: host and process
	Page       int                // accounts per page; default 300
	Shard      int                // changes sent at once; default 500
	Progress   func(Progress)     // told as work proceeds
	Checkpoint func(point string) // called at each durable step; tests die here
	// Phase is told that a phase of a run begins, and returns the context of all that the
	// phase does, and a function that is told of its end. The run is 0 before it has a number.
	Phase func(ctx context.Context, phase string, run int64) (context.Context, func(error))
}

// Progress is how far a phase has come. Total is 0 where it is not known.
type Progress struct {
	Phase       string
	Done, Total int
	Plan        *crm.Plan // how the source is about to read; nil: it says nothing of that
}

// Reconciler makes passes of one pipeline.
type Reconciler struct {
	Pipeline
	journal *journal.Journal
	opt     Options
	ledger  *ledger
}

// shard is how many changes go out at once; what is in flight when the process dies
// is at most twice this.
const shard = 500

// New returns a Reconciler of a pipeline over a journal.
func New(p Pipeline, j *journal.Journal, opt Options) *Reconciler {
	opt.Page = cmp.Or(opt.Page, 300)
	opt.Shard = cmp.Or(opt.Shard, shard)
	opt.Holder = cmp.Or(opt.Holder, "desksync")
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Progress == nil {
		opt.Progress = func(Progress) {}
	}
	if opt.Checkpoint == nil {
		opt.Checkpoint = func(string) {}
	}
	if opt.Phase == nil {
		opt.Phase = func(ctx context.Context, _ string, _ int64) (context.Context, func(error)) {
			return ctx, func(error) {}
		}
	}
	if p.Location == nil {
		p.Location = time.UTC
	}
	p.FullEvery = cmp.Or(p.FullEvery, fullEvery)
	return &Reconciler{Pipeline: p, journal: j, opt: opt, ledger: &ledger{}}
}

// Run makes one pass and reports what became of it. An earlier pass of this
// pipeline that was cut off is brought to its end first. What could not be written
// because the target had moved is tried once more in a run of its own, whose report
// is Report.Again. The report is filled as
// far as the pass came, also when an error is returned; the run is then recorded
// as failed or interrupted.
func (r *Reconciler) Run(ctx context.Context, t Trigger) (*Report, error) {
	return r.once(ctx, t)
}

// pass is one pass under way.
type pass struct {
	*Reconciler
	trigger Trigger
	pipe    journal.Pipeline
	run     journal.Run
	schema  crm.Schema
	blinded bool // the login no longer sees a column that the rules read
	caps    helpdesk.Capabilities
	compare *changeset.Comparer
	day     day.Day
	then    day.Day // on which changes were computed that are replayed, if the rules wanted them
	rep     *Report
	layouts map[crm.Role]layout
	seq     int64 // of the last change
	spent   []int64
	again   []string        // accounts that the next run compares too, whatever moves until then
	only    map[string]bool // accounts the trigger asks for; nil: all
	observe bool            // nothing is written
	blocked bool            // the source shrank: nothing more is done
	claims  bool            // claims changed, or may have: contests must be looked for
	sealed  bool
	handed  bool                          // the target has changes in hand, and the next pass goes on with the run
	raced   map[string][]helpdesk.Ref     // what the target moved under our changes, by account
	late    bool                          // another process computed the changes: they are checked again before they go out
	kin     kin                           // accounts above those of the page at hand
	deleted map[string]bool               // accounts that the CRM says it deleted
	merged  map[string]string             // those of them that it merged → the account that stands for it
	coupled map[string]string             // tags that fields of the target bring → the field
	met     map[string]met                // those of them that rules for tags yield, and for whom
	spares  bool                          // the target knows users whom no sync may write, by the ids of contacts
	left    map[helpdesk.Ref]journal.Item // what was left to people, and is nothing else as far as known
	spared  map[string]error              // users whom the target lets no sync write, and why
	down    int                           // changes in a row that failed because the target is not available
	busy    int                           // compared organizations of ours with something to do or held

	overrides map[string][]sla.Override // by account
	contests  map[claimKey]*journal.Contest
	assigned  map[string]string              // contested field → the account it was given to
	tie       map[string]string              // contested domain → the account that keeps it
	keeps     map[string]string              // contested name → the account that goes by it as it is; the others have a suffix
	taken     map[string]string              // contested name that was given to an account → who still goes by it
	display   map[string]called              // names of accounts in contests
	proposals map[string]*changeset.Proposal // merges, by loser
	apart     map[string]journal.Decision    // standing decisions to keep both, by loser
}

// steps walks the phases in their order; each leaves its position in the journal.
func (p *pass) steps(ctx context.Context) error {
	for _, step := range p.plan() {
		if p.blocked {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := p.journal.Phase(ctx, p.run, step.phase); err != nil {
			return err
		}
		p.opt.Checkpoint(string(step.phase))
		if err := p.during(ctx, string(step.phase), step.do); err != nil {
			return err
		}
	}
	return nil
}

// during does what belongs to a phase.
func (p *pass) during(ctx context.Context, phase string, do func(context.Context) error) error {
	ctx, end := p.opt.Phase(ctx, phase, p.run.ID)
	err := do(ctx)
	end(err)
	return err
}

type step struct {
	phase journal.Phase
	do    func(context.Context) error
}

func (p *pass) plan() []step {
	steps := []step{
		{journal.PhaseRefresh, p.refresh},
		{journal.PhaseMap, p.mapAccounts},
		{journal.PhaseResolve, p.resolve},
		{journal.PhaseCompare, p.compareAll},
		{journal.PhaseGuard, p.guard},
	}
	if p.trigger.retry == nil {
		steps = slices.Insert(steps, 0, step{journal.PhaseRead, p.read})
	}
	if p.looks() {
		return steps
	}
	return append(steps, step{journal.PhaseSeal, p.sealAll}, step{journal.PhaseApply, p.apply})
}
