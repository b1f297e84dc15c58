package reconcile

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// Codes of the items about merges: those that wait, and those that somebody rejected.
const (
	MergedInCRM = "merged in the CRM"
	KeptApart   = "kept apart"
)

// proposeMerges proposes to merge the organizations whose accounts the CRM merged.
// Until somebody decides, none of them is deleted.
func (p *pass) proposeMerges(ctx context.Context) error {
	if p.apart == nil { // a second try, which did not read
		if err := p.recallApart(ctx); err != nil {
			return err
		}
	}
	p.lastWinners()
	losers := slices.DeleteFunc(slices.Sorted(maps.Keys(p.merged)), func(a string) bool { return p.only != nil && !p.only[a] })
	if err := p.propose(ctx, losers); err != nil {
		return err
	}
	p.spendApart()
	var items []journal.Item
	for _, loser := range slices.Sorted(maps.Keys(p.proposals)) {
		item, err := mergeItem(p.proposals[loser])
		if err != nil {
			return err
		}
		if items = append(items, item); item.Code == MergedInCRM {
			p.rep.Merges++
		}
	}
	return p.putItems(ctx, items)
}

func mergeItem(x *changeset.Proposal) (journal.Item, error) {
	body, err := x.Pack()
	item := journal.Item{
		Class: journal.ItemMerge, Code: MergedInCRM, Account: x.Loser.Account, Kind: helpdesk.Organization, Key: x.Loser.Account,
		Value: x.Winner.Account, Body: body, Text: x.Text(),
	}
	if x.Kept != "" {
		item.Code = KeptApart
	}
	return item, err
}

// spendApart ends the decisions to keep both whose accounts are not merged any more,
// or into another one than it was decided about.
func (p *pass) spendApart() {
	for loser, d := range p.apart {
		if p.only == nil && p.merged[loser] != d.Want.Text() {
			p.spent = append(p.spent, d.ID)
		}
	}
}

// propose fills in the proposals of some losers: of those that have an organization
// which this pipeline wrote, and whose winner has or will get one.
func (p *pass) propose(ctx context.Context, losers []string) error {
	p.proposals = map[string]*changeset.Proposal{}
	for page := range slices.Chunk(losers, p.opt.Page) {
		if err := p.proposePage(ctx, page); err != nil {
			return err
		}
	}
	return nil
}

// side is one account of a merge with all that decides over it.
type side struct {
	account string
	name    string           // for people
	object  *journal.Object  // nil: nothing is recorded
	now     *helpdesk.Object // nil: the helpdesk has none
	group   *journal.Group   // winners
	result  mapping.Result   // winners, unless they are gone
	unread  error
}

func (p *pass) proposePage(ctx context.Context, losers []string) error {
	var winners []string
	for _, loser := range losers {
		winners = append(winners, p.merged[loser])
	}
	winners = sortedUnique(winners)
	objects, err := p.journal.ObjectsOf(ctx, p.TargetName, sortedUnique(slices.Concat(losers, winners)), nil)
	if err != nil {
		return err
	}
	losers = slices.DeleteFunc(losers, func(a string) bool { return !p.isOurs(objects.Organization(a)) })
	if len(losers) == 0 {
		return nil
	}
	sides, err := p.winners(ctx, winners, &objects)
	if err != nil {
		return err
	}
	return p.proposeAll(ctx, losers, sides, &objects)
}

// isOurs reports whether an organization is there and this pipeline wrote it.
func (p *pass) isOurs(o *journal.Object) bool {
	return o.There() && o.Written && o.Pipeline == p.pipe.ID
}

// winners maps the winning accounts, dirty or not.
func (p *pass) winners(ctx context.Context, accounts []string, objects *journal.Objects) (map[string]*side, error) {
	groups, err := p.journal.Groups(ctx, p.pipe.ID, accounts)
	if err != nil {
		return nil, err
	}
	if err := p.loadKin(ctx, groups); err != nil {
		return nil, err
	}
	out, worker := map[string]*side{}, p.Mapper.NewWorker()
	for i := range groups {
		s := p.mapSubject(worker, &groups[i])
		w := &side{account: s.group.ID, object: objects.Organization(s.group.ID), group: s.group, result: s.result, unread: s.unread}
		if w.object != nil && w.object.HaveState == journal.HaveGone {
			w.object = nil
		}
		if w.object != nil || w.willBe(p) {
			out[w.account] = w
		}
	}
	return out, nil
}

// willBe reports whether the rules want an organization of the account.
func (w *side) willBe(p *pass) bool {
	return w.unread == nil && !p.gone(w.group) && w.result.Skip == ""
}

// proposeAll makes the proposals of a page, as both sides are in the helpdesk now.
func (p *pass) proposeAll(ctx context.Context, losers []string, winners map[string]*side, objects *journal.Objects) error {
	keys := slices.Collect(maps.Keys(winners))
	now, err := p.Target.Get(ctx, helpdesk.Organization, sortedUnique(append(keys, losers...)))
	if err != nil {
		return err
	}
	held := map[string]*helpdesk.Object{}
	for i := range now {
		held[now[i].Ref.Key] = &now[i]
	}
	for _, loser := range losers {
		l, w := &side{account: loser, object: objects.Organization(loser), now: held[loser]}, winners[p.merged[loser]]
		if w == nil || l.now == nil {
			continue // nothing to merge, or nothing to merge into
		}
		w.now = held[w.account]
		if p.proposals[loser], err = p.proposal(ctx, l, w); err != nil {
			return err
		}
	}
	return nil
}

func (p *pass) proposal(ctx context.Context, l, w *side) (*changeset.Proposal, error) {
	x := &changeset.Proposal{Loser: l.party(), Winner: w.party(), Moves: helpdesk.MergeEffect{Tickets: -1}}
	l.name, w.name = x.Loser.Name, x.Winner.Name
	x.Lost = changeset.Losses(l.now.Fields, w.stands(), l.object.Last, p.Mark.Field)
	x.Refused = p.refusals(l, w)
	if d, kept := p.apart[l.account]; kept && d.Want.Text() == w.account {
		x.Kept = fmt.Sprintf("%s of %s: %s", decisionName(d.ID), d.Author, d.Reason)
	}
	merger, ok := p.Target.(helpdesk.Merger)
	if !ok || w.now == nil {
		return x, nil
	}
	var err error
	x.Moves, err = merger.PreviewMerge(ctx, l.now.ID, w.now.ID)
	return x, err
}

// party names a side as the helpdesk does, else as the rules do.
func (w *side) party() changeset.Party {
	out := changeset.Party{Account: w.account}
	name, _ := w.result.Org.Fields.Get(helpdesk.Name)
	if w.now != nil {
		out.ID = w.now.ID
		name, _ = w.now.Fields.Get(helpdesk.Name)
	}
	out.Name = cmp.Or(name.Text(), w.account)
	return out
}
