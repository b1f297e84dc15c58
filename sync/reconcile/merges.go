package reconcile

import (
	"context"
	"slices"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/journal"
)

// ActionApart is the decision to keep two organizations though their accounts were
// merged; its Want is the winner, and it stands until that is another account.
const ActionApart = "keep apart"

// recallMerges takes over what earlier runs were told of merges and is not over: the
// CRM forgets its deleted records after some days, and a change is shown only once.
func (p *pass) recallMerges(ctx context.Context) error {
	p.merged = map[string]string{}
	for i, err := range p.journal.EachItem(ctx, journal.ItemFilter{Pipeline: p.pipe.ID, Class: journal.ItemMerge}) {
		if err != nil {
			return err
		}
		p.noteMerge(i.Account, i.Value)
	}
	return p.recallApart(ctx)
}

// recallApart loads the decisions to keep both.
func (p *pass) recallApart(ctx context.Context) error {
	p.apart = map[string]journal.Decision{}
	for d, err := range p.journal.EachDecision(ctx, journal.DecisionFilter{Pipeline: p.pipe.ID, Action: ActionApart}) {
		if err != nil {
			return err
		}
		p.apart[d.Account] = d
		p.noteMerge(d.Account, d.Want.Text())
	}
	return nil
}

// noteMerge notes that the CRM merged an account into another one.
func (p *pass) noteMerge(loser, winner string) {
	p.deleted[loser], p.merged[loser] = true, winner
}

// isBack notes that the CRM has an account, whatever it said before.
func (p *pass) isBack(account string) {
	delete(p.deleted, account)
	delete(p.merged, account)
}

// learnMerges asks, where the source knows, which of the deleted accounts were merged.
func (p *pass) learnMerges(ctx context.Context) error {
	source, ok := p.Source.(crm.Merges)
	if !ok {
		return nil
	}
	list, err := source.Merged(ctx)
	for _, m := range list {
		if p.deleted[m.Loser] {
			p.merged[m.Loser] = m.Winner
		}
	}
	return err
}

// lastWinners lets each loser point to the account that stands for it now, through
// what was recalled and what was learned.
func (p *pass) lastWinners() {
	for _, m := range crm.Winners(p.merged) {
		p.merged[m.Loser] = m.Winner
	}
}

// merges reports whether whoever else claims something were merged into the account,
// and nobody decided to keep them apart: then the merge brings it.
func (p *pass) merges(c *journal.Contest, account string) bool {
	return !slices.ContainsFunc(c.Holders, func(h journal.Holder) bool {
		x := p.proposals[h.Account]
		return h.Stranger() || h.Account != account && (x == nil || x.Kept != "" || x.Winner.Account != account)
	})
}

// passedOn is what becomes of the memberships of an organization that was merged away:
// those that desksync wrote are the winner's now, where it had none of the same user.
func passedOn(in *instruction, before *journal.Objects) []journal.ObjectNote {
	if in.Op != helpdesk.Merge {
		return nil
	}
	var out []journal.ObjectNote
	theirs := before.MembersOf(in.Into)
	for _, m := range before.MembersOf(in.Ref.Key) {
		out = append(out, journal.ObjectNote{Object: m, Forget: true})
		_, contact := helpdesk.SplitMember(m.Key)
		m.Key, m.Account = helpdesk.MemberKey(in.Into, contact), in.Into
		if m.Written && !slices.ContainsFunc(theirs, func(o journal.Object) bool { return o.Key == m.Key }) {
			m.TargetID, m.Have, m.HaveState = "", nil, journal.NeverSeen // the next listing tells
			out = append(out, journal.ObjectNote{Object: m})
		}
	}
	return out
}
