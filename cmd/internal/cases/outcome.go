package cases

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/desksync/desksync/config/casefile"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// outcome is what came of a case: what the run recorded, what the rules make of
// each account, and what the store holds after.
type outcome struct {
	*world
	r             *reconcile.Reconciler
	rep           *reconcile.Report
	before, after map[helpdesk.Kind]map[string]helpdesk.Object
	changes       []helpdesk.Change
	failed        map[string]journal.Outcome // by change id
	items         []journal.Item
	contests      []journal.Contest
	groups        map[string]mapping.Group  // by account
	results       map[string]mapping.Result // by account
	unread        map[string]error          // accounts that could not be mapped
}

// gather reads what the run recorded, and maps every account once more for what the
// run has no need to record.
func (o *outcome) gather(ctx context.Context) (err error) {
	if o.after, err = o.hold(ctx); err != nil {
		return err
	}
	for c, err := range reconcile.Changes(ctx, o.journal, o.rep.Run, journal.ChangeFilter{}) {
		if err != nil {
			return err
		}
		o.changes = append(o.changes, c)
	}
	o.failed = map[string]journal.Outcome{}
	for list, after := []journal.Outcome(nil), (journal.Pos{}); ; after = list[len(list)-1].Pos {
		if list, err = o.journal.Outcomes(ctx, o.rep.Run, after, journal.MaxPage); err != nil {
			return err
		}
		for _, x := range list {
			o.failed[x.ChangeID] = x
		}
		if len(list) < journal.MaxPage {
			break
		}
	}
	if err := o.gatherItems(ctx); err != nil {
		return err
	}
	return o.mapAll(ctx)
}

// gatherItems reads the items that the run saw, and who takes part in conflicts.
func (o *outcome) gatherItems(ctx context.Context) error {
	p, err := o.journal.Pipeline(ctx, o.pipeline.Name, o.pipeline.SourceName, o.pipeline.TargetName)
	if err != nil {
		return err
	}
	for i, err := range o.journal.EachItem(ctx, journal.ItemFilter{Pipeline: p.ID, Run: o.rep.Run}) {
		if err != nil {
			return err
		}
		o.items = append(o.items, i)
	}
	for c, err := range o.journal.Contests(ctx, o.pipeline.TargetName) {
		if err != nil {
			return err
		}
		o.contests = append(o.contests, c)
	}
	return nil
}

func (o *outcome) mapAll(ctx context.Context) error {
	list, err := o.r.Groups(ctx, o.accountIDs())
	if err != nil {
		return err
	}
	o.groups, o.results, o.unread = map[string]mapping.Group{}, map[string]mapping.Result{}, map[string]error{}
	for i := range list {
		id := list[i].Account.ID
		o.groups[id] = list[i].Group
		// A worker of its own: what Map returns lives as long as its worker is not used again.
		if o.results[id], err = o.pipeline.Mapper.NewWorker().Map(&list[i].Group, o.c.Day); err != nil {
			o.unread[id] = err
		}
	}
	return nil
}

// accountIDs are the ids of the accounts that the CRM of the case shows.
func (v *world) accountIDs() []string {
	var out []string
	for _, row := range v.c.CRM.Accounts {
		if id := v.accountOf(row); id != "" {
			out = append(out, id)
		}
	}
	return out
}

// accountOf is the id of a row of accounts.
func (v *world) accountOf(row casefile.Row) string {
	return v.canonical(accountID(v.export, row))
}

// canonical is an id in its long form, or as it stands where it is none.
func (v *world) canonical(id string) string {
	key, err := v.w.Key(strings.TrimSpace(id))
	if err != nil {
		return id
	}
	return key
}

// canonicalKey is canonical for the key of a membership too.
func (o *outcome) canonicalKey(key string) string {
	account, contact, both := strings.Cut(key, "/")
	if !both {
		return o.canonical(key)
	}
	return helpdesk.MemberKey(o.canonical(account), o.canonical(contact))
}

// applied reports whether a change was made.
func (o *outcome) applied(c *helpdesk.Change) bool {
	_, failed := o.failed[c.ID]
	return !changeset.Held(c) && !failed
}

// changesOf are the changes of one object.
func (o *outcome) changesOf(ref helpdesk.Ref) []helpdesk.Change {
	return slices.DeleteFunc(slices.Clone(o.changes), func(c helpdesk.Change) bool { return c.Ref != ref })
}

// deltaOf is what happened to a field of an object, and whether anything did. What
// is held as a whole holds each of its fields.
func (o *outcome) deltaOf(ref helpdesk.Ref, field string) (helpdesk.Delta, bool) {
	for _, c := range o.changesOf(ref) {
		for _, d := range c.Deltas {
			if d.Field == field {
				d.Hold = cmp.Or(d.Hold, c.Hold)
				return d, true
			}
		}
	}
	return helpdesk.Delta{}, false
}

// wanted is what the rules want of an object; why says why they want none.
func (o *outcome) wanted(ref helpdesk.Ref) (fields helpdesk.Fields, why string) {
	if ref.Kind == helpdesk.Organization {
		return o.wantedOrganization(ref.Key)
	}
	for _, res := range o.results {
		list := res.Users
		if ref.Kind == helpdesk.Membership {
			list = res.Members
		}
		for _, object := range list {
			if object.Ref == ref && res.Skip == "" {
				return object.Fields, ""
			}
		}
	}
	return nil, "the rules want no such " + string(ref.Kind)
}

func (o *outcome) wantedOrganization(account string) (fields helpdesk.Fields, why string) {
	res, ok := o.results[account]
	switch {
	case !ok:
		return nil, "the CRM of the case has no such account, or its row was skipped"
	case o.unread[account] != nil:
		return nil, "the account cannot be mapped: " + o.unread[account].Error()
	case res.Skip != "":
		return nil, res.Skip
	default:
		return res.Org.Fields, ""
	}
}

// held is what the store holds of an object after the run, and whether it does.
func (o *outcome) held(ref helpdesk.Ref) (helpdesk.Object, bool) {
	for _, object := range o.after[ref.Kind] {
		if object.Ref == ref {
			return object, true
		}
	}
	return helpdesk.Object{}, false
}

// heldBefore is what the store held of the same object before the run.
func (o *outcome) heldBefore(ref helpdesk.Ref) (helpdesk.Object, bool) {
	if now, ok := o.held(ref); ok {
		was, ok := o.before[ref.Kind][now.ID]
		return was, ok
	}
	for _, object := range o.before[ref.Kind] {
		if object.Ref == ref {
			return object, true
		}
	}
	return helpdesk.Object{}, false
}

// label is an account with the name that people know it by.
func (o *outcome) label(account string) string {
	ref := helpdesk.Ref{Kind: helpdesk.Organization, Key: account}
	fields, _ := o.wanted(ref)
	name, _ := fields.Get(helpdesk.Name)
	if name.IsEmpty() {
		object, _ := o.heldBefore(ref)
		name, _ = object.Fields.Get(helpdesk.Name)
	}
	if name.IsEmpty() {
		return account
	}
	return account + " (" + name.Text() + ")"
}
