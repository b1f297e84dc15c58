package salesforce_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/sandbox/salesforce"
)

// one is a single field of a single record.
func (r *rig) one(soql string) string {
	r.t.Helper()
	a := r.query(soql)
	if a.status != http.StatusOK || a.text("totalSize") != "1" {
		r.t.Fatalf("%s: %d %.300s", soql, a.status, a.body)
	}
	for _, v := range a.get("records.0").(m) {
		if _, attributes := v.(m); !attributes {
			return fmt.Sprint(v)
		}
	}
	return ""
}

func Test09Clock(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	r.set(m{"clock_skew_seconds": -90})
	id := r.create("Account", m{"Name": "skewed"})
	if got := r.one("SELECT SystemModstamp FROM Account WHERE Id = '" + id + "'"); got != "2026-11-21T09:58:30.000+0000" {
		t.Errorf("stamp %s", got)
	}
	if got := r.api("GET", "/limits", nil).header.Get("Date"); got != "Sat, 21 Nov 2026 09:58:30 GMT" {
		t.Errorf("Date %s", got)
	}
}

func Test09LateCommit(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	r.set(m{"late_commit_seconds": 180})
	id := r.create("Account", m{"Name": "late"})
	soql := "SELECT Id FROM Account WHERE Id = '" + id + "' AND SystemModstamp = 2026-11-21T10:00:00Z"
	r.pass(179 * time.Second)
	if n := r.total(soql); n != 0 {
		t.Error("seen before its commit")
	}
	covered := r.api("GET", "/sobjects/Account/updated/?start=2026-11-21T09:00:00Z&end=2026-11-21T10:30:00Z", nil)
	if covered.text("latestDateCovered") != "2026-11-21T10:00:00.000+0000" || covered.text("ids") != "[]" {
		t.Errorf("while it runs: %s", covered.body)
	}
	r.pass(time.Second)
	if n := r.total(soql); n != 1 {
		t.Error("not seen after its commit, with the stamp of its beginning")
	}
}

func Test09Formulas(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	owner := r.act(m{"do": "create", "object": "User", "fields": m{"Username": "new@x.example", "LastName": "Old", "Email": "a@b.example"}}).text("id")
	parent := r.create("Account", m{"Name": "parent", "Type": "Prospect"})
	id := r.create("Account", m{"Name": "child", "ParentId": parent, "OwnerId": owner, "Technical_Account_Manager__c": owner, "Next_Renewal_Date__c": "2026-12-01"})
	r.pass(25 * time.Hour)
	r.login()
	r.act(m{"do": "update", "object": "User", "id": owner, "fields": m{"LastName": "New"}})
	r.act(m{"do": "update", "object": "Account", "id": parent, "fields": m{"Type": "Customer"}})
	a := r.query("SELECT Account_ID_18__c, Account_Owner_Calc__c, Technical_Account_Manager_Name__c, Owner.Name, Parent_Type__c, Days_To_Renewal__c, SystemModstamp FROM Account WHERE Id = '" + id + "'")
	for field, want := range map[string]string{
		"Account_ID_18__c": id, "Account_Owner_Calc__c": "New", "Technical_Account_Manager_Name__c": "New", "Owner.Name": "New", "Parent_Type__c": "Customer",
		"Days_To_Renewal__c": "9.0", "SystemModstamp": "2026-11-21T10:00:00.000+0000",
	} {
		if got := a.text("records.0." + field); got != want {
			t.Errorf("%s = %s, want %s", field, got, want)
		}
	}
}

func Test09SharedStampsAndPicklists(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{Accounts: 300})
	if got := r.act(m{"do": "touch", "object": "Account", "first": 20, "count": 250, "fields": m{"Industry": "Energy"}}).text("count"); got != "250" {
		t.Errorf("%s records touched, want 250", got)
	}
	if n := r.total("SELECT Id FROM Account WHERE SystemModstamp = 2026-11-21T10:00:00Z AND LastModifiedDate = 2026-11-21T10:00:00Z"); n != 250 {
		t.Errorf("%d records share the stamp, want 250", n)
	}
	r.pass(time.Hour)
	had := r.total("SELECT Id FROM Account WHERE Type = 'Customer'")
	r.act(m{"do": "rename_picklist_value", "object": "Account", "field": "Type", "from": "Customer", "to": "Client"})
	if n := r.total("SELECT Id FROM Account WHERE Type = 'Client' AND SystemModstamp = 2026-11-21T11:00:00Z AND LastModifiedDate < 2026-11-21T11:00:00Z"); n != had || had == 0 {
		t.Errorf("%d renamed under a new SystemModstamp only, want %d", n, had)
	}
	if !strings.Contains(string(r.api("GET", "/sobjects/Account/describe", nil).body), `"value":"Client"`) {
		t.Error("describe has the old value")
	}
}

