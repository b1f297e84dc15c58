package reconcile

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fold"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/journal"
)

// SuffixNames is the policy for accounts of one name that tells their organizations apart
// by a suffix. Without it they are held.
const SuffixNames = "suffix"

// codeApart is the finding about an organization whose name has a suffix.
const codeApart = "name_taken"

// suffixLen is how much of an account's id tells its organization from others of its name.
const suffixLen = 6

// suffixOf is what stands behind the name of an account that another one has.
func suffixOf(account string) string {
	id := []rune(account)
	return " (" + string(id[max(0, len(id)-suffixLen):]) + ")"
}

// apart is a name with the suffix of its account, within so many characters; 0: no limit.
func apart(name, account string, limit int) string {
	suffix := suffixOf(account)
	room := limit - utf8.RuneCountInString(suffix)
	if r := []rune(name); limit > 0 && len(r) > room {
		name = strings.TrimSpace(string(r[:room]))
	}
	return name + suffix
}

// isApart reports whether an organization goes by a folded name with its suffix.
func (c claimant) isApart(folded string) bool {
	name, ok := strings.CutSuffix(c.name, suffixOf(c.account))
	return ok && strings.HasPrefix(folded, fold.Name(name))
}

// keeper is who of several accounts goes by their name as it is: the one whose
// organization does already, else the first by id of those that have no suffix yet.
func keeper(list []claimant, folded string) string {
	rank := func(c claimant) int {
		switch {
		case c.id != "" && fold.Name(c.name) == folded:
			return 0
		case c.id == "" || !c.isApart(folded):
			return 1
		default:
			return 2
		}
	}
	return slices.MinFunc(list, func(a, b claimant) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.account, b.account))
	}).account
}

// mayTellApart reports whether suffixes tell all holders of a name apart: nobody who has
// no account is among them, and no two have one suffix.
func mayTellApart(c *journal.Contest) bool {
	of := map[string]string{}
	for _, h := range c.Holders {
		if other, twice := of[suffixOf(h.Account)]; h.Stranger() || twice && other != h.Account {
			return false
		}
		of[suffixOf(h.Account)] = h.Account
	}
	return true
}

// tellApart gives the organization of an account whose name another one has a suffix.
// Once it has it, it keeps it as long as the name stays, whoever else comes and goes:
// people know it by it.
func (p *pass) tellApart(s *subject, out *sink) {
	i := slices.IndexFunc(s.result.Org.Fields, func(f helpdesk.Field) bool { return f.Name == helpdesk.Name })
	if p.OnNameClash != SuffixNames || !p.caps.UniqueNames || i < 0 {
		return
	}
	f := s.result.Org.Fields[i]
	spec, _ := p.caps.Spec(helpdesk.Organization, helpdesk.Name)
	name, folded := apart(f.Value.Text(), s.group.ID, spec.MaxLen), fold.Name(f.Value.Text())
	open, lost := p.withheldFrom(s.group.ID, "", journal.ClaimName, folded)
	given := p.assigned[contestField(journal.ClaimName, folded)] == s.group.ID
	if open != nil || given || !lost && !s.wasCalled(name) {
		return
	}
	why := "no longer claimed by another account, and was when this one was named"
	if c := p.contests[claimKey{journal.ClaimName, folded}]; c != nil {
		why = (&conflict{contest: c, account: s.group.ID}).claimed(out.names)
	}
	rule := *f.Rule
	rule.Origin += " and a suffix (on_name_clash: " + why + ")"
	s.result.Org.Fields = slices.Clone(s.result.Org.Fields)
	s.result.Org.Fields[i] = helpdesk.Field{Name: helpdesk.Name, Value: helpdesk.TextOf(name), Rule: &rule}
	out.finding(mapping.Finding{Code: codeApart, Subject: helpdesk.Name, Text: f.Value.Text() + " is " + why + "; this organization is called " + name})
}

// wasCalled reports whether desksync last wrote this name.
func (s *subject) wasCalled(name string) bool {
	if s.org == nil {
		return false
	}
	last, wrote := s.org.Last.Get(helpdesk.Name)
	if !s.org.Written || !wrote {
		last, _ = s.org.Have.Get(helpdesk.Name)
	}
	return last.Text() == name
}
