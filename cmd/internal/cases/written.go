package cases

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/config/casefile"
	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/near"
	"github.com/desksync/desksync/sync/journal"
)

// fillJournal notes what desksync wrote before the case begins, as if earlier runs
// of the pipelines concerned had ended well.
func (v *world) fillJournal(ctx context.Context) error {
	var err error
	if v.linked, err = v.linkedObjects(ctx); err != nil {
		return err
	}
	notes := map[string][]journal.ObjectNote{} // by pipeline
	for _, gather := range []func(map[string][]journal.ObjectNote) error{v.writtenOrganizations, v.writtenUsers, v.writtenMembers} {
		if err := gather(notes); err != nil {
			return err
		}
	}
	if err := v.announce(ctx, notes[v.c.Pipeline]); err != nil {
		return err
	}
	for name, list := range notes {
		if err := v.noteRun(ctx, name, list); err != nil {
			return err
		}
	}
	return nil
}

// linkedObjects are the objects of the store that carry a CRM key.
func (v *world) linkedObjects(ctx context.Context) (map[helpdesk.Ref]helpdesk.Object, error) {
	objects, err := v.hold(ctx)
	out := map[helpdesk.Ref]helpdesk.Object{}
	for _, list := range objects {
		for _, o := range list {
			if o.Ref.Key != "" {
				out[o.Ref] = o
			}
		}
	}
	return out, err
}

func (v *world) noteRun(ctx context.Context, name string, notes []journal.ObjectNote) error {
	cfg := v.file.Pipelines.Get(name)
	p, err := v.journal.Pipeline(ctx, name, cfg.From, cfg.To)
	if err != nil {
		return err
	}
	run, err := v.journal.Begin(ctx, journal.RunSpec{Pipeline: p.ID, Target: cfg.To, Mode: journal.Reconcile, Trigger: "case", Holder: journal.HolderName(), Day: v.c.Day})
	if err != nil {
		return err
	}
	for i := range notes {
		notes[i].Pipeline, notes[i].Run, notes[i].At = p.ID, run.ID, v.now()
	}
	for page := range slices.Chunk(notes, 500) {
		if err := v.journal.Notes(ctx, run, page); err != nil {
			return err
		}
	}
	return v.journal.Finish(ctx, run, journal.Result{State: journal.Applied})
}

// written is what the case says of an object that desksync may have written.
type written struct {
	at      string // place in the case
	kind    helpdesk.Kind
	key     string
	account string
	facts   casefile.Facts
	by      string
	marked  day.Day
}

func (v *world) note(notes map[string][]journal.ObjectNote, w written) error {
	pipeline := cmp.Or(w.by, v.c.Pipeline)
	if v.file.Pipelines.Get(pipeline) == nil {
		return v.problem(w.at+".written_by", fmt.Sprintf("%s has no pipeline %q%s", v.file.Name(), pipeline, near.Known(pipeline, v.file.Pipelines.Names())), "")
	}
	if w.key == "" {
		return v.problem(w.at+".written", "desksync writes only what is linked to the CRM", "add external_id")
	}
	last, err := v.fieldsOf(w.at+".written", w.kind, w.facts)
	if err != nil {
		return err
	}
	last = slices.DeleteFunc(last, func(f helpdesk.Field) bool { return IsElement(f.Name) && !f.Value.True() })
	now := v.linked[helpdesk.Ref{Kind: w.kind, Key: w.key}]
	notes[pipeline] = append(notes[pipeline], journal.ObjectNote{Object: journal.Object{
		Kind: w.kind, Key: w.key, Account: w.account, TargetID: now.ID, Last: last, Have: now.Fields, Written: true, Marked: w.marked,
	}})
	return nil
}

