package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk/sqldesk"
)

func (f *deskFlags) groupCommand() *cobra.Command {
	return family(&cobra.Command{Use: "group", Short: "Usergroups: users added by hand, and organizations whose members are all in"},
		verb("list", "List the groups", f.reading((*desk).listGroups)),
		verb("show GROUP", "Show who is in a group, and how they came into it", f.reading((*desk).showGroup)),
		verb("add GROUP USER", "Put one user into a group by hand; the group is made if need be", f.writing((*desk).addToGroup)),
		verb("remove GROUP USER", "Take a user out; refused while an organization of theirs is linked", f.writing((*desk).removeFromGroup)),
		verb("link GROUP ORG", "Put all members of an organization, now and later, into a group", f.writing((*desk).linkGroup)),
		verb("unlink GROUP ORG", "Take those out who are in it only by this organization", f.writing((*desk).unlinkGroup)),
	)
}

func (d *desk) listGroups(ctx context.Context, _ []string) error {
	list, err := d.Groups(ctx)
	d.printCounted(list, "group")
	return err
}

// printCounted prints groups or projects.
func (d *desk) printCounted(list []sqldesk.Counted, what string) {
	for _, c := range list {
		d.done(map[string]any{what: c.Name, "organizations": c.Organizations, "users": c.Users},
			"%-32s %s, %s", c.Name, count(c.Organizations, "organization"), count(c.Users, "user"))
	}
	if len(list) == 0 {
		d.hint("%s has no %s yet", d.name, what)
	}
}

func (d *desk) showGroup(ctx context.Context, args []string) error {
	links, err := d.GroupLinks(ctx, args[0])
	if err != nil {
		return err
	}
	members, err := d.GroupMembers(ctx, args[0])
	if err != nil {
		return err
	}
	if !d.json && len(links) > 0 {
		d.say("linked: %s", names(links))
	}
	for _, m := range members {
		data := userJSON(m.User)
		data["group"], data["by_hand"], data["by_link"] = args[0], m.ByHand, m.ByLink
		d.done(data, "%-32s %s", label(m.User), howText(m))
	}
	if len(members) == 0 {
		d.hint("nobody is in the group %q", args[0])
	}
	return nil
}

func howText(m sqldesk.GroupMember) string {
	var how []string
	if m.ByHand {
		how = append(how, "by hand")
	}
	if m.ByLink {
		how = append(how, "by an organization")
	}
	return strings.Join(how, " and ")
}

func (d *desk) addToGroup(ctx context.Context, args []string) error {
	u, err := d.user(ctx, args[1])
	if err != nil {
		return err
	}
	if err := d.AddToGroup(ctx, u.ID, args[0]); err != nil {
		return err
	}
	d.done(map[string]any{"group": args[0], "added": userJSON(u)}, "%s is in the group %s by hand now", label(u), args[0])
	return nil
}

func (d *desk) removeFromGroup(ctx context.Context, args []string) error {
	u, err := d.user(ctx, args[1])
	if err != nil {
		return err
	}
	if err := d.RemoveFromGroup(ctx, u.ID, args[0]); err != nil {
		return err
	}
	d.done(map[string]any{"group": args[0], "removed": userJSON(u)}, "%s is out of the group %s", label(u), args[0])
	return nil
}

func (d *desk) linkGroup(ctx context.Context, args []string) error {
	o, err := d.org(ctx, args[1])
	if err != nil {
		return err
	}
	if err := d.LinkGroup(ctx, o.ID, args[0]); err != nil {
		return err
	}
	d.done(map[string]any{"group": args[0], "linked": orgJSON(o)}, "%s is linked to the group %s: all its members are in, and those to come", o, args[0])
	return nil
}

func (d *desk) unlinkGroup(ctx context.Context, args []string) error {
	o, err := d.org(ctx, args[1])
	if err != nil {
		return err
	}
	if err := d.UnlinkGroup(ctx, o.ID, args[0]); err != nil {
		return err
	}
	d.done(map[string]any{"group": args[0], "unlinked": orgJSON(o)}, "%s is no longer linked to the group %s; who was added by hand stays", o, args[0])
	return nil
}
