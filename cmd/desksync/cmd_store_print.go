package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/internal/fault"
)

// What the store's objects look like to programs. Numbers are the store's own.

func orgJSON(o sqldesk.Named) map[string]any {
	return map[string]any{"number": o.ID, "organization": o.ExternalID, "name": o.Name}
}

func orgsJSON(list []sqldesk.Named) []map[string]any { return mapped(list, orgJSON) }

func userJSON(u sqldesk.User) map[string]any {
	return map[string]any{"number": u.ID, "user": u.ExternalID, "name": u.Name, "email": u.Email, "role": u.Role, "suspended": u.Suspended}
}

func memberJSON(m sqldesk.Member) map[string]any {
	out := userJSON(m.User)
	out["default"], out["position"], out["manager"], out["copy_on_new"], out["roles"] = m.Default, m.Position, m.Manager, m.CopyOnNew, m.Roles
	return out
}

func addedJSON(x sqldesk.Added) map[string]any {
	return map[string]any{"email": x.Email, "number": x.User, "created": x.Created, "changed": x.Joined, "error": fault.Plain(x.Err)}
}

func ticketJSON(t sqldesk.Ticket) map[string]any {
	return map[string]any{
		"ticket": t.ID, "organization": t.Organization, "requester": t.Requester, "subject": t.Subject, "status": t.Status,
		"form": t.Form, "stage": t.Stage, "tags": some(t.Tags), "cc": some(t.CC), "policy": t.Policy,
	}
}

func findingJSON(f sqldesk.Finding) map[string]any {
	out := orgJSON(f.Organization)
	out["domain"], out["shared"], out["text"] = f.Domain, f.Shared, f.String()
	return out
}

// some is a list that prints as [] where it is empty.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func mapped[T, U any](list []T, fn func(T) U) []U {
	out := make([]U, len(list))
	for i, x := range list {
		out[i] = fn(x)
	}
	return out
}

// label names a user for people.
func label(u sqldesk.User) string {
	return cmp.Or(u.Email, u.Name, fmt.Sprint("user #", u.ID))
}

func labels(list []sqldesk.User) string { return strings.Join(mapped(list, label), ", ") }

// memberText describes a member on one line.
func memberText(m sqldesk.Member) string {
	words := []string{fmt.Sprintf("%-32s", label(m.User))}
	if m.Position != "" {
		words = append(words, m.Position)
	}
	for _, flag := range []struct {
		on   bool
		word string
	}{
		{m.Manager, "manager"},
		{m.Manager && m.CopyOnNew, "copied on new tickets"},
		{m.Default, "default"},
		{m.Role != sqldesk.EndUser, string(m.Role)},
		{m.Suspended, "suspended"},
		{m.Roles != "", m.Roles},
	} {
		if flag.on {
			words = append(words, flag.word)
		}
	}
	return strings.TrimSpace(words[0] + "  " + strings.Join(words[1:], ", "))
}

// sharedText says what members see of each other's tickets.
func sharedText(s sqldesk.Sharing) string {
	switch s {
	case sqldesk.ReadAll:
		return "members read all tickets"
	case sqldesk.WriteAll:
		return "members read and write all tickets"
	default:
		return "members see their own tickets"
	}
}

// dash stands for nothing.
func dash(text string) string { return cmp.Or(text, "–") }

// done says what was done, to people or to programs.
func (d *desk) done(data map[string]any, format string, args ...any) {
	if d.json {
		d.printJSON(data)
		return
	}
	d.say(format, args...)
}

// fieldsJSON renders custom fields and texts by key; tags, domains and groups as lists.
func fieldsJSON(f helpdesk.Fields) map[string]any {
	fields := map[string]helpdesk.Value{}
	for _, x := range f {
		if !isFamily(x.Name) {
			fields[strings.TrimPrefix(x.Name, helpdesk.FieldPrefix)] = x.Value
		}
	}
	return map[string]any{
		"fields": fields, "tags": some(f.Family(helpdesk.TagPrefix)), "domains": some(f.Family(helpdesk.DomPrefix)), "groups": some(f.Family(helpdesk.GroupPrefix)),
	}
}

func isFamily(name string) bool {
	return strings.HasPrefix(name, helpdesk.TagPrefix) || strings.HasPrefix(name, helpdesk.DomPrefix) || strings.HasPrefix(name, helpdesk.GroupPrefix)
}
