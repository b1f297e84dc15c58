package sqldesk

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

// kindQueries reads the objects of a kind; what follows WHERE is the caller's, and
// calls the kind's table x.
var kindQueries = map[helpdesk.Kind]string{
	helpdesk.Organization: `
		SELECT x.id, x.seq, x.external_id, x.name, x.summary, x.contact, x.notes, x.fields
		FROM   organization x
		WHERE  `,
	helpdesk.User: `
		SELECT x.id, x.seq, x.external_id, x.name, x.email, x.role, x.suspended
		FROM   helpdesk_user x
		WHERE  `,
	helpdesk.Membership: `
		SELECT x.id, x.seq, x.is_default, x.position, x.manager, o.external_id AS account, u.external_id AS contact
		FROM   membership x
		JOIN   organization o ON o.id = x.organization_id
		JOIN   helpdesk_user u ON u.id = x.user_id
		WHERE  `,
}

// items reads the objects of a kind.
func (s *Store) items(ctx context.Context, k helpdesk.Kind, where string, args ...any) ([]item, error) {
	query, args, err := s.db.In(kindQueries[k]+where, args...)
	if err != nil {
		return nil, err
	}
	var items []item
	switch k {
	case helpdesk.Organization:
		items, err = s.organizations(ctx, query, args)
	case helpdesk.User:
		items, err = s.users(ctx, query, args)
	case helpdesk.Membership:
		items, err = s.memberships(ctx, query, args)
	default:
		err = unsupported("objects", "this store holds no objects of kind %q", k)
	}
	return items, s.db.Fault("sqldesk.objects", err)
}

type organizationRead struct {
	ID         int64          `db:"id"`
	Seq        int64          `db:"seq"`
	ExternalID sql.NullString `db:"external_id"`
	Name       string         `db:"name"`
	Summary    string         `db:"summary"`
	Contact    string         `db:"contact"`
	Notes      string         `db:"notes"`
	Fields     string         `db:"fields"`
}

func (s *Store) organizations(ctx context.Context, query string, args []any) ([]item, error) {
	var rows []organizationRead
	if err := s.db.SelectContext(ctx, &rows, query, args...); err != nil {
		return nil, err
	}
	parts, err := s.parts(ctx, rows)
	if err != nil {
		return nil, err
	}
	items := make([]item, len(rows))
	for i, r := range rows {
		fields, err := s.fields(r, parts)
		if err != nil {
			return nil, &fault.Error{Op: "sqldesk.objects", Kind: fault.Invalid, Ref: "organization/" + idText(r.ID), Err: fmt.Errorf("its fields are not a JSON object: %w", err)}
		}
		items[i] = item{r.ID, r.Seq, object(helpdesk.Organization, r.ExternalID.String, r.ID, fields)}
	}
	return items, nil
}

func object(k helpdesk.Kind, key string, id int64, fields helpdesk.Fields) helpdesk.Object {
	return helpdesk.Object{Ref: helpdesk.Ref{Kind: k, Key: key}, ID: idText(id), Fields: fields}
}

// fields puts an organization's row together, in the order of names.
func (s *Store) fields(r organizationRead, parts map[string]map[int64][]string) (helpdesk.Fields, error) {
	list, err := readEntries(r.Fields)
	if err != nil {
		return nil, err
	}
	out := make(helpdesk.Fields, 0, len(list)+8)
	out = addText(out, helpdesk.Contact, r.Contact)
	out = addFamily(out, helpdesk.DomPrefix, parts[helpdesk.DomPrefix][r.ID])
	for _, e := range list {
		if f, ok := s.specs[e.key]; ok {
			out = addValue(out, helpdesk.FieldPrefix+e.key, f.value(e.raw))
		}
	}
	out = addFamily(out, helpdesk.GroupPrefix, parts[helpdesk.GroupPrefix][r.ID])
	out = addText(out, helpdesk.Name, r.Name)
	out = addText(out, helpdesk.Notes, r.Notes)
	out = addText(out, helpdesk.Summary, r.Summary)
	return addFamily(out, helpdesk.TagPrefix, parts[helpdesk.TagPrefix][r.ID]), nil
}

func addValue(f helpdesk.Fields, name string, v helpdesk.Value) helpdesk.Fields {
	if v.IsEmpty() {
		return f
	}
	return append(f, helpdesk.Field{Name: name, Value: v})
}

func addText(f helpdesk.Fields, name, text string) helpdesk.Fields {
	return addValue(f, name, helpdesk.TextOf(text))
}

func addFamily(f helpdesk.Fields, prefix string, names []string) helpdesk.Fields {
	for _, n := range names {
		f = addValue(f, prefix+n, helpdesk.BoolOf(true))
	}
	return f
}

// parts reads the tags, domains and groups of a page of organizations, by prefix
// and organization, each sorted.
func (s *Store) parts(ctx context.Context, rows []organizationRead) (map[string]map[int64][]string, error) {
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	parts := map[string]map[int64][]string{}
	for prefix, q := range partQueries {
		names, err := s.namesOf(ctx, q, ids)
		if err != nil {
			return nil, err
		}
		parts[prefix] = names
	}
	return parts, nil
}

var partQueries = map[string]string{
	helpdesk.TagPrefix: `SELECT organization_id, tag AS name FROM organization_tag WHERE organization_id IN (?) ORDER BY organization_id, tag`,
	helpdesk.DomPrefix: `SELECT organization_id, domain AS name FROM organization_domain WHERE organization_id IN (?) ORDER BY organization_id, domain`,
	helpdesk.GroupPrefix: `
		SELECT l.organization_id, g.name
		FROM   organization_group l JOIN usergroup g ON g.id = l.group_id
		WHERE  l.organization_id IN (?)
		ORDER  BY l.organization_id, g.name`,
}

type partRow struct {
	Organization int64  `db:"organization_id"`
	Name         string `db:"name"`
}

func (s *Store) namesOf(ctx context.Context, q string, ids []int64) (map[int64][]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	query, args, err := s.db.In(q, ids)
	if err != nil {
		return nil, err
	}
	var rows []partRow
	if err := s.db.SelectContext(ctx, &rows, query, args...); err != nil {
		return nil, err
	}
	return grouped(rows), nil
}

func grouped(rows []partRow) map[int64][]string {
	out := map[int64][]string{}
	for _, r := range rows {
		out[r.Organization] = append(out[r.Organization], r.Name)
	}
	return out
}
