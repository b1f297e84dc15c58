package wire

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/domains"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sla"
	"github.com/desksync/desksync/sync/changeset"
)

func slaConfig(f *config.File, p *config.Pipeline) sla.Config {
	c := sla.Config{GraceDays: f.Grace.Days + 365*f.Grace.Years}
	if s := p.Accounts.Subscriptions; s != nil && len(s.Inactive) > 0 {
		c.Inactive = s.Inactive
	}
	for i, plan := range f.Plans {
		line, _ := f.Locate(pathOf("plans", i))
		c.Plans = append(c.Plans, sla.Plan{Name: plan.Plan, SLA: plan.SLA, Tag: plan.Tag, Products: plan.Products, Flag: plan.Flag, Line: line})
	}
	for i, policy := range f.SLAPolicies {
		line, _ := f.Locate(pathOf("sla_policies", i))
		c.Policies = append(c.Policies, sla.Policy{Name: policy.Name, Filter: filterOf(policy), Line: line})
	}
	return c
}

func filterOf(p config.SLAPolicy) sla.Filter {
	return sla.Filter{
		Any: p.Tags.Any, All: p.Tags.All, None: p.Tags.None, Forms: p.Forms, NotForms: p.NotForms, Stages: p.Stages, NotStages: p.NotStages,
	}
}

// spec translates the pipeline's rules.
func (w *Pipeline) spec() mapping.Spec {
	p, o := w.Config, &w.Config.Organizations
	s := mapping.Spec{
		Pipeline: w.Name, Only: mapping.Expr(p.Accounts.Only), Wanted: mapping.Expr(p.Accounts.Wanted), Create: mapping.Expr(p.Accounts.CreateWhen),
		Name:        mapping.Expr(o.Name.Value),
		Named:       mapping.Ownership{Owner: owners[o.Name.Owner], Policies: policies(o.Name.OnFound, o.Name.OnDrift, o.Name.OnClash)},
		ARR:         mapping.Expr(p.Accounts.ARR),
		Policies:    mapping.Policies{OnFound: policy(p.Policy.OnFound), OnDrift: policy(p.Policy.OnDrift), OnClash: policy(p.Policy.OnClash)},
		Scope:       mapping.Expr(p.Scope.Rule),
		CleanDomain: w.domainRules().Clean, DomainRules: w.domainDigest(),
		Tags: mapping.Family{From: mapping.Expr(o.Tags.From), Owned: o.Tags.Owned, When: mapping.Expr(o.Tags.OwnedWhen), Policies: policies(o.Tags.OnFound, o.Tags.OnDrift, o.Tags.OnClash)},
		Domains: mapping.Domains{
			Family: mapping.Family{From: mapping.Expr(o.Domains.From), Policies: policies(o.Domains.OnFound, o.Domains.OnDrift, o.Domains.OnClash)},
			Tie:    o.Domains.Tie,
		},
		Groups: mapping.Family{From: mapping.Expr(o.Groups.From), Policies: policies(o.Groups.OnFound, o.Groups.OnDrift, o.Groups.OnClash)},
		Charge: chargeColumns(p.Accounts.Subscriptions), Members: membersOf(p.Members), Related: w.Related(), Money: moneyOf(w.File.Money),
	}
	s.Retain = mapping.Retain{From: mapping.Expr(p.Accounts.Retain.From), Years: p.Accounts.Retain.For.Years, Days: p.Accounts.Retain.For.Days}
	line, column := w.File.Locate(w.path("mark"))
	s.Mark = mapping.Mark{Field: p.Mark.Field, Exempt: p.Mark.Exempt, Path: "mark", Line: line, Column: column}
	s.Fields = append(nativeFields(o), fieldRules(o.Fields)...)
	return s
}

func nativeFields(o *config.Organizations) []mapping.FieldRule {
	var out []mapping.FieldRule
	for _, f := range []struct {
		name string
		rule config.FieldRule
	}{{helpdesk.Summary, o.Summary}, {helpdesk.Contact, o.Contact}, {helpdesk.Notes, o.Notes}, {helpdesk.Details, o.Details}, {helpdesk.SharedTickets, o.SharedTickets}, {helpdesk.SharedComments, o.SharedComments}} {
		if f.rule.Value.IsZero() && f.rule.Owner == "" {
			continue
		}
		r := fieldRule(f.name, f.rule)
		r.Native = true
		out = append(out, r)
	}
	return out
}

func fieldRules(m config.Map[config.FieldRule]) []mapping.FieldRule {
	out := make([]mapping.FieldRule, 0, len(m))
	for name, r := range m.All() {
		out = append(out, fieldRule(name, *r))
	}
	return out
}

func fieldRule(name string, r config.FieldRule) mapping.FieldRule {
	return mapping.FieldRule{
		Name: name, Expr: mapping.Expr(r.Value), Owner: owners[r.Owner], Policies: policies(r.OnFound, r.OnDrift, r.OnClash),
	}
}

var owners = map[string]helpdesk.Owner{"create": helpdesk.OwnerCreate, "helpdesk": helpdesk.OwnerHelpdesk}

func policy(word string) helpdesk.Policy {
	return map[string]helpdesk.Policy{"hold": helpdesk.Hold, "correct": helpdesk.Correct}[word]
}

func policies(found, drift, clash string) mapping.Policies {
	return mapping.Policies{OnFound: policy(found), OnDrift: policy(drift), OnClash: policy(clash)}
}

