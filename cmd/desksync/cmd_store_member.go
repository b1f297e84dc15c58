package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk/sqldesk"
)

// memberFlags are what may be set of a membership; nil leaves it.
type memberFlags struct {
	position, roles, manager, copies *string
	first                            bool
}

func (f *deskFlags) memberCommand() *cobra.Command {
	c := verb("member ORG USER", "Show a member; set position, manager, copies of new tickets, default", nil)
	flags := c.Flags()
	position := flags.String("position", "", "what they do there, as free `text`")
	manager := flags.String("manager", "", "on or off: whether they see all tickets of the organization")
	copies := flags.String("copy-on-new", "", "on or off: whether they, as a manager, are copied on its new tickets")
	roles := flags.String("roles", "", "further roles, as free `text`")
	first := flags.Bool("default", false, "make it the organization of their new tickets")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		given := func(name string, value *string) *string {
			if cmd.Flags().Changed(name) {
				return value
			}
			return nil
		}
		set := memberFlags{given("position", position), given("roles", roles), given("manager", manager), given("copy-on-new", copies), *first}
		if set == (memberFlags{}) {
			return f.reading((*desk).showMember)(cmd, args)
		}
		return f.writing(func(d *desk, ctx context.Context, args []string) error { return d.setMember(ctx, args, set) })(cmd, args)
	}
	return c
}

func (d *desk) setMember(ctx context.Context, args []string, set memberFlags) error {
	o, u, err := d.pair(ctx, args)
	if err != nil {
		return err
	}
	steps := []func() error{
		onText(set.position, func(text string) error { return d.SetPosition(ctx, o.ID, u.ID, text) }),
		onText(set.roles, func(text string) error { return d.SetRoles(ctx, o.ID, u.ID, text) }),
		onSwitch(set.manager, func(on bool) error { return d.SetManager(ctx, o.ID, u.ID, on) }),
		onSwitch(set.copies, func(on bool) error { return d.SetCopyOnNew(ctx, o.ID, u.ID, on) }),
		func() error {
			if !set.first {
				return nil
			}
			return d.SetDefault(ctx, o.ID, u.ID)
		},
	}
	for _, word := range []*string{set.manager, set.copies} { // before anything is written
		if err := onSwitch(word, func(bool) error { return nil })(); err != nil {
			return err
		}
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return d.showMember(ctx, args)
}

func onText(word *string, do func(string) error) func() error {
	return func() error {
		if word == nil {
			return nil
		}
		return do(*word)
	}
}

func onSwitch(word *string, do func(bool) error) func() error {
	return onText(word, func(text string) error {
		on, err := onOff(text)
		if err != nil {
			return err
		}
		return do(on)
	})
}

func onOff(word string) (bool, error) {
	if word != "on" && word != "off" {
		return false, usage("write on or off, not %q", word)
	}
	return word == "on", nil
}

// pair reads ORG USER.
func (d *desk) pair(ctx context.Context, args []string) (sqldesk.Named, sqldesk.User, error) {
	o, err := d.org(ctx, args[0])
	if err != nil {
		return o, sqldesk.User{}, err
	}
	u, err := d.user(ctx, args[1])
	return o, u, err
}

func (d *desk) showMember(ctx context.Context, args []string) error {
	o, u, err := d.pair(ctx, args)
	if err != nil {
		return err
	}
	list, err := d.Members(ctx, o.ID)
	if err != nil {
		return err
	}
	for _, m := range list {
		if m.ID == u.ID {
			data := memberJSON(m)
			data["organization"] = orgJSON(o)
			d.done(data, "%s: %s", o, memberText(m))
			return nil
		}
	}
	return usage("%s is not in %s; add them with `desksync store users add`", label(u), o)
}
