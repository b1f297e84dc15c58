package examples_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/examples"
)

func TestDemoIsWhole(t *testing.T) {
	t.Parallel()
	var names []string
	err := fs.WalkDir(examples.Demo(), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	want := []string{"crm/accounts.csv", "crm/contacts.csv", "crm/manifest.json", "crm/subscriptions.csv", "desksync.schema.json", "desksync.yaml", "overrides.yaml"}
	if err != nil || !slices.Equal(names, want) {
		t.Errorf("the demonstration has %v, %v; want %v", names, err, want)
	}
	src, err := fs.ReadFile(examples.Demo(), "desksync.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := config.Parse("desksync.yaml", src); err != nil {
		t.Error(err)
	}
}

// exports are all the exports that ship.
var exports = map[string]func() (fs.FS, error){
	"demo":           func() (fs.FS, error) { return fs.Sub(examples.Demo(), "crm") },
	"demo, act two":  func() (fs.FS, error) { return fs.Sub(examples.DemoAct2(), "crm") },
	"gitlab's small": func() (fs.FS, error) { return fs.Sub(examples.GitLab(), "crm") },
}

func TestExportsKeepTheirPromise(t *testing.T) {
	t.Parallel()
	for name, open := range exports {
		dir, err := open()
		if err != nil {
			t.Fatal(err)
		}
		var manifest struct {
			Files map[string]struct{ Rows int }
		}
		b, err := fs.ReadFile(dir, "manifest.json")
		if err != nil || json.Unmarshal(b, &manifest) != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, file := range []string{"accounts.csv", "contacts.csv", "subscriptions.csv"} {
			if rows := len(read(t, dir, file)); rows != manifest.Files[file].Rows {
				t.Errorf("%s: %s has %d rows and its manifest promises %d", name, file, rows, manifest.Files[file].Rows)
			}
		}
	}
}

func TestExportsHoldTogether(t *testing.T) {
	t.Parallel()
	for name, open := range exports {
		dir, err := open()
		if err != nil {
			t.Fatal(err)
		}
		accounts := map[string]bool{}
		for _, row := range read(t, dir, "accounts.csv") {
			accounts[row["Id"]] = true
			checkID(t, name, row["Id"])
		}
		for file, key := range map[string]string{"contacts.csv": "AccountId", "subscriptions.csv": "Account__c"} {
			for _, row := range read(t, dir, file) {
				owner := row[key]
				if owner == "" {
					owner = row["AccountId"]
				}
				checkID(t, name, row["Id"])
				if !accounts[owner] {
					t.Errorf("%s: %s %s belongs to no account: %q", name, file, row["Id"], owner)
				}
			}
		}
	}
}

func checkID(t *testing.T, where, id string) {
	t.Helper()
	if full, err := crm.ParseID(id); err != nil || full != id {
		t.Errorf("%s: %q: %v", where, id, err)
	}
}

func read(t *testing.T, dir fs.FS, name string) []map[string]string {
	t.Helper()
	f, err := dir.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, cell := range row {
			m[rows[0][i]] = cell
		}
		out = append(out, m)
	}
	return out
}

// TestStoryNamesItsAccounts reads the story against both exports: an edit needs
// an organization, and each turn of act two a difference in the export.
func TestStoryNamesItsAccounts(t *testing.T) {
	t.Parallel()
	one, two := accountsOf(t, examples.Demo()), accountsOf(t, examples.DemoAct2())
	for _, e := range examples.DemoEdits() {
		if one[e.Account] == nil || e.Who == "" || e.Becomes == "" {
			t.Errorf("%+v is about no account of the export", e)
		}
	}
	for id, column := range map[string]string{examples.JasonEnterprises: "ARR__c", examples.AceTomato: "Owner.Name", examples.Soylent: "Name", examples.Jasons: "Email_Domains__c"} {
		if one[id][column] == two[id][column] {
			t.Errorf("%s: %s is %q in both acts", one[id]["Name"], column, one[id][column])
		}
	}
	for _, id := range []string{examples.Nabeels, examples.Jasons} {
		if !strings.Contains(two[id]["Email_Domains__c"], "awesome-company.example") {
			t.Errorf("%s does not claim the domain in act two", two[id]["Name"])
		}
	}
}

func accountsOf(t *testing.T, dir fs.FS) map[string]map[string]string {
	t.Helper()
	crmDir, err := fs.Sub(dir, "crm")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]string{}
	for _, row := range read(t, crmDir, "accounts.csv") {
		out[row["Id"]] = row
	}
	return out
}

func TestGitLabHasItsCases(t *testing.T) {
	t.Parallel()
	cases, err := fs.Glob(examples.GitLab(), "cases/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []int{1, 2, 4, 6, 7, 13, 16, 19, 21, 22, 24, 26, 30, 32, 37, 38, 44, 46, 49} {
		prefix := fmt.Sprintf("cases/%02d", row)
		if !slices.ContainsFunc(cases, func(name string) bool { return strings.HasPrefix(name, prefix) }) {
			t.Errorf("row %d of the acceptance table has no case", row)
		}
	}
}
