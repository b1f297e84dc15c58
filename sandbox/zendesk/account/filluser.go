package account

import (
	"encoding/json"
	"slices"
	"strings"
)

// fillUser writes a patch into a draft.
func (a *Account) fillUser(u *User, p Patch) (dropped []string, err *Problem) {
	for _, key := range p.keys() {
		known, err := u.fillAttribute(p, key)
		if err != nil {
			return dropped, err
		}
		if !known {
			dropped = append(dropped, "user."+key)
		}
	}
	return dropped, a.fillIdentities(u, p)
}

func (u *User) fillAttribute(p Patch, key string) (known bool, err *Problem) {
	switch key {
	case "name":
		u.Name, err = p.Text(key)
		u.Name = strings.TrimSpace(u.Name)
	case "email":
		u.Email, err = p.Text(key)
		u.Email = fold(u.Email)
	case "external_id":
		u.ExternalID, err = p.Text(key)
	case "verified":
		u.Verified, err = p.Flag(key)
	case "suspended":
		u.Suspended, err = p.Flag(key)
	case "role":
		var role string
		role, err = p.Text(key)
		u.Role = Role(role)
	case "organization_id", "skip_verify_email", "identities", "user_fields":
		// read elsewhere, or without effect here
	default:
		return u.fillMore(p, key)
	}
	return true, err
}

func (u *User) fillMore(p Patch, key string) (known bool, err *Problem) {
	if !slices.Contains([]string{"phone", "notes", "details", "alias", "tags"}, key) {
		return false, nil
	}
	if u.more == nil {
		u.more = &userMore{}
	}
	switch key {
	case "phone":
		u.more.phone, err = p.Text(key)
	case "notes":
		u.more.notes, err = p.Text(key)
	case "details":
		u.more.details, err = p.Text(key)
	case "alias":
		u.more.alias, err = p.Text(key)
	case "tags":
		u.more.tags, err = p.Words(key)
	}
	return true, err
}

// fillIdentities takes the first address from identities, where no email is named.
func (a *Account) fillIdentities(u *User, p Patch) *Problem {
	if isNull(p["identities"]) || u.Email != "" {
		return nil
	}
	var list []struct{ Type, Value string }
	if json.Unmarshal(p["identities"], &list) != nil {
		return badValue("identities")
	}
	for _, i := range list {
		if i.Type == "email" && u.Email == "" {
			u.Email = fold(i.Value)
		}
	}
	return nil
}

// checkUser refuses what the vendor refuses of a draft; old is nil for a new one.
func (a *Account) checkUser(old, draft *User) *Problem {
	if draft.Name == "" {
		return blank("name", "Name")
	}
	if !slices.Contains([]Role{EndUser, Agent, Admin}, draft.Role) {
		return invalid("role", "Role", string(draft.Role)+" is not a role", "InvalidValue")
	}
	if other := a.UserByExternalID(draft.ExternalID); draft.ExternalID != "" && other != nil && other != old {
		return taken("external_id", "External", draft.ExternalID)
	}
	if draft.Email == "" {
		return nil
	}
	return a.checkAddress(old, draft.Email)
}

func (a *Account) checkAddress(old *User, address string) *Problem {
	local, domain, _ := strings.Cut(address, "@")
	if local == "" || domain == "" || strings.ContainsAny(address, " ,;<>") || strings.Contains(domain, "@") {
		return invalid("email", "Email", address+" is not properly formatted", "InvalidFormat")
	}
	if other := a.UserByEmail(address); other != nil && other != old {
		return invalid("email", "Email", address+" is already being used by another user", "DuplicateValue")
	}
	return nil
}

// MatchUser finds whom create_or_update means: by id, external id or address.
func (a *Account) MatchUser(p Patch) (*User, *Problem) {
	external, err := p.Text("external_id")
	if err != nil {
		return nil, err
	}
	if u := a.UserByExternalID(external); external != "" && u != nil {
		return u, nil
	}
	email, err := p.Text("email")
	if err != nil || email == "" {
		return nil, err
	}
	return a.UserByEmail(email), nil
}
