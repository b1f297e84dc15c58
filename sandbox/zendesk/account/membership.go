package account

import (
	"cmp"
	"slices"
	"strings"
)

// Membership is that a user belongs to an organization.
type Membership struct {
	ID           int64
	User         *User
	Organization *Organization
	Default      bool
	ByDomain     bool // they came because of their address
	Created      int64
}

// Membership returns one that is, or nil.
func (a *Account) Membership(id int64) *Membership {
	if m := a.memberships.get(id); m != nil && m.User != nil {
		return m
	}
	return nil
}

// Memberships yields all, by id, from behind one id.
func (a *Account) Memberships(after int64) func(yield func(*Membership) bool) {
	return func(yield func(*Membership) bool) {
		for i := max(0, after-a.memberships.first+1); i < int64(len(a.memberships.rows)); i++ {
			if m := a.memberships.rows[i]; m.User != nil && !yield(m) {
				return
			}
		}
	}
}

// Memberships are those of a user: the default first, then by name of the organization.
func (u *User) Memberships() []*Membership {
	out := slices.Clone(u.memberships)
	slices.SortFunc(out, func(x, y *Membership) int {
		if x.Default != y.Default {
			return map[bool]int{true: -1, false: 1}[x.Default]
		}
		return cmp.Or(strings.Compare(fold(x.Organization.Name), fold(y.Organization.Name)), cmp.Compare(x.ID, y.ID))
	})
	return out
}

// Members are the memberships of an organization, by id.
func (o *Organization) Members() []*Membership {
	out := slices.Clone(o.members)
	slices.SortFunc(out, func(x, y *Membership) int { return cmp.Compare(x.ID, y.ID) })
	return out
}

// MemberOf finds the membership of a user in an organization, or nil.
func (u *User) MemberOf(o *Organization) *Membership {
	for _, m := range u.memberships {
		if m.Organization == o {
			return m
		}
	}
	return nil
}

// CreateMembership puts a user into an organization.
func (a *Account) CreateMembership(p Patch) (*Membership, *Problem) {
	user, err := p.ID("user_id")
	if err != nil {
		return nil, err
	}
	organization, err := p.ID("organization_id")
	if err != nil {
		return nil, err
	}
	byDefault, err := p.Flag("default")
	if err != nil {
		return nil, err
	}
	u, o := a.User(user), a.Organization(organization)
	if u == nil {
		return nil, notFound()
	}
	if err := a.mayJoin(u, o); err != nil {
		return nil, err
	}
	m := a.join(u, o, false)
	if byDefault {
		a.MakeDefault(m)
	}
	return m, nil
}

func (a *Account) mayJoin(u *User, o *Organization) *Problem {
	limit := 1
	if a.Rules.MultiOrganizations {
		limit = a.Rules.MaxMemberships
	}
	switch {
	case o == nil:
		return blank("organization", "Organization")
	case u.MemberOf(o) != nil:
		return invalid("user_id", "User", "has already been taken", "DuplicateValue")
	case len(u.memberships) >= limit:
		return invalid("base", "User", "cannot belong to more organizations", "TooManyOrganizations")
	}
	return nil
}

// join makes a membership; the first of a user is the default.
func (a *Account) join(u *User, o *Organization, byDomain bool) *Membership {
	m := &Membership{User: u, Organization: o, Default: len(u.memberships) == 0, ByDomain: byDomain, Created: a.second()}
	m.ID = a.memberships.add(m)
	u.memberships = append(u.memberships, m)
	o.members = append(o.members, m)
	a.memberLive++
	a.touchUser(u)
	a.emit("user.organization_membership_created", o, u, nil)
	return m
}

// MakeDefault lets a membership be the user's default one.
func (a *Account) MakeDefault(m *Membership) {
	for _, other := range m.User.memberships {
		other.Default = other == m
	}
	a.touchUser(m.User)
}

// DeleteMembership ends a membership; tickets of the user lose that organization, those
// closed excepted.
func (a *Account) DeleteMembership(m *Membership) {
	a.detachTickets(m.Organization.ID, m.User.ID)
	a.dropMembership(m)
}

func (a *Account) dropMembership(m *Membership) {
	u, o := m.User, m.Organization
	is := func(x *Membership) bool { return x == m }
	u.memberships, o.members = slices.DeleteFunc(u.memberships, is), slices.DeleteFunc(o.members, is)
	m.User = nil
	a.memberLive--
	if m.Default && len(u.memberships) > 0 {
		u.Memberships()[0].Default = true
	}
	a.touchUser(u)
	a.emit("user.organization_membership_deleted", o, u, nil)
}

// move makes an organization the only one of a user; nil leaves them without any.
func (a *Account) move(u *User, home *Organization) {
	for _, m := range slices.Clone(u.memberships) {
		if m.Organization != home {
			a.dropMembership(m)
		}
	}
	if home != nil && u.MemberOf(home) == nil {
		a.join(u, home, false)
	}
}
