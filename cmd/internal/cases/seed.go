package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/desksync/desksync/config/casefile"
	"github.com/desksync/desksync/config/strict"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/near"
	"github.com/desksync/desksync/sync/changeset"
)

// admin is who fills the store of a case.
var admin = sqldesk.Actor{Name: "the case", Admin: true}

// fillStore puts into the store what the case says it holds. Users come first, so
// that no domain attaches one whom the case leaves alone.
func (v *world) fillStore(ctx context.Context) error {
	for _, fill := range []func(context.Context) error{v.fillUsers, v.fillOrganizations, v.fillMembers, v.fillTickets} {
		if err := fill(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (v *world) fillUsers(ctx context.Context) error {
	for i, u := range v.c.Helpdesk.Users {
		at := fmt.Sprintf("helpdesk.users[%d]", i)
		if len(u.Fields) > 0 {
			return v.problem(at+".fields", "users of this store have no custom fields", "leave them out")
		}
		key, err := v.keyAt(at+".external_id", string(u.ExternalID))
		if err != nil {
			return err
		}
		_, id := numberOf(v.users, string(u.ID), i)
		_, _, err = v.store.CreateUser(ctx, sqldesk.NewUser{
			ID: id, ExternalID: key, Name: u.Name, Email: u.Email, Role: sqldesk.Role(strings.ReplaceAll(u.Role, "-", "_")), Suspended: u.Suspended,
		})
		if err != nil {
			return v.problem(at, fault.Plain(err), "correct the user")
		}
	}
	return nil
}

func (v *world) fillOrganizations(ctx context.Context) error {
	for i, o := range v.c.Helpdesk.Organizations {
		at := fmt.Sprintf("helpdesk.organizations[%d]", i)
		key, err := v.keyAt(at+".external_id", string(o.ExternalID))
		if err != nil {
			return err
		}
		fields, err := v.fieldsOf(at, helpdesk.Organization, o.Holds())
		if err != nil {
			return err
		}
		_, id := numberOf(v.orgs, string(o.ID), i)
		_, err = v.store.CreateOrganization(ctx, admin, sqldesk.NewOrganization{ID: id, ExternalID: key, Name: o.Name, Fields: fields})
		if err != nil {
			return v.problem(at, fault.Plain(err), "correct the organization")
		}
	}
	return nil
}

// keyAt reads the CRM id of an object of the case; empty is none.
func (v *world) keyAt(path, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	key, err := v.w.Key(id)
	if err != nil {
		return "", v.problem(path, err.Error(), "correct the id")
	}
	return key, nil
}

func (v *world) fillMembers(ctx context.Context) error {
	for i, m := range v.c.Helpdesk.Members {
		if err := v.fillMember(ctx, m); err != nil {
			return v.problem(fmt.Sprintf("helpdesk.members[%d]", i), fault.Plain(err), "correct the membership, or the settings of the store")
		}
	}
	return nil
}

func (v *world) fillMember(ctx context.Context, m casefile.Member) error {
	org, user := v.orgs[string(m.Organization)], v.users[string(m.User)]
	if err := v.store.Join(ctx, admin, org, user); err != nil {
		return err
	}
	if err := v.store.SetPosition(ctx, org, user, m.Position); err != nil {
		return err
	}
	if err := v.store.SetManager(ctx, org, user, m.Manager); err != nil || !m.Default {
		return err
	}
	return v.store.SetDefault(ctx, org, user)
}

func (v *world) fillTickets(ctx context.Context) error {
	for i, t := range v.c.Helpdesk.Tickets {
		_, err := v.store.CreateTicket(ctx, sqldesk.Ticket{
			Organization: v.orgs[string(t.Organization)], Status: sqldesk.Status(t.Status), Form: t.Form, Stage: t.Stage, Tags: t.Tags,
		})
		if err != nil {
			return v.problem(fmt.Sprintf("helpdesk.tickets[%d]", i), fault.Plain(err), "correct the ticket")
		}
	}
	return nil
}

// fieldsOf reads facts by full name as values of the fields' types.
func (v *world) fieldsOf(at string, kind helpdesk.Kind, facts casefile.Facts) (helpdesk.Fields, error) {
	var out helpdesk.Fields
	for name, fact := range facts.All() {
		full := v.fullName(kind, name)
		value, err := v.valueOf(kind, full, *fact)
		if err != nil {
			return nil, v.problem(placeOf(at, name), err.Error(), v.remedy(kind, name))
		}
		out = append(out, helpdesk.Field{Name: full, Value: value})
	}
	return out.Sort(), nil
}

// placeOf is where a fact stands: a custom field below fields, anything else under
// its own name or that of its list.
func placeOf(at, name string) string {
	if strings.HasSuffix(at, ".written") || strings.HasPrefix(at, "expect.") {
		return at + "." + name
	}
	if key, ok := strings.CutPrefix(name, helpdesk.FieldPrefix); ok {
		return at + ".fields." + key
	}
	prefix, _, _ := strings.Cut(name, ":")
	return at + "." + prefix
}

// natives are the fields that are no custom fields, by kind.
var natives = map[helpdesk.Kind][]string{
	helpdesk.Organization: {helpdesk.Name, helpdesk.Notes, helpdesk.Summary, helpdesk.Contact},
	helpdesk.User:         {helpdesk.Name, helpdesk.Email},
	helpdesk.Membership:   {helpdesk.Default, helpdesk.Position, helpdesk.Manager},
}

var elementPrefixes = []string{helpdesk.TagPrefix, helpdesk.DomPrefix, helpdesk.GroupPrefix}

// fullName is the full name of a field as a case may write it: custom fields with or
// without their prefix.
func (v *world) fullName(kind helpdesk.Kind, name string) string {
	if name == changeset.LinkField || slices.Contains(natives[kind], name) {
		return name
	}
	for _, prefix := range append([]string{helpdesk.FieldPrefix}, elementPrefixes...) {
		if strings.HasPrefix(name, prefix) {
			return name
		}
	}
	return helpdesk.FieldPrefix + name
}

// valueOf reads a fact as a value of the field's type.
func (v *world) valueOf(kind helpdesk.Kind, full string, f casefile.Fact) (helpdesk.Value, error) {
	if f.IsNull() {
		return helpdesk.Value{}, nil
	}
	t := helpdesk.Bool
	if !IsElement(full) {
		spec, ok := v.caps.Spec(kind, full)
		if !ok {
			return helpdesk.Value{}, fmt.Errorf("%s has no field %s of %ss", v.w.Config.To, strings.TrimPrefix(full, helpdesk.FieldPrefix), kind)
		}
		t = spec.Type
	}
	text := f.Text
	if f.Kind == strict.Number {
		text = strings.ReplaceAll(text, "_", "")
	}
	return helpdesk.Parse(t, text)
}

// IsElement reports that a field is one tag, domain or group.
func IsElement(full string) bool {
	for _, prefix := range elementPrefixes {
		if strings.HasPrefix(full, prefix) {
			return true
		}
	}
	return false
}

// remedy names the field that was probably meant.
func (v *world) remedy(kind helpdesk.Kind, name string) string {
	var known []string
	for _, spec := range v.caps.Specs[kind] {
		known = append(known, strings.TrimPrefix(spec.Name, helpdesk.FieldPrefix))
	}
	name = strings.TrimPrefix(name, helpdesk.FieldPrefix)
	for _, k := range known {
		if k == name {
			return "correct the value"
		}
	}
	if meant := near.Name(name, known); meant != "" {
		return "did you mean " + meant + "?"
	}
	return "add it under targets, or leave it out"
}
