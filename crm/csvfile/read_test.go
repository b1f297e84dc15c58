package csvfile_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/crm/csvfile"
)

// Ids with right checksums, in ascending order.
const (
	ace    = "001Aa000003DGb2IAG"
	bolt   = "001Aa000004QmX1IAK"
	cedar  = "001Aa000004RrT0IAK"
	ann    = "003Aa000001AAAAIA4"
	ben    = "003Aa000001AAABIA4"
	carol  = "003Aa000001AAACIA4"
	header = "Id,Name\n"
)

// folder writes files into a fresh folder.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// result is what one read gave.
type result struct {
	records []crm.Record
	rep     crm.Report
	err     error
}

func records(ctx context.Context, t testing.TB, opt csvfile.Options, role crm.Role, columns ...string) result {
	t.Helper()
	src, err := csvfile.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	var r result
	for rec, err := range src.Records(ctx, crm.Query{Role: role, Columns: columns}, &r.rep) {
		if r.err != nil {
			t.Fatalf("something came after the error %v", r.err)
		}
		if err != nil {
			r.err = err
			continue
		}
		rec.Values = slices.Clone(rec.Values)
		r.records = append(r.records, rec)
	}
	return r
}

// show writes records as "account id parent | values".
func show(list []crm.Record) string {
	var b strings.Builder
	for _, r := range list {
		fmt.Fprintf(&b, "%s %s %s| %s\n", r.Account, r.ID, r.Parent, strings.Join(r.Values, " | "))
	}
	return b.String()
}

func utf16(s string) string {
	out, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(s)
	return out
}

func utf16be(s string) string {
	out, _ := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(s)
	return out
}

