package sqldesk_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/sqldesk"
)

func (d *desk) export(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	must(t, d.Export(t.Context(), &b))
	return b.String()
}

// TestTheSameStateExportsTheSameBytes fills two stores per database in different
// orders and compares all four.
func TestTheSameStateExportsTheSameBytes(t *testing.T) {
	t.Parallel()
	changes := []helpdesk.Change{
		create(helpdesk.Organization, "001B", "name", text("Bolt <b>&\"\\ 株"), "field:account_owner", text("D. \"Lee\"\n <d@x> \u2028 é"), "field:aar", helpdesk.DecimalOf(31200.25), "tag:z", yes, "tag:a", yes),
		create(helpdesk.Organization, "001a", "name", text("lower"), "domain:b.example", yes, "domain:a.example", yes),
		create(helpdesk.Organization, "001A", "name", text("Ace"), "group:vip", yes, "field:support_hold", yes, "field:seats", helpdesk.IntOf(-3)),
		create(helpdesk.User, "003B", "email", text("b@x.example"), "name", text("Ben")), create(helpdesk.User, "003A", "email", text("a@x.example")),
		create(helpdesk.Membership, "001A/003B", "position", text("Boss"), "manager", yes), create(helpdesk.Membership, "001A/003A"), create(helpdesk.Membership, "001B/003A"),
	}
	var first string
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": ready.SQLite, "postgres": ready.Postgres} {
		for round := range 2 {
			d := open(t, dsn(t), every())
			if round == 1 { // other numbers, other order, some detours
				d.org(t, 77, "Temporary")
				d.sql(t, "DELETE FROM organization WHERE name = 'Temporary'")
				apply(t, d, changes[2], changes[4])
				apply(t, d, rename("001A", "Detour"))
			}
			apply(t, d, changes...)
			apply(t, d, rename("001A", "Ace"))
			stranger := d.org(t, 0, "Stranger")
			found, err := d.FindOrganizations(t.Context(), "001A")
			must(t, err)
			must(t, d.SetParent(t.Context(), stranger, found[0].ID))
			must(t, d.AttachProject(t.Context(), admin, stranger, "ITSM"))
			_, err = d.Share(t.Context(), stranger, sqldesk.ReadAll)
			must(t, err)
			d.join(t, stranger, "loose@x.example")
			got := d.export(t)
			if first == "" {
				first = got
			}
			if got != first {
				t.Errorf("%s, round %d:\n%s\nwant\n%s", name, round, got, first)
			}
		}
	}
	lines := strings.Split(strings.TrimSpace(first), "\n")
	for i, want := range []string{`{"organization":"001A"`, `{"organization":"001B"`, `{"organization":"001a"`, `{"organization":"","name":"Stranger"`, `{"user":"003A"`, `{"user":"003B"`, `{"user":"","email":"loose@x.example"`} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], want) {
			t.Fatalf("line %d does not begin with %s:\n%s", i+1, want, first)
		}
	}
	if strings.Contains(first, "2026-") || strings.Contains(first, `"id"`) {
		t.Errorf("the export holds times or numbers of the store:\n%s", first)
	}
}

func TestLookingUpAnOrganization(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		id := d.org(t, 119, "Nabeel's Awesome Company", "domain:awesome.example", yes)
		d.sql(t, "UPDATE organization SET external_id = '001Aa000003DGb2IAG' WHERE id = ?", id)
		for _, q := range []string{"119", "001Aa000003DGb2IAG", "001Aa000003DGb2", "nabeel's  AWESOME company", "Awesome.example"} {
			got, err := d.FindOrganizations(t.Context(), q)
			must(t, err)
			if len(got) != 1 || got[0].ID != 119 {
				t.Errorf("%q finds %v, want 119", q, got)
			}
		}
		for _, q := range []string{"", "001Aa000003DGb3", "%", "120"} {
			if got, err := d.FindOrganizations(t.Context(), q); err != nil || len(got) != 0 {
				t.Errorf("%q finds %v %v, want nothing", q, got, err)
			}
		}
	})
}
