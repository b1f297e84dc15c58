package csvfile_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/crm/csvfile"
)

func TestDescribe(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files map[string]string
		opt   csvfile.Options
		want  string // role: name type, …
	}{
		"headers as they are": {
			files: accounts("Id,Name,CARR_This_Account__c,Owner.Name\n"),
			want:  "account: Id 0, Name 0, CARR_This_Account__c 0, Owner.Name 0\n",
		},
		"headers in capitals are Salesforce's fields": {
			files: accounts("ID,NAME,NUMBEROFEMPLOYEES,PARENTID,CARR__C\n"),
			want:  "account: Id 0, Name 0, NumberOfEmployees 0, ParentId 0, CARR__C 0\n",
		},
		"headers in capitals are what rules and types call them": {
			files: accounts("ID,CARR__C,SEATS__C,KEY__C\n"),
			opt: csvfile.Options{
				Names:   map[crm.Role][]string{crm.Account: {"Carr__c"}},
				Types:   map[crm.Role]map[string]crm.Type{crm.Account: {"Seats__c": crm.Number}},
				Columns: map[crm.Role]csvfile.KeyColumns{crm.Account: {ID: "Key__c"}},
			},
			want: "account: Id 0, Carr__c 0, Seats__c 1, Key__c 0\n",
		},
		"a header that a rule spells exactly so is left alone": {
			files: accounts("Id,NAME\n"), opt: csvfile.Options{Names: map[crm.Role][]string{crm.Account: {"NAME"}}},
			want: "account: Id 0, NAME 0\n",
		},
		"columns without a name and columns twice": {
			files: accounts("Id,Name,,Name,\n"),
			want:  "account: Id 0, Name 0\n",
		},
		"one role for each file": {
			files: map[string]string{
				"accounts.csv": "Id\n", "contacts.csv": "Id,AccountId\n", "subscriptions.csv": "Id,Account__c\n", "relations.csv": "Id,AccountId,ContactId\n",
				"team.csv": "Team Member ID,Account ID,TEAMMEMBERROLE,User.Name\n", "notes.csv": "x\n",
			},
			want: "account: Id 0\ncontact: Id 0, AccountId 0\nsubscription: Id 0, Account__c 0\nrelation: Id 0, AccountId 0, ContactId 0\n" +
				"team member: Team Member ID 0, Account ID 0, TeamMemberRole 0, User.Name 0\n",
		},
		"files of other names": {
			files: map[string]string{"a.csv": "Id\n", "b.csv": "Id,AccountId\n"},
			opt:   csvfile.Options{Files: map[crm.Role]string{crm.Account: "a.csv", crm.Contact: "b.csv"}},
			want:  "account: Id 0\ncontact: Id 0, AccountId 0\n",
		},
		"the organization that the manifest names": {
			files: map[string]string{"accounts.csv": "Id\n", "manifest.json": `{"exported_at": "2026-11-21", "organization": "00DAa0000000001EAA"}`},
			want:  "00DAa0000000001EAA account: Id 0\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.opt.Dir = folder(t, tt.files)
			src, err := csvfile.New(tt.opt)
			if err != nil {
				t.Fatal(err)
			}
			schema, err := src.Describe(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got := schemaText(schema); got != tt.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, tt.want)
			}
		})
	}
}

func schemaText(s crm.Schema) string {
	var b strings.Builder
	if s.Account != "" {
		b.WriteString(s.Account + " ")
	}
	for _, role := range crm.Roles {
		var list []string
		for _, c := range s.Columns[role] {
			list = append(list, fmt.Sprint(c.Name, " ", c.Type))
		}
		if list != nil {
			fmt.Fprintf(&b, "%s: %s\n", role, strings.Join(list, ", "))
		}
	}
	return b.String()
}

