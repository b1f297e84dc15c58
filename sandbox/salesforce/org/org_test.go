package org_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// clock is one that a test moves.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func (c *clock) pass(d time.Duration) { c.t = c.t.Add(d) }

func newWorld(t *testing.T, accounts int) (*org.World, *clock) {
	t.Helper()
	c := &clock{time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)}
	return org.New(org.Options{Seed: 7, Accounts: accounts, Now: c.now}), c
}

// ask runs a query and prints what it found: one line per record, columns by commas.
func ask(t *testing.T, w *org.World, query string) []string {
	t.Helper()
	return askAll(t, w, query, false)
}

func askAll(t *testing.T, w *org.World, query string, all bool) []string {
	t.Helper()
	p, err := w.Plan(query, all)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	out := []string{}
	for _, n := range p.Run() {
		var cells []string
		for _, v := range p.Values(n) {
			cells = append(cells, fmt.Sprint(v))
		}
		out = append(out, strings.Join(cells, ","))
	}
	return out
}

func count(t *testing.T, w *org.World, query string) int {
	t.Helper()
	return len(ask(t, w, query))
}

func values(pairs ...any) map[string]any {
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}

func create(t *testing.T, w *org.World, object string, pairs ...any) string {
	t.Helper()
	id, err := w.Begin(w.IDOf("User", 0)).Create(object, values(pairs...))
	if err != nil {
		t.Fatalf("create %s %v: %v", object, pairs, err)
	}
	return id
}

func do(t *testing.T, w *org.World, f func(tx *org.Tx) error) {
	t.Helper()
	if err := f(w.Begin(w.IDOf("User", 0))); err != nil {
		t.Fatal(err)
	}
}

func TestSeedsHangTogether(t *testing.T) {
	t.Parallel()
	w, _ := newWorld(t, 230)
	again, _ := newWorld(t, 230)
	for _, o := range w.Objects() {
		fields := []string{}
		for _, f := range w.Fields(o) {
			fields = append(fields, f.Name)
		}
		query := "SELECT " + strings.Join(fields, ", ") + " FROM " + o.Name
		first, second := ask(t, w, query), ask(t, again, query)
		if len(first) == 0 || strings.Join(first, "\n") != strings.Join(second, "\n") {
			t.Errorf("%s: %d records, then %d, or others", o.Name, len(first), len(second))
		}
		for _, f := range w.Fields(o) {
			if f.Children != "" {
				checkChildren(t, w, o.Name, f)
			}
		}
	}
}

// checkChildren compares the short way to children with a look at all of them.
func checkChildren(t *testing.T, w *org.World, object string, f *org.Field) {
	t.Helper()
	parents := map[string]int{}
	for _, parent := range ask(t, w, "SELECT "+f.Name+" FROM "+object) {
		parents[parent]++
	}
	for _, id := range ask(t, w, "SELECT Id FROM "+f.RefersTo) {
		short := count(t, w, "SELECT Id FROM "+object+" WHERE "+f.Name+" = '"+id+"'")
		if short != parents[id] {
			t.Errorf("%s of %s: %d by the index, %d by looking", f.Children, id, short, parents[id])
		}
	}
}

func TestSeededStampsAreInOrder(t *testing.T) {
	t.Parallel()
	w, _ := newWorld(t, 400)
	p, err := w.Plan("SELECT CreatedDate, LastModifiedDate, SystemModstamp FROM Account", false)
	if err != nil {
		t.Fatal(err)
	}
	same := map[time.Time]int{}
	for _, n := range p.Run() {
		v := p.Values(n)
		c, m, s := v[0].(time.Time), v[1].(time.Time), v[2].(time.Time)
		if m.Before(c) || s.Before(m) {
			t.Errorf("record %d: created %v, modified %v, stamp %v", n, c, m, s)
		}
		same[s]++
	}
	if len(same) > 360 {
		t.Errorf("%d stamps for 400 records: no load shares one", len(same))
	}
}

