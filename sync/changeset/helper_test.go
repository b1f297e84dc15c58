package changeset

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
)

var (
	gold   = helpdesk.TextOf("gold")
	silver = helpdesk.TextOf("silver")
	bronze = helpdesk.TextOf("bronze")
	yes    = helpdesk.BoolOf(true)
	no     = helpdesk.BoolOf(false)
	empty  = helpdesk.Value{}
)

const acme = "001A"

var today = day.MustParse("2026-11-21")

// f builds fields: "name=Acme" is text, "aar#31200" a number, "name=" empty,
// "name=-" nothing, "tag:gold" and "manager" present or checked, "!manager" unchecked.
func f(list ...string) helpdesk.Fields {
	out := helpdesk.Fields{}
	for _, s := range list {
		name, text, isText := strings.Cut(s, "=")
		number, digits, isNumber := strings.Cut(s, "#")
		switch {
		case isText && text == "-":
			out = append(out, helpdesk.Field{Name: name, Value: helpdesk.None})
		case isText:
			out = append(out, helpdesk.Field{Name: name, Value: helpdesk.TextOf(text)})
		case isNumber:
			v, err := helpdesk.Parse(helpdesk.Decimal, digits)
			if err != nil {
				panic(err)
			}
			out = append(out, helpdesk.Field{Name: number, Value: v})
		case strings.HasPrefix(s, "!"):
			out = append(out, helpdesk.Field{Name: s[1:], Value: no})
		default:
			out = append(out, helpdesk.Field{Name: s, Value: yes})
		}
	}
	return out.Sort()
}

// ruled gives every field of a wanted object its rule.
func ruled(s helpdesk.Shape, fields helpdesk.Fields) helpdesk.Fields {
	out := slices.Clone(fields)
	for i := range out {
		if r, ok := s.Fields[out[i].Name]; ok {
			out[i].Rule = r
		}
		for p, fam := range s.Families {
			if strings.HasPrefix(out[i].Name, p) {
				out[i].Rule = fam.Rule
			}
		}
	}
	return out
}

// organizationShape names a few fields, tags with "expired" owned, and domains.
func organizationShape() helpdesk.Shape {
	rule := func(path, origin string) *helpdesk.Rule {
		return &helpdesk.Rule{Path: "organizations." + path, Origin: origin}
	}
	level := rule("fields.level", "plan.name")
	level.Plan, level.Level = true, true
	aar := rule("fields.aar", "Account.CARR__c")
	aar.Plan = true
	once := rule("fields.once", "Account.Once__c")
	once.Owner = helpdesk.OwnerCreate
	theirs := rule("fields.theirs", "")
	theirs.Owner = helpdesk.OwnerHelpdesk
	tags := rule("tags", "sla.tags")
	tags.Plan = true
	return helpdesk.Shape{
		Fields: map[string]*helpdesk.Rule{
			"name": rule("name", "Account.Name"), "field:level": level, "field:aar": aar,
			"field:owner": rule("fields.owner", "Owner.Name"), "field:once": once, "field:theirs": theirs,
			"field:flag": rule("fields.flag", "Account.Flag__c"), "field:zero": rule("fields.zero", "Account.Zero__c"),
		},
		Families: map[string]helpdesk.Family{
			"tag:":    {Rule: tags, Owned: []string{"expired"}},
			"domain:": {Rule: rule("domains", "Account.Email_Domains__c")},
		},
	}
}

func memberShape() helpdesk.Shape {
	return helpdesk.Shape{Fields: map[string]*helpdesk.Rule{
		"position": {Path: "members.position", Origin: "Contact.Title"}, "manager": {Path: "members.manager"}, "default": {Path: "members.default"},
	}}
}

// ops is what a helpdesk that can do everything offers.
func ops() map[helpdesk.Kind][]helpdesk.Op {
	all := []helpdesk.Op{helpdesk.Create, helpdesk.Update, helpdesk.Retire, helpdesk.Delete}
	return map[helpdesk.Kind][]helpdesk.Op{helpdesk.Organization: all, helpdesk.User: all, helpdesk.Membership: all}
}

func comparer() *Comparer {
	caps := helpdesk.Capabilities{
		Ops:   ops(),
		Specs: map[helpdesk.Kind][]helpdesk.Spec{helpdesk.Organization: {{Name: "field:zero", ZeroIsEmpty: true}}},
	}
	return New(caps, map[helpdesk.Kind]helpdesk.Shape{helpdesk.Organization: organizationShape(), helpdesk.Membership: memberShape()})
}

// held are policies that hold everything, correcting ones that write everything.
var (
	holding    = Policies{helpdesk.Hold, helpdesk.Hold, helpdesk.Hold}
	correcting = Policies{helpdesk.Correct, helpdesk.Correct, helpdesk.Correct}
)

func org(fields ...string) *helpdesk.Object {
	return &helpdesk.Object{Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: acme}, Fields: ruled(organizationShape(), f(fields...))}
}

// here is what is known of an organization that exists.
func here(have, last helpdesk.Fields) Known {
	return Known{TargetID: "119", Exists: true, Linked: true, Have: have, Last: last, MovedBy: BySource}
}

// story renders a verdict in one line per delta, note and item, for comparison.
func story(v Verdict) string {
	var b strings.Builder
	if v.Change != nil {
		if v.Change.Op != helpdesk.Update || v.Change.Hold != "" {
			fmt.Fprintf(&b, "%s %s\n", v.Change.Op, HoldKind(v.Change.Hold))
		}
		for _, d := range v.Change.Deltas {
			fmt.Fprintf(&b, "%s: %s -> %s %s %s\n", d.Field, d.Have, d.Want, d.Cause, HoldKind(d.Hold))
		}
	}
	for _, n := range v.Notes {
		if n.Forget {
			fmt.Fprintf(&b, "forget %s\n", n.Field)
		} else {
			fmt.Fprintf(&b, "note %s %s\n", n.Field, n.Value)
		}
	}
	for _, i := range v.Items {
		fmt.Fprintf(&b, "item %s/%s %s\n", i.Class, i.Code, i.Field)
	}
	if len(v.Spent) > 0 {
		fmt.Fprintf(&b, "spent %v\n", v.Spent)
	}
	for _, flag := range []struct {
		name string
		set  bool
	}{{"in step", v.InStep}, {"absent", v.Absent}, {"forget all", v.Forget}} {
		if flag.set {
			b.WriteString(flag.name + "\n")
		}
	}
	return strings.ReplaceAll(strings.ReplaceAll(b.String(), " \n", "\n"), "\n\n", "\n")
}

// tells fails unless the verdict tells these lines.
func tells(t *testing.T, v Verdict, lines ...string) {
	t.Helper()
	want := strings.Join(lines, "\n")
	if got := strings.TrimSuffix(story(v), "\n"); got != want {
		t.Errorf("the verdict tells\n%s\nwant\n%s", got, want)
	}
}

// equal fails unless got and want are equal when printed.
func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// rank is a small plan order.
func rank(plan string) int {
	return slices.Index([]string{"gold", "silver", "bronze", "expired"}, plan)
}