func chargeColumns(s *config.Subscriptions) mapping.ChargeColumns {
	if s == nil {
		return mapping.ChargeColumns{}
	}
	return mapping.ChargeColumns{ID: s.ID, Product: s.Product, Quantity: s.Quantity, Start: s.Start, End: s.End, Status: s.Status, ARR: s.ARR}
}

func membersOf(m *config.Members) mapping.Members {
	if m == nil {
		return mapping.Members{Off: true}
	}
	who := mapping.Expr(m.Who)
	if who.Text == "contacts" {
		who = mapping.Expr{}
	}
	return mapping.Members{
		Who: who, Name: mapping.Expr(m.Name), Email: mapping.Expr(m.Email), Position: mapping.Expr(m.Position),
		Manager: mapping.Expr(m.Manager), Order: mapping.Expr(m.Order), Cap: m.Cap, Default: m.Default, UserFields: fieldRules(m.Fields),
		Policies: policies(m.OnFound, m.OnDrift, m.OnClash),
	}
}

// Related says which column of a relation names the contact, and whom it makes a member.
func (w *Pipeline) Related() mapping.Related {
	out := mapping.Related{Contact: "ContactId"}
	if s := w.File.Sources.Get(w.Config.From); s != nil {
		out.Contact = cmp.Or(s.Columns.Relations.Contact, out.Contact)
	}
	if m := w.Config.Members; m != nil && m.Relations != nil {
		out.Who, out.Position, out.Manager = mapping.Expr(m.Relations.Who), mapping.Expr(m.Relations.Position), mapping.Expr(m.Relations.Manager)
	}
	return out
}

func moneyOf(m *config.Money) mapping.Money {
	if m == nil {
		return mapping.Money{}
	}
	out := mapping.Money{
		Base: string(m.Base), Rates: map[string][]mapping.Rate{string(m.Base): mapping.Always(1)}, Column: m.Column,
		Source: m.RatesFrom == config.RatesFromSource || m.RatesFrom == config.RatesFromSourceDated, Dated: m.RatesFrom == config.RatesFromSourceDated,
	}
	for currency, rates := range m.Rates.All() {
		out.Rates[currency] = nil
		for _, r := range *rates {
			out.Rates[currency] = append(out.Rates[currency], mapping.Rate{From: r.From, Value: float64(r.Rate)})
		}
	}
	return out
}

// guards are the built-in limits where the file says nothing else.
func (w *Pipeline) guards() changeset.Guards {
	g, c := changeset.DefaultGuards(), &w.Config.Guards
	for _, x := range []struct {
		into *changeset.Limit
		from *config.Limit
	}{
		{&g.Creates, c.Creates},
		{&g.Updates, c.Updates},
		{&g.Retires, c.Retires},
		{&g.Removals, c.Removals},
		{&g.Domains, c.Domains},
		{&g.Downgrades, c.Downgrades},
		{&g.Policies, c.Policies},
		{&g.Shrank, c.Shrank},
	} {
		if x.from != nil {
			*x.into = limitOf(x.from)
		}
		x.into.Run = c.Hold == "run"
	}
	g.Shrank.Run = true
	if w.File.Money != nil {
		g.Currency = string(w.File.Money.Base)
	}
	return g
}

func limitOf(l *config.Limit) changeset.Limit {
	var out changeset.Limit
	if l.Off {
		return out
	}
	if l.Count != nil {
		out.Count = *l.Count
		if out.Count == 0 {
			out.Count = -1 // not even one
		}
	}
	if l.Share != nil {
		out.Share = float64(*l.Share)
	}
	if l.ARR != nil {
		out.ARR = float64(*l.ARR)
	}
	return out
}

// domainRules are the built-in lists with what the file adds; what is wrong there is
// reported to the file, and left out.
func (w *Pipeline) domainRules() *domains.Rules {
	if w.domains != nil {
		return w.domains
	}
	var opt domains.Options
	for _, list := range []struct {
		path  string
		names []string
		into  func(*domains.Options) *[]string
	}{
		{"domains.free_mail", w.File.Domains.FreeMail, func(o *domains.Options) *[]string { return &o.FreeMail }},
		{"domains.allowed", w.File.Domains.Allowed, func(o *domains.Options) *[]string { return &o.Allowed }},
		{"targets." + w.Config.To + ".own_domains", w.ownDomains(), func(o *domains.Options) *[]string { return &o.Own }},
	} {
		for i, name := range list.names {
			var one domains.Options
			*list.into(&one) = []string{name}
			if _, err := domains.New(one); err != nil {
				_, text, _ := strings.Cut(err.Error(), ": ")
				w.File.Report(pathOf(list.path, i), 0, text, "")
				continue
			}
			into := list.into(&opt)
			*into = append(*into, name)
		}
	}
	rules, err := domains.New(opt)
	if err != nil {
		w.File.Report("domains", 0, err.Error(), "each name belongs in one list")
	}
	w.domains = rules
	return rules
}

// ownDomains are those of the target's own people.
func (w *Pipeline) ownDomains() []string {
	if t := w.File.Targets.Get(w.Config.To); t != nil {
		return t.OwnDomains
	}
	return nil
}

// domainDigest names the lists by which domains are judged.
func (w *Pipeline) domainDigest() string {
	lists := [][]string{w.File.Domains.FreeMail, w.File.Domains.Allowed}
	if own := w.ownDomains(); len(own) > 0 {
		lists = append(lists, own)
	}
	digest := "built-in"
	for _, list := range lists {
		digest += "|" + strings.Join(slices.Sorted(slices.Values(list)), ",")
	}
	return digest
}

func pathOf(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }
