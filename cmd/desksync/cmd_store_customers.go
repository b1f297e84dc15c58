package main

import (
	"context"
	"strings"

	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/internal/fault"
)

func (d *desk) addUsers(ctx context.Context, args []string) error {
	o, err := d.org(ctx, args[0])
	if err != nil {
		return err
	}
	added, err := d.AddCustomers(ctx, d.actor, o.ID, strings.Join(args[1:], ","))
	if err != nil {
		return err
	}
	return d.report(o, added, func(x sqldesk.Added) string {
		switch {
		case x.Created:
			return "created and added to " + o.String()
		case x.Joined:
			return "added to " + o.String()
		default:
			return "is in " + o.String() + " already"
		}
	})
}

func (d *desk) removeUsers(ctx context.Context, args []string) error {
	o, err := d.org(ctx, args[0])
	if err != nil {
		return err
	}
	removed, err := d.RemoveCustomers(ctx, d.actor, o.ID, strings.Join(args[1:], ","))
	if err != nil {
		return err
	}
	return d.report(o, removed, func(x sqldesk.Added) string {
		if x.Joined {
			return "taken out of " + o.String() + "; the user stays"
		}
		return "was not in " + o.String()
	})
}

// report says what became of each address.
func (d *desk) report(o sqldesk.Named, list []sqldesk.Added, text func(sqldesk.Added) string) error {
	for _, x := range list {
		data := addedJSON(x)
		data["organization"] = orgJSON(o)
		if x.Err != nil {
			d.done(data, "%s: refused: %s", x.Email, fault.Plain(x.Err))
			continue
		}
		d.done(data, "%s: %s", x.Email, text(x))
	}
	return codeOfAdded(list)
}

// codeOfAdded is the exit code of a list: some refused is partly done, all refused
// is failed.
func codeOfAdded(list []sqldesk.Added) error {
	refused := 0
	for _, x := range list {
		if x.Err != nil {
			refused++
		}
	}
	switch refused {
	case 0:
		return nil
	case len(list):
		return exit(exitFailed)
	default:
		return exit(exitPartly)
	}
}
