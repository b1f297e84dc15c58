package account

import (
	"slices"
	"strings"
)

// Role is what a user may do.
type Role string

// The roles.
const (
	EndUser Role = "end-user"
	Agent   Role = "agent"
	Admin   Role = "admin"
)

// User is one user. Their primary address stands in Email; others are Identities.
type User struct {
	ID         int64
	Name       string
	Email      string
	ExternalID string
	Role       Role
	Verified   bool
	Suspended  bool
	Created    int64
	Updated    int64

	primary     int64 // id of the primary identity
	memberships []*Membership
	more        *userMore
}

// userMore is what few users have.
type userMore struct {
	phone, notes, details, alias string
	tags                         []string
	others                       []Identity
}

// Extra are the texts and tags that few users have.
func (u *User) Extra() (phone, notes, details, alias string, tags []string) {
	if u.more == nil {
		return "", "", "", "", nil
	}
	return u.more.phone, u.more.notes, u.more.details, u.more.alias, u.more.tags
}

// User returns one, or nil.
func (a *Account) User(id int64) *User { return a.users.get(id) }

// UserByEmail finds who has an address, primary or not.
func (a *Account) UserByEmail(email string) *User { return a.userEmails.get(fold(email)) }

// UserByExternalID finds one without regard to letter case.
func (a *Account) UserByExternalID(id string) *User {
	if id == "" {
		return nil
	}
	return a.userExternal.get(strings.ToLower(id))
}

// has says whether an address is the user's.
func (u *User) has(address string) bool {
	return u.Email == address || u.more != nil && slices.ContainsFunc(u.more.others, func(i Identity) bool { return i.Value == address })
}

// Users yields all, by id, from behind one id.
func (a *Account) Users(after int64) func(yield func(*User) bool) {
	return func(yield func(*User) bool) {
		for i := max(0, after-a.users.first+1); i < int64(len(a.users.rows)); i++ {
			if !yield(a.users.rows[i]) {
				return
			}
		}
	}
}

// Organization is that of the default membership; 0 is none.
func (u *User) Organization() int64 {
	for _, m := range u.memberships {
		if m.Default {
			return m.Organization.ID
		}
	}
	return 0
}

// CreateUser makes a user, who joins the organization named, or those with their domain.
func (a *Account) CreateUser(p Patch) (u *User, dropped []string, err *Problem) {
	draft := &User{Role: EndUser, Created: a.second()}
	if dropped, err = a.fillUser(draft, p); err != nil {
		return nil, dropped, err
	}
	if err := a.checkUser(nil, draft); err != nil {
		return nil, dropped, err
	}
	home, err := a.home(p)
	if err != nil {
		return nil, dropped, err
	}
	draft.ID = a.users.add(draft)
	a.indexUser(draft)
	a.touchUser(draft)
	if draft.Email != "" {
		draft.primary = a.nextIdentity()
		a.known(draft, draft.Email)
	}
	if home != nil {
		a.join(draft, home, false)
	} else {
		a.associate(draft)
	}
	return draft, dropped, nil
}

// home is the organization that organization_id names; nil where it names none.
func (a *Account) home(p Patch) (*Organization, *Problem) {
	id, err := p.ID("organization_id")
	if err != nil || id == 0 {
		return nil, err
	}
	o := a.Organization(id)
	if o == nil {
		return nil, blank("organization", "Organization")
	}
	return o, nil
}

// UpdateUser changes what the patch names. Writing organization_id makes it the only
// organization (reference §8); another address becomes a further identity, the primary
// stays.
func (a *Account) UpdateUser(u *User, p Patch) (dropped []string, err *Problem) {
	draft := *u
	if u.more != nil {
		more := *u.more
		draft.more = &more
	}
	if dropped, err = a.fillUser(&draft, p); err != nil {
		return dropped, err
	}
	if err := a.checkUser(u, &draft); err != nil {
		return dropped, err
	}
	home, err := a.home(p)
	if err != nil {
		return dropped, err
	}
	address := draft.Email
	if u.Email != "" {
		draft.Email = u.Email
	}
	a.replaceUser(u, &draft)
	if address != "" && a.UserByEmail(address) == nil {
		a.addIdentity(u, address, false)
	}
	if _, named := p["organization_id"]; named {
		a.move(u, home)
	}
	return dropped, nil
}

func (a *Account) replaceUser(u, draft *User) {
	wasVerified := u.Verified
	if sameUser(u, draft) {
		return
	}
	if u.ExternalID != "" {
		a.userExternal.drop(strings.ToLower(u.ExternalID), u)
	}
	*u = *draftOf(u, draft)
	a.indexUser(u)
	if u.Email != "" && u.primary == 0 {
		u.primary = a.nextIdentity()
		a.known(u, u.Email)
	}
	a.touchUser(u)
	if !wasVerified && u.Verified {
		a.associate(u)
	}
}

func sameUser(x, y *User) bool {
	p, n, d, l, t := x.Extra()
	p2, n2, d2, l2, t2 := y.Extra()
	return x.Name == y.Name && x.Email == y.Email && x.ExternalID == y.ExternalID && x.Role == y.Role && x.Verified == y.Verified &&
		x.Suspended == y.Suspended && p == p2 && n == n2 && d == d2 && l == l2 && slices.Equal(t, t2)
}

// draftOf is the draft with what a draft does not decide.
func draftOf(u, draft *User) *User {
	next := *draft
	next.memberships = u.memberships
	return &next
}

func (a *Account) indexUser(u *User) {
	if u.ExternalID != "" {
		a.userExternal.add(strings.ToLower(u.ExternalID), u)
	}
}

func (a *Account) nextIdentity() int64 {
	a.identities++
	return a.identities
}

func (a *Account) touchUser(u *User) {
	now := a.second()
	if u.Updated >= now {
		return
	}
	if u.Updated != 0 {
		a.userFeed.sweep(a.liveUserEntry)
	}
	u.Updated = a.userFeed.add(now, u.ID-a.users.first)
}

func (a *Account) liveUserEntry(e entry) bool { return a.users.rows[e.row].Updated == e.at }

// PickUsers finds users by ids or external ids; missing ones are left out.
func (a *Account) PickUsers(ids []int64, external []string) []*User {
	var out []*User
	take := func(u *User) {
		if u != nil && !slices.Contains(out, u) {
			out = append(out, u)
		}
	}
	for _, id := range ids {
		take(a.User(id))
	}
	for _, id := range external {
		take(a.UserByExternalID(id))
	}
	return out
}
