package reconcile

import (
	"context"
	"fmt"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/adopt"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// adopted are the kinds that can be tied to records; memberships follow from both ends,
// and are neither listed nor asked for.
var adopted = []helpdesk.Kind{helpdesk.Organization, helpdesk.User}

// Adoption is what a look at a helpdesk that was there before found, or what became of a
// reviewed file. Its Report is that of the run.
type Adoption struct {
	*Report
	Proposals   []adopt.Proposal      // organizations, then users
	Fields      []FieldTally          // how what the rules want compares with what is held
	Lone        map[helpdesk.Kind]int // held objects that carry no id, and that nothing is proposed for
	Beyond      int                   // accounts outside the scope: not looked at
	Chosen      adopt.Chosen          // of a file
	TargetCalls int                   // what the look cost there; -1: the target does not count
}

// AdoptFile asks for the links that the rows of a reviewed file say yes to.
type AdoptFile struct {
	By      string
	Name    string // of the file, for the record
	Rows    []adopt.Row
	Preview bool // say what would be linked, and write nothing
}

// Propose reads the source, lists the target's organizations and users, and proposes
// which of them belong to which accounts and contacts. Nothing is written to the target.
func (r *Reconciler) Propose(ctx context.Context, by string, full bool) (*Adoption, error) {
	p := r.newPass(Diff, Trigger{Mode: Diff, By: by, Full: full})
	a := &adoption{pass: p, out: &Adoption{Report: p.rep, Lone: map[helpdesk.Kind]int{}}}
	return a.run(ctx, journal.Diff, a.propose)
}

// Adopt ties the objects that a reviewed file names to their records and writes nothing
// else. What moved since the file was written is refused. It may be done again: what is
// tied already is left alone.
func (r *Reconciler) Adopt(ctx context.Context, file AdoptFile) (*Adoption, error) {
	mode := journal.Adopt
	if file.Preview {
		mode = journal.Diff
	}
	p := r.newPass(Mode(mode), Trigger{Mode: Reconcile, By: file.By})
	if file.Preview {
		p.trigger.Mode = Diff
	}
	p.rep.Summary.Chosen = true
	a := &adoption{pass: p, out: &Adoption{Report: p.rep}}
	return a.run(ctx, mode, func(ctx context.Context) error { return a.follow(ctx, &file) })
}

// adoption is one of both under way.
type adoption struct {
	*pass
	out    *Adoption
	wanted []adopt.Wanted
	held   map[helpdesk.Kind][]adopt.Held
}

func (a *adoption) run(ctx context.Context, mode journal.Mode, work func(context.Context) error) (*Adoption, error) {
	before := a.targetCalls()
	if err := a.start(ctx, mode); err != nil {
		return a.out, err
	}
	_, err := a.through(ctx, func(ctx context.Context) error {
		if err := a.look(ctx); err != nil {
			return err
		}
		if a.out.TargetCalls = a.targetCalls(); a.out.TargetCalls >= 0 {
			a.out.TargetCalls -= before
		}
		return work(ctx)
	})
	return a.out, err
}

func (a *adoption) targetCalls() int {
	if p, ok := a.Target.(helpdesk.Paced); ok {
		return p.Pace().Calls
	}
	return -1
}

// start is startReplay for a run that reads.
func (a *adoption) start(ctx context.Context, mode journal.Mode) error {
	if err := a.connect(ctx); err != nil {
		return err
	}
	if mode == journal.Adopt {
		if err := a.onlyLooks(ctx, "reconcile.adopt", "linked"); err != nil {
			return err
		}
	}
	if err := join(a.endEarlier(ctx), a.loadOverrides(ctx)); err != nil {
		return err
	}
	a.day = a.today()
	a.rep.Day = a.day
	if err := a.askRates(ctx); err != nil {
		return err
	}
	var err error
	a.pass.run, err = a.journal.Begin(ctx, a.spec(mode, 0))
	a.rep.Run = a.pass.run.ID
	return err
}

// look reads the source and takes over what the target holds, and gathers both.
func (a *adoption) look(ctx context.Context) error {
	for _, s := range []step{{journal.PhaseRead, a.read}, {journal.PhaseRefresh, a.list}, {journal.PhaseMap, a.gather}} {
		if err := a.journal.Phase(ctx, a.pass.run, s.phase); err != nil {
			return err
		}
		a.opt.Checkpoint(string(s.phase))
		if err := s.do(ctx); err != nil {
			return err
		}
		if a.blocked {
			return a.shrunk("reconcile.adopt", "proposed or linked")
		}
	}
	return nil
}

// shrunk refuses what a source that shows too little must not lead to.
func (p *pass) shrunk(op, done string) error {
	return fault.New(op, fault.Unsafe, fmt.Errorf("%s has far fewer rows than before, or its export was cut off, so nothing is %s; `desksync diff` says what is missing", p.SourceName, done))
}

// list takes over what the target holds: what changed, or everything, by the feed where
// that reaches back to the beginning.
func (a *adoption) list(ctx context.Context) error {
	if err := a.unsure(ctx); err != nil {
		return err
	}
	for _, kind := range adopted {
		if len(a.caps.Ops[kind]) == 0 {
			continue
		}
		since, err := a.journal.Cursor(ctx, a.TargetName, kind)
		if err != nil {
			return err
		}
		if from := a.caps.Start[kind]; since == "" && from != "" && !a.trigger.Full {
			if _, err = a.takePages(ctx, kind, a.counted(kind, a.Target.Objects(ctx, kind, from))); err == nil {
				err = a.journal.NoteListed(ctx, a.pass.run, kind) // from here on it counts until the next one is due
			}
		} else {
			err = a.refreshKind(ctx, kind)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// follow links what the rows say yes to.
func (a *adoption) follow(ctx context.Context, file *AdoptFile) error {
	a.out.Chosen = adopt.Choose(file.Rows, a.wanted, a.held)
	if err := a.write(ctx, file); err != nil || file.Preview || a.seq == 0 {
		return err
	}
	if err := a.sealChosen(ctx); err != nil {
		return err
	}
	return a.apply(ctx)
}

// write stores the links as changes of the run.
func (a *adoption) write(ctx context.Context, file *AdoptFile) error {
	var rows []journal.ChangeRow
	for i := range a.out.Chosen.Links {
		in := instruction{Change: link(&a.out.Chosen.Links[i], file.Name)}
		a.seq++
		a.rep.Summary.Add(&in.Change)
		a.rep.Digest.Add(&in.Change)
		row := a.row(&in.Change)
		row.Body = in.pack()
		if rows = append(rows, row); len(rows) == writePage {
			if err := a.journal.AddChanges(ctx, a.pass.run, rows); err != nil {
				return err
			}
			rows = rows[:0]
		}
	}
	return a.journal.AddChanges(ctx, a.pass.run, rows)
}

// link is the change that ties an object to its record and touches nothing else of it.
func link(x *adopt.Choice, file string) helpdesk.Change {
	c := helpdesk.Change{
		Op: helpdesk.Update, Ref: x.Ref, Account: x.Account, TargetID: x.Held.ID, Name: x.Name, Was: x.Held.Key,
		Deltas: []helpdesk.Delta{{
			Field: changeset.LinkField, Want: helpdesk.TextOf(x.Ref.Key), Have: helpdesk.TextOf(x.Held.Key), Cause: helpdesk.Linked,
			Origin: fmt.Sprintf("chosen in %s", file),
		}},
	}
	c.ID = changeset.ID(&c)
	return c
}
