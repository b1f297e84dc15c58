package journal

import (
	"strings"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/pack"
)

// TestForgettingOnePersonLeavesTheOthers: whose address only ends like the person's, goes on
// after it, or whose name is the same, stays as it was.
func TestForgettingOnePersonLeavesTheOthers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.acquaint()
		run := d.begin()
		others := map[string]string{"c3": "mary-jane.roe@acme.example", "c4": "jane.roe@acme.example.net", "c5": strings.Repeat("x", 30) + janesMail}
		for id, address := range others {
			d.put(run, Row{Role: crm.Contact, Account: "B", ID: id, Hash: hashFor(id), Cols: pack.Strings([]byte("abcd"), []string{jane, address})})
			f := text("email", address, "name", jane)
			d.notes(run, Object{Kind: helpdesk.User, Key: id, Account: "B", TargetID: id, Pipeline: d.pipe.ID, Last: f, Written: true, Have: f})
			d.ok(d.PutStrangers(t.Context(), "support", []Stranger{{Kind: helpdesk.User, TargetID: "of " + id, Fields: f, Claims: []Claim{mail(strings.ToLower(address), "")}}}))
		}
		d.finish(run)
		receipt := must(d.Forget(t.Context(), Person{Email: janesMail, Who: "kim", Reason: "asked"}))(t)
		if n := receipt.Counts["stage"]; n != 2 {
			t.Errorf("%d staged records went, want her 2", n)
		}
		for id, address := range others {
			objects := must(d.ObjectsOf(t.Context(), "support", []string{"B"}, []string{id}))(t)
			user := objects.User(id)
			email, _ := user.Last.Get("email")
			name, _ := user.Have.Get("name")
			if email.Text() != address || name.Text() != jane {
				t.Errorf("%s is now %q, called %q", address, email.Text(), name.Text())
			}
		}
		if left := must(d.Strangers(t.Context(), "support", helpdesk.User, []string{"of c3", "of c4", "of c5"}))(t); len(left) != len(others) {
			t.Errorf("of the others %d strangers are left, want %d", len(left), len(others))
		}
	})
}

// TestAddressesWithinTexts: a whole address goes, however it stands in a sentence.
func TestAddressesWithinTexts(t *testing.T) {
	t.Parallel()
	f := newForgetting(nil, Person{Email: "jane@acme.example"})
	f.names["An"] = true
	f.names["title"] = true
	for s, want := range map[string]string{
		"<JANE@acme.example>":                 "<" + Forgotten + ">",
		"ask jane@acme.example. Then wait":    "ask " + Forgotten + ". Then wait",
		"jane@acme.example,jane@ACME.example": Forgotten + "," + Forgotten,
		"- jane@acme.example -":               "- " + Forgotten + " -",
		"mary.jane@acme.example":              "mary.jane@acme.example",
		"o'jane@acme.example":                 "o'jane@acme.example",
		"'jane@acme.example'":                 "'" + Forgotten + "'",
		"jane@acme.example.net":               "jane@acme.example.net",
		"jane@acme.example-corp.net":          "jane@acme.example-corp.net",
	} {
		if got := f.text(s); got != want {
			t.Errorf("%q redacted is %q, want %q", s, got, want)
		}
	}
	const told = `{"title": "An\njane@acme.example", "text": "And \u003cjane@acme.example\u003e, \"An\"", "An": ["title"]}`
	const want = `{"title": "(forgotten)\n(forgotten)", "text": "And \u003c(forgotten)\u003e, \"(forgotten)\"", "An": ["(forgotten)"]}`
	if got := f.json(told); got != want {
		t.Errorf("%s redacted is\n%s, want\n%s", told, got, want)
	}
}

// TestWhoIsForgottenIsNoRecipient: what waits for an address apart names it no more.
func TestWhoIsForgottenIsNoRecipient(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.tell("mail "+janesMail, "1")
		d.tell("mail x"+janesMail, "2")
		must(d.Forget(t.Context(), Person{Email: janesMail, Who: "kim", Reason: "asked"}))(t)
		if got, want := messagesOf(d.claim()), "mail "+Forgotten+":1/1 mail x"+janesMail+":2/1"; got != want {
			t.Errorf("there wait %q, want %q", got, want)
		}
	})
}