func TestQueries(t *testing.T) {
	t.Parallel()
	w, _ := newWorld(t, 30)
	a := create(t, w, "Account", "Name", "zz Ärger", "Type", "Partner", "AnnualRevenue", json.Number("1200"), "Regions__c", "AMER;EMEA", "Next_Renewal_Date__c", "2026-11-24", "Support_Hold__c", true)
	b := create(t, w, "Account", "Name", "ZZ other", "ParentId", a, "Type", "Prospect")
	create(t, w, "Contact", "LastName", "One", "AccountId", a, "Email", "A@X.example")
	tests := map[string]struct {
		query, want string
	}{
		"equals folds case":      {"SELECT Id FROM Account WHERE Name = 'zz äRGER'", a},
		"like":                   {"SELECT Name FROM Account WHERE Name LIKE 'zz%' ORDER BY Name DESC", "zz Ärger|ZZ other"},
		"not equal takes null":   {"SELECT Id FROM Account WHERE Name LIKE 'zz%' AND AnnualRevenue != 1200", b},
		"less leaves null out":   {"SELECT Id FROM Account WHERE Name LIKE 'zz%' AND AnnualRevenue < 9e9", a},
		"at most leaves it too":  {"SELECT Id FROM Account WHERE Name LIKE 'zz%' AND AnnualRevenue <= 9e9", a},
		"not in takes null":      {"SELECT Id FROM Account WHERE Name LIKE 'zz%' AND Regions__c NOT IN ('AMER;EMEA')", b},
		"includes all of a set":  {"SELECT Id FROM Account WHERE Name LIKE 'zz%' AND Regions__c INCLUDES ('APJ', 'emea;amer')", a},
		"excludes":               {"SELECT Id FROM Account WHERE Name LIKE 'zz%' AND Regions__c EXCLUDES ('EMEA')", b},
		"parent path":            {"SELECT Parent.Name, Parent_Type__c FROM Account WHERE Parent.Name = 'zz Ärger'", "zz Ärger,Partner"},
		"null parent":            {"SELECT Parent.Name FROM Account WHERE Id = '" + a[:15] + "'", "<nil>"},
		"15 characters":          {"SELECT Id FROM Account WHERE Id IN ('" + a[:15] + "')", a},
		"or in parentheses":      {"SELECT Name FROM Account WHERE (Name = 'zz other' OR Name = 'zz ärger') AND (NOT Type = 'Partner')", "ZZ other"},
		"nulls last":             {"SELECT Name FROM Account WHERE Name LIKE 'zz%' ORDER BY AnnualRevenue NULLS LAST", "zz Ärger|ZZ other"},
		"nulls first is usual":   {"SELECT Name FROM Account WHERE Name LIKE 'zz%' ORDER BY AnnualRevenue", "ZZ other|zz Ärger"},
		"limit and offset":       {"SELECT Name FROM Account WHERE Name LIKE 'zz%' ORDER BY Name LIMIT 1 OFFSET 1", "zz Ärger"},
		"ids above one":          {"SELECT Id FROM Account WHERE Id > '" + a + "'", b},
		"semi-join":              {"SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Email = 'a@x.EXAMPLE')", a},
		"date literal":           {"SELECT Days_To_Renewal__c FROM Account WHERE Name LIKE 'zz%' AND Next_Renewal_Date__c = NEXT_N_DAYS:3", "3"},
		"datetime with offset":   {"SELECT Id FROM Account WHERE CreatedDate >= 2026-11-21T11:00:00+01:00 AND Name = 'zz other'", b},
		"boolean":                {"SELECT Id FROM Account WHERE Support_Hold__c = true AND CreatedDate = TODAY", a},
		"canonical letter case":  {"select NAME from ACCOUNT where NAME = 'zz other'", "ZZ other"},
		"relation of custom way": {"SELECT Zuora__Account__r.Name FROM Zuora__Subscription__c WHERE Zuora__Account__c = '" + a + "'", ""},
	}
	for name, tt := range tests {
		if got := strings.Join(ask(t, w, tt.query), "|"); got != tt.want {
			t.Errorf("%s: %s\n got %s\nwant %s", name, tt.query, got, tt.want)
		}
	}
}

