package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// Approval is what somebody decided about a proposed merge.
type Approval struct {
	Item   journal.Item // of class ItemMerge, as it was shown
	By     string
	Reason string
}

// Merge makes a merge that was proposed, as a run of its own, and notes it on the
// winner where the helpdesk takes notes and no rule writes them. It is refused where
// what was shown has moved since, and, as fault.Unsafe, where a merge is refused.
func (r *Reconciler) Merge(ctx context.Context, a Approval) (*Report, error) {
	p := r.newPass(Mode(journal.Merge), Trigger{Mode: Reconcile, By: a.By})
	p.rep.Summary.Chosen = true
	if err := p.startReplay(ctx, Replay{Mode: journal.Merge, Parent: a.Item.LastRun}); err != nil {
		return p.rep, err
	}
	return p.through(ctx, func(ctx context.Context) error { return p.merge(ctx, a) })
}

func (p *pass) merge(ctx context.Context, a Approval) error {
	now, err := p.proposeAgain(ctx, a.Item.Account)
	if err != nil {
		return err
	}
	if now == nil && len(p.rep.Resumed) > 0 {
		return p.closeMerge(ctx, a) // it had been cut off, and is at its end
	}
	if now == nil {
		return p.notMerged(a, fault.NotFound, fmt.Sprintf("%s is not to be merged any more: it came back, or one of the organizations is gone", a.Item.Account))
	}
	shown, err := changeset.UnpackProposal(a.Item.Body)
	moved := now.Moved(&shown)
	if err != nil {
		moved = []string{"what was shown cannot be read any more"}
	}
	if len(moved) > 0 || len(now.Refused) > 0 {
		return join(p.showAgain(ctx, now), p.refuseMerge(a, now, moved))
	}
	if err := p.sealMerge(ctx, a, now); err != nil {
		return err
	}
	if err := p.apply(ctx); err != nil || p.rep.Failed+p.rep.Waiting > 0 {
		return err
	}
	return p.closeMerge(ctx, a)
}

// proposeAgain reads the CRM, and looks at both sides as they are now; nil: there is
// nothing to merge.
func (p *pass) proposeAgain(ctx context.Context, loser string) (*changeset.Proposal, error) {
	for _, step := range []func(context.Context) error{p.readNow, p.loadOverrides, p.resolve} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	p.lastWinners()
	delete(p.apart, loser) // approving it says otherwise
	err := p.propose(ctx, []string{loser})
	return p.proposals[loser], err
}

// readNow reads the CRM for what cannot be taken back. What a guard would hold proves
// nothing.
func (p *pass) readNow(ctx context.Context) error {
	if err := p.during(ctx, string(journal.PhaseRead), p.read); err != nil || !p.blocked {
		return err
	}
	return p.shrunk("reconcile.merge", "merged")
}

// refuseMerge says what moved since a merge was shown, or what stands in its way.
func (p *pass) refuseMerge(a Approval, now *changeset.Proposal, moved []string) error {
	if len(moved) > 0 {
		p.rep.Refused = append(p.rep.Refused, Refused{Change: now.Change(), Fields: moved})
		return nil
	}
	return p.notMerged(a, fault.Unsafe, fmt.Sprintf("%s is not merged into %s as long as %s", now.Loser, now.Winner, strings.Join(now.Refused, ", and as long as ")))
}

func (p *pass) notMerged(a Approval, kind fault.Kind, why string) error {
	return &fault.Error{Op: "reconcile.merge", Kind: kind, Ref: a.Item.Account, Err: fmt.Errorf("%s", why)}
}

// showAgain stores the proposal as it is now, for whoever looks at it again.
func (p *pass) showAgain(ctx context.Context, now *changeset.Proposal) error {
	item, err := mergeItem(now)
	if err != nil {
		return err
	}
	return p.journal.PutItems(ctx, p.run, []journal.Item{item})
}

// sealMerge stores the merge and its note: from here on it is resumed, not begun anew.
func (p *pass) sealMerge(ctx context.Context, a Approval, now *changeset.Proposal) error {
	list := []instruction{{Change: now.Change()}}
	note, err := p.noteOn(ctx, a, now)
	if err != nil {
		return err
	}
	if note != nil {
		list = append(list, *note)
	}
	rows := make([]journal.ChangeRow, len(list))
	for i := range list {
		in := &list[i]
		p.seq++
		p.rep.Summary.Add(&in.Change)
		p.rep.Digest.Add(&in.Change)
		rows[i] = p.row(&in.Change)
		rows[i].Body = in.pack()
	}
	if err := p.journal.AddChanges(ctx, p.run, rows); err != nil {
		return err
	}
	return p.sealChosen(ctx)
}

