package reconcile

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/journal"
)

// note records what became of a shard.
func (p *pass) note(ctx context.Context, x *parcel) error {
	settled, err := p.settle(ctx, x)
	if err != nil {
		return err
	}
	if err := p.journal.Settle(ctx, p.run, x.batch.No, settled); err != nil {
		return err
	}
	return join(p.reverted(ctx, settled, x.list), p.tell(ctx, settled, x))
}

// reverted releases the decisions to write something once that are carried out.
func (p *pass) reverted(ctx context.Context, settled []journal.Settled, list []instruction) error {
	for i := range list {
		for _, id := range list[i].reverts {
			if settled[i].State != helpdesk.Applied {
				break
			}
			if err := p.journal.Release(ctx, id, "run", "what was decided is done"); err != nil {
				return err
			}
		}
	}
	return nil
}

// tell counts what became of a shard and marks for the next run what is not done.
func (p *pass) tell(ctx context.Context, settled []journal.Settled, x *parcel) error {
	x.counted = true
	var again []string
	var waiting []journal.Item
	for i := range settled {
		if s := &settled[i]; s.State == helpdesk.Skipped && fault.KindOf(s.Err) == fault.Unsafe {
			waiting = append(waiting, p.leftToPeople(&x.rows[i], &x.list[i], s.Err)) // brings the account back until it is settled
			continue
		}
		again = append(again, p.count(x, i, &settled[i])...)
	}
	warned, err := p.warned(ctx, settled, x)
	if err != nil {
		return err
	}
	waiting = append(waiting, warned...)
	p.rep.Findings += len(waiting)
	return join(p.keepFindings(ctx, waiting), p.journal.MarkDirty(ctx, p.pipe.ID, again))
}

// count counts what became of a change of a shard, and returns the accounts that the next
// run is to look at for it.
func (p *pass) count(x *parcel, i int, s *journal.Settled) []string {
	in, row := &x.list[i], &x.rows[i]
	switch {
	case s.State == helpdesk.Applied:
		if in.writes() {
			p.rep.Applied++ // the others were noted, and nothing of them went out
		}
		return passedAlong(in, s)
	case s.State == helpdesk.Skipped && fault.KindOf(s.Err) != fault.Raced:
		p.rep.Spared++ // never to be written: trying again would change nothing
		return nil
	case s.State == helpdesk.Skipped: // moved meanwhile, and counted where that was seen
		p.race(row.Account, in.Ref)
	case s.State == helpdesk.Failed && fault.KindOf(s.Err) == fault.Raced && p.mayRetry():
		p.rep.Raced++
		p.race(row.Account, in.Ref)
	case s.State == helpdesk.Sent:
		p.rep.Waiting++
	case x.broke != nil && errors.Is(s.Err, x.broke):
		p.rep.Left++
	default:
		p.rep.fail(row, s.Err)
	}
	return []string{row.Account}
}

func (p *pass) keepFindings(ctx context.Context, items []journal.Item) error {
	if len(items) == 0 {
		return nil
	}
	return p.journal.PutItems(ctx, p.run, items)
}

// leftToPeople is the finding about what a target left undone because only people know
// what is right: a membership for which there is no room, as its user is where someone
// else put them; an address that nobody has verified.
func (p *pass) leftToPeople(row *journal.ChangeRow, in *instruction, err error) journal.Item {
	i := journal.Item{
		Class: journal.ItemFinding, Code: "left_to_people", Account: row.Account, Kind: helpdesk.Organization, Key: row.Account,
		Text: row.Key + " was left as it is: " + fault.Sentence(err),
	}
	switch row.Kind {
	case helpdesk.Membership:
		i.Code, i.Body = codeNoRoom, p.leftBody(packBasis(in.basis))
		_, i.Field = helpdesk.SplitMember(row.Key)
		i.Text = "contact " + i.Field + " was not made a member: " + fault.Sentence(err)
	case helpdesk.User:
		i.Field = row.Key
		if email := wanted(&in.Change, helpdesk.Email); !email.IsEmpty() {
			i.Code, i.Body = codeAddress, p.leftBody(packAddress(email.Text()))
		}
		i.Text = "contact " + row.Key + " was left as they are: " + fault.Sentence(err)
	case helpdesk.Organization:
	}
	return i
}

// wanted is what a change writes into a field.
func wanted(c *helpdesk.Change, field string) helpdesk.Value {
	for d := range c.Writes() {
		if d.Field == field {
			return d.Want
		}
	}
	return helpdesk.Value{}
}

// settle pairs each change with its outcome and with what is now recorded of its object.
func (p *pass) settle(ctx context.Context, x *parcel) ([]journal.Settled, error) {
	before, err := p.recordedOf(ctx, x.list)
	if err != nil {
		return nil, err
	}
	out := make([]journal.Settled, len(x.list))
	for i := range x.list {
		out[i] = p.settleOne(x, i, before)
	}
	return out, nil
}

