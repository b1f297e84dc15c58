package sqldesk

import (
	"database/sql"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/domains"
)

// Named is an organization by its number and names.
type Named struct {
	ID         int64
	ExternalID string // the account; empty if it belongs to none
	Name       string
}

// String renders the name with the number behind it.
func (n Named) String() string { return n.Name + " (" + idText(n.ID) + ")" }

func (n Named) claim() domains.Claim {
	return domains.Claim{ID: idText(n.ID), Name: n.Name, Key: n.ExternalID}
}

// Organization is all that the store knows of one.
type Organization struct {
	Named
	Parent  int64 // 0: none
	Shared  Sharing
	Fields  helpdesk.Fields // as a listing shows them, with tags, domains and groups
	AllTags []string        // its own and those its fields bring
}

// User is a person who asks for help, or who gives it.
type User struct {
	ID         int64
	ExternalID string // the contact; empty if it belongs to none
	Name       string
	Email      string
	Role       Role
	Suspended  bool
}

// Member is a user in an organization.
type Member struct {
	User
	Organization int64
	Default      bool   // the organization of the user's new tickets
	Position     string // free text
	Manager      bool   // sees all tickets of the organization
	CopyOnNew    bool   // is copied on its new tickets
	Roles        string // further roles, free text
}

// namedRow and personRow read what their types hold.
type namedRow struct {
	ID         int64          `db:"id"`
	ExternalID sql.NullString `db:"external_id"`
	Name       string         `db:"name"`
}

func (r namedRow) named() Named { return Named{r.ID, r.ExternalID.String, r.Name} }

type personRow struct {
	ID         int64          `db:"id"`
	ExternalID sql.NullString `db:"external_id"`
	Name       string         `db:"name"`
	Email      string         `db:"email"`
	Role       Role           `db:"role"`
	Suspended  bool           `db:"suspended"`
}

func (r personRow) user() User {
	return User{r.ID, r.ExternalID.String, r.Name, r.Email, r.Role, r.Suspended}
}

// label names a user for people.
func (u User) label() string {
	if u.Email != "" {
		return u.Email
	}
	return "user " + idText(u.ID)
}

func nameds(rows []namedRow) []Named {
	out := make([]Named, len(rows))
	for i, r := range rows {
		out[i] = r.named()
	}
	return out
}

func persons(rows []personRow) []User {
	out := make([]User, len(rows))
	for i, r := range rows {
		out[i] = r.user()
	}
	return out
}

const (
	namedColumns  = `o.id, o.external_id, o.name`
	personColumns = `u.id, u.external_id, u.name, u.email, u.role, u.suspended`
)

// organization returns an organization, or says that there is none.
func (t *txn) organization(op string, id int64) (Named, error) {
	var r namedRow
	ok, err := t.find(&r, `SELECT `+namedColumns+` FROM organization o WHERE o.id = ?`, id)
	if err == nil && !ok {
		err = notFound(op, "there is no organization %d", id)
	}
	return r.named(), err
}

// user returns a user, or says that there is none.
func (t *txn) user(op string, id int64) (User, error) {
	var r personRow
	ok, err := t.find(&r, `SELECT `+personColumns+` FROM helpdesk_user u WHERE u.id = ?`, id)
	if err == nil && !ok {
		err = notFound(op, "there is no user %d", id)
	}
	return r.user(), err
}