// TestABackslashIsNotAnEscape: in a literal it is written twice, and what follows it then
// has its usual meaning.
func TestABackslashIsNotAnEscape(t *testing.T) {
	t.Parallel()
	w, _ := newWorld(t, 3)
	for _, name := range []string{`zq\rest`, `zq\%`, `zq%`, `zq\_`, `zqx`} {
		create(t, w, "Account", "Name", name)
	}
	for where, want := range map[string]string{
		`= 'zq\\%'`:             `zq\%`,
		`IN ('zq\\%', 'zq\\_')`: `zq\%|zq\_`,
		`= 'zq\%'`:              `zq%`,
		`= 'zq%'`:               `zq%`,
		`LIKE 'zq\\%'`:          `zq\%|zq\_|zq\rest`,
		`LIKE 'zq\\\%'`:         `zq\%`,
		`LIKE 'zq\\_'`:          `zq\%|zq\_`,
		`LIKE 'zq\\\_'`:         `zq\_`,
		`LIKE 'zq\%'`:           `zq%`,
		`LIKE 'zq_'`:            `zq%|zqx`,
	} {
		if got := strings.Join(ask(t, w, "SELECT Name FROM Account WHERE Name "+where+" ORDER BY Name"), "|"); got != want {
			t.Errorf("%s: got %s, want %s", where, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w, _ := newWorld(t, 10)
	w.Settings.Hidden["account.industry"] = true
	tests := map[string]struct{ query, code, text string }{
		"unknown field":     {"SELECT Bad__c FROM Account", "INVALID_FIELD", "\nSELECT Bad__c FROM Account\n       ^\nERROR at Row:1:Column:8\nNo such column 'Bad__c' on entity 'Account'. If you are"},
		"hidden field":      {"SELECT Id FROM Account WHERE Industry = 'x'", "INVALID_FIELD", "No such column 'Industry' on entity 'Account'"},
		"children twice":    {"SELECT Id, (SELECT Id FROM Contacts), (SELECT Name FROM contacts) FROM Account", "MALFORMED_QUERY", "duplicate relationship selected: Contacts"},
		"unknown object":    {"SELECT Id FROM Nothing", "INVALID_TYPE", "sObject type 'Nothing' is not supported."},
		"unknown relation":  {"SELECT Ovner.Name FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Ovner' in field path"},
		"unknown children":  {"SELECT Id, (SELECT Id FROM Contact) FROM Account", "INVALID_TYPE", "Didn't understand relationship 'Contact' in FROM part"},
		"long text":         {"SELECT Id FROM Account WHERE Description != null", "INVALID_FIELD", "field 'Description' can not be filtered in a query call"},
		"sorting many":      {"SELECT Id FROM Account ORDER BY Regions__c", "INVALID_FIELD", "field 'Regions__c' can not be sorted"},
		"quoted time":       {"SELECT Id FROM Account WHERE CreatedDate > '2026-01-01'", "INVALID_FIELD", "must be of type dateTime and should not be enclosed in quotes"},
		"date for datetime": {"SELECT Id FROM Account WHERE CreatedDate > 2026-01-01", "INVALID_FIELD", "must be of type dateTime"},
		"bare text":         {"SELECT Id FROM Account WHERE Name = 7", "INVALID_FIELD", "must be of type string and should be enclosed in quotes"},
		"bad id":            {"SELECT Id FROM Account WHERE Id = '001'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: 001"},
		"twice":             {"SELECT Id, ID FROM Account", "INVALID_FIELD", "duplicate field selected: Id"},
		"like on a date":    {"SELECT Id FROM Account WHERE CreatedDate LIKE '2026%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"},
		"too far up":        {"SELECT Parent.Parent.Parent.Parent.Parent.Parent.Name FROM Account", "INVALID_FIELD", "at most 5 levels"},
		"too far down":      {"SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"},
		"includes on text":  {"SELECT Id FROM Account WHERE Name INCLUDES ('x')", "INVALID_QUERY_FILTER_OPERATOR", "multipicklist"},
		"malformed":         {"SELEKT Id", "MALFORMED_QUERY", "unexpected token: SELEKT"},
	}
	for name, tt := range tests {
		_, err := w.Plan(tt.query, false)
		e, ok := errors.AsType[*org.Error](err)
		if !ok || e.Code != tt.code || !strings.Contains(e.Message, tt.text) {
			t.Errorf("%s: %s\n got %v\nwant %s: %s", name, tt.query, err, tt.code, tt.text)
		}
	}
}

func TestWritesRefused(t *testing.T) {
	t.Parallel()
	w, _ := newWorld(t, 10)
	create(t, w, "Account", "Name", "taken", "External_Id__c", "x1")
	tests := map[string]struct {
		object string
		values map[string]any
		code   string
	}{
		"no name":           {"Account", values("Type", "Customer"), "REQUIRED_FIELD_MISSING"},
		"unknown field":     {"Account", values("Name", "a", "Bad__c", 1), "INVALID_FIELD"},
		"formula":           {"Account", values("Name", "a", "Account_ID_18__c", "1"), "INVALID_FIELD_FOR_INSERT_UPDATE"},
		"too long":          {"Account", values("Name", strings.Repeat("é", 256)), "STRING_TOO_LONG"},
		"text for a number": {"Account", values("Name", "a", "Seats__c", "7"), "JSON_PARSER_ERROR"},
		"half an int":       {"Account", values("Name", "a", "NumberOfEmployees", json.Number("1.5")), "JSON_PARSER_ERROR"},
		"number too large":  {"Account", values("Name", "a", "NumberOfEmployees", json.Number("123456789")), "NUMBER_OUTSIDE_VALID_RANGE"},
		"wrong picklist":    {"Account", values("Name", "a", "Support_Tier__c", "Gold"), "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"},
		"wrong object's id": {"Account", values("Name", "a", "ParentId", w.IDOf("Contact", 1)), "MALFORMED_ID"},
		"nobody's id":       {"Account", values("Name", "a", "ParentId", w.IDOf("Account", 999)), "INVALID_CROSS_REFERENCE_KEY"},
		"external id taken": {"Account", values("Name", "a", "External_Id__c", "X1"), "DUPLICATE_VALUE"},
		"bad email":         {"Contact", values("LastName", "a", "Email", "a b@c"), "INVALID_EMAIL_ADDRESS"},
		"fixed object":      {"RecordType", values("Name", "a"), "INVALID_TYPE"},
	}
	for name, tt := range tests {
		_, err := w.Begin("").Create(tt.object, tt.values)
		if e, ok := errors.AsType[*org.Error](err); !ok || e.Code != tt.code {
			t.Errorf("%s: got %v, want %s", name, err, tt.code)
		}
	}
}

// TestIDsKeepTheirLetterCase walks over all records by id, as a client does that goes on
// where it was: ids that differ in letter case only are two places.
func TestIDsKeepTheirLetterCase(t *testing.T) {
	t.Parallel()
	w, _ := newWorld(t, 300)
	last, seen := "", []string{}
	for {
		query := "SELECT Id FROM Account ORDER BY Id LIMIT 7"
		if last != "" {
			query = "SELECT Id FROM Account WHERE Id > '" + last + "' ORDER BY Id LIMIT 7"
		}
		page := ask(t, w, query)
		if len(page) == 0 {
			break
		}
		seen, last = append(seen, page...), page[len(page)-1]
	}
	if !slices.IsSorted(seen) || len(slices.Compact(slices.Clone(seen))) != 300 {
		t.Errorf("%d ids in pages of 7, want 300 in order", len(seen))
	}
}

// TestLargeWorldIsThereAtOnce holds that making it costs nothing and that a filter over
// all of it looks at each record once.
func TestLargeWorldIsThereAtOnce(t *testing.T) {
	t.Parallel()
	w, _ := newWorld(t, 100_000)
	if got := w.Counts()["Account"].Live; got != 100_000 {
		t.Errorf("%d accounts, want 100000", got)
	}
	id := w.IDOf("Account", 99_995)
	if got := count(t, w, "SELECT Id FROM Contact WHERE AccountId = '"+id+"'"); got != 5 {
		t.Errorf("%d contacts of the 99,995th account, want 5", got)
	}
}
