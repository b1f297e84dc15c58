package salesforce

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/near"
)

// checkKeys makes sure that the ids can be read, and that those of an account and of its
// parent are ids of what is read as accounts.
func (d *describer) checkKeys(role crm.Role, v *view, desc *description) error {
	accounts := []string{d.source.opt.Objects[crm.Account].Name}
	if role != crm.Account {
		accounts = append(accounts, "Account") // contacts have theirs there, whatever else is read as accounts
	}
	for _, key := range []struct{ key, name string }{{"account", v.object.Account}, {"parent", v.object.Parent}} {
		if key.name == "" {
			continue
		}
		c, ok := v.column(key.name)
		if !ok {
			return d.invalid(role, "%s: %s", key.key, v.unseen(key.name))
		}
		if f := desc.lookup(c.Name); f != nil && len(f.ReferenceTo) > 0 && !slices.ContainsFunc(accounts, func(name string) bool { return indexFold(f.ReferenceTo, name) >= 0 }) {
			return d.invalid(role, "%s: %s.%s leads to %s and not to an account; name the field that does, or a path such as %s.Account__c", key.key, v.object.Name, c.Name, strings.Join(f.ReferenceTo, " or "), f.Relationship)
		}
	}
	return nil
}

// lookup finds one of the object's own fields.
func (d *description) lookup(name string) *field {
	i := slices.IndexFunc(d.Fields, func(f field) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return &d.Fields[i]
}

// narrow leaves a role with a whole statement the columns that it selects.
func (d *describer) narrow(role crm.Role, v *view) error {
	if v.object.SOQL == "" {
		return nil
	}
	var columns []crm.Column
	for _, name := range v.object.own.columns {
		c, ok := v.column(name)
		if !ok {
			return d.invalid(role, "soql: %s", v.unseen(name))
		}
		columns = append(columns, c)
	}
	v.columns = columns
	v.name()
	return nil
}

// noObject names the object most like one that is not there. Without a list of objects it
// is the version that is not there.
func (d *describer) noObject(ctx context.Context, role crm.Role, name string) error {
	var list struct {
		Objects []struct {
			Name string `json:"name"`
		} `json:"sobjects"`
	}
	err := d.source.get(ctx, "sobjects", &list)
	if fault.KindOf(err) == fault.NotFound {
		opt := &d.source.opt
		return fault.New("salesforce.describe", fault.Invalid, fmt.Errorf("sources.%s.api_version: the organization does not speak %s; write an earlier version, such as %s", opt.Name, opt.Version, DefaultVersion))
	}
	if err != nil {
		return err
	}
	var names []string
	for _, o := range list.Objects {
		names = append(names, o.Name)
	}
	return d.invalid(role, "the organization has no object %s that the integration user can see%s: correct the name, or add the object to the user's permission set", name, near.Meant(name, names))
}

func (d *describer) invalid(role crm.Role, format string, args ...any) error {
	where := "sources." + d.source.opt.Name + ".objects." + sections[role] + ": "
	return fault.New("salesforce.describe", fault.Invalid, errors.New(where+fmt.Sprintf(format, args...)))
}
