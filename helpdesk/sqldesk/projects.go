package sqldesk

import (
	"context"
	"strings"
)

// AttachProject lets the members of an organization ask in a service project, which
// is made if it does not exist.
func (s *Store) AttachProject(ctx context.Context, who Actor, organization int64, project string) error {
	if err := s.may(who, "attach project"); err != nil {
		return err
	}
	if strings.TrimSpace(project) == "" || len(project) > maxName || !plainText(project) {
		return invalid("attach project", "%q cannot be the name of a project", project)
	}
	return s.write(ctx, "attach project", func(t *txn) error {
		if _, err := t.organization("attach project", organization); err != nil {
			return err
		}
		if _, err := t.change("project", `INSERT INTO project (name) VALUES (?) ON CONFLICT (name) DO NOTHING`, project); err != nil {
			return err
		}
		_, err := t.change("project_organization", `
			INSERT INTO project_organization (project_id, organization_id)
			SELECT p.id, o.id FROM project p, organization o WHERE p.name = ? AND o.id = ?
			ON CONFLICT (project_id, organization_id) DO NOTHING`, project, organization)
		return err
	})
}

// DetachProject takes an organization out of a project.
func (s *Store) DetachProject(ctx context.Context, who Actor, organization int64, project string) error {
	if err := s.may(who, "detach project"); err != nil {
		return err
	}
	return s.write(ctx, "detach project", func(t *txn) error {
		o, err := t.organization("detach project", organization)
		if err != nil {
			return err
		}
		n, err := t.change("project_organization", `DELETE FROM project_organization WHERE organization_id = ? AND project_id IN (SELECT id FROM project WHERE name = ?)`, organization, project)
		if err == nil && n == 0 {
			err = notFound("detach project", "%s is not in the project %q", o, project)
		}
		return err
	})
}

// ProjectsOf returns the names of the projects of an organization.
func (s *Store) ProjectsOf(ctx context.Context, organization int64) ([]string, error) {
	var out []string
	err := s.read(ctx, "projects", &out, `SELECT p.name FROM project p JOIN project_organization x ON x.project_id = p.id WHERE x.organization_id = ? ORDER BY p.name`, organization)
	return out, err
}

// ProjectOrganizations returns the organizations of one or several projects, each
// once however many of them it is attached to.
func (s *Store) ProjectOrganizations(ctx context.Context, projects ...string) ([]Named, error) {
	if len(projects) == 0 {
		return nil, nil
	}
	var rows []namedRow
	const q = `
		SELECT ` + namedColumns + `
		FROM   organization o
		WHERE  o.id IN (SELECT x.organization_id FROM project_organization x JOIN project p ON p.id = x.project_id WHERE p.name IN (?))
		ORDER  BY o.id`
	err := s.read(ctx, "projects", &rows, q, projects)
	return nameds(rows), err
}

// ProjectCustomers returns who may ask in a project: the members of the
// organizations attached to it, each once.
func (s *Store) ProjectCustomers(ctx context.Context, project string) ([]User, error) {
	var rows []personRow
	const q = `
		SELECT ` + personColumns + `
		FROM   helpdesk_user u
		WHERE  u.id IN (
			SELECT m.user_id
			FROM   membership m
			JOIN   project_organization x ON x.organization_id = m.organization_id
			JOIN   project p ON p.id = x.project_id
			WHERE  p.name = ?)
		ORDER  BY u.email_fold, u.id`
	err := s.read(ctx, "projects", &rows, q, project)
	return persons(rows), err
}
