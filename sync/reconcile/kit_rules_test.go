package reconcile_test

import (
	"cmp"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sla"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/reconcile"
)

// rules is a configuration in short.
type rules struct {
	policies   mapping.Policies
	owner      string // of the field account_owner
	ownerRule  helpdesk.Owner
	noTags     bool
	tags       string // empty: sla.tags
	noContacts bool   // no rule reads contacts
	gone       reconcile.GonePolicies
	mark       changeset.Mark
	tie        string
	nameClash  string // empty: names that two accounts have are held
	overrides  []sla.Override
	match      reconcile.Match
	grace      int
	holdPlan   bool   // the product Stop is a flag called hold
	notes      string // of the field notes; empty: no rule
	money      mapping.Money
	create     string // which accounts may be created; empty: all
}

// standard corrects drift and holds what else stands in the way.
func standard() rules {
	return rules{
		policies: mapping.Policies{OnFound: helpdesk.Hold, OnDrift: helpdesk.Correct, OnClash: helpdesk.Hold},
		owner:    "account.Owner",
		gone:     reconcile.GonePolicies{Lost: "mark", Left: "mark", Deleted: "mark"},
		mark:     changeset.Mark{Field: "field:mark_for_deletion", Exempt: "field:ignore_deletion", DeleteAfter: 30},
		grace:    15,
	}
}

func (r rules) catalogue(t reporter) *sla.Rules {
	t.Helper()
	config := sla.Config{
		GraceDays: r.grace,
		Policies:  []sla.Policy{{Name: "Priority"}, {Name: "Standard"}},
		Plans: []sla.Plan{
			{Name: "gold", SLA: "Priority", Products: []string{"Gold"}},
			{Name: "premium", SLA: "Priority", Products: []string{"Premium"}},
			{Name: "starter", SLA: "Standard", Products: []string{"Starter"}},
			{Name: "expired", SLA: "none"},
		},
	}
	if r.holdPlan {
		config.Plans = append(config.Plans, sla.Plan{Name: "hold", Flag: true, Products: []string{"Stop"}})
	}
	out, problems := sla.New(config)
	if len(problems) > 0 {
		t.Fatalf("the catalogue has faults: %v", problems)
	}
	return out
}

func expr(s string) mapping.Expr { return mapping.Expr{Text: s, Path: "rule"} }

func (r rules) spec() mapping.Spec {
	s := mapping.Spec{
		Pipeline: "customers", Only: expr(`account.Status != "another's"`), Wanted: expr(`account.Status != "left"`), Name: expr("account.Name"),
		Fields:   []mapping.FieldRule{{Name: "support_level", Expr: expr("plan.name")}},
		Domains:  mapping.Domains{Family: mapping.Family{From: expr("account.Domains")}, Tie: r.tie},
		Charge:   mapping.ChargeColumns{ID: "Id", Product: "Product", Quantity: "Quantity", Start: "Start", End: "End", Status: "Status", ARR: "ARR"},
		Members:  mapping.Members{Name: expr("contact.Name"), Email: expr("contact.Email"), Position: expr("contact.Title")},
		Mark:     mapping.Mark{Field: "mark_for_deletion", Exempt: "ignore_deletion"},
		Policies: r.policies, Money: r.money,
	}
	if r.create != "" {
		s.Create = expr(r.create)
	}
	s.Related.Contact = "ContactId"
	if r.owner != "" {
		s.Fields = append(s.Fields, mapping.FieldRule{Name: "account_owner", Expr: expr(r.owner), Owner: r.ownerRule})
	}
	if r.notes != "" {
		s.Fields = append(s.Fields, mapping.FieldRule{Name: helpdesk.Notes, Native: true, Expr: expr(r.notes)})
	}
	if !r.noTags {
		s.Tags = mapping.Family{From: expr(cmp.Or(r.tags, "sla.tags"))}
	}
	if r.noContacts {
		s.Members = mapping.Members{Off: true}
	}
	return s
}
