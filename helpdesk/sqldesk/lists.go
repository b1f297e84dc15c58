package sqldesk

import "context"

// Counted is a group or project and how many stand behind it.
type Counted struct {
	Name          string `db:"name"`
	Organizations int    `db:"organizations"`
	Users         int    `db:"users"`
}

// Groups lists the usergroups by name, with the organizations linked to each and the
// users who are in it, by hand or by a link, each counted once.
func (s *Store) Groups(ctx context.Context) ([]Counted, error) {
	const q = `
		SELECT g.name,
		       (SELECT count(*) FROM organization_group l WHERE l.group_id = g.id) AS organizations,
		       (SELECT count(*) FROM usergroup_member v WHERE v.group_id = g.id) AS users
		FROM   usergroup g
		ORDER  BY g.name`
	var out []Counted
	err := s.read(ctx, "groups", &out, q)
	return out, err
}

// GroupLinks returns the organizations that are linked to a group.
func (s *Store) GroupLinks(ctx context.Context, group string) ([]Named, error) {
	const q = `
		SELECT ` + namedColumns + `
		FROM   organization_group l
		JOIN   usergroup g ON g.id = l.group_id
		JOIN   organization o ON o.id = l.organization_id
		WHERE  g.name = ?
		ORDER  BY o.id`
	var rows []namedRow
	err := s.read(ctx, "groups", &rows, q, group)
	return nameds(rows), err
}

// Projects lists the service projects by name, with the organizations attached to
// each and their members, each counted once.
func (s *Store) Projects(ctx context.Context) ([]Counted, error) {
	const q = `
		SELECT p.name,
		       (SELECT count(*) FROM project_organization x WHERE x.project_id = p.id) AS organizations,
		       (SELECT count(DISTINCT m.user_id)
		        FROM   membership m JOIN project_organization x ON x.organization_id = m.organization_id
		        WHERE  x.project_id = p.id) AS users
		FROM   project p
		ORDER  BY p.name`
	var out []Counted
	err := s.read(ctx, "projects", &out, q)
	return out, err
}