// TestDescribeAsked reads what Describe offers: every column can be asked for.
func TestDescribeAsked(t *testing.T) {
	t.Parallel()
	dir := folder(t, accounts("ID,NAME,Custom Field,PARENTID\n"+ace+",A,x,"+bolt+"\n"))
	src, _ := csvfile.New(csvfile.Options{Dir: dir})
	schema, err := src.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var columns []string
	for _, c := range schema.Columns[crm.Account] {
		columns = append(columns, c.Name)
	}
	got := records(t.Context(), t, csvfile.Options{Dir: dir}, crm.Account, columns...)
	if want := ace + " " + ace + " " + bolt + "| " + ace + " | A | x | " + bolt + "\n"; got.err != nil || show(got.records) != want {
		t.Errorf("error %v, got:\n%s\nwant:\n%s", got.err, show(got.records), want)
	}
}

// TestExportWithoutIDs tries a real export that has no ids: it is refused with all
// that helps, and read once told what to use instead.
func TestExportWithoutIDs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/jsforce-accounts.csv")
	if err != nil {
		t.Fatal(err)
	}
	dir := folder(t, accounts(string(text)))
	src, _ := csvfile.New(csvfile.Options{Dir: dir})
	const want = "csvfile.read: invalid: crm/accounts.csv has no column with the id of the account (Id, Account_ID_18__c or \"Account ID\"); " +
		"it has NAME, TYPE, PARENTID, BILLINGSTREET, BILLINGCITY, BILLINGSTATE, BILLINGPOSTALCODE, BILLINGCOUNTRY, SHIPPINGSTREET, SHIPPINGCITY, SHIPPINGSTATE, SHIPPINGPOSTALCODE and 18 more; " +
		"the nearest is ACCOUNTNUMBER: add Id to the export, or name the column under sources.crm.columns.accounts.id (with ids: text if the ids are not Salesforce's)"
	if _, err := src.Describe(t.Context()); err == nil || plain(err.Error(), dir) != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	got := records(t.Context(), t, csvfile.Options{
		Dir: dir, IDs: csvfile.TextIDs, Complete: csvfile.Declared,
		Columns: map[crm.Role]csvfile.KeyColumns{crm.Account: {ID: "Name"}},
		Types:   map[crm.Role]map[string]crm.Type{crm.Account: {"AnnualRevenue": crm.Money}},
	}, crm.Account, "AnnualRevenue", "BillingStreet")
	if got.err != nil || !got.rep.Complete || len(got.records) != 100 {
		t.Fatalf("error %v, %d records, complete: %v %s", got.err, len(got.records), got.rep.Complete, got.rep.Why)
	}
	first := got.records[0]
	if first.ID != "Bulk Account from CSV (bulk2) - #1" || first.Values[0] != "30000000" || first.Values[1] != "345 Shoreline Park\nMountain View, CA 94043\nUSA" {
		t.Errorf("the first record is %q", first)
	}
}

// TestDeveloperEdition reads an excerpt of the sample accounts of every Developer
// Edition: names instead of ids, contacts without any.
func TestDeveloperEdition(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{
		"accounts.csv": "Name,AccountNumber,Type\nEdge Communications,CD451796,Customer - Direct\n\"United Oil & Gas, UK\",,Customer - Direct\nGenePoint,,\n",
		"contacts.csv": "AccountName,FirstName,LastName\nGenePoint,Edna,Frank\n",
	})
	opt := csvfile.Options{Dir: dir, IDs: csvfile.TextIDs, Complete: csvfile.Declared, Columns: map[crm.Role]csvfile.KeyColumns{crm.Account: {ID: "Name"}}}
	got := records(t.Context(), t, opt, crm.Account, "Type")
	if want := "Edge Communications Edge Communications | Customer - Direct\nGenePoint GenePoint | \nUnited Oil & Gas, UK United Oil & Gas, UK | Customer - Direct\n"; show(got.records) != want {
		t.Errorf("got:\n%s\nwant:\n%s", show(got.records), want)
	}
	got = records(t.Context(), t, opt, crm.Contact)
	const want = "crm/contacts.csv has no column with the id of the contact (Id, \"Contact ID\" or \"Contact ID (18)\"); it has AccountName, FirstName, LastName: add Id to the export, or name the column under sources.crm.columns.contacts.id"
	if plain(got.rep.Why, dir) != want {
		t.Errorf("got:\n%s\nwant:\n%s", plain(got.rep.Why, dir), want)
	}
}
