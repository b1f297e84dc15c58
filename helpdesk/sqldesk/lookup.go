package sqldesk

import (
	"context"
	"strconv"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fold"
)

// shortID is the length of a CRM id without its checksum.
const shortID = 15

// FindOrganizations returns the organizations that text may mean: an account id of
// 15 or 18 characters, a number, a name in any case, or a domain. Nothing found is
// no error.
func (s *Store) FindOrganizations(ctx context.Context, text string) ([]Named, error) {
	number, _ := strconv.ParseInt(text, 10, 64) // what is no number means no number
	short := text
	if len(text) != shortID {
		short = "\x7f" // nothing lies behind it
	}
	const q = `
		SELECT ` + namedColumns + `
		FROM   organization o
		WHERE  o.external_id = ? OR o.external_id >= ? AND o.external_id < ? OR o.id = ? OR o.name_fold = ?
		    OR o.id IN (SELECT organization_id FROM organization_domain WHERE domain = ?)
		ORDER  BY o.id
		LIMIT  100`
	var rows []namedRow
	err := s.read(ctx, "find", &rows, q, text, short, short+"\x7f", number, fold.Name(text), foldEmail(text))
	return nameds(rows), err
}

// FindUser returns the user with a number, a contact id or an e-mail address.
func (s *Store) FindUser(ctx context.Context, text string) (User, error) {
	number, _ := strconv.ParseInt(text, 10, 64) // what is no number means no number
	var rows []personRow
	const q = `SELECT ` + personColumns + ` FROM helpdesk_user u WHERE u.external_id = ? OR u.email_fold = ? OR u.id = ? ORDER BY u.id`
	if err := s.read(ctx, "find", &rows, q, text, foldEmail(text), number); err != nil {
		return User{}, err
	}
	if len(rows) == 0 {
		return User{}, notFound("find", "there is no user %q", text)
	}
	return rows[0].user(), nil
}

// Organization returns all that the store knows of one organization.
func (s *Store) Organization(ctx context.Context, id int64) (Organization, error) {
	items, err := s.items(ctx, helpdesk.Organization, `x.id = ?`, id)
	if err != nil {
		return Organization{}, err
	}
	if len(items) == 0 {
		return Organization{}, notFound("find", "there is no organization %d", id)
	}
	var rows []struct {
		Parent int64   `db:"parent"`
		Shared Sharing `db:"shared"`
	}
	if err := s.read(ctx, "find", &rows, `SELECT coalesce(parent_id, 0) AS parent, shared FROM organization WHERE id = ?`, id); err != nil || len(rows) == 0 {
		return Organization{}, err
	}
	object := items[0].object
	name, _ := object.Fields.Get(helpdesk.Name)
	o := Organization{Named: Named{id, object.Ref.Key, name.Text()}, Parent: rows[0].Parent, Shared: rows[0].Shared, Fields: object.Fields}
	err = s.read(ctx, "find", &o.AllTags, `SELECT DISTINCT tag FROM organization_every_tag WHERE organization_id = ? ORDER BY tag`, id)
	return o, err
}

// Members returns who is in an organization, by e-mail.
func (s *Store) Members(ctx context.Context, organization int64) ([]Member, error) {
	var rows []struct {
		personRow
		Default   bool   `db:"is_default"`
		Position  string `db:"position"`
		Manager   bool   `db:"manager"`
		CopyOnNew bool   `db:"copy_on_new"`
		Roles     string `db:"roles"`
	}
	const q = `
		SELECT ` + personColumns + `, m.is_default, m.position, m.manager, m.copy_on_new, m.roles
		FROM   membership m JOIN helpdesk_user u ON u.id = m.user_id
		WHERE  m.organization_id = ?
		ORDER  BY u.email_fold, u.id`
	if err := s.read(ctx, "members", &rows, q, organization); err != nil {
		return nil, err
	}
	out := make([]Member, len(rows))
	for i, r := range rows {
		out[i] = Member{r.user(), organization, r.Default, r.Position, r.Manager, r.CopyOnNew, r.Roles}
	}
	return out, nil
}

// OrganizationsOf returns the organizations of a user, the default one first.
func (s *Store) OrganizationsOf(ctx context.Context, user int64) ([]Named, error) {
	var rows []namedRow
	const q = `
		SELECT ` + namedColumns + `
		FROM   membership m JOIN organization o ON o.id = m.organization_id
		WHERE  m.user_id = ?
		ORDER  BY m.is_default DESC, o.id`
	err := s.read(ctx, "members", &rows, q, user)
	return nameds(rows), err
}

// read runs one query; a slice among args stands for a whole "IN (?)".
func (s *Store) read(ctx context.Context, op string, into any, q string, args ...any) error {
	query, args, err := s.db.In(q, args...)
	if err == nil {
		err = s.db.SelectContext(ctx, into, query, args...)
	}
	return s.db.Fault("sqldesk."+op, err)
}