func (p *pass) settleOne(x *parcel, i int, before *recorded) journal.Settled {
	in := &x.list[i]
	o := p.spare(in, p.lastWord(x, in))
	s := journal.Settled{Pos: x.rows[i].Pos(), ChangeID: in.ID, State: o.State, Token: o.Token, Err: o.Err}
	if s.State != helpdesk.Applied {
		return s
	}
	s.Forget = in.Op == helpdesk.Delete || in.Op == helpdesk.Merge || in.Op == helpdesk.Retire && in.Ref.Kind == helpdesk.Membership || in.end == endRecord
	s.Object = p.objectAfter(in, before.find(in.Ref), o.TargetID)
	s.Fresh = in.fresh
	s.Also = append(passedOn(in, &before.Objects), inheritedBy(in, before)...)
	return s
}

// lastWord is what is known of a change once the target has been asked.
func (p *pass) lastWord(x *parcel, in *instruction) helpdesk.Outcome {
	o, told := x.outcomes[in.ID]
	switch {
	case !in.writes():
		return helpdesk.Outcome{State: helpdesk.Applied, TargetID: in.TargetID}
	case told && o.State == helpdesk.Sent && o.Err == nil:
		o.Err = fault.New("reconcile.apply", fault.Unknown, errors.New(p.TargetName+" still works on it; the next run looks what became of it"))
		return o
	case told:
		return o
	case x.broke != nil:
		return helpdesk.Outcome{State: helpdesk.Failed, Err: x.broke}
	default:
		return helpdesk.Outcome{State: helpdesk.Failed, Err: fault.New("reconcile.apply", fault.Unknown, fmt.Errorf("%s said nothing about %s", p.TargetName, in.Ref))}
	}
}

// spare remembers users whom the target never lets a sync write, such as its agents,
// and takes the memberships that fail for want of them for left alone too.
func (p *pass) spare(in *instruction, o helpdesk.Outcome) helpdesk.Outcome {
	switch {
	case in.Ref.Kind == helpdesk.User && o.State == helpdesk.Skipped:
		if p.spared == nil {
			p.spared = map[string]error{}
		}
		p.spared[in.Ref.Key] = o.Err
	case in.Ref.Kind == helpdesk.Membership && o.State == helpdesk.Failed && fault.KindOf(o.Err) == fault.NotFound:
		_, contact := helpdesk.SplitMember(in.Ref.Key)
		if err, ok := p.spared[contact]; ok {
			o.State, o.Err = helpdesk.Skipped, err
		}
	}
	return o
}

// recorded is what was known of the objects of a shard before it went out.
type recorded struct {
	journal.Objects
	strangers map[helpdesk.Ref]*journal.Object // those that the shard links
	heirs     map[helpdesk.Ref]*journal.Object // those that it passes on
	elsewhere []journal.Object                 // memberships, in whatever account, of users that it passes on
}

func (r *recorded) find(ref helpdesk.Ref) *journal.Object {
	if o := r.strangers[ref]; o != nil {
		return o
	}
	if o := find(&r.Objects, ref); o != nil {
		return o
	}
	return r.heirs[ref]
}

// recordedOf loads what is recorded of the objects of a shard; nothing is for those
// that the comparison saw for the first time and creates.
func (p *pass) recordedOf(ctx context.Context, list []instruction) (*recorded, error) {
	var accounts, contacts []string
	for i := range list {
		switch in := &list[i]; {
		case in.fresh:
		case in.Ref.Kind == helpdesk.User:
			contacts = append(contacts, in.Ref.Key)
			if in.Was != "" {
				accounts, contacts = append(accounts, in.Account), append(contacts, in.Was)
			}
		case in.Op == helpdesk.Merge:
			accounts = append(accounts, in.Account, in.Into)
		default:
			accounts = append(accounts, in.Account)
			if in.Was != "" {
				accounts = append(accounts, in.Was)
			}
		}
	}
	out := &recorded{strangers: map[helpdesk.Ref]*journal.Object{}}
	var err error
	if len(accounts)+len(contacts) > 0 {
		out.Objects, err = p.journal.ObjectsOf(ctx, p.TargetName, sortedUnique(accounts), sortedUnique(contacts))
	}
	err = join(err, p.addPassed(ctx, list, out))
	out.inherit(list)
	return out, join(err, p.addStrangers(ctx, list, out))
}

// addStrangers loads what the objects hold that had no CRM id until now.
func (p *pass) addStrangers(ctx context.Context, list []instruction, out *recorded) error {
	refs := map[helpdesk.Kind]map[string]helpdesk.Ref{}
	for i := range list {
		in := &list[i]
		if o := find(&out.Objects, in.Ref); in.TargetID == "" || o != nil && o.TargetID == in.TargetID {
			continue
		}
		if refs[in.Ref.Kind] == nil {
			refs[in.Ref.Kind] = map[string]helpdesk.Ref{}
		}
		refs[in.Ref.Kind][in.TargetID] = in.Ref
	}
	for kind, ids := range refs {
		strangers, err := p.journal.Strangers(ctx, p.TargetName, kind, slices.Sorted(maps.Keys(ids)))
		if err != nil {
			return err
		}
		for _, s := range strangers {
			ref := ids[s.TargetID]
			out.strangers[ref] = &journal.Object{Kind: kind, Key: ref.Key, TargetID: s.TargetID, Have: s.Fields}
		}
	}
	return nil
}
