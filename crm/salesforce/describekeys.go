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

// checkKeys makes sure that the ids can be read, and that the account's is one.
func (d *describer) checkKeys(role crm.Role, v *view, desc *description) error {
	for _, key := range []struct{ key, name string }{{"account", v.object.Account}, {"parent", v.object.Parent}} {
		if key.name == "" {
			continue
		}
		c, ok := v.column(key.name)
		if !ok {
			return d.invalid(role, "%s: %s", key.key, v.unseen(key.name))
		}
		if f := desc.lookup(c.Name); role != crm.Account && f != nil && len(f.ReferenceTo) > 0 && !slices.Contains(f.ReferenceTo, "Account") {
			return d.invalid(role, "account: %s.%s leads to %s and not to an account; name the field that does, or a path such as %s.Account__c", v.object.Name, c.Name, strings.Join(f.ReferenceTo, " or "), f.Relationship)
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

// noObject names the object most like one that is not there.
func (d *describer) noObject(ctx context.Context, role crm.Role, name string) error {
	var list struct {
		Objects []struct {
			Name string `json:"name"`
		} `json:"sobjects"`
	}
	if err := d.source.get(ctx, "sobjects", &list); err != nil {
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
