package sqldesk

import (
	"bufio"
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// exported is one organization in an export: no number and no time of the store is
// in it, so that two stores in one state give the same bytes.
type exported struct {
	Organization string                     `json:"organization"`
	Name         string                     `json:"name"`
	Summary      string                     `json:"summary,omitempty"`
	Contact      string                     `json:"contact,omitempty"`
	Notes        string                     `json:"notes,omitempty"`
	Parent       string                     `json:"parent,omitempty"`
	Shared       Sharing                    `json:"shared,omitempty"`
	Fields       map[string]json.RawMessage `json:"fields,omitempty"`
	Tags         []string                   `json:"tags,omitempty"`
	Domains      []string                   `json:"domains,omitempty"`
	Groups       []string                   `json:"groups,omitempty"`
	Projects     []string                   `json:"projects,omitempty"`
	Members      []exportedMember           `json:"members,omitempty"`
}

type exportedMember struct {
	User      string `json:"user"`
	Default   bool   `json:"default,omitempty"`
	Position  string `json:"position,omitempty"`
	Manager   bool   `json:"manager,omitempty"`
	CopyOnNew bool   `json:"copy_on_new,omitempty"`
	Roles     string `json:"roles,omitempty"`
}

type exportedUser struct {
	User      string   `json:"user"`
	Name      string   `json:"name,omitempty"`
	Email     string   `json:"email,omitempty"`
	Role      Role     `json:"role,omitempty"`
	Suspended bool     `json:"suspended,omitempty"`
	Groups    []string `json:"groups,omitempty"` // by hand
}

// Export writes the store as JSON lines: the organizations by CRM id, each with its
// members, then the users. What carries no CRM id comes behind, by name or address.
// The same state gives the same bytes, on either database.
func (s *Store) Export(ctx context.Context, w io.Writer) error {
	buf := bufio.NewWriter(w)
	e := json.NewEncoder(buf)
	e.SetEscapeHTML(false)
	for _, keyed := range []bool{true, false} {
		if err := s.exportOrganizations(ctx, e, keyed); err != nil {
			return err
		}
	}
	for _, keyed := range []bool{true, false} {
		if err := s.exportUsers(ctx, e, keyed); err != nil {
			return err
		}
	}
	return buf.Flush()
}

// after is the condition of a page in export order: behind a CRM id, or, among those
// that have none, behind a text and a number.
func after(keyed bool, column string) string {
	if keyed {
		return `x.external_id > ? ORDER BY x.external_id LIMIT 500`
	}
	return `x.external_id IS NULL AND (coalesce(x.` + column + `, ''), x.id) > (?, ?) ORDER BY coalesce(x.` + column + `, ''), x.id LIMIT 500`
}

type exportRow struct {
	organizationRead
	Fold   string         `db:"name_fold"`
	Shared Sharing        `db:"shared"`
	Parent sql.NullString `db:"parent"`
}

func (s *Store) exportOrganizations(ctx context.Context, e *json.Encoder, keyed bool) error {
	const q = `
		SELECT x.id, x.seq, x.external_id, x.name, x.summary, x.contact, x.notes, x.fields, x.name_fold, x.shared,
		       coalesce(p.external_id, p.name) AS parent
		FROM   organization x LEFT JOIN organization p ON p.id = x.parent_id
		WHERE  `
	args := []any{"", int64(0)}
	for {
		var rows []exportRow
		if err := s.read(ctx, "export", &rows, q+after(keyed, "name_fold"), args[:2-toInt(keyed)]...); err != nil || len(rows) == 0 {
			return err
		}
		if err := s.exportPage(ctx, e, rows); err != nil {
			return err
		}
		last := rows[len(rows)-1]
		args = []any{last.Fold, last.ID}
		if keyed {
			args[0] = last.ExternalID.String
		}
	}
}

func toInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (s *Store) exportPage(ctx context.Context, e *json.Encoder, rows []exportRow) error {
	ids, reads := make([]int64, len(rows)), make([]organizationRead, len(rows))
	for i, r := range rows {
		ids[i], reads[i] = r.ID, r.organizationRead
	}
	parts, err := s.parts(ctx, reads)
	if err != nil {
		return err
	}
	projects, err := s.namesOf(ctx, `SELECT x.organization_id, p.name FROM project_organization x JOIN project p ON p.id = x.project_id WHERE x.organization_id IN (?) ORDER BY x.organization_id, p.name`, ids)
	if err != nil {
		return err
	}
	members, err := s.exportMembers(ctx, ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		fields, err := exportFields(r.Fields)
		if err != nil {
			return err
		}
		out := exported{
			Organization: r.ExternalID.String, Name: r.Name, Summary: r.Summary, Contact: r.Contact, Notes: r.Notes, Parent: r.Parent.String, Fields: fields,
			Tags: parts[helpdesk.TagPrefix][r.ID], Domains: parts[helpdesk.DomPrefix][r.ID], Groups: parts[helpdesk.GroupPrefix][r.ID],
			Projects: projects[r.ID], Members: members[r.ID],
		}
		if r.Shared != NotShared {
			out.Shared = r.Shared
		}
		if err := e.Encode(out); err != nil {
			return err
		}
	}
	return nil
}

// exportFields gives every text one spelling: the databases escape differently.
func exportFields(doc string) (map[string]json.RawMessage, error) {
	list, err := readEntries(doc)
	out := make(map[string]json.RawMessage, len(list))
	for _, x := range list {
		if strings.HasPrefix(x.raw, `"`) {
			x.raw = quote(unquote(x.raw))
		}
		out[x.key] = json.RawMessage(x.raw)
	}
	return out, err
}

func (s *Store) exportMembers(ctx context.Context, ids []int64) (map[int64][]exportedMember, error) {
	var rows []struct {
		Organization int64  `db:"organization_id"`
		User         string `db:"contact"`
		Default      bool   `db:"is_default"`
		Position     string `db:"position"`
		Manager      bool   `db:"manager"`
		CopyOnNew    bool   `db:"copy_on_new"`
		Roles        string `db:"roles"`
	}
	const q = `
		SELECT m.organization_id, coalesce(u.external_id, u.email_fold, '') AS contact, m.is_default, m.position, m.manager, m.copy_on_new, m.roles
		FROM   membership m JOIN helpdesk_user u ON u.id = m.user_id
		WHERE  m.organization_id IN (?)`
	if err := s.read(ctx, "export", &rows, q, ids); err != nil {
		return nil, err
	}
	out := map[int64][]exportedMember{}
	for _, r := range rows {
		out[r.Organization] = append(out[r.Organization], exportedMember{r.User, r.Default, r.Position, r.Manager, r.CopyOnNew, r.Roles})
	}
	for _, list := range out {
		slices.SortFunc(list, func(a, b exportedMember) int {
			return cmp.Or(strings.Compare(a.User, b.User), strings.Compare(a.Position, b.Position))
		})
	}
	return out, nil
}

func (s *Store) exportUsers(ctx context.Context, e *json.Encoder, keyed bool) error {
	const q = `SELECT x.id, x.external_id, x.name, x.email, x.role, x.suspended, coalesce(x.email_fold, '') AS fold FROM helpdesk_user x WHERE `
	args := []any{"", int64(0)}
	for {
		var rows []struct {
			personRow
			Fold string `db:"fold"`
		}
		if err := s.read(ctx, "export", &rows, q+after(keyed, "email_fold"), args[:2-toInt(keyed)]...); err != nil || len(rows) == 0 {
			return err
		}
		ids := make([]int64, len(rows))
		for i, r := range rows {
			ids[i] = r.ID
		}
		groups, err := s.namesOf(ctx, `SELECT x.user_id AS organization_id, g.name FROM user_group x JOIN usergroup g ON g.id = x.group_id WHERE x.user_id IN (?) ORDER BY x.user_id, g.name`, ids)
		if err != nil {
			return err
		}
		for _, r := range rows {
			out := exportedUser{User: r.ExternalID.String, Name: r.Name, Email: r.Email, Suspended: r.Suspended, Groups: groups[r.ID]}
			if r.Role != EndUser {
				out.Role = r.Role
			}
			if err := e.Encode(out); err != nil {
				return err
			}
		}
		last := rows[len(rows)-1]
		args = []any{last.Fold, last.ID}
		if keyed {
			args[0] = last.ExternalID.String
		}
	}
}
