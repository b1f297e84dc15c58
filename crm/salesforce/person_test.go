package salesforce_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/crm/salesforce"
	sandbox "github.com/desksync/desksync/sandbox/salesforce"
)

// TestCustomFieldsOfPersons: the fields of person accounts that come from contacts are
// described and read by either way, and a change of the contact brings the account.
func TestCustomFieldsOfPersons(t *testing.T) {
	t.Parallel()
	for way, rows := range map[string]int{"REST": 1000, "Bulk": -1} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			box := newBox(t, sandbox.Options{Accounts: 60})
			src := box.source(func(o *salesforce.Options) { o.BulkRows = rows })
			schema, err := src.Describe(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if c, ok := schema.Column(crm.Account, "Role__pc"); !ok || c.Type != crm.Multi {
				t.Errorf("Role__pc is described as %v, %v", c, ok)
			}
			queries := []crm.Query{{Role: crm.Account, Columns: []string{"Name", "PersonContactId", "Role__pc"}}}
			known, reps, err := full(t.Context(), src, queries)
			if err != nil {
				t.Fatal(err)
			}
			account, contact := personOf(t, known[0])
			box.pass(time.Hour)
			if _, ok := box.do(m{"do": "update", "object": "Contact", "id": contact, "fields": m{"Role__c": "Billing;Executive"}}); !ok {
				t.Fatal("the contact could not be changed")
			}
			if _, _, err := follow(t.Context(), src, known, deltasOf(queries, reps)); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(known[0][account], "Billing;Executive") {
				t.Errorf("after the change the person is known as %s", known[0][account])
			}
		})
	}
}

// personOf finds the one account of a picture that has a contact in itself.
func personOf(t *testing.T, known picture) (account, contact string) {
	t.Helper()
	for id, text := range known {
		words := strings.Split(text, `"`)
		if i := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "003") }); i >= 0 {
			return id, words[i]
		}
	}
	t.Fatal("no account is a person's")
	return "", ""
}
