package reconcile

import (
	"context"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// An heir is a contact that stands where another one of its account stood: the CRM
// merged the two, or somebody deleted one and made it again. It has the same e-mail
// under another id. The user is the same person, with tickets and memberships, and
// belongs to the heir from now on.

// heirs lets contacts of a page take over the users of contacts that are gone.
func (p *pass) heirs(ctx context.Context, subjects []subject, out *sink) error {
	leaving := map[string][]string{} // by account
	var all []string
	for i := range subjects {
		s := &subjects[i]
		if !p.newcomers(s, out) {
			continue
		}
		leaving[s.group.ID] = p.leaving(s)
		all = append(all, leaving[s.group.ID]...)
	}
	if len(all) == 0 {
		return nil
	}
	before, err := p.journal.ObjectsOf(ctx, p.TargetName, nil, sortedUnique(all))
	if err != nil {
		return err
	}
	for i := range subjects {
		for _, contact := range leaving[subjects[i].group.ID] {
			if u := before.User(contact); u != nil {
				p.inherit(&subjects[i], u, out)
			}
		}
	}
	return nil
}

// newcomers reports whether an account wants a user of whom nothing is known.
func (p *pass) newcomers(s *subject, out *sink) bool {
	return s.result.Skip == "" && slices.ContainsFunc(s.result.Users, func(u helpdesk.Object) bool { return out.userOf(u.Ref.Key) == nil })
}

// leaving lists the contacts whose memberships desksync made and who are no longer with
// the account.
func (p *pass) leaving(s *subject) []string {
	var out []string
	for i := range s.members {
		m := &s.members[i]
		_, contact := helpdesk.SplitMember(m.Key)
		here := slices.ContainsFunc(s.group.Contacts, func(r journal.Row) bool { return r.ID == contact })
		wanted := slices.ContainsFunc(s.result.Members, func(w helpdesk.Object) bool { return w.Ref.Key == m.Key })
		if m.Written && m.Pipeline == p.pipe.ID && !here && !wanted {
			out = append(out, contact)
		}
	}
	return out
}

// inherit gives the user of a contact that is gone to the one contact of the account that
// has the e-mail now, for the comparison of this page. An e-mail that another account
// claims is in conflict, and nobody inherits.
func (p *pass) inherit(s *subject, user *journal.Object, out *sink) {
	mail, _ := user.Have.Get(helpdesk.Email)
	if !user.Written || user.Pipeline != p.pipe.ID || user.Account != s.group.ID || user.HaveState == journal.HaveGone || mail.IsEmpty() {
		return
	}
	i := slices.IndexFunc(s.result.Users, func(u helpdesk.Object) bool {
		want, _ := u.Fields.Get(helpdesk.Email)
		return out.userOf(u.Ref.Key) == nil && strings.EqualFold(want.Text(), mail.Text())
	})
	if i < 0 {
		return
	}
	heir := s.result.Users[i].Ref.Key
	if _, lost := p.withheldFrom(s.group.ID, heir, journal.ClaimEmail, strings.ToLower(mail.Text())); lost {
		return
	}
	if out.inherited == nil {
		out.inherited = map[string]string{}
	}
	out.inherited[heir] = user.Key
	out.objects.Users = append(out.objects.Users, heirOf(user, heir))
	slices.SortFunc(out.objects.Users, func(a, b journal.Object) int { return strings.Compare(a.Key, b.Key) })
	s.members = passOn(s.members, user.Key, heir)
}

// heirOf is the record of a user as one of another contact, to whom it is still to be tied.
func heirOf(user *journal.Object, heir string) journal.Object {
	o := *user
	o.Key, o.Have = heir, o.Have.With(changeset.LinkField, helpdesk.TextOf(user.Key))
	return o
}

// passOnTo marks the change that ties a user to the heir of the contact it was.
func passOnTo(c *helpdesk.Change, was string) {
	for i := range c.Deltas {
		if c.Deltas[i].Field == changeset.LinkField && was != "" {
			c.Was, c.Deltas[i].Have = was, helpdesk.TextOf(was)
			c.Deltas[i].Origin = "found by e-mail; the contact it was is gone"
		}
	}
}

// passOn returns memberships with those of one contact as another's.
func passOn(members []journal.Object, from, to string) []journal.Object {
	out := slices.Clone(members)
	for i := range out {
		if account, contact := helpdesk.SplitMember(out[i].Key); contact == from {
			out[i].Key = helpdesk.MemberKey(account, to)
		}
	}
	return out
}

// inheritedBy is what becomes of the records of a contact whose user passed to an heir.
func inheritedBy(in *instruction, before *recorded) []journal.ObjectNote {
	if in.Was == "" {
		return nil
	}
	out := []journal.ObjectNote{{Object: journal.Object{Kind: in.Ref.Kind, Key: in.Was}, Forget: true}}
	if in.Ref.Kind != helpdesk.User {
		return out
	}
	for _, m := range before.passing(in) {
		out = append(out, journal.ObjectNote{Object: m, Forget: true})
		account, _ := helpdesk.SplitMember(m.Key)
		m.Key = helpdesk.MemberKey(account, in.Ref.Key)
		out = append(out, journal.ObjectNote{Object: m})
	}
	return out
}

// passing lists the memberships that pass along with a user.
func (r *recorded) passing(in *instruction) []journal.Object {
	var out []journal.Object
	for _, m := range slices.Concat(r.MembersOf(in.Account), r.elsewhere) {
		account, contact := helpdesk.SplitMember(m.Key)
		known := slices.ContainsFunc(out, func(o journal.Object) bool { return o.Key == m.Key })
		if contact == in.Was && !known && find(&r.Objects, helpdesk.Ref{Kind: helpdesk.Membership, Key: helpdesk.MemberKey(account, in.Ref.Key)}) == nil {
			out = append(out, m)
		}
	}
	return out
}

// inherit lets the records of contacts that are gone stand for their heirs', for what
// goes out together with the passing on.
func (r *recorded) inherit(list []instruction) {
	r.heirs = map[helpdesk.Ref]*journal.Object{}
	for i := range list {
		in := &list[i]
		if in.Was == "" {
			continue
		}
		if in.Ref.Kind == helpdesk.Organization {
			if o := r.Organization(in.Was); o != nil {
				was := heirOf(o, in.Ref.Key)
				r.heirs[in.Ref] = &was
			}
			continue
		}
		if u := r.User(in.Was); u != nil {
			o := heirOf(u, in.Ref.Key)
			r.heirs[in.Ref] = &o
		}
		for _, m := range r.passing(in) {
			account, _ := helpdesk.SplitMember(m.Key)
			m.Key = helpdesk.MemberKey(account, in.Ref.Key)
			r.heirs[helpdesk.Ref{Kind: helpdesk.Membership, Key: m.Key}] = &m
		}
	}
}
