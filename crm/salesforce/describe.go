package salesforce

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/near"
)

// description is what an object's describe says: REST API Developer Guide, "sObject
// Describe". Fields that the login may not see are missing from it.
type description struct {
	Name      string  `json:"name"`
	Queryable bool    `json:"queryable"`
	Fields    []field `json:"fields"`
}

type field struct {
	Name         string   `json:"name"`
	Type         string   `json:"type"`
	ReferenceTo  []string `json:"referenceTo"`
	Relationship string   `json:"relationshipName"`
	Filterable   bool     `json:"filterable"`
}

// sight is what the login sees of all roles.
type sight struct {
	kept         bool // by an earlier process
	at           time.Time
	organization string
	views        map[crm.Role]*view
}

// view is what the login sees of one role.
type view struct {
	object  Object
	columns []crm.Column // the object's own, then those of parents by path
	names   []string     // their names
	stamps  stamps
}

// stamps says which of the fields that tell changes can be seen.
type stamps struct{ modified, deleted, created, master bool }

func stampsOf(d *description) stamps {
	var out stamps
	for _, f := range d.Fields {
		switch f.Name {
		case "SystemModstamp":
			out.modified = f.Filterable
		case "IsDeleted":
			out.deleted = true
		case "CreatedDate":
			out.created = true
		case "MasterRecordId":
			out.master = true
		}
	}
	return out
}

// How long a describe stands: a full read asks several times, and a field that is hidden
// meanwhile makes the query fail by itself. A delta goes on from a read, and asks for
// what was described for that one.
const (
	fresh     = 10 * time.Minute
	usedAgain = 24 * time.Hour
)

// look returns what the login sees, asking again when what it knows is older, or is of
// another organization than the one that the login leads to.
func (s *Source) look(ctx context.Context, oldest time.Duration) (*sight, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	current, err := s.keeper.Session(ctx, nil)
	if err != nil {
		return nil, wrap(ctx, err)
	}
	if s.seen != nil && s.seen.organization == current.organization {
		kept := s.seen.kept && oldest == fresh // a full read sees for itself what an earlier process saw
		if age := s.opt.Now().Sub(s.seen.at); !kept && age >= 0 && age < oldest {
			return s.seen, nil
		}
	}
	seen := &sight{at: s.opt.Now(), organization: current.organization, views: map[crm.Role]*view{}}
	d := describer{source: s, known: map[string]*description{}}
	for _, role := range crm.Roles {
		v, err := d.view(ctx, role)
		if err != nil {
			return nil, wrap(ctx, err)
		}
		if v != nil {
			seen.views[role] = v
		}
	}
	s.seen = seen
	return seen, nil
}

// forget drops what was seen, because a query shows that it changed.
func (s *Source) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = nil
}

func (s *sight) schema() crm.Schema {
	out := crm.Schema{Account: s.organization, Columns: map[crm.Role][]crm.Column{}, Reveal: reveal + " (of a parent, to the lookup too)"}
	for role, v := range s.views {
		out.Columns[role] = slices.Clone(v.columns)
	}
	return out
}

// describer asks for each object once.
type describer struct {
	source *Source
	known  map[string]*description
}

// passesOver reports whether a role is not even looked at: account teams that are not
// configured, where no rule names them.
func (o *Options) passesOver(role crm.Role) bool {
	_, named := o.Names[role]
	return role == crm.Team && o.Objects[role].optional && o.Names != nil && !named
}

// view describes a role; nil where there is no such object and none was asked for.
func (d *describer) view(ctx context.Context, role crm.Role) (*view, error) {
	o := d.source.opt.Objects[role]
	if o.Name == "" || d.source.opt.passesOver(role) {
		return nil, nil //nolint:nilnil // not offered
	}
	desc, err := d.describe(ctx, o.Name)
	if fault.KindOf(err) == fault.NotFound {
		if o.optional {
			return nil, nil //nolint:nilnil // not offered
		}
		return nil, d.noObject(ctx, role, o.Name)
	}
	if err != nil {
		return nil, err
	}
	if !desc.Queryable {
		return nil, d.invalid(role, "%s cannot be queried; name another object", o.Name)
	}
	v := &view{object: o, columns: columnsOf("", desc), stamps: stampsOf(desc)}
	if err := d.parents(ctx, v, desc, d.paths(role, o)); err != nil {
		return nil, err
	}
	v.name()
	if err := d.checkKeys(role, v, desc); err != nil {
		return nil, err
	}
	if what := d.checkCondition(v, desc); what != "" {
		return nil, d.invalid(role, "where: %s", what)
	}
	return v, d.narrow(role, v)
}

