package domains

import (
	"iter"
	"slices"
	"strings"
)

// User is someone the helpdesk knows already.
type User struct {
	Email         string
	Organizations []string // ids of the organizations the user is in
}

// Concern is whom a new domain of an organization would concern among the users
// that exist. Adding the domain moves none of them by itself.
type Concern struct {
	Free      []User // in no organization: proposed
	Elsewhere []User // in another organization only: on an explicit choice only
}

// Concerned sorts the users at or below a domain that an organization is about
// to get. Left out are members of the organization, addresses that are none, and
// users for whom others rules on a longer suffix; others may be nil.
func Concerned(domain, organization string, users iter.Seq[User], others *Index) Concern {
	var c Concern
	for u := range users {
		if slices.Contains(u.Organizations, organization) || !belongs(u.Email, domain, others) {
			continue
		}
		if len(u.Organizations) == 0 {
			c.Free = append(c.Free, u)
		} else {
			c.Elsewhere = append(c.Elsewhere, u)
		}
	}
	return c
}

func belongs(email, domain string, others *Index) bool {
	at, err := EmailDomain(email)
	if err != nil || !Under(at, domain) {
		return false
	}
	r, found := others.Match(at)
	return !found || len(r.Domain) <= len(domain)
}

// Under reports whether name is domain or stands below it.
func Under(name, domain string) bool {
	rest, ok := strings.CutSuffix(name, domain)
	return ok && domain != "" && (rest == "" || rest[len(rest)-1] == '.')
}
