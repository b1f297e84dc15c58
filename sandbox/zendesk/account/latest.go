package account

import "strings"

// Latest are the organizations that changed last, the newest first: those whose name
// has a text in it, or whose external id it is.
func (a *Account) Latest(text string, limit int) []*Organization {
	var out []*Organization
	for i := len(a.orgFeed.entries) - 1; i >= 0 && len(out) < limit; i-- {
		e := a.orgFeed.entries[i]
		if o := a.orgs.rows[e.row]; o.Deleted == 0 && a.liveOrganizationEntry(e) && o.mentions(text) {
			out = append(out, o)
		}
	}
	return out
}

func (o *Organization) mentions(text string) bool {
	return text == "" || strings.Contains(fold(o.Name), fold(text)) || strings.EqualFold(o.ExternalID, strings.TrimSpace(text))
}

// LatestUsers are the users who changed last, the newest first.
func (a *Account) LatestUsers(limit int) []*User {
	var out []*User
	for i := len(a.userFeed.entries) - 1; i >= 0 && len(out) < limit; i-- {
		if e := a.userFeed.entries[i]; a.liveUserEntry(e) {
			out = append(out, a.users.rows[e.row])
		}
	}
	return out
}
