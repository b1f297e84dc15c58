package reconcile

import (
	"context"
	"fmt"
	"slices"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// inUse is why a name waits.
func (p *pass) inUse(by *bearer) string {
	return fmt.Sprintf("organization %s (%s) goes by it in %s and keeps it for now; it is written once that one has another name", by.org.TargetID, by.org.Key, p.TargetName)
}

// wait holds the new name of an organization, or all of an account whose organization is not
// there and has no other name to be made with.
func (p *pass) wait(ctx context.Context, b *bearer) error {
	hold := changeset.Hold(changeset.HoldInUse, b.held)
	rows := []journal.ChangeRow{*b.row}
	if b.in.Op == helpdesk.Create {
		var err error
		if rows, err = p.withPeople(ctx, b.in.Account); err != nil {
			return err
		}
	}
	for i := range rows {
		if err := p.putOff(&rows[i], hold); err != nil {
			return err
		}
	}
	return join(p.journal.HoldChanges(ctx, p.run, rows), p.putItems(ctx, []journal.Item{b.item()}))
}

// putOff holds a change: the name of an organization that is there, or all of it.
func (p *pass) putOff(row *journal.ChangeRow, hold string) error {
	in, err := unpackInstruction(string(row.Body))
	if err != nil || !in.writes() {
		return err
	}
	p.again = append(p.again, in.Account) // nothing else would bring it back
	p.rep.Summary.Remove(&in.Change)
	p.rep.Digest.Remove(&in.Change)
	if in.Op == helpdesk.Update && in.Ref.Kind == helpdesk.Organization {
		changeset.Withhold(&in.Change, hold, helpdesk.Name)
	} else {
		p.stays(&in, row)
		changeset.Withhold(&in.Change, hold)
	}
	row.Hold, row.Body = in.Hold, in.pack()
	p.rep.Summary.Add(&in.Change)
	p.rep.Digest.Add(&in.Change)
	return nil
}

// stays takes an organization that is not made now out of those that come to an SLA policy.
func (p *pass) stays(in *instruction, row *journal.ChangeRow) {
	if in.Ref.Kind == helpdesk.Organization {
		after := changeset.Apply(nil, &in.Change)
		p.rep.Impact.Remove(p.policyOf(nil), p.policyOf(after), row.ARR, changeset.Class(row.Class&^plain))
	}
}

// withPeople are the changes of an account that go out, and those of others by which its
// contacts join them: nobody is made a user before.
func (p *pass) withPeople(ctx context.Context, account string) ([]journal.ChangeRow, error) {
	open := false
	rows, err := p.allChanges(ctx, journal.ChangeFilter{Held: &open, Account: account})
	if err != nil {
		return nil, err
	}
	made := map[string]bool{}
	for i := range rows {
		if rows[i].Kind == helpdesk.User && rows[i].Op == helpdesk.Create {
			made[rows[i].Key] = true
		}
	}
	if len(made) == 0 {
		return rows, nil
	}
	joins, err := p.allChanges(ctx, journal.ChangeFilter{Held: &open, Kind: helpdesk.Membership, Op: helpdesk.Create})
	for i := range joins {
		if _, contact := helpdesk.SplitMember(joins[i].Key); joins[i].Account != account && made[contact] {
			rows = append(rows, joins[i])
		}
	}
	return rows, err
}

func (p *pass) allChanges(ctx context.Context, f journal.ChangeFilter) (out []journal.ChangeRow, err error) {
	for after := (journal.Pos{}); ; {
		rows, err := p.journal.Changes(ctx, p.run.ID, f, after, journal.MaxPage)
		if err != nil || len(rows) == 0 {
			return out, err
		}
		out, after = append(out, rows...), rows[len(rows)-1].Pos()
	}
}

func (b *bearer) item() journal.Item {
	i := slices.IndexFunc(b.in.Deltas, func(d helpdesk.Delta) bool { return d.Field == helpdesk.Name })
	d := &b.in.Deltas[i]
	return itemOf(&changeset.Item{
		Class: changeset.ItemHeld, Code: CodeInUse, Account: b.in.Account, Ref: b.in.Ref, Field: d.Field, Want: d.Want, Have: d.Have, Last: d.Last, Text: d.Want.Text() + " is not written: " + b.held,
	})
}