// name lists the names of the columns.
func (v *view) name() {
	v.names = nil
	for _, c := range v.columns {
		v.names = append(v.names, c.Name)
	}
}

// paths are the columns that may lead over parents.
func (d *describer) paths(role crm.Role, o Object) []string {
	return slices.Concat([]string{o.Account, o.Parent}, d.source.opt.Names[role], o.own.columns, compared(o.condition()))
}

func (d *describer) describe(ctx context.Context, object string) (*description, error) {
	if known, ok := d.known[object]; ok {
		return known, nil
	}
	var desc description
	if err := d.source.get(ctx, "sobjects/"+object+"/describe", &desc); err != nil {
		return nil, err
	}
	d.known[object] = &desc
	return &desc, nil
}

// parents adds the columns of every parent that a path goes through. A parent that the
// login cannot see adds none: who needs its columns says so.
func (d *describer) parents(ctx context.Context, v *view, desc *description, paths []string) error {
	done := map[string]bool{}
	for _, path := range paths {
		at, prefix := desc, ""
		steps := strings.Split(path, ".")
		for _, step := range steps[:len(steps)-1] {
			f := at.parent(step)
			if f == nil {
				break
			}
			next, err := d.describe(ctx, f.target())
			if fault.KindOf(err) == fault.NotFound {
				break
			}
			if err != nil {
				return err
			}
			at, prefix = next, prefix+f.Relationship+"."
			if !done[prefix] {
				done[prefix] = true
				v.columns = append(v.columns, columnsOf(prefix, next)...)
			}
		}
	}
	return nil
}

func (d *description) parent(relationship string) *field {
	for i := range d.Fields {
		if f := &d.Fields[i]; len(f.ReferenceTo) > 0 && f.Relationship != "" && strings.EqualFold(f.Relationship, relationship) {
			return f
		}
	}
	return nil
}

// target is the object a lookup leads to. Of several, as for owners that may be
// queues, it is the user.
func (f *field) target() string {
	if slices.Contains(f.ReferenceTo, "User") {
		return "User"
	}
	return f.ReferenceTo[0]
}

// columnsOf lists the fields that a query can read as one value. Compound fields and
// files are none: Bulk API 2.0, "Considerations for queries".
func columnsOf(prefix string, d *description) []crm.Column {
	out := make([]crm.Column, 0, len(d.Fields))
	for _, f := range d.Fields {
		if t, ok := typeOf(f.Type); ok && fieldPath.MatchString(f.Name) {
			out = append(out, crm.Column{Name: prefix + f.Name, Type: t})
		}
	}
	return out
}

func typeOf(name string) (crm.Type, bool) {
	switch name {
	case "boolean":
		return crm.Bool, true
	case "int", "long", "double", "percent":
		return crm.Number, true
	case "currency":
		return crm.Money, true
	case "date", "datetime":
		return crm.Date, true
	case "multipicklist":
		return crm.Multi, true
	case "address", "location", "base64", "complexvalue", "json":
		return crm.Text, false
	}
	return crm.Text, true
}

// column finds a column by its name, in any letter case.
func (v *view) column(name string) (crm.Column, bool) {
	for _, c := range v.columns {
		if strings.EqualFold(c.Name, name) {
			return c, true
		}
	}
	return crm.Column{}, false
}

// reveal is what makes a field seen that is there: a hidden one looks as if it were not.
const reveal = "give the integration user field-level read access"

// unseen is the sentence for a column that is not there.
func (v *view) unseen(name string) string {
	return fmt.Sprintf("%s has no field %s that the integration user can see%s: correct the name, or %s", v.object.Name, name, near.Meant(name, v.names), reveal)
}