func Test10DeleteAndUndelete(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	id := r.create("Account", m{"Name": "goes"})
	contact := r.create("Contact", m{"LastName": "along", "AccountId": id})
	r.pass(time.Minute)
	if a := r.api("DELETE", "/sobjects/Account/"+id, nil); a.status != http.StatusNoContent {
		t.Fatalf("delete: %d %s", a.status, a.body)
	}
	deleted := "SELECT Id, IsDeleted, MasterRecordId, SystemModstamp FROM Account WHERE IsDeleted = true AND Id = '" + id + "'"
	if n := r.total(deleted); n != 0 {
		t.Error("query shows what is in the bin")
	}
	a := r.queryAll(deleted)
	if a.get("records.0.IsDeleted") != true || a.get("records.0.MasterRecordId") != nil || a.text("records.0.SystemModstamp") != "2026-11-21T10:01:00.000+0000" {
		t.Errorf("queryAll: %s", a.body)
	}
	r.api("DELETE", "/sobjects/Account/"+id, nil).refused(http.StatusNotFound, "ENTITY_IS_DELETED", "")
	r.api("PATCH", "/sobjects/Account/"+id, m{"Name": "x"}).refused(http.StatusNotFound, "ENTITY_IS_DELETED", "")
	window := "/sobjects/%s/%s/?start=2026-11-21T09:30:00Z&end=2026-11-21T10:03:00Z"
	log := func() answer { return r.api("GET", fmt.Sprintf(window, "Account", "deleted"), nil) }
	if l := log(); l.text("deletedRecords.0.id") != id || l.text("deletedRecords.0.deletedDate") != "2026-11-21T10:01:00.000+0000" || l.get("earliestDateAvailable") == nil {
		t.Errorf("getDeleted: %s", l.body)
	}
	r.act(m{"do": "undelete", "id": id})
	if n := r.total("SELECT Id FROM Account WHERE Id = '"+id+"'") + r.total("SELECT Id FROM Contact WHERE Id = '"+contact+"'"); n != 2 {
		t.Errorf("%d of account and contact came back", n)
	}
	if l := log(); l.text("deletedRecords") != "[]" {
		t.Errorf("a restored record stays in the log: %s", l.body)
	}
	r.api("DELETE", "/sobjects/Account/"+id, nil)
	r.act(m{"do": "purge", "id": id})
	if a := r.queryAll(deleted); a.text("totalSize") != "0" || log().text("deletedRecords.0.id") != id {
		t.Errorf("after the purge: %s, %s", a.body, log().body)
	}
	silent := r.create("Account", m{"Name": "silent"})
	r.act(m{"do": "hard_delete", "ids": []string{silent}})
	if a := r.queryAll("SELECT Id FROM Account WHERE Id = '" + silent + "'"); a.text("totalSize") != "0" || strings.Contains(string(log().body), silent) {
		t.Error("a hard delete left a trace")
	}
	bin := r.create("Account", m{"Name": "in the bin"})
	r.api("DELETE", "/sobjects/Account/"+bin, nil)
	all := "SELECT Id FROM Account WHERE Id = '" + bin + "'"
	r.set(m{"bin_days": 3})
	r.pass(3*24*time.Hour - time.Second)
	r.login()
	if r.queryAll(all).text("totalSize") != "1" {
		t.Error("purged before its days were over")
	}
	r.pass(time.Second)
	if r.queryAll(all).text("totalSize") != "0" {
		t.Error("not purged after its days were over")
	}
}

