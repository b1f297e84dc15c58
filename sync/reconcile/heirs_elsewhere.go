package reconcile

import (
	"context"
	"maps"
	"slices"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/journal"
)

// A contact may belong to other accounts than its own. Where its user passes to an heir,
// these memberships pass along: they are the user's. So each of these accounts is compared
// as if the membership of the contact that is gone were the heir's already, and what is to
// be written of it goes out after the user has passed.

// heirsElsewhere lets the heirs of contacts of other accounts have the memberships of a
// page that were theirs.
func (p *pass) heirsElsewhere(ctx context.Context, w *mapping.Worker, subjects []subject, out *sink) error {
	if !p.readsRelations() {
		return nil
	}
	owners, err := p.leavingElsewhere(ctx, subjects)
	if err != nil || len(owners) == 0 {
		return err
	}
	heirs := map[string]string{} // contact that is gone → the one that has its user in this run
	own := p.kin                 // as in missUsers
	defer func() { p.kin = own }()
	for page := range slices.Chunk(owners, p.opt.Page) {
		if err := p.findHeirs(ctx, w, page, heirs); err != nil {
			return err
		}
	}
	for i := range subjects {
		subjects[i].members = p.passAlong(&subjects[i], heirs, out)
	}
	return nil
}

// leavingElsewhere lists the accounts that made the users of contacts who leave accounts
// of the page.
func (p *pass) leavingElsewhere(ctx context.Context, subjects []subject) ([]string, error) {
	from := map[string][]string{} // contact → accounts that it leaves
	for i := range subjects {
		for _, contact := range p.leaving(&subjects[i]) {
			from[contact] = append(from[contact], subjects[i].group.ID)
		}
	}
	if len(from) == 0 {
		return nil, nil
	}
	users, err := p.journal.ObjectsOf(ctx, p.TargetName, nil, slices.Sorted(maps.Keys(from)))
	var out []string
	for i := range users.Users {
		if u := &users.Users[i]; u.Written && u.Pipeline == p.pipe.ID && !slices.Contains(from[u.Key], u.Account) {
			out = append(out, u.Account)
		}
	}
	return sortedUnique(out), err
}

// findHeirs adds whose users pass to whom in these accounts.
func (p *pass) findHeirs(ctx context.Context, w *mapping.Worker, accounts []string, heirs map[string]string) error {
	groups, err := p.journal.Groups(ctx, p.pipe.ID, accounts)
	if err != nil {
		return err
	}
	if err := p.loadKin(ctx, groups); err != nil {
		return err
	}
	subjects, contacts := p.mapSubjects(w, groups)
	out := &sink{pass: p}
	if err := join(p.recall(ctx, subjects, contacts, out), p.heirs(ctx, subjects, out)); err != nil {
		return err
	}
	for i := range subjects {
		s := &subjects[i]
		for k := range s.result.Users {
			u := &s.result.Users[k]
			if was := out.inherited[u.Ref.Key]; was != "" && p.takesMembers(s) && !p.mailWithheld(s, u) {
				heirs[was] = u.Ref.Key
			}
		}
	}
	return nil
}

// passAlong returns the memberships of an account with those of contacts that are gone as
// their heirs'; what is written of them waits for the users.
func (p *pass) passAlong(s *subject, heirs map[string]string, out *sink) []journal.Object {
	members := s.members
	for _, contact := range p.leaving(s) {
		if heir := heirs[contact]; heir != "" {
			members = passOn(members, contact, heir)
			out.coming[heir] = true
			delete(out.nobody, heir)
		}
	}
	return members
}

// passedAlong are the accounts, besides its own, in which a user that passed to an heir is
// a member. The next run compares them: what the CRM wants of the heir there may have been
// read before the heir was.
func passedAlong(in *instruction, s *journal.Settled) (accounts []string) {
	if in.Was == "" || in.Ref.Kind != helpdesk.User {
		return nil
	}
	for i := range s.Also {
		if o := &s.Also[i].Object; o.Kind == helpdesk.Membership && !s.Also[i].Forget && o.Account != in.Account {
			accounts = append(accounts, o.Account)
		}
	}
	return accounts
}

// addPassed loads the memberships of users that pass to heirs in other accounts than
// their own.
func (p *pass) addPassed(ctx context.Context, list []instruction, out *recorded) error {
	var contacts []string
	for i := range list {
		if in := &list[i]; in.Was != "" && in.Ref.Kind == helpdesk.User {
			contacts = append(contacts, in.Was)
		}
	}
	if len(contacts) == 0 || p.layouts[crm.Relation] == nil {
		return nil
	}
	members, err := p.journal.MembershipsOf(ctx, p.TargetName, sortedUnique(contacts))
	out.elsewhere = members
	return err
}
