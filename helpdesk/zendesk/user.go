package zendesk

import (
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// user is a user as Zendesk shows it.
type user struct {
	ID           int64   `json:"id"`
	Name         string  `json:"name"`
	Email        *string `json:"email"`
	ExternalID   *string `json:"external_id"`
	Role         string  `json:"role"`
	Suspended    bool    `json:"suspended"`
	Verified     bool    `json:"verified"`
	Active       *bool   `json:"active"` // false: deleted
	Organization *int64  `json:"organization_id"`
	Updated      string  `json:"updated_at"`
}

func (u *user) key() string   { return textOf(u.ExternalID) }
func (u *user) email() string { return strings.ToLower(textOf(u.Email)) }
func (u *user) deleted() bool { return u.Active != nil && !*u.Active }

// label names a user for people.
func (u *user) label() string {
	out := "user " + idText(u.ID)
	if u.Email != nil {
		out += " (" + clip(*u.Email) + ")"
	}
	if u.Organization != nil {
		out += " of organization " + idText(*u.Organization)
	}
	return out
}

// spared says why a user is never written by a sync; empty: may be written.
func (t *Target) spared(u *user) string {
	switch {
	case u.Role != "" && u.Role != "end-user":
		return u.label() + " is an " + clip(u.Role)
	case u.Suspended:
		return u.label() + " is suspended"
	case t.own(u.email()):
		return u.label() + " is of the helpdesk's own domain"
	}
	return ""
}

// own reports an address of the helpdesk's own people.
func (t *Target) own(email string) bool {
	_, domain, _ := strings.Cut(strings.ToLower(email), "@")
	for _, d := range t.opt.OwnDomains {
		if domain != "" && strings.EqualFold(d, domain) {
			return true
		}
	}
	return false
}

// showUser is a user in our words. Who is never written is a stranger: whatever id they
// carry, no contact is theirs to be compared with.
func (t *Target) showUser(u *user) helpdesk.Object {
	key, why := u.key(), t.spared(u)
	f := make(helpdesk.Fields, 0, 4)
	if why != "" {
		if key != "" {
			f = append(f, helpdesk.Field{Name: helpdesk.SparedAs, Value: helpdesk.TextOf(key)})
		}
		key, f = "", append(f, helpdesk.Field{Name: helpdesk.Spared, Value: helpdesk.TextOf(why)})
	}
	t.note(helpdesk.User, u.ID, key)
	if v := helpdesk.TextOf(textOf(u.Email)); !v.IsEmpty() {
		f = append(f, helpdesk.Field{Name: helpdesk.Email, Value: v})
	}
	if v := helpdesk.TextOf(u.Name); !v.IsEmpty() {
		f = append(f, helpdesk.Field{Name: helpdesk.Name, Value: v})
	}
	return helpdesk.Object{Ref: helpdesk.Ref{Kind: helpdesk.User, Key: key}, ID: idText(u.ID), Fields: f.Sort(), Changed: stampOf(u.Updated)}
}
