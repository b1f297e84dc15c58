package crmgen_test

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/crm/csvfile"
	"github.com/desksync/desksync/internal/crmgen"
	"github.com/desksync/desksync/internal/day"
)

func write(t *testing.T, opt crmgen.Options) (string, crmgen.Totals) {
	t.Helper()
	dir := t.TempDir()
	totals, err := crmgen.Write(t.Context(), dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	return dir, totals
}

func load(t *testing.T, dir, file string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := make([]map[string]string, 0, len(rows)-1)
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

// stream reads some columns of a file that is too large to keep whole.
func stream(t *testing.T, dir, file string, columns ...string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in, out := csv.NewReader(f), make([][]string, len(columns))
	header, err := in.Read()
	for err == nil {
		var row []string
		if row, err = in.Read(); err == nil {
			for i, name := range columns {
				out[i] = append(out[i], row[slices.Index(header, name)])
			}
		}
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return out
}

func column(rows []map[string]string, name string) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r[name])
	}
	return out
}

// repeated counts the values that stand more than once, folded as claims are.
func repeated(values []string) int {
	seen, n := map[string]bool{}, 0
	for _, v := range values {
		v = cases.Fold().String(norm.NFKC.String(strings.Join(strings.Fields(v), " ")))
		if seen[v] {
			n++
		}
		seen[v] = true
	}
	return n
}

func TestNothingIsClaimedTwice(t *testing.T) {
	t.Parallel()
	dir, _ := write(t, crmgen.Options{Accounts: 20_000, Contacts: 1, Charges: 0.1})
	accounts := stream(t, dir, crmgen.AccountsFile, "Id", "Name", "Email_Domains__c")
	for what, values := range map[string][]string{
		"id": accounts[0], "name": accounts[1], "domain": strings.Split(strings.Join(accounts[2], ";"), ";"),
		"e-mail": stream(t, dir, crmgen.ContactsFile, "Email")[0],
	} {
		if n := repeated(values); n > 0 {
			t.Errorf("%d of %d values are a %s that another one has", n, len(values), what)
		}
	}
}

func TestOdditiesAreThere(t *testing.T) {
	t.Parallel()
	odd := crmgen.Odd{
		DuplicateNames: 0.1, SharedDomains: 0.1, SharedEmails: 0.1, UnknownProducts: 0.1, Expired: 0.1,
		SeveralPlans: 0.2, LongNames: 0.1, Partners: 0.1, Holds: 0.1,
	}
	dir, _ := write(t, crmgen.Options{Accounts: 2000, Charges: 2, Odd: odd})
	accounts, contacts, charges := load(t, dir, crmgen.AccountsFile), load(t, dir, crmgen.ContactsFile), load(t, dir, crmgen.SubscriptionsFile)
	var domains []string
	for _, d := range column(accounts, "Email_Domains__c") {
		domains = append(domains, strings.Split(d, ";")...)
	}
	products := map[string]map[string]bool{}
	unknown := 0
	for _, c := range charges {
		if !slices.Contains(crmgen.Products(), c["Product__c"]) {
			unknown++
			continue
		}
		if products[c["Account__c"]] == nil {
			products[c["Account__c"]] = map[string]bool{}
		}
		products[c["Account__c"]][c["Product__c"]] = true
	}
	several := 0
	for _, p := range products {
		several += len(p) / 2
	}
	long := len(slices.DeleteFunc(column(accounts, "Name"), func(n string) bool { return len(n) != 300 }))
	for what, n := range map[string]int{
		"duplicate names": repeated(column(accounts, "Name")), "shared domains": repeated(domains), "shared e-mails": repeated(column(contacts, "Email")) / 2,
		"unknown products": unknown / 2, "expired accounts": tally(accounts, "Type", "Former Customer"), "several plans": several / 2,
		"long names": long, "partners": tally(accounts, "Type", "Partner"), "holds": tally(accounts, "Support_Hold__c", "true"),
	} {
		if n < 120 || n > 300 {
			t.Errorf("%s: %d of 2000, want about 200", what, n)
		}
	}
}

func tally(rows []map[string]string, column, value string) int {
	n := 0
	for _, r := range rows {
		if r[column] == value {
			n++
		}
	}
	return n
}

