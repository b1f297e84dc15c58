package reconcile_test

import (
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/reconcile"
)

// expiredAreNotMade is what most configurations say of new organizations.
const expiredAreNotMade = "plan.name != nil and not plan.expired"

const overAndDone = "Gold 2024-01-01 2025-12-31"

// twins makes a customer and an account that is over, of one name, domain and e-mail.
func (w *world) twins() {
	w.rules.create = expiredAreNotMade
	w.crm.put(account{id: "D1", name: "Dreadco", domains: "dread.example", charges: "Gold", contacts: []string{"C8 kim@dread.example"}})
	w.crm.put(account{id: "D2", name: "Dreadco", domains: "dread.example", charges: overAndDone, contacts: []string{"C9 kim@dread.example"}})
}

func TestAnAccountThatGetsNoOrganizationClaimsNothing(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.twins()
		w.run()
		w.same("items", w.items(), nil)
		w.holds("D1", "name", "Dreadco")
		w.holds("D1", dreadDomain, "true")
		w.quiet()
		w.crm.set(crm.Subscription, "D2Gold", "End", "2027-12-31")
		w.quiet()
		w.same("items of two customers", w.items(), []string{
			"conflict domain claimed twice D1 domain:dread.example", "conflict domain claimed twice D2 domain:dread.example",
			"conflict e-mail in two accounts D1 email:kim@dread.example",
			"conflict name claimed twice D1 name:dreadco", "conflict name claimed twice D2 name:dreadco",
		})
		w.holds("D1", dreadDomain, "true")
	})
}

func TestAnAccountThatIsOverClaimsWhatItsOrganizationHas(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.twins()
		w.crm.put(account{id: "D2", name: "Dreadco", domains: "dread.example", charges: "Gold"})
		w.crm.remove("D1")
		w.run()
		w.twins()
		w.run()
		w.same("items", w.items(), []string{
			"conflict domain claimed twice D1 domain:dread.example", "conflict domain claimed twice D2 domain:dread.example",
			"conflict e-mail in two accounts D2 email:kim@dread.example",
			"conflict name claimed twice D1 name:dreadco", "conflict name claimed twice D2 name:dreadco",
		})
		w.same("organizations", w.orgsOf(), []string{"A1", "B1", "D2"})
	})
}

// An organization without CRM id is found by the name that an account claims, so one
// that is over goes on claiming it where names may match.
func TestAnAccountThatIsOverIsFoundByItsName(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.rules.create, w.rules.match = expiredAreNotMade, reconcile.Match{ByName: true}
		w.crm.put(account{id: "D2", name: "Dreadco", charges: overAndDone})
		w.stranger(helpdesk.Organization, "77", helpdesk.Name, "Dreadco")
		w.run()
		w.same("organizations", w.orgsOf(), []string{"A1", "B1", "D2"})
	})
}