// noteOn is the line in the winner's notes. It is nobody's value: what desksync last
// wrote does not have it, so that no later run takes it back.
func (p *pass) noteOn(ctx context.Context, a Approval, now *changeset.Proposal) (*instruction, error) {
	spec, takes := p.caps.Spec(helpdesk.Organization, helpdesk.Notes)
	if _, ruled := p.Mapper.Shapes()[helpdesk.Organization].Fields[helpdesk.Notes]; !takes || spec.ReadOnly || ruled {
		return nil, nil //nolint:nilnil // no note
	}
	held, err := p.Target.Get(ctx, helpdesk.Organization, []string{now.Winner.Account})
	if err != nil || len(held) == 0 {
		return nil, err
	}
	objects, err := p.journal.ObjectsOf(ctx, p.TargetName, []string{now.Winner.Account}, nil)
	if err != nil {
		return nil, err
	}
	have, _ := held[0].Fields.Get(helpdesk.Notes)
	want := changeset.WithNote(have, now.MergeNote(p.day.String(), a.By, a.Reason))
	if spec.MaxLen > 0 && len(want.Text()) > spec.MaxLen {
		return nil, nil //nolint:nilnil // no room for a note
	}
	ch := helpdesk.Change{
		Op: helpdesk.Update, Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: now.Winner.Account}, Account: now.Winner.Account, TargetID: now.Winner.ID, Name: now.Winner.Name,
		Deltas: []helpdesk.Delta{{Field: helpdesk.Notes, Want: want, Have: have, Cause: helpdesk.Merged, Origin: "a note of the merge"}},
	}
	ch.ID = changeset.ID(&ch)
	in := &instruction{Change: ch, notes: []changeset.Note{{Field: helpdesk.Notes, Forget: true}}}
	if o := objects.Organization(now.Winner.Account); o != nil {
		in.basis = basis{o.Source, o.Digest}
	}
	return in, nil
}

// mergeFirst settles the merge before its note goes out.
func (q *queue) mergeFirst(ctx context.Context, x *parcel) error {
	if q.run.Mode != journal.Merge {
		return nil
	}
	if err := q.settleAll(ctx); err != nil {
		return err
	}
	return q.needsMerge(ctx, x)
}

// needsMerge gives the last word on the note of a merge that was not made: there is
// nothing to note.
func (p *pass) needsMerge(ctx context.Context, x *parcel) error {
	if p.run.Mode != journal.Merge || x.list[0].Op == helpdesk.Merge {
		return nil
	}
	failed, err := p.outcomesOf(ctx, p.run.ID)
	if err != nil || len(failed) == 0 {
		return err
	}
	for i := range x.list {
		why := fault.New("reconcile.merge", fault.NotFound, errors.New("no note was written, because the merge was not made"))
		x.outcomes[x.list[i].ID] = helpdesk.Outcome{ChangeID: x.list[i].ID, State: helpdesk.Failed, Err: why}
	}
	return nil
}

// errMerged says that a run that merged organizations stays as it is.
func errMerged(run int64) error {
	return fault.New("reconcile.undo", fault.Unsafe, fmt.Errorf("run %d merged two organizations, and a merge cannot be undone: what passed to the winner is not told apart any more", run))
}

// mergesOf returns the accounts of some changes that wait to be merged: whatever was
// computed before, they are not deleted.
func (p *pass) mergesOf(ctx context.Context, list []instruction) (map[string]bool, error) {
	var accounts []string
	for i := range list {
		if list[i].Op == helpdesk.Delete {
			accounts = append(accounts, list[i].Account)
		}
	}
	out := map[string]bool{}
	for page := range slices.Chunk(sortedUnique(accounts), journal.MaxPage) {
		items, err := p.journal.Items(ctx, journal.ItemFilter{Pipeline: p.pipe.ID, Class: journal.ItemMerge, Accounts: page}, journal.MaxPage)
		if err != nil {
			return nil, err
		}
		for i := range items {
			out[items[i].Account] = true
		}
	}
	return out, nil
}

// closeMerge ends what waited for the merge, and has both accounts compared again.
func (p *pass) closeMerge(ctx context.Context, a Approval) error {
	if err := p.journal.CloseItem(ctx, p.run, a.Item.ID); err != nil {
		return err
	}
	for d, err := range p.journal.EachDecision(ctx, journal.DecisionFilter{Pipeline: p.pipe.ID, Action: ActionApart, Accounts: []string{a.Item.Account}}) {
		if err == nil {
			err = p.journal.Release(ctx, d.ID, a.By, "the organizations were merged after all")
		}
		if err != nil {
			return err
		}
	}
	return p.journal.MarkDirty(ctx, p.pipe.ID, sortedUnique([]string{a.Item.Account, a.Item.Value}))
}
