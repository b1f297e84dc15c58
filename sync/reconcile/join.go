package reconcile

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fold"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/journal"
)

// readsRelations reports whether contacts of other accounts become members.
func (p *pass) readsRelations() bool {
	_, offered := p.schema.Columns[crm.Relation]
	return offered && p.layouts[crm.Relation] != nil
}

// isOwn reports whether the account itself makes a contact a user.
func (s *subject) isOwn(contact string) bool {
	_, own := slices.BinarySearchFunc(s.result.Users, contact, func(u helpdesk.Object, key string) int { return strings.Compare(u.Ref.Key, key) })
	return own
}

// related lists the contacts of other accounts that the rules want as members.
func (s *subject) related() []string {
	var out []string
	for i := range s.result.Members {
		_, contact := helpdesk.SplitMember(s.result.Members[i].Ref.Key)
		if !s.isOwn(contact) {
			out = append(out, contact)
		}
	}
	return out
}

// missUsers notes the related contacts of a page who are no users and are not made ones
// in this run: nobody can join as one of them.
func (p *pass) missUsers(ctx context.Context, w *mapping.Worker, subjects []subject, out *sink) error {
	out.nobody, out.coming = map[string]bool{}, map[string]bool{}
	for i := range subjects {
		for _, contact := range subjects[i].related() {
			switch o := out.userOf(contact); {
			case !o.There():
				out.nobody[contact] = true
			case out.inherited[contact] != "":
				out.coming[contact] = true // the user is there, and still another contact's
			}
		}
	}
	makers, err := p.journal.Makers(ctx, p.TargetName, p.pipe.ID, slices.Sorted(maps.Keys(out.nobody)))
	if err != nil {
		return err
	}
	own := p.kin // of the page at hand; those of the makers take its place meanwhile
	defer func() { p.kin = own }()
	accounts := sortedUnique(slices.Collect(maps.Values(makers)))
	for page := range slices.Chunk(accounts, p.opt.Page) {
		if err := p.findMade(ctx, w, page, out); err != nil {
			return err
		}
	}
	return nil
}

// findMade sorts out the contacts of whom these accounts make users in this run.
func (p *pass) findMade(ctx context.Context, w *mapping.Worker, accounts []string, out *sink) error {
	groups, err := p.journal.Groups(ctx, p.pipe.ID, accounts)
	if err != nil {
		return err
	}
	if err := p.loadKin(ctx, groups); err != nil {
		return err
	}
	objects, err := p.journal.ObjectsOf(ctx, p.TargetName, accounts, nil)
	if err != nil {
		return err
	}
	carriers, err := p.carriersOf(ctx, accounts)
	if err != nil {
		return err
	}
	for i := range groups {
		s := p.mapSubject(w, &groups[i])
		s.org, s.carriers = objects.Organization(groups[i].ID), carriers[groups[i].ID]
		if !p.takesMembers(&s) {
			continue
		}
		for k := range s.result.Users {
			if u := &s.result.Users[k]; out.nobody[u.Ref.Key] && !p.mailWithheld(&s, u) {
				out.coming[u.Ref.Key] = true
				delete(out.nobody, u.Ref.Key)
			}
		}
	}
	return nil
}

// takesMembers reports whether an account's organization is there, or is made in this run.
func (p *pass) takesMembers(s *subject) bool {
	if s.unread != nil || s.result.Skip != "" || p.outOfScope(s.group.ID, s.result.NotYet) || p.only != nil && !p.only[s.group.ID] {
		return false
	}
	if s.org.There() || p.carrierOf(s.group.ID, s.org, s.carriers) != nil {
		return true
	}
	name, _ := s.result.Org.Fields.Get(helpdesk.Name)
	folded := fold.Name(name.Text())
	_, withheld := p.withheldFrom(s.group.ID, "", journal.ClaimName, folded)
	return s.result.MayCreate && len(s.carriers) == 0 && !withheld && p.taken[folded] == ""
}

func (p *pass) mailWithheld(s *subject, u *helpdesk.Object) bool {
	mail, _ := u.Fields.Get(helpdesk.Email)
	_, withheld := p.withheldFrom(s.group.ID, u.Ref.Key, journal.ClaimEmail, strings.ToLower(mail.Text()))
	return withheld
}

// joinsLate reports whether a membership has to wait for a user whom another account
// makes in this run.
func (s *sink) joinsLate(ref helpdesk.Ref) bool {
	_, contact := helpdesk.SplitMember(ref.Key)
	return ref.Kind == helpdesk.Membership && s.coming[contact] && !s.now.isOwn(contact)
}

// memberships compares those of an account. Nobody is made a member who is no user: one
// finding names them, and brings the account back until they are.
func (p *pass) memberships(s *subject, out *sink) {
	var nobody []string
	for i := range s.result.Members {
		m := &s.result.Members[i]
		if _, contact := helpdesk.SplitMember(m.Ref.Key); out.nobody[contact] {
			nobody = append(nobody, contact)
			continue
		}
		p.member(s, m, out)
	}
	if len(nobody) > 0 {
		out.finding(mapping.Finding{Code: "no_user", Subject: s.group.ID, Text: noUser(nobody)})
	}
}

// namedContacts bounds how many a finding names.
const namedContacts = 5

func noUser(contacts []string) string {
	what, more := "a contact of another account belongs here too and is no user", ""
	if n := len(contacts); n > 1 {
		what = crm.Count(n) + " contacts of other accounts belong here too and are no users"
	}
	if n := len(contacts) - namedContacts; n > 0 {
		more = fmt.Sprintf(" and %s more", crm.Count(n))
	}
	return what + ": " + strings.Join(contacts[:min(len(contacts), namedContacts)], ", ") + more +
		"; each is made a member once their own account makes them a user: read that account too, or leave the relation out of members.relations.who"
}