func Test10Merge(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	a, b, c := r.create("Account", m{"Name": "a"}), r.create("Account", m{"Name": "b"}), r.create("Account", m{"Name": "c"})
	contact := r.create("Contact", m{"LastName": "moves", "AccountId": a})
	sub := r.create("Zuora__Subscription__c", m{"Name": "s", "Zuora__Account__c": a})
	r.pass(time.Minute)
	r.act(m{"do": "merge", "object": "Account", "id": b, "ids": []string{a}})
	r.pass(time.Minute)
	r.act(m{"do": "merge", "object": "Account", "id": c, "ids": []string{b}})
	merged := r.queryAll("SELECT Id, MasterRecordId, SystemModstamp FROM Account WHERE IsDeleted = true AND MasterRecordId != null ORDER BY SystemModstamp")
	if merged.text("records.0.Id") != a || merged.text("records.0.MasterRecordId") != b || merged.text("records.1.Id") != b || merged.text("records.1.MasterRecordId") != c {
		t.Errorf("the chain of merges: %s", merged.body)
	}
	if got := r.one("SELECT AccountId FROM Contact WHERE Id = '" + contact + "' AND SystemModstamp = 2026-11-21T10:02:00Z"); got != c {
		t.Errorf("the contact is at %s, want %s", got, c)
	}
	if got := r.one("SELECT ContactId FROM AccountContactRelation WHERE AccountId = '" + c + "' AND IsDirect = true"); got != contact {
		t.Errorf("the direct relation is of %s", got)
	}
	if got := r.one("SELECT Zuora__Account__c FROM Zuora__Subscription__c WHERE Id = '" + sub + "'"); got != c {
		t.Errorf("the subscription is at %s", got)
	}
	r.act(m{"do": "undelete", "id": a})
	if got := r.one("SELECT MasterRecordId FROM Account WHERE Id = '"+a+"'") + " " + r.one("SELECT AccountId FROM Contact WHERE Id = '"+contact+"'"); got != "<nil> "+c {
		t.Errorf("the loser is back with %q, want no master and its contact where it was", got)
	}
}

// Test10QuietMerge: with the setting, what a merge hands over keeps its stamp.
func Test10QuietMerge(t *testing.T) {
	t.Parallel()
	for _, quiet := range []bool{false, true} {
		r := newRig(t, salesforce.Options{})
		r.set(m{"quiet_merge": quiet})
		a, b := r.create("Account", m{"Name": "a"}), r.create("Account", m{"Name": "b"})
		contact := r.create("Contact", m{"LastName": "moves", "AccountId": a})
		r.pass(time.Minute)
		r.act(m{"do": "merge", "object": "Account", "id": b, "ids": []string{a}})
		want := map[bool]string{false: "2026-11-21T10:01:00.000+0000", true: "2026-11-21T10:00:00.000+0000"}[quiet]
		for _, soql := range []string{"SELECT SystemModstamp FROM Account WHERE Id = '" + b + "'", "SELECT SystemModstamp FROM Contact WHERE AccountId = '" + b + "' AND Id = '" + contact + "'"} {
			if got := r.one(soql); got != want {
				t.Errorf("quiet %v: %s gives %s, want %s", quiet, soql, got, want)
			}
		}
		if got := r.queryAll("SELECT SystemModstamp FROM Account WHERE Id = '" + a + "'").text("records.0.SystemModstamp"); got != "2026-11-21T10:01:00.000+0000" {
			t.Errorf("quiet %v: the loser's stamp is %s", quiet, got)
		}
	}
}

func Test10Replication(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	call := func(which, start, end string) answer {
		v := url.Values{"start": {start}, "end": {end}}
		return r.api("GET", "/sobjects/Account/"+which+"/?"+v.Encode(), nil)
	}
	id := r.create("Account", m{"Name": "x"}) // at 10:00:00
	r.pass(5*time.Minute + 30*time.Second)
	// seconds do not count: 10:00:59 is 10:00
	if a := call("updated", "2026-11-21T10:00:59+00:00", "2026-11-21T10:04:10+00:00"); a.text("ids") != "["+id+"]" || a.text("latestDateCovered") != "2026-11-21T10:04:00.000+0000" {
		t.Errorf("updated: %s", a.body)
	}
	if a := call("updated", "2026-11-21T09:50:00Z", "2026-11-21T10:00:30Z"); a.text("ids") != "[]" {
		t.Errorf("up to 10:00: %s", a.body)
	}
	if a := call("updated", "2026-11-21T11:00:00+01:00", "2026-11-21T12:00:00Z"); a.text("latestDateCovered") != "2026-11-21T10:05:00.000+0000" {
		t.Errorf("an end in the future: %s", a.body)
	}
	for _, w := range [][3]string{
		{"updated", "2026-11-21T10:00:00Z", "2026-11-21T10:01:59Z"},
		{"updated", "2026-10-20T10:00:00Z", "2026-11-21T10:00:00Z"},
		{"deleted", "2026-11-05T10:00:00Z", "2026-11-21T10:00:00Z"},
		{"updated", "yesterday", "2026-11-21T10:00:00Z"},
	} {
		call(w[0], w[1], w[2]).refused(http.StatusBadRequest, "INVALID_REPLICATION_DATE", "")
	}
	if a := call("updated", "2026-10-23T10:00:00Z", "2026-11-21T10:00:00Z"); a.status != http.StatusOK {
		t.Errorf("29 days back: %d %s", a.status, a.body)
	}
	r.set(m{"replication_stalled_at": "2026-11-21T08:00:00Z"})
	if a := call("deleted", "2026-11-21T07:00:00Z", "2026-11-21T10:00:00Z"); a.text("latestDateCovered") != "2026-11-21T08:00:00.000+0000" {
		t.Errorf("stalled: %s", a.body)
	}
}

