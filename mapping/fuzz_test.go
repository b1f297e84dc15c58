package mapping

import (
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
)

func fuzzSchema() crm.Schema {
	return crm.Schema{Columns: map[crm.Role][]crm.Column{
		crm.Account:      {{Name: "Name"}, {Name: "N", Type: crm.Number}, {Name: "F", Type: crm.Bool}, {Name: "D", Type: crm.Date}, {Name: "L", Type: crm.Multi}, {Name: "Owner.Name"}},
		crm.Contact:      {{Name: "Email"}, {Name: "Role.Name"}},
		crm.Subscription: {{Name: "Product"}, {Name: "Q", Type: crm.Number}},
	}}
}

// FuzzRule: whatever stands in the file, compiling answers with problems and
// running with findings, never with a panic.
func FuzzRule(f *testing.F) {
	for _, s := range []string{
		`account.Name`, `plan.expired ? 0 : account.N`, `lower(account.Name) ?? "unknown"`, `before(account.D) and not account.F`,
		`daysUntil(account.D) < 30`, `sum(filter(subscriptions, .Product == "Gold"), .Q ?? 0)`, `account.Owner.Name`, `first(contacts)?.Role.Name`,
		`account["Owner.Name"]`, `parent == nil`, `let x = account.Name; x + "!"`, `$env`, `1..1000000`, `account.`, `"\x00"`, `{"a": 1}.a`, `[[[[`, `a ?? b ?? c`,
		`account.L[0]`, `reduce(contacts, #acc + len(.Email), 0)`, `sortBy(contacts, .Email)[0].Email`, `today.Year()`, `map(contacts, {let a = .Email; a})`,
		`if account.F { 1 } else { 2 }`, `account?.Name`, `not not account.F`, `-account.N`, `account.N in 1..3`, `all(contacts, # == nil)`, `override.reason`,
		"account.Name\n== \"ü\"", `money(account.N)`, `has(sla.tags, "x")`, `date("2026-13-45")`, `addDays(today, 999999999)`, `number("1e400")`,
	} {
		f.Add(s, "Acme", "12", "2026-11-21")
	}
	f.Fuzz(func(t *testing.T, text, name, number, date string) {
		spec := Spec{Name: Expr{Text: "account.Name"}, Members: Members{Off: true}, Fields: []FieldRule{{Name: "f", Expr: Expr{Text: text}}}}
		m, problems := Compile(spec, fuzzSchema(), helpdesk.Capabilities{}, nil)
		if (m == nil) != (len(problems) > 0) {
			t.Fatalf("Compile(%q) gave %v and %v", text, m, problems)
		}
		for _, p := range problems {
			if p.Msg == "" || p.Offset < 0 || p.Offset > len([]rune(text))+1 {
				t.Fatalf("Compile(%q) gave %+v", text, p)
			}
		}
		if m == nil {
			return
		}
		values := map[string]string{"Name": name, "N": number, "D": date, "F": "true", "L": name, "Owner.Name": name}
		r := crm.Record{Role: crm.Account, ID: "001"}
		for _, c := range m.columns[crm.Account] {
			r.Values = append(r.Values, values[c])
		}
		if _, err := m.NewWorker().Map(&Group{Account: r}, 739941); err != nil {
			t.Fatalf("Map with %q: %v", text, err)
		}
	})
}

// FuzzEmail: the short way accepts nothing that the standard library refuses, and
// cleaning twice is cleaning once.
func FuzzEmail(f *testing.F) {
	for _, s := range []string{"ann@acme.example", "Ann.Lee+x@ACME.example", "a@b", "@", "a@@b.c", "a..b@c.de", ".a@b.cd", `"a b"@c.de`, "Ann <a@b.cd>", "ü@ü.de", "a@[127.0.0.1]", "a@b.c,d@e.f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if plainEmail(s) {
			if a, err := mail.ParseAddress(s); err != nil || a.Address != s {
				t.Fatalf("%q is taken for an address, the standard library says %v, %v", s, a, err)
			}
		}
		clean, err := cleanEmail(s)
		if err != nil {
			return
		}
		again, err := cleanEmail(clean)
		if err != nil || again != clean {
			t.Fatalf("cleanEmail(%q) = %q, and of that %q, %v", s, clean, again, err)
		}
	})
}

// FuzzValues: dates and numbers come out in one spelling or as an error.
func FuzzValues(f *testing.F) {
	for _, s := range []string{"2026-11-21", "2026-02-30", "2026-11-20T22:30:00.000+0000", "0001-01-01", "3.00E+07", "-0", "1e400", "NaN", "", " 7 ", "12,5", "9999-12-31"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := parseDay(s); err == nil && d != 0 {
			if again, err := parseDay(d.String()); err != nil || again != d {
				t.Fatalf("parseDay(%q) = %s, and of that %s, %v", s, d, again, err)
			}
			if got := dayOfTime(d.Time()); got != d {
				t.Fatalf("%s becomes %s by way of %s", d, got, d.Time().Format(time.RFC3339))
			}
		}
		for _, typ := range []helpdesk.Type{helpdesk.Empty, helpdesk.Text, helpdesk.Decimal, helpdesk.Integer, helpdesk.Date, helpdesk.Bool} {
			c := &converter{typ: typ}
			if v, err := c.text(s); err == nil {
				if again, err := c.text(v.Text()); err != nil || again != v {
					t.Fatalf("%q as %s is %v, and of that %v, %v", s, typ, v, again, err)
				}
			}
		}
	})
}

// FuzzTag: what was cleaned once stays as it is.
func FuzzTag(f *testing.F) {
	for _, s := range []string{"gold", "Big Deal", "50%", "ÄÖ", "İ", "ﬁne Acme\u00a0Inc", "a\u200bb", "ǅ", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if tag, err := cleanTag(s); err == nil {
			if again, err := cleanTag(tag); err != nil || again != tag || strings.ContainsAny(tag, " ,\t\n") {
				t.Fatalf("cleanTag(%q) = %q, and of that %q, %v", s, tag, again, err)
			}
		}
	})
}
