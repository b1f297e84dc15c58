package account

import (
	"slices"
	"strings"
)

// Identity is one address of a user.
type Identity struct {
	ID       int64
	Value    string
	Verified bool
	Primary  bool
	Created  int64
}

// Identities are all addresses of a user, the primary first.
func (u *User) Identities() []Identity {
	var out []Identity
	if u.primary != 0 {
		out = append(out, Identity{u.primary, u.Email, u.Verified, true, u.Created})
	}
	if u.more != nil {
		out = append(out, u.more.others...)
	}
	return out
}

// known notes whose address it is.
func (a *Account) known(u *User, address string) {
	a.userEmails.add(address, u)
	if domain := domainOf(address); a.userDomains != nil {
		a.userDomains[domain] = append(a.userDomains[domain], u)
	}
}

func (a *Account) forget(u *User, address string) {
	a.userEmails.drop(address, u)
	domain := domainOf(address)
	if i := slices.Index(a.userDomains[domain], u); i >= 0 {
		a.userDomains[domain] = slices.Delete(a.userDomains[domain], i, i+1)
	}
}

func domainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return domain
}

// inDomain are the users with an address there. The index is made when it is first asked
// for: most accounts never do, and it is large.
func (a *Account) inDomain(domain string) []*User {
	if a.userDomains == nil {
		a.userDomains = map[string][]*User{}
		for _, u := range a.users.rows {
			for _, i := range u.Identities() {
				a.userDomains[domainOf(i.Value)] = append(a.userDomains[domainOf(i.Value)], u)
			}
		}
	}
	return a.userDomains[domain]
}

// AddIdentity gives a user one more address.
func (a *Account) AddIdentity(u *User, p Patch) (Identity, *Problem) {
	address, err := p.Text("value")
	if err != nil {
		return Identity{}, err
	}
	verified, err := p.Flag("verified")
	if err != nil {
		return Identity{}, err
	}
	primary, err := p.Flag("primary")
	if err != nil {
		return Identity{}, err
	}
	if kind, _ := p.Text("type"); kind != "email" {
		return Identity{}, invalid("type", "Type", "is not one the sandbox has: email", "InvalidValue")
	}
	address = fold(address)
	if err := a.checkAddress(nil, address); err != nil {
		return Identity{}, err
	}
	made := a.addIdentity(u, address, verified)
	if primary {
		return made, a.MakePrimary(u, made.ID)
	}
	return made, nil
}

func (a *Account) addIdentity(u *User, address string, verified bool) Identity {
	a.touchUser(u)
	a.known(u, address)
	made := Identity{ID: a.nextIdentity(), Value: address, Verified: verified, Created: a.second()}
	if u.primary == 0 {
		made.Primary = true
		u.primary, u.Email, u.Verified = made.ID, address, verified
	} else {
		more := u.extra()
		more.others = append(slices.Clone(more.others), made)
	}
	if verified {
		a.associate(u)
	}
	return made
}

func (u *User) extra() *userMore {
	if u.more == nil {
		u.more = &userMore{}
	}
	return u.more
}

// other finds an address that is not the primary.
func (u *User) other(id int64) int {
	if u.more == nil {
		return -1
	}
	return slices.IndexFunc(u.more.others, func(i Identity) bool { return i.ID == id })
}

// MakePrimary lets another address be the primary.
func (a *Account) MakePrimary(u *User, id int64) *Problem {
	if id == u.primary {
		return nil
	}
	i := u.other(id)
	if i < 0 {
		return notFound()
	}
	now := u.more.others[i]
	was := Identity{ID: u.primary, Value: u.Email, Verified: u.Verified, Created: u.Created}
	u.more.others[i] = was
	u.primary, u.Email, u.Verified = now.ID, now.Value, now.Verified
	a.touchUser(u)
	return nil
}

// VerifyIdentity notes that an address is its user's.
func (a *Account) VerifyIdentity(u *User, id int64, verified bool) *Problem {
	i := u.other(id)
	switch {
	case id == u.primary && id != 0:
		u.Verified = verified
	case i >= 0:
		u.more.others[i].Verified = verified
	default:
		return notFound()
	}
	a.touchUser(u)
	if verified {
		a.associate(u)
	}
	return nil
}

// DropIdentity takes an address off a user; the primary one stays.
func (a *Account) DropIdentity(u *User, id int64) *Problem {
	i := u.other(id)
	if i < 0 {
		if id == u.primary && id != 0 {
			return invalid("base", "Identity", "is the primary one and cannot be deleted", "InvalidValue")
		}
		return notFound()
	}
	a.forget(u, u.more.others[i].Value)
	u.more.others = slices.Delete(slices.Clone(u.more.others), i, i+1)
	a.touchUser(u)
	return nil
}