func Test12IDsAndFeatures(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	for _, id := range append(r.query("SELECT Id FROM Account").column("Id"), r.query("SELECT Id FROM Zuora__Subscription__c").column("Id")...) {
		for block := range 3 {
			bits := 0
			for j := range 5 {
				if c := id[block*5+j]; c >= 'A' && c <= 'Z' {
					bits += 1 << j
				}
			}
			if len(id) != 18 || id[15+block] != letters[bits] {
				t.Fatalf("id %s has a wrong checksum", id)
			}
		}
	}
	tests := map[string]struct{ soql, code string }{
		"multi-currency":                {"SELECT CurrencyIsoCode FROM Account", "INVALID_FIELD"},
		"person-accounts":               {"SELECT IsPersonAccount, PersonContactId, PersonEmail FROM Account", "INVALID_FIELD"},
		"contacts-to-multiple-accounts": {"SELECT Id FROM AccountContactRelation", "INVALID_TYPE"},
		"account-teams":                 {"SELECT Id, (SELECT UserId FROM AccountTeamMembers) FROM Account", "INVALID_TYPE"},
		"zuora":                         {"SELECT Zuora__Account__r.Name FROM Zuora__Subscription__c", "INVALID_TYPE"},
	}
	for feature, tt := range tests {
		if a := r.query(tt.soql); a.status != http.StatusOK || a.text("totalSize") == "0" {
			t.Errorf("with %s: %d %.200s", feature, a.status, a.body)
		}
		r.set(m{"off": []string{feature}})
		r.query(tt.soql).refused(http.StatusBadRequest, tt.code, "")
		r.set(m{"off": []string{}})
	}
	if n := r.total("SELECT Id FROM DatedConversionRate WHERE IsoCode = 'EUR' AND ConversionRate < 1"); n != 3 {
		t.Errorf("%d dated rates of the euro, want 3", n)
	}
	if n := r.total("SELECT Id FROM Account WHERE IsPersonAccount = true AND PersonContactId != null AND PersonEmail != null"); n != 1 {
		t.Errorf("%d person accounts of 60, want 1", n)
	}
}

// Test12PersonFields: custom fields of contacts stand on accounts as __pc, null where the
// account is a company, and move with the contact.
func Test12PersonFields(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	const q = "SELECT PersonContactId, Role__pc, Inactive_Contact__pc, SystemModstamp FROM Account WHERE IsPersonAccount = "
	was := r.query(q + "true")
	r.pass(time.Hour)
	if a := r.api("PATCH", "/sobjects/Contact/"+was.text("records.0.PersonContactId"), m{"Role__c": "Executive", "Inactive_Contact__c": true}); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	now := r.query(q + "true AND Role__pc INCLUDES ('Executive')")
	if now.text("totalSize") != "1" || now.get("records.0.Role__pc") != "Executive" || now.get("records.0.Inactive_Contact__pc") != true {
		t.Errorf("the person is %s", now.body)
	}
	if now.text("records.0.SystemModstamp") == was.text("records.0.SystemModstamp") {
		t.Error("the person's contact changed, and its account's stamp did not move")
	}
	if n, all := r.total("SELECT Id FROM Account WHERE IsPersonAccount = false AND Role__pc = null AND Inactive_Contact__pc = false"), r.total("SELECT Id FROM Account WHERE IsPersonAccount = false"); n != all || n == 0 {
		t.Errorf("%d of %d companies have no fields of a person", n, all)
	}
	fields, _ := r.api("GET", "/sobjects/Account/describe", nil).get("fields").([]any)
	i := slices.IndexFunc(fields, func(f any) bool { return f.(m)["name"] == "Role__pc" })
	if i < 0 || fields[i].(m)["type"] != "multipicklist" || fields[i].(m)["custom"] != true || fields[i].(m)["calculated"] != false {
		t.Errorf("Role__pc is described as field %d of %d", i, len(fields))
	}
	r.set(m{"off": []string{"person-accounts"}})
	r.query("SELECT Role__pc FROM Account").refused(http.StatusBadRequest, "INVALID_FIELD", "Role__pc")
}
