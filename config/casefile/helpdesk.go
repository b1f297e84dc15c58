package casefile

import (
	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/config/strict"
	"github.com/desksync/desksync/internal/day"
)

// Helpdesk is what the helpdesk holds before the run.
type Helpdesk struct {
	// Settings of the store that this case changes, by name: multi_organization, edition, max_memberships, unique_names.
	Settings config.Map[config.Literal] `yaml:"settings"`
	// Organizations.
	Organizations []Organization `yaml:"organizations"`
	// Users.
	Users []User `yaml:"users"`
	// Memberships of users in organizations.
	Members []Member `yaml:"members"`
	// Tickets.
	Tickets []Ticket `yaml:"tickets"`
}

// Facts are named values, such as fields of an organization.
type Facts = config.Map[Fact]

// Organization is an organization before the run.
type Organization struct {
	// The helpdesk's own id; the order of the list if left out.
	ID config.Literal `yaml:"id"`
	// Account that desksync linked it to; empty: not linked.
	ExternalID config.Literal `yaml:"external_id"`
	// Name.
	Name string `yaml:"name" jsonschema:"required"`
	// Notes.
	Notes string `yaml:"notes"`
	// Summary.
	Summary string `yaml:"summary"`
	// Contact information.
	Contact string `yaml:"contact"`
	// Custom fields, by key.
	Fields Facts `yaml:"fields"`
	// Tags.
	Tags []string `yaml:"tags"`
	// E-mail domains.
	Domains []string `yaml:"domains"`
	// Usergroups it is linked to.
	Groups []string `yaml:"groups"`
	// What desksync last wrote, by full name: name, field:aar, tag:gold, domain:acme.com. Left out: it never wrote.
	Written *Written `yaml:"written"`
	// Pipeline that wrote it, if another one.
	WrittenBy string `yaml:"written_by"`
	// Day on which desksync marked it for deletion.
	MarkedOn day.Day `yaml:"marked_on"`
}

// User is a user before the run.
type User struct {
	// The helpdesk's own id; the order of the list if left out.
	ID config.Literal `yaml:"id"`
	// Contact that desksync linked the user to; empty: not linked.
	ExternalID config.Literal `yaml:"external_id"`
	// Name.
	Name string `yaml:"name" jsonschema:"required"`
	// E-mail address.
	Email string `yaml:"email"`
	// Role.
	Role string `yaml:"role" jsonschema:"enum=end-user,enum=agent,enum=admin,default=end-user"`
	// Whether the user is suspended.
	Suspended bool `yaml:"suspended" jsonschema:"default=false"`
	// Custom fields, by key.
	Fields Facts `yaml:"fields"`
	// What desksync last wrote, by full name. Left out: it never wrote.
	Written *Written `yaml:"written"`
	// Pipeline that wrote it, if another one.
	WrittenBy string `yaml:"written_by"`
}

// Member is a membership before the run.
type Member struct {
	// Organization, by the helpdesk's id.
	Organization config.Literal `yaml:"organization" jsonschema:"required"`
	// User, by the helpdesk's id.
	User config.Literal `yaml:"user" jsonschema:"required"`
	// Whether it is the user's default organization.
	Default bool `yaml:"default" jsonschema:"default=false"`
	// Position.
	Position string `yaml:"position"`
	// Whether the user sees all tickets of the organization.
	Manager bool `yaml:"manager" jsonschema:"default=false"`
	// What desksync last wrote, by full name. Left out: it never wrote.
	Written *Written `yaml:"written"`
}

// Written is what desksync last wrote, by full name of the field; or all of what
// the object holds, written as the word all.
type Written struct {
	All   bool
	Facts Facts
}

// DecodeYAML reads the word all, or the facts.
func (w *Written) DecodeYAML(n strict.Node) {
	if n.Kind() == strict.Text && n.Text() == "all" {
		w.All = true
		return
	}
	if n.Scalar() {
		n.Wrong("the word all, or values by full name")
		return
	}
	n.Into(&w.Facts)
}

// Wrote returns what desksync last wrote on the organization, by full name of the
// field, and whether it ever wrote.
func (o Organization) Wrote() (Facts, bool) { return o.Written.of(o.Holds()) }

// Wrote returns what desksync last wrote on the user, and whether it ever wrote.
func (u User) Wrote() (Facts, bool) { return u.Written.of(u.Holds()) }

// Wrote returns what desksync last wrote on the membership, and whether it ever wrote.
func (m Member) Wrote() (Facts, bool) { return m.Written.of(m.Holds()) }

func (w *Written) of(held Facts) (Facts, bool) {
	switch {
	case w == nil:
		return nil, false
	case w.All:
		return held, true
	default:
		return w.Facts, true
	}
}

// Holds returns everything the organization holds, by full name of the field.
func (o Organization) Holds() Facts {
	var out Facts
	out = text(out, "name", o.Name)
	out = text(out, "notes", o.Notes)
	out = text(out, "summary", o.Summary)
	out = text(out, "contact", o.Contact)
	out = prefixed(out, "field:", o.Fields)
	out = elements(out, "tag:", o.Tags)
	out = elements(out, "domain:", o.Domains)
	return elements(out, "group:", o.Groups)
}

// Holds returns everything the user holds, by full name of the field.
func (u User) Holds() Facts {
	return prefixed(text(text(nil, "name", u.Name), "email", u.Email), "field:", u.Fields)
}

// Holds returns everything the membership holds, by full name of the field.
func (m Member) Holds() Facts {
	out := text(nil, "position", m.Position)
	if m.Default {
		out = elements(out, "", []string{"default"})
	}
	if m.Manager {
		out = elements(out, "", []string{"manager"})
	}
	return out
}

func text(out Facts, name, value string) Facts {
	if value == "" {
		return out
	}
	return append(out, config.Item[Fact]{Name: name, Value: Fact{Text: value, Kind: strict.Text}})
}

func prefixed(out Facts, prefix string, fields Facts) Facts {
	for _, f := range fields {
		out = append(out, config.Item[Fact]{Name: prefix + f.Name, Value: f.Value})
	}
	return out
}

func elements(out Facts, prefix string, names []string) Facts {
	for _, name := range names {
		out = append(out, config.Item[Fact]{Name: prefix + name, Value: Fact{Text: "true", Kind: strict.Bool}})
	}
	return out
}

// Ticket is a ticket before the run.
type Ticket struct {
	// Organization, by the helpdesk's id.
	Organization config.Literal `yaml:"organization"`
	// Status.
	Status string `yaml:"status" jsonschema:"enum=new,enum=open,enum=pending,enum=hold,enum=solved,enum=closed,default=open"`
	// Tags; those of the organization if left out.
	Tags []string `yaml:"tags"`
	// Form it came by.
	Form string `yaml:"form"`
	// Stage it is in.
	Stage string `yaml:"stage"`
}
