package reconcile

import (
	"context"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// Codes of what is said of organizations that carry one id in match.id_field: where none of
// them is linked, which is a conflict, and where one is.
const (
	CodeOneID  = "one id in two organizations"
	CodeSameID = "same_id"
)

// leaveOwn takes out of contests the organizations that are to be linked to an account which
// claims the value itself.
func (p *pass) leaveOwn(ctx context.Context, page []journal.Contest) error {
	own, err := p.toLink(ctx, page)
	if err != nil || len(own) == 0 {
		return err
	}
	for i := range page {
		c := &page[i]
		claims := map[string]bool{}
		for _, h := range c.Holders {
			claims[h.Account] = true
		}
		c.Holders = slices.DeleteFunc(c.Holders, func(h journal.Holder) bool {
			return h.Carries != "" && claims[h.Carries] && own[h.Carries] == h.TargetID
		})
	}
	return nil
}

// toLink are the organizations that are to be linked, by the account whose id they carry,
// of those in contests.
func (p *pass) toLink(ctx context.Context, page []journal.Contest) (map[string]string, error) {
	var accounts []string
	for i := range page {
		for _, h := range page[i].Holders {
			if h.Carries != "" {
				accounts = append(accounts, h.Carries)
			}
		}
	}
	accounts = sortedUnique(accounts)
	carriers, err := p.carriersOf(ctx, accounts)
	if err != nil || len(carriers) == 0 {
		return nil, err
	}
	objects, err := p.journal.ObjectsOf(ctx, p.TargetName, accounts, nil)
	out := map[string]string{}
	for _, a := range accounts {
		if x := p.carrierOf(a, objects.Organization(a), carriers[a]); x != nil {
			out[a] = x.TargetID
		}
	}
	return out, err
}

// Wholly reports whether an item is about the organization itself or its people, and not
// about a field: it stands beside whatever is asked of it.
func Wholly(i *journal.Item) bool {
	return slices.Contains([]string{CodeOneID, CodeSameID, codeNoRoom, codeAddress, codeSpared}, i.Code)
}

// carried finds the organizations that carry the ids of accounts in match.id_field only,
// and links the one of an account that has none, or the one that somebody chose.
func (p *pass) carried(ctx context.Context, subjects []subject, out *sink) error {
	carriers, err := p.carriersOf(ctx, accountsOf(subjects))
	if err != nil {
		return err
	}
	for i := range subjects {
		s := &subjects[i]
		s.carriers = carriers[s.group.ID]
		if x := p.carrierOf(s.group.ID, s.org, s.carriers); x != nil && s.result.Skip == "" && !p.gone(s.group) {
			out.links[s.result.Org.Ref] = changeset.Known{TargetID: x.TargetID, Have: x.Fields, Exists: true}
		}
	}
	return nil
}

func (p *pass) carriersOf(ctx context.Context, accounts []string) (map[string][]journal.Stranger, error) {
	out := map[string][]journal.Stranger{}
	if p.Match.IDField == "" {
		return out, nil
	}
	for part := range slices.Chunk(accounts, journal.MaxPage) {
		some, err := p.journal.Carriers(ctx, p.TargetName, part)
		if err != nil {
			return nil, err
		}
		for account, list := range some {
			out[account] = list
		}
	}
	return out, nil
}

// linkedAs is the target id of the account's organization, or of the one that is linked now.
func (s *subject) linkedAs(now *journal.Stranger) string {
	if now != nil {
		return now.TargetID
	}
	return s.org.TargetID
}

// carrierOf is the organization to link to an account that has none; nil: there is none, or
// nobody knows which.
func (p *pass) carrierOf(account string, org *journal.Object, carriers []journal.Stranger) *journal.Stranger {
	chosen := p.assigned[contestField(journal.ClaimID, account)]
	for i := range carriers {
		if x := &carriers[i]; !org.There() && (len(carriers) == 1 || x.TargetID == chosen) {
			return x
		}
	}
	return nil
}

// ambiguous tells of further organizations that carry the account's id. Where nobody knows
// which is the account's, none is written, and none is created.
func (p *pass) ambiguous(s *subject, v *changeset.Verdict, out *sink) bool {
	linked := p.carrierOf(s.group.ID, s.org, s.carriers)
	others := slices.DeleteFunc(slices.Clone(s.carriers), func(x journal.Stranger) bool { return linked != nil && x.TargetID == linked.TargetID })
	where := strings.TrimPrefix(p.Match.IDField, helpdesk.FieldPrefix)
	switch {
	case len(others) == 0:
		return false
	case s.org.There(), linked != nil:
		out.finding(mapping.Finding{Code: CodeSameID, Subject: p.Match.IDField, Text: calledAll(others) + verb(others, " carries", " carry") + " the id of this account in " + where +
			" too, and " + s.linkedAs(linked) + " is the one that is linked: nothing is written to the other; empty its " + where + ", or merge the two in " + p.TargetName})
		return false
	}
	said := calledAll(others) + " carry the id of this account in " + where
	out.inDoubt(s.group.ID, said+", and none is linked: choose one, or empty "+where+" in all but one"+UntilDecided)
	withhold(v, changeset.Hold(changeset.HoldConflict, said+": decide with `desksync conflicts`"))
	return true
}

// inDoubt is the conflict about an account whose organization nobody knows.
func (s *sink) inDoubt(account, text string) {
	s.todo = true
	field := contestField(journal.ClaimID, account)
	s.rep.conflict(field)
	s.items = append(s.items, journal.Item{
		Class: journal.ItemConflict, Code: CodeOneID, Account: account, Kind: helpdesk.Organization, Key: account, Field: field, Value: account, Text: text,
	})
}

// calledAll names organizations: organizations 21 (Acme) and 22 (Acme Ltd).
func calledAll(list []journal.Stranger) string {
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].TargetID
		if name, _ := list[i].Fields.Get(helpdesk.Name); !name.IsEmpty() {
			names[i] += " (" + name.Text() + ")"
		}
	}
	if len(names) == 1 {
		return "organization " + names[0]
	}
	return "organizations " + changeset.Enumerate(names...)
}

func verb(list []journal.Stranger, one, many string) string {
	if len(list) == 1 {
		return one
	}
	return many
}
