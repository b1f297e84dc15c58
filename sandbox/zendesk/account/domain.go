package account

import (
	"slices"
	"strings"
)

// associate puts a user into the organizations that have the domain of their address: the
// first by name, or all (reference §8).
func (a *Account) associate(u *User) {
	_, domain, ok := strings.Cut(u.Email, "@")
	if !ok || len(a.orgDomains[domain]) == 0 {
		return
	}
	for _, o := range sortByName(slices.Clone(a.orgDomains[domain])) {
		if a.mayJoin(u, o) == nil {
			a.join(u, o, true)
		}
		if !a.Rules.JoinAll || !a.Rules.MultiOrganizations {
			return
		}
	}
}

// pullIn takes existing users into an organization that got their domain: those whose
// address is verified, and who have room for it.
func (a *Account) pullIn(o *Organization, domains []string) {
	for _, d := range domains {
		for _, u := range a.inDomain(d) {
			if u.Verified && strings.HasSuffix(u.Email, "@"+d) && u.Role == EndUser && a.mayJoin(u, o) == nil {
				a.join(u, o, true)
			}
		}
	}
}

// leave ends memberships that came by domains the organization no longer has.
func (a *Account) leave(o *Organization, domains []string) {
	if !a.Rules.LeaveWithDomain || len(domains) == 0 {
		return
	}
	for _, m := range slices.Clone(o.members) {
		_, domain, _ := strings.Cut(m.User.Email, "@")
		if m.ByDomain && slices.Contains(domains, domain) {
			a.dropMembership(m)
		}
	}
}
