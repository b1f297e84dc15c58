package org_test

import (
	"errors"
	"testing"
	"time"

	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// FuzzPlan runs whatever can be read: it is answered or refused in Salesforce's words,
// what query finds queryAll finds as well, and the other way round while the bin is empty.
func FuzzPlan(f *testing.F) {
	for _, s := range []string{
		"SELECT Id, Owner.Name, (SELECT Id FROM Contacts WHERE Email LIKE 'a%') FROM Account WHERE Name != null ORDER BY Name DESC NULLS LAST LIMIT 3",
		"SELECT COUNT() FROM Contact WHERE AccountId IN (SELECT Id FROM Account WHERE AnnualRevenue > 1.5)",
		"SELECT BillingAddress, Days_To_Renewal__c FROM Account WHERE Regions__c INCLUDES ('AMER;EMEA', 'APJ') AND (NOT CreatedDate >= LAST_N_DAYS:30)",
		"SELECT Account.Parent.Name FROM Contact WHERE Id > '0035g000000005CaAAI' AND Account.IsDeleted = false",
		"SELECT Zuora__Account__r.Owner.IsActive FROM Zuora__Subscription__c WHERE Zuora__MRR__c IN (1, 2.5) OR Zuora__TermEndDate__c = 2026-01-31",
	} {
		f.Add(s)
	}
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	w := org.New(org.Options{Seed: 1, Accounts: 12, Now: func() time.Time { return now }})
	f.Fuzz(func(t *testing.T, text string) {
		p, err := w.Plan(text, false)
		if err != nil {
			if e, ok := errors.AsType[*org.Error](err); !ok || e.Code == "" || e.Message == "" {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		all, err := w.Plan(text, true)
		if err != nil {
			t.Fatalf("%q as queryAll: %v", text, err)
		}
		found := p.Run()
		if n := len(all.Run()); n != len(found) {
			t.Fatalf("%q: %d records, and %d by queryAll", text, len(found), n)
		}
		for _, n := range found {
			if r := p.Record(n); len(r.ID) != 18 || len(p.Values(n)) != len(p.Columns) {
				t.Fatalf("%q: record %+v", text, r)
			}
		}
	})
}
