package mapping_test

import (
	"fmt"
	"testing"

	"github.com/desksync/desksync/mapping"
)

// accounts are a few hundred accounts with 2.4 contacts and 1.5 charges each.
func accounts(b *testing.B, m *mapping.Mapper) []*mapping.Group {
	b.Helper()
	products := []string{"Ultimate (SaaS)", "Gold", "Starter", "Premium (self-managed)", "Education"}
	var out []*mapping.Group
	for i := range 200 {
		g := group{account: facts{
			"Name": fmt.Sprintf("Company %d Holding", i), "Email_Domains__c": fmt.Sprintf("company%d.example", i),
			"Account_Owner_Calc__c": "D. Lee", "Technical_Account_Manager_Name__c": "M. Ortiz", "Solutions_Architect_Lookup__r.Name": "A. Kim",
			"Ultimate_Parent_Sales_Segment_Employees__c": "Large", "Account_Demographics_Geo__c": "EMEA", "CARR_This_Account__c": fmt.Sprint(1000 * i),
			"Number_of_Licenses_This_Account__c": "25", "Support_Hold__c": "false", "Contract_End__c": "2027-03-31", "Restricted_Account__c": "Review",
		}}
		for j := range 2 + i%5/3 { // 2.4 on average
			g.contacts = append(g.contacts, facts{
				"id": fmt.Sprintf("003Aa%010dAAA", 10*i+j), "Name": "Ann Lee", "Title": "Engineer", "Inactive__c": "false",
				"Email": fmt.Sprintf("ann.lee%d@company%d.example", j, i),
			})
		}
		for j := range 1 + i%2 { // 1.5 on average
			g.charges = append(g.charges, products[(i+j)%len(products)]+" 2026-02-01 2027-01-31 25 1000")
		}
		out = append(out, g.build(b, m))
	}
	return out
}

func BenchmarkMap(b *testing.B) {
	m := compile(b, gitlab())
	groups, w := accounts(b, m), m.NewWorker()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := w.Map(groups[i%len(groups)], today); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

func BenchmarkClaims(b *testing.B) {
	m := compile(b, gitlab())
	groups, w := accounts(b, m), m.NewWorker()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := w.Claims(groups[i%len(groups)], today); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