func windows1252(s string) string {
	out, _ := charmap.Windows1252.NewEncoder().String(s)
	return out
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	kolkata := time.FixedZone("IST", 5*3600+1800)
	typed := map[crm.Role]map[string]crm.Type{crm.Account: {"Revenue": crm.Money, "Hold": crm.Bool, "Since": crm.Date, "Kinds": crm.Multi}}
	tests := map[string]struct {
		file    string
		opt     csvfile.Options
		columns []string
		want    string
	}{
		"in id order, whatever the file's": {
			file: header + cedar + ",C\n" + ace + ",A\n" + bolt + ",B\n", columns: []string{"Name"},
			want: ace + " " + ace + " | A\n" + bolt + " " + bolt + " | B\n" + cedar + " " + cedar + " | C\n",
		},
		"Data Loader: all quoted, CRLF, byte order mark": {
			file: "\ufeff\"ID\",\"NAME\"\r\n\"" + ace + "\",\"A \"\"one\"\"\"\r\n", columns: []string{"Name"},
			want: ace + " " + ace + " | A \"one\"\n",
		},
		"quoted line breaks become plain ones": {
			file: header + ace + ",\"1 Main St\r\nBerlin\n\"\n", columns: []string{"Name"},
			want: ace + " " + ace + " | 1 Main St\nBerlin\n\n",
		},
		"columns in any order, only those asked for": {
			file: "Secret,Name,Id,Type\nx,A," + ace + ",Customer\n", columns: []string{"Type", "Name"},
			want: ace + " " + ace + " | Customer | A\n",
		},
		"an id of 15 characters becomes one of 18": {
			file: "Id,Name,ParentId\n" + bolt[:15] + ",B," + ace[:15] + "\n", columns: []string{"Id", "ParentId"},
			want: bolt + " " + bolt + " " + ace + "| " + bolt + " | " + ace + "\n",
		},
		"an id that lost its case gets it back from its checksum": {
			file: header + strings.ToUpper(ace) + ",A\n" + strings.ToLower(bolt) + ",B\n", columns: []string{"Name"},
			want: ace + " " + ace + " | A\n" + bolt + " " + bolt + " | B\n",
		},
		"the label of a report": {
			file: "Account Name,Account ID\nA," + ace[:15] + "\n", columns: []string{"Account Name"},
			want: ace + " " + ace + " | A\n",
		},
		"GitLab's formula field": {
			file: "Name,ACCOUNT_ID_18__C\nA," + ace + "\n", columns: []string{"Name"},
			want: ace + " " + ace + " | A\n",
		},
		"a column that the configuration names": {
			file: "Id,Key\nnot an id," + ace + "\n", columns: []string{"Id"},
			opt:  csvfile.Options{Columns: map[crm.Role]csvfile.KeyColumns{crm.Account: {ID: "Key"}}},
			want: ace + " " + ace + " | not an id\n",
		},
		"exponent numbers, checkboxes, dates and choices": {
			file: "Id,Revenue,Hold,Since,Kinds\n" + ace + ",3.00E+07,TRUE,2026-11-20T22:30:00.000+0000,a; b;\n" + bolt + ",,,,\n",
			opt:  csvfile.Options{Types: typed, Location: kolkata}, columns: []string{"Revenue", "Hold", "Since", "Kinds"},
			want: ace + " " + ace + " | 30000000 | true | 2026-11-21 | a;b\n" + bolt + " " + bolt + " |  |  |  | \n",
		},
		"the types hold for headers in capitals": {
			file: "ID,REVENUE\n" + ace + ",1.50\n", opt: csvfile.Options{Types: typed}, columns: []string{"Revenue"},
			want: ace + " " + ace + " | 1.5\n",
		},
		"American dates, if declared": {
			file: "Id,Since\n" + ace + ",11/2/2026\n" + bolt + ",\"11/2/2026, 3:05 PM\"\n", columns: []string{"Since"},
			opt:  csvfile.Options{Types: typed, Dates: csvfile.MonthFirst},
			want: ace + " " + ace + " | 2026-11-02\n" + bolt + " " + bolt + " | 2026-11-02\n",
		},
		"German dates, if declared": {
			file: "Id,Since\n" + ace + ",2.11.2026\n" + bolt + ",2026-11-03\n", columns: []string{"Since"},
			opt:  csvfile.Options{Types: typed, Dates: csvfile.DayFirst},
			want: ace + " " + ace + " | 2026-11-02\n" + bolt + " " + bolt + " | 2026-11-03\n",
		},
		"UTF-16, little end first": {
			file: utf16(header + ace + ",Łódź 株式会社 🚀\n"), columns: []string{"Name"},
			want: ace + " " + ace + " | Łódź 株式会社 🚀\n",
		},
		"UTF-16, big end first": {
			file: utf16be(header + ace + ",Łódź\n"), columns: []string{"Name"},
			want: ace + " " + ace + " | Łódź\n",
		},
		"Windows-1252, if declared": {
			file: windows1252(header + ace + ",Müller – Söhne €\n"), opt: csvfile.Options{Encoding: csvfile.Windows1252}, columns: []string{"Name"},
			want: ace + " " + ace + " | Müller – Söhne €\n",
		},
		"semicolons": {
			file: "Id;Name\n" + ace + ";A, B\n", columns: []string{"Name"},
			want: ace + " " + ace + " | A, B\n",
		},
		"tabs": {
			file: "Id\tName\n" + ace + "\tA, B\n", columns: []string{"Name"},
			want: ace + " " + ace + " | A, B\n",
		},
		"the spreadsheet's hint before the header": {
			file: "sep=;\r\nId;Name\r\n" + ace + ";A\r\n", columns: []string{"Name"},
			want: ace + " " + ace + " | A\n",
		},
		"blank lines and empty rows": {
			file: header + "\n" + ace + ",A\n,\n\r\n\"\",\"\"\n\n", columns: []string{"Name"},
			want: ace + " " + ace + " | A\n",
		},
		"zero bytes": {
			file: header + ace + ",A\x00B\n", columns: []string{"Name"},
			want: ace + " " + ace + " | AB\n",
		},
		"no rows": {file: header, columns: []string{"Name"}},
		"the footer of a report": {
			file:    header + ace + ",A\n\n\n\"Grand Totals (1 records)\"\n\n\"Accounts\"\n\"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved.\"\n\"Confidential Information - Do Not Distribute\"\n\"Generated By:  Ann Lee  21/11/2026 09:00\"\n\"Acme\"\n",
			columns: []string{"Name"}, want: ace + " " + ace + " | A\n",
		},
		"totals in a row of their own": {
			file: "Name,Id\nA," + ace + "\nGrand Totals (1 records),\n", columns: []string{"Name"},
			want: ace + " " + ace + " | A\n",
		},
		"ids that are any text": {
			file: "Key,Name,ParentId\nB-2,B,A-1\nA-1,A,\nä,C,\n", columns: []string{"Name"},
			opt:  csvfile.Options{IDs: csvfile.TextIDs, Columns: map[crm.Role]csvfile.KeyColumns{crm.Account: {ID: "Key"}}},
			want: "A-1 A-1 | A\nB-2 B-2 A-1| B\nä ä | C\n",
		},
		"an account that is its own parent is the caller's to judge": {
			file: "Id,ParentId\n" + ace + "," + ace + "\n",
			want: ace + " " + ace + " " + ace + "| \n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.opt.Dir, tt.opt.Complete = folder(t, map[string]string{"accounts.csv": tt.file}), csvfile.Declared
			got := records(t.Context(), t, tt.opt, crm.Account, tt.columns...)
			if got.err != nil || !got.rep.Complete || got.rep.BadRows > 0 {
				t.Fatalf("error %v, complete: %v %s, skipped %v", got.err, got.rep.Complete, got.rep.Why, got.rep.Skipped)
			}
			if s := show(got.records); s != tt.want {
				t.Errorf("got:\n%s\nwant:\n%s", s, tt.want)
			}
		})
	}
}