func (v *world) writtenOrganizations(notes map[string][]journal.ObjectNote) error {
	for i, o := range v.c.Helpdesk.Organizations {
		at := fmt.Sprintf("helpdesk.organizations[%d]", i)
		facts, wrote := o.Wrote()
		if !wrote && o.MarkedOn == 0 && o.WrittenBy == "" {
			continue
		}
		if o.Written != nil && o.Written.All {
			facts = v.writable(facts)
		}
		key, err := v.keyAt(at+".external_id", string(o.ExternalID))
		if err != nil {
			return err
		}
		if err := v.note(notes, written{at, helpdesk.Organization, key, key, facts, o.WrittenBy, o.MarkedOn}); err != nil {
			return err
		}
	}
	return nil
}

// writable leaves out the fields that the helpdesk owns: desksync cannot have
// written those, whatever "all" says.
func (v *world) writable(facts casefile.Facts) casefile.Facts {
	return slices.DeleteFunc(slices.Clone(facts), func(f config.Item[casefile.Fact]) bool {
		for name, rule := range v.w.Config.Organizations.Fields.All() {
			if helpdesk.FieldPrefix+name == f.Name {
				return rule.Owner == "helpdesk"
			}
		}
		return false
	})
}

func (v *world) writtenUsers(notes map[string][]journal.ObjectNote) error {
	for i, u := range v.c.Helpdesk.Users {
		at := fmt.Sprintf("helpdesk.users[%d]", i)
		facts, wrote := u.Wrote()
		if !wrote && u.WrittenBy == "" {
			continue
		}
		key, err := v.keyAt(at+".external_id", string(u.ExternalID))
		if err != nil {
			return err
		}
		name, _ := numberOf(v.users, string(u.ID), i)
		if err := v.note(notes, written{at, helpdesk.User, key, v.accountOfUser(name, key), facts, u.WrittenBy, 0}); err != nil {
			return err
		}
	}
	return nil
}

// accountOfUser is the account whose mapping wrote a user: that of a membership in
// the case, or of the contact.
func (v *world) accountOfUser(user, contact string) string {
	for _, m := range v.c.Helpdesk.Members {
		if string(m.User) == user {
			return v.externalOf(string(m.Organization))
		}
	}
	for _, row := range v.c.CRM.Contacts {
		keys := v.contactKeys()
		id, _ := factOf(row, []string{keys.id, "id"})
		account, _ := factOf(row, []string{keys.account, "account"})
		if key, err := v.w.Key(id.Text); err == nil && key == contact {
			return account.Text
		}
	}
	return ""
}

func (v *world) contactKeys() keyColumns {
	return (&export{w: v.w, source: v.file.Sources.Get(v.w.Config.From)}).keys(crm.Contact)
}

// externalOf is the account of an organization that the case calls by its own id.
func (v *world) externalOf(id string) string {
	for i, o := range v.c.Helpdesk.Organizations {
		if name, _ := numberOf(v.orgs, string(o.ID), i); name == id {
			key, err := v.w.Key(string(o.ExternalID))
			if err == nil {
				return key
			}
		}
	}
	return ""
}

func (v *world) writtenMembers(notes map[string][]journal.ObjectNote) error {
	for i, m := range v.c.Helpdesk.Members {
		at := fmt.Sprintf("helpdesk.members[%d]", i)
		facts, wrote := m.Wrote()
		if !wrote {
			continue
		}
		account, contact := v.externalOf(string(m.Organization)), ""
		for n, u := range v.c.Helpdesk.Users {
			if name, _ := numberOf(v.users, string(u.ID), n); name == string(m.User) {
				contact, _ = v.w.Key(string(u.ExternalID)) // a wrong id is reported with the user
			}
		}
		if account == "" || contact == "" {
			return v.problem(at+".written", "desksync writes only what is linked to the CRM", "add external_id to its user and its organization")
		}
		if err := v.note(notes, written{at, helpdesk.Membership, helpdesk.MemberKey(account, contact), account, facts, "", 0}); err != nil {
			return err
		}
	}
	return nil
}