func TestSameSeedSameFiles(t *testing.T) {
	t.Parallel()
	opt := crmgen.Options{Accounts: 500, Seed: 7, Relations: 0.2, Odd: crmgen.RealLife()}
	a, _ := write(t, opt)
	b, _ := write(t, opt)
	opt.Seed = 8
	c, _ := write(t, opt)
	for _, name := range []string{crmgen.AccountsFile, crmgen.ContactsFile, crmgen.SubscriptionsFile} {
		first, again, other := read(t, a, name), read(t, b, name), read(t, c, name)
		if first != again {
			t.Errorf("%s differs between two runs with the same seed", name)
		}
		if first == other {
			t.Errorf("%s is the same for two seeds", name)
		}
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestShuffledHasTheSameRows(t *testing.T) {
	t.Parallel()
	sorted, _ := write(t, crmgen.Options{Accounts: 1000})
	shuffled, _ := write(t, crmgen.Options{Accounts: 1000, Shuffled: true})
	a, b := column(load(t, sorted, crmgen.ContactsFile), "Id"), column(load(t, shuffled, crmgen.ContactsFile), "Id")
	if !slices.IsSorted(a) || slices.IsSorted(b) {
		t.Errorf("sorted: %v, shuffled: %v; want true, false", slices.IsSorted(a), slices.IsSorted(b))
	}
	slices.Sort(b)
	if !slices.Equal(a, b) {
		t.Error("the shuffled export has other contacts than the sorted one")
	}
}

func TestEverythingBelongsTogether(t *testing.T) {
	t.Parallel()
	dir, totals := write(t, crmgen.Options{Accounts: 1000, Relations: 0.1, Odd: crmgen.RealLife()})
	if want := (crmgen.Totals{Accounts: 1000, Contacts: 2400, Charges: 1500, Relations: 240}); totals != want {
		t.Errorf("totals are %+v, want %+v", totals, want)
	}
	before := map[string]bool{"": true}
	arr := map[string]string{}
	for _, a := range load(t, dir, crmgen.AccountsFile) {
		if !before[a["ParentId"]] {
			t.Errorf("the parent %s of %s does not come before it", a["ParentId"], a["Id"])
		}
		before[a["Id"]] = true
		arr[a["Id"]] = a["CARR_This_Account__c"]
	}
	for file, column := range map[string]string{crmgen.ContactsFile: "AccountId", crmgen.SubscriptionsFile: "Account__c", crmgen.RelationsFile: "AccountId"} {
		for _, row := range load(t, dir, file) {
			if !before[row[column]] {
				t.Errorf("%s: %s belongs to %q, which is no account", file, row["Id"], row[column])
			}
		}
	}
}

func TestCSVFileTakesItWhole(t *testing.T) {
	t.Parallel()
	dir, totals := write(t, crmgen.Options{Accounts: 1000, Relations: 0.1, Shuffled: true, Odd: crmgen.RealLife()})
	src, err := csvfile.New(csvfile.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	want := map[crm.Role]int{crm.Account: totals.Accounts, crm.Contact: totals.Contacts, crm.Subscription: totals.Charges, crm.Relation: totals.Relations}
	for role, n := range want {
		var rep crm.Report
		for _, err := range src.Records(t.Context(), crm.Query{Role: role}, &rep) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if rep.Rows != n || rep.BadRows > 0 || !rep.Complete || rep.Exported != day.MustParse("2026-11-21") {
			t.Errorf("%s: read %d rows, %d bad, complete: %v %s, exported %s; want %d, none, complete, 2026-11-21", role, rep.Rows, rep.BadRows, rep.Complete, rep.Why, rep.Exported, n)
		}
	}
}

func TestChangeLastCharge(t *testing.T) {
	t.Parallel()
	dir, _ := write(t, crmgen.Options{Accounts: 1000, Shuffled: true})
	old := read(t, dir, crmgen.SubscriptionsFile)
	before, after, err := crmgen.ChangeLastCharge(dir, func(c *crmgen.Charge) { c.Product, c.End = "Gold, longer", c.End+365 })
	if err != nil {
		t.Fatal(err)
	}
	if before.ID != after.ID || after.End != before.End+365 {
		t.Errorf("the charge went from %+v to %+v", before, after)
	}
	changed := read(t, dir, crmgen.SubscriptionsFile)
	cut := strings.LastIndexByte(strings.TrimSuffix(old, "\n"), '\n') + 1
	if changed[:cut] != old[:cut] || !strings.Contains(changed[cut:], `"Gold, longer"`) {
		t.Errorf("the end of the file went from %q to %q; only the last row may change", old[cut:], changed[min(cut, len(changed)):])
	}
	if _, back, err := crmgen.ChangeLastCharge(dir, func(c *crmgen.Charge) { *c = before }); err != nil || back != before || read(t, dir, crmgen.SubscriptionsFile) != old {
		t.Errorf("changed back it is not what it was: %v", err)
	}
	stillProves(t, dir)
}

// stillProves checks that an edited export still proves itself.
func stillProves(t *testing.T, dir string) {
	t.Helper()
	src, err := csvfile.New(csvfile.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range crm.Roles[:3] {
		var rep crm.Report
		for _, err := range src.Records(t.Context(), crm.Query{Role: role}, &rep) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if !rep.Complete {
			t.Error(rep.Why)
		}
	}
}

func TestEdit(t *testing.T) {
	t.Parallel()
	dir, _ := write(t, crmgen.Options{Accounts: 100})
	n := 0
	err := crmgen.Edit(dir, crmgen.AccountsFile, func(cell func(string) *string) bool {
		*cell("Name") += " (new)"
		n++
		return n%2 == 0
	})
	if err != nil {
		t.Fatal(err)
	}
	names := column(load(t, dir, crmgen.AccountsFile), "Name")
	if len(names) != 50 || !strings.HasSuffix(names[0], " (new)") {
		t.Errorf("%d accounts are left, the first is %q; want 50, renamed", len(names), names[0])
	}
	stillProves(t, dir)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	if _, err := crmgen.Write(t.Context(), t.TempDir(), crmgen.Options{}); err == nil {
		t.Error("no accounts at all were accepted")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := crmgen.Write(ctx, t.TempDir(), crmgen.Options{Accounts: 10}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func BenchmarkWrite(b *testing.B) {
	const accounts = 50_000
	dir := b.TempDir()
	for b.Loop() {
		if _, err := crmgen.Write(b.Context(), dir, crmgen.Options{Accounts: accounts}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(accounts*b.N)/b.Elapsed().Seconds(), "accounts/s")
}