func TestChildren(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		role       crm.Role
		name, file string
		columns    []string
		want       string
	}{
		"contacts by account, then id": {
			role: crm.Contact, name: "contacts.csv", columns: []string{"Email"},
			file: "Id,AccountId,Email\n" + ann + "," + bolt + ",ann@b.example\n" + carol + "," + ace + ",c@a.example\n" + ben + "," + ace + ",b@a.example\n",
			want: ace + " " + ben + " | b@a.example\n" + ace + " " + carol + " | c@a.example\n" + bolt + " " + ann + " | ann@b.example\n",
		},
		"private contacts belong to no account": {
			role: crm.Contact, name: "contacts.csv", columns: []string{"AccountId"},
			file: "Id,AccountId\n" + ann + ",\n" + ben + "," + ace[:15] + "\n",
			want: ace + " " + ben + " | " + ace + "\n",
		},
		"charges with a lookup of their own": {
			role: crm.Subscription, name: "subscriptions.csv", columns: []string{"Product__c"},
			file: "Id,Account__c,Product__c\na2BAa0000034ucyMAA," + ace + ",Gold\n",
			want: ace + " a2BAa0000034ucyMAA | Gold\n",
		},
		"relations": {
			role: crm.Relation, name: "relations.csv", columns: []string{"ContactId", "IsActive", "Roles"},
			file: "Id,AccountId,ContactId,IsActive,Roles\n07kAa000003zhHM," + ace + "," + ann[:15] + ",true,Buyer;Consultant\n",
			want: ace + " 07kAa000003zhHMIAY | " + ann + " | true | Buyer;Consultant\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t, map[string]string{tt.name: tt.file})
			got := records(t.Context(), t, csvfile.Options{Dir: dir, Complete: csvfile.Declared}, tt.role, tt.columns...)
			if got.err != nil || !got.rep.Complete || show(got.records) != tt.want {
				t.Errorf("error %v, complete: %v %s, got:\n%s\nwant:\n%s", got.err, got.rep.Complete, got.rep.Why, show(got.records), tt.want)
			}
		})
	}
}

// TestOrderOfRows reads the same rows in any order, spilled or not.
func TestOrderOfRows(t *testing.T) {
	t.Parallel()
	var rows []string
	for i := range 3000 {
		rows = append(rows, fmt.Sprintf("c%d,a%d,%s\n", i, i%300, strings.Repeat("x", i%500)))
	}
	read := func(rows []string) result {
		dir := folder(t, map[string]string{"contacts.csv": "Id,AccountId,Name\n" + strings.Join(rows, "")})
		return records(t.Context(), t, csvfile.Options{Dir: dir, IDs: csvfile.TextIDs, Complete: csvfile.Declared, Memory: 1}, crm.Contact, "Name")
	}
	want := show(read(rows).records)
	for range 3 {
		rand.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		got := read(rows)
		if show(got.records) != want || got.rep.Rows != len(rows) {
			t.Fatalf("%d rows in another order read differently", got.rep.Rows)
		}
		if !slices.IsSortedFunc(got.records, func(a, b crm.Record) int {
			return strings.Compare(a.Account+"\x00"+a.ID, b.Account+"\x00"+b.ID)
		}) {
			t.Fatal("the records do not ascend by account and id")
		}
	}
}

// TestAnyText writes any text as CSV and reads it back.
func TestAnyText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.SampledFrom([]rune("\",;\n=é🚀 ")), rapid.Rune().Filter(func(r rune) bool { return r != 0 && r != '\r' && r != 0xFFFD })))
		values := rapid.SliceOfN(text, 1, 5).Draw(rt, "values")
		file := header
		for i, v := range values {
			file += fmt.Sprintf("k%d,\"%s\"\n", i, strings.ReplaceAll(v, `"`, `""`))
		}
		dir := folder(t, map[string]string{"accounts.csv": file})
		got := records(t.Context(), t, csvfile.Options{Dir: dir, IDs: csvfile.TextIDs, Complete: csvfile.Declared}, crm.Account, "Name")
		if got.err != nil || len(got.records) != len(values) {
			rt.Fatalf("%q: %v, %d records", file, got.err, len(got.records))
		}
		for i, v := range values {
			if have := got.records[i].Values[0]; have != v {
				rt.Fatalf("wrote %q, read %q", v, have)
			}
		}
	})
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	temp := t.TempDir()
	got := records(ctx, t, csvfile.Options{Dir: folder(t, map[string]string{"accounts.csv": header + ace + ",A\n"}), TempDir: temp}, crm.Account)
	if !errors.Is(got.err, context.Canceled) || len(got.records) > 0 || got.rep.Complete {
		t.Errorf("error %v, %d records, complete: %v; want context.Canceled and nothing", got.err, len(got.records), got.rep.Complete)
	}
	if left, _ := os.ReadDir(temp); len(left) > 0 {
		t.Errorf("%d files are left in the temporary directory", len(left))
	}
}

func TestStoppedByTheReader(t *testing.T) {
	t.Parallel()
	src, err := csvfile.New(csvfile.Options{Dir: folder(t, map[string]string{"accounts.csv": header + ace + ",A\n" + bolt + ",B\n"})})
	if err != nil {
		t.Fatal(err)
	}
	var rep crm.Report
	for rec := range src.Records(t.Context(), crm.Query{Role: crm.Account}, &rep) {
		if rec.ID != ace {
			t.Errorf("the first record is %s, want %s", rec.ID, ace)
		}
		break
	}
}
