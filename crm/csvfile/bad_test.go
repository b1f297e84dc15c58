package csvfile_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/crm/csvfile"
	"github.com/desksync/desksync/internal/fault"
)

// plain makes a message independent of where the test's folder is.
func plain(text, dir string) string {
	return strings.ReplaceAll(text, filepath.ToSlash(dir), "crm")
}

func TestRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files   map[string]string
		opt     csvfile.Options
		columns []string
		kind    fault.Kind
		want    string
	}{
		"no file": {
			kind: fault.NotFound,
			want: "crm/accounts.csv does not exist; it holds no CSV file at all: put the file there, or name it under sources.crm.files.accounts",
		},
		"files of other names": {
			files: map[string]string{"Account.csv": header, "Contact.CSV": header, "notes.txt": ""}, kind: fault.NotFound,
			want: "crm/accounts.csv does not exist; it holds Account.csv, Contact.CSV: put the file there, or name it under sources.crm.files.accounts",
		},
		"no folder": {
			opt: csvfile.Options{Dir: "no-such-folder"}, kind: fault.NotFound,
			want: "the folder no-such-folder does not exist; export the CRM's accounts there, or correct sources.crm.dir",
		},
		"an empty file": {
			files: accounts(" \n"),
			want:  "crm/accounts.csv is empty; export it again",
		},
		"no id column": {
			files: accounts("Name,AccountNumber,Type\nEdge Communications,CD451796,Customer - Direct\n"),
			want: `crm/accounts.csv has no column with the id of the account (Id, Account_ID_18__c or "Account ID"); it has Name, AccountNumber, Type; the nearest is AccountNumber: ` +
				"add Id to the export, or name the column under sources.crm.columns.accounts.id (with ids: text if the ids are not Salesforce's)",
		},
		"the id column that the configuration names is missing": {
			files: accounts("Id,Customer_Key\n"), opt: csvfile.Options{IDs: csvfile.TextIDs, Name: "erp", Columns: map[crm.Role]csvfile.KeyColumns{crm.Account: {ID: "CustomerKey__c"}}},
			want: "crm/accounts.csv has no column with the id of the account (CustomerKey__c); it has Id, Customer_Key; the nearest is Customer_Key: " +
				"add CustomerKey__c to the export, or name the column under sources.erp.columns.accounts.id",
		},
		"the parent column that the configuration names is missing": {
			files: accounts(header), opt: csvfile.Options{Columns: map[crm.Role]csvfile.KeyColumns{crm.Account: {Parent: "Ultimate__c"}}},
			want: "crm/accounts.csv has no column with the id of the parent account (Ultimate__c); it has Id, Name: " +
				"add Ultimate__c to the export, or name the column under sources.crm.columns.accounts.parent (with ids: text if the ids are not Salesforce's)",
		},
		"a column that a rule reads is missing": {
			files: accounts("Id,CARR_This_Account__c\n"), columns: []string{"CARR_This_Acount__c"},
			want: "crm/accounts.csv has no column CARR_This_Acount__c; it has Id, CARR_This_Account__c; the nearest is CARR_This_Account__c: add it to the export, or take it out of the rules",
		},
		"a column twice": {
			files: accounts("Id,Name,NAME\n"), columns: []string{"name"},
			want: "crm/accounts.csv has the column name twice (columns 2 and 3); export it once",
		},
		"a closing quote followed by text": {
			files: accounts(header + ace + ",A\n" + bolt + ",\"B\"x\n"),
			want:  "crm/accounts.csv:3:23: broken quoting: a closing quote is followed by more text; quotes inside a value must be doubled (\"\"): export the file again",
		},
		"a quote inside a bare value": {
			files: accounts(header + ace + ",5\" pipe\n"),
			want:  "crm/accounts.csv:2:21: broken quoting: a quote stands inside a value that is not quoted; quotes inside a value must be doubled (\"\"): export the file again",
		},
		"broken quoting some lines into a record": {
			files: accounts(header + ace + ",\"A\nB\" C\"\n"),
			want:  "crm/accounts.csv:3:3: broken quoting: a closing quote is followed by more text (the record begins on line 2); quotes inside a value must be doubled (\"\"): export the file again",
		},
		"a quote that is never closed in a large file": {
			files: accounts(header + ace + ",\"A\n" + strings.Repeat(bolt+",B\n", 400_000)),
			want:  "crm/accounts.csv:2: the record that begins here does not end within 8 MiB: most likely a quote is opened and never closed; export the file again",
		},
		"a quote in the header that is never closed": {
			files: accounts("Id,\"Name\n" + ace + ",A\n"),
			want:  "crm/accounts.csv:1: a quote in the header is never closed; export the file again",
		},
		"Windows-1252": {
			files: accounts(header + ace + ",A\n" + bolt + ",\"x\nCaf\xe9\"\n"),
			want:  "crm/accounts.csv:4: the byte 0xE9 is not UTF-8, in Windows-1252 it would be 'é': export the file with the encoding UTF-8, or set encoding: windows-1252",
		},
		"neither UTF-8 nor Windows-1252": {
			files: accounts(header + ace + ",Caf\x81\n"),
			want:  "crm/accounts.csv:2: the byte 0x81 is not UTF-8, and Windows-1252 has no such byte either: export the file with the encoding UTF-8",
		},
		"UTF-16 without a mark": {
			files: accounts(utf16(header + ace + ",A\n")[2:]),
			want:  "crm/accounts.csv is not CSV but UTF-16 without a byte order mark; save it as UTF-8",
		},
		"an Excel workbook": {
			files: accounts("PK\x03\x04\x14\x00"),
			want:  "crm/accounts.csv is not CSV but an Excel workbook or a zip archive; unpack it, or save it as CSV (UTF-8)",
		},
		"a report exported as Excel, which is HTML": {
			files: accounts("\n<html><table>"),
			want:  "crm/accounts.csv is not CSV but HTML or XML: Salesforce exports reports so when Excel is chosen; choose the format CSV, encoding UTF-8",
		},
		"line ends of old Macs": {
			files: accounts("Id,Name\r" + ace + ",A\r"),
			want:  "crm/accounts.csv ends its lines with a lone carriage return, as old Macs do; save it with line ends LF or CRLF",
		},
		"a folder of that name": {
			files: map[string]string{}, opt: csvfile.Options{Files: map[crm.Role]string{crm.Account: "."}},
			want: "crm is a folder; a CSV file was expected",
		},
		"ids that lost their letter case": {
			files: accounts(header + foldedIDs(200)),
			want:  "crm/accounts.csv has 200 ids of 15 characters and all their letters are small letters: some tool between the CRM and this file has folded case, and such ids name other records; export the 18-character ids (CASESAFEID)",
		},
		"a manifest that is none": {
			files: map[string]string{"accounts.csv": header, "manifest.json": `{"rows": 3}`}, opt: csvfile.Options{Complete: csvfile.ByManifest},
			want: "crm/manifest.json cannot be used: [1:2] unknown field \"rows\"\n>  1 | {\"rows\": 3}\n        ^\n",
		},
		"a manifest without a time": {
			files: map[string]string{"accounts.csv": header, "manifest.yaml": "files: {accounts.csv: 0}"}, opt: csvfile.Options{Complete: csvfile.ByManifest},
			want: "crm/manifest.yaml cannot be used: exported_at is missing; write when the export was made, such as 2026-11-21T05:00:00Z",
		},
		"a manifest with a time that is none": {
			files: map[string]string{"accounts.csv": header, "manifest.yaml": "exported_at: yesterday"}, opt: csvfile.Options{Complete: csvfile.ByManifest},
			want: `crm/manifest.yaml cannot be used: exported_at: "yesterday" is not a date; write YYYY-MM-DD, or an instant such as 2026-11-21T05:00:00Z`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t, tt.files)
			if tt.opt.Dir == "" {
				tt.opt.Dir = dir
			}
			if tt.opt.Complete == "" {
				tt.opt.Complete = csvfile.Declared
			}
			if tt.kind == fault.Unknown {
				tt.kind = fault.Invalid
			}
			got := records(t.Context(), t, tt.opt, crm.Account, tt.columns...)
			if len(got.records) > 0 || got.rep.Complete || fault.KindOf(got.err) != tt.kind {
				t.Fatalf("%d records, complete: %v, %v; want none, and a fault of kind %s", len(got.records), got.rep.Complete, got.err, tt.kind)
			}
			if why := plain(got.rep.Why, dir); why != tt.want {
				t.Errorf("got:\n%s\nwant:\n%s", why, tt.want)
			}
			if !strings.HasSuffix(got.err.Error(), got.rep.Why) {
				t.Errorf("the error says %q and the report %q", got.err, got.rep.Why)
			}
		})
	}
}

func accounts(text string) map[string]string { return map[string]string{"accounts.csv": text} }

// foldedIDs are rows whose ids were lowered by some tool.
func foldedIDs(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "001aa000003d%c%c%c,A\n", 'a'+i%26, 'a'+i/26%26, '0'+i%10)
	}
	return b.String()
}

func TestSkipped(t *testing.T) {
	t.Parallel()
	typed := map[crm.Role]map[string]crm.Type{crm.Account: {"Revenue": crm.Money, "Hold": crm.Bool, "Since": crm.Date}}
	tests := map[string]struct {
		file    string
		opt     csvfile.Options
		columns []string
		want    string // where: what; fix
	}{
		"a wrong checksum": {
			file: header + ace[:15] + "IAH,A\n" + bolt + ",B\n",
			want: "crm/accounts.csv:2: the id 001Aa000003DGb2IAH has a wrong checksum (001Aa000003DGb2 ends in IAG); correct it in the CRM's export; ids are case-sensitive, and spreadsheets change them",
		},
		"an id that is none": {
			file: header + "1.00E+17,A\n" + bolt + ",B\n",
			want: "crm/accounts.csv:2: the id 1.00E+17 has 8 characters; a Salesforce id has 15 or 18; export the column that holds the CRM's own id, or set ids: text if these ids are not Salesforce's",
		},
		"no id": {
			file: header + ",A\n" + bolt + ",B\n",
			want: "crm/accounts.csv:2: the column Id is empty; every row needs it; export it again",
		},
		"a parent with a wrong checksum": {
			file: "Id,ParentId\n" + ace + "," + bolt[:15] + "AAA\n" + bolt + ",\n",
			want: "crm/accounts.csv:2: the id 001Aa000004QmX1AAA has a wrong checksum (001Aa000004QmX1 ends in IAK); correct it in the CRM's export; ids are case-sensitive, and spreadsheets change them",
		},
		"too few cells": {
			file: header + ace + "\n" + bolt + ",B\n",
			want: "crm/accounts.csv:2: the row has 1 cell and the header 2; the row was cut, or a line break inside a value is not quoted; export it again",
		},
		"too few cells of three, and good rows behind": {
			file: "Id,Name,Type\n" + ace + ",A\n" + bolt + ",B,C\n",
			want: "crm/accounts.csv:2: the row of " + ace + " has 2 cells and the header 3; the row was cut, or a line break inside a value is not quoted; export it again",
		},
		"too many cells, behind a record of three lines": {
			file: header + bolt + ",\"B\n\nB\"\n" + ace + ",Acme, Inc.\n",
			want: "crm/accounts.csv:5: the row of " + ace + " has 3 cells and the header 2; most likely a value with a comma is not quoted; export it again",
		},
		"too many cells, before the id": {
			file: "Name,Id\nAcme, Inc.," + ace + "\nB," + bolt + "\n",
			want: "crm/accounts.csv:2: the row has 3 cells and the header 2; most likely a value with a comma is not quoted; export it again",
		},
		"a word in a number": {
			file: "Id,Revenue\n" + ace + ",many\n" + bolt + ",1\n", opt: csvfile.Options{Types: typed}, columns: []string{"Revenue"},
			want: `crm/accounts.csv:2: Revenue: "many" is not a number; correct the value, or the type of the column under columns.accounts.types`,
		},
		"a date in somebody's order": {
			file: "Id,Since\n" + ace + ",11/12/2026\n" + bolt + ",\n", opt: csvfile.Options{Types: typed}, columns: []string{"Since"},
			want: `crm/accounts.csv:2: Since: "11/12/2026" is a date in somebody's local order; export dates as YYYY-MM-DD, or set dates: mdy or dates: dmy; correct the value, or the type of the column under columns.accounts.types`,
		},
		"an American date read as a European one": {
			file: "Id,Since\n" + ace + ",11/21/2026\n" + bolt + ",\n", opt: csvfile.Options{Types: typed, Dates: csvfile.DayFirst}, columns: []string{"Since"},
			want: `crm/accounts.csv:2: Since: "2026-21-11" is not a date; write YYYY-MM-DD; correct the value, or the type of the column under columns.accounts.types`,
		},
		"neither true nor false": {
			file: "Id,Hold\n" + ace + ",maybe\n" + bolt + ",1\n", opt: csvfile.Options{Types: typed}, columns: []string{"Hold"},
			want: `crm/accounts.csv:2: Hold: "maybe" is not a checkbox value; true or false was expected; correct the value, or the type of the column under columns.accounts.types`,
		},
		"a slash in a key": {
			file: header + "DE/1,A\n" + bolt + ",B\n", opt: csvfile.Options{IDs: csvfile.TextIDs},
			want: `crm/accounts.csv:2: the id "DE/1" has a slash, which stands between the two ids of a membership; export ids without slashes`,
		},
		"a key of 300 characters": {
			file: header + strings.Repeat("x", 300) + ",A\n" + bolt + ",B\n", opt: csvfile.Options{IDs: csvfile.TextIDs},
			want: `crm/accounts.csv:2: the id "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…" has more than 255 characters; name the column that holds the id under columns`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t, accounts(tt.file))
			tt.opt.Dir, tt.opt.Complete = dir, csvfile.Declared
			got := records(t.Context(), t, tt.opt, crm.Account, tt.columns...)
			if got.err != nil || len(got.records) != 1 || got.records[0].ID != bolt || got.rep.BadRows != 1 {
				t.Fatalf("error %v, records %v, %d bad rows; want the other record and one bad row", got.err, got.records, got.rep.BadRows)
			}
			bad := got.rep.Skipped[0]
			if have := plain(bad.Where+": "+bad.What+"; "+bad.Fix, dir); have != tt.want {
				t.Errorf("got:\n%s\nwant:\n%s", have, tt.want)
			}
			const why = "1 of 2 rows in crm/accounts.csv could not be read, so a record that is missing may be one of them; mend them or export again"
			if got.rep.Complete || plain(got.rep.Why, dir) != why {
				t.Errorf("complete: %v, because %q; want %q", got.rep.Complete, got.rep.Why, why)
			}
		})
	}
}

func TestRepeated(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		role     crm.Role
		file     string
		opt      csvfile.Options
		records  int
		complete bool
		skipped  []string
		noted    []string
	}{
		"an account twice": {
			role: crm.Account, file: "Id,Name\n" + ace + ",first\n" + bolt + ",B\n" + ace[:15] + ",second\n", records: 2, complete: true,
			skipped: []string{"crm/accounts.csv:4: the id 001Aa000003DGb2IAG stands already on line 2; the first row counts; export each account once: a report that joins another object repeats rows"},
		},
		"a contact twice under one account": {
			role: crm.Contact, file: "Id,AccountId\n" + ann + "," + ace + "\n" + ann + "," + ace + "\n", records: 1, complete: true,
			skipped: []string{"crm/contacts.csv:3: the id 003Aa000001AAAAIA4 stands already on line 2; the first row counts; export each contact once: a report that joins another object repeats rows"},
		},
		"a contact under two accounts": {
			role: crm.Contact, file: "Id,AccountId\n" + ann + "," + bolt + "\n" + ann + "," + ace + "\n", records: 1, complete: false,
			skipped: []string{"crm/contacts.csv:3: the id 003Aa000001AAAAIA4 stands already on line 2, under the account 001Aa000004QmX1IAK; the first row counts; export each contact once: a report that joins another object repeats rows"},
		},
		"a contact without an account": {
			role: crm.Contact, file: "Id,AccountId\n" + ann + "," + ace + "\n" + ben + ",\n" + carol + ",\n", records: 1, complete: true,
			noted: []string{"crm/contacts.csv:3: 2 contacts belong to no account and were left out; nothing, if that is meant"},
		},
		"keys that differ only in letter case": {
			role: crm.Account, file: "Id,Name\nacme,A\nbolt,B\nACME,C\n", opt: csvfile.Options{IDs: csvfile.TextIDs}, records: 3, complete: true,
			noted: []string{"crm/accounts.csv:4: the id differs only in letter case from the one on line 2; both rows were taken; make sure that no tool between the CRM and this file changes letter case"},
		},
		"ids that differ only in letter case, in a file that is mostly folded": {
			role: crm.Account, file: "Id,Name\n" + foldedIDs(200) + "001aa000003daA0,B\n", records: 201, complete: true,
			noted: []string{"crm/accounts.csv:202: the id differs only in letter case from the one on line 2; both rows were taken; make sure that no tool between the CRM and this file changes letter case"},
		},
		"ids that differ only in letter case, where nothing is wrong": {
			role: crm.Account, file: "Id,Name\n001Aa000003DGbA,A\n001Aa000003DGba,B\n001Aa000003DGBa,B\n", records: 3, complete: true,
		},
		"the footer of a report": {
			role: crm.Account, file: "Id,Name\n" + ace + ",A\n\n\"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved.\"\n\"Acme\"\n", records: 1, complete: true,
			noted: []string{`crm/accounts.csv:4: 2 lines below the rows ("Copyright (c) 2000-2026 salesforce.com, …") were taken for the footer of a report; nothing; export details only to be rid of them`},
		},
		"totals in a row of their own": {
			role: crm.Account, file: "Name,Id\nA," + ace + "\nGrand Totals (1 records),\n", records: 1, complete: true,
			noted: []string{`crm/accounts.csv:3: the line "Grand Totals (1 records)" was taken for a total of a report; nothing; export details only to be rid of it`},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t, map[string]string{string(tt.role) + "s.csv": tt.file})
			tt.opt.Dir, tt.opt.Complete = dir, csvfile.Declared
			got := records(t.Context(), t, tt.opt, tt.role)
			if got.err != nil || len(got.records) != tt.records || got.rep.Rows != tt.records || got.rep.Complete != tt.complete {
				t.Fatalf("error %v, %d records, complete: %v %s; want %d records, complete: %v", got.err, len(got.records), got.rep.Complete, got.rep.Why, tt.records, tt.complete)
			}
			sameList(t, "skipped", got.rep.Skipped, tt.skipped, dir)
			sameList(t, "noted", got.rep.Noted, tt.noted, dir)
		})
	}
}

func sameList(t *testing.T, what string, list []crm.Bad, want []string, dir string) {
	t.Helper()
	var got []string
	for _, b := range list {
		got = append(got, plain(b.Where+": "+b.What+"; "+b.Fix, dir))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s:\n%s\nwant:\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestWrongIDColumn(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("Id,AccountId\n")
	for i := range 10_002 {
		fmt.Fprintf(&b, "same,a%d\n", i)
	}
	dir := folder(t, map[string]string{"contacts.csv": b.String()})
	got := records(t.Context(), t, csvfile.Options{Dir: dir, IDs: csvfile.TextIDs}, crm.Contact)
	const want = "crm/contacts.csv: more than 10,000 rows repeat the id of a row of another account (line 10003 repeats line 2): most likely the id column Id is not the contact's own id"
	if len(got.records) > 0 || plain(got.rep.Why, dir) != want {
		t.Errorf("got %d records and %q, want %q", len(got.records), plain(got.rep.Why, dir), want)
	}
}

func TestManySkippedRowsAreCountedNotListed(t *testing.T) {
	t.Parallel()
	dir := folder(t, accounts(header+strings.Repeat("x,A\n", 1234)+ace+",A\n"))
	got := records(t.Context(), t, csvfile.Options{Dir: dir, Complete: csvfile.Declared}, crm.Account)
	if len(got.rep.Skipped) != crm.MaxBad || got.rep.BadRows != 1234 || got.rep.Rows != 1 {
		t.Errorf("%d listed of %d bad rows, %d rows", len(got.rep.Skipped), got.rep.BadRows, got.rep.Rows)
	}
	const want = "1,234 of 1,235 rows in crm/accounts.csv could not be read, so a record that is missing may be one of them; mend them or export again"
	if plain(got.rep.Why, dir) != want {
		t.Errorf("got %q, want %q", plain(got.rep.Why, dir), want)
	}
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("root may read everything")
	}
	dir := folder(t, accounts(header))
	if err := os.Chmod(filepath.Join(dir, "accounts.csv"), 0); err != nil {
		t.Fatal(err)
	}
	if got := records(t.Context(), t, csvfile.Options{Dir: dir}, crm.Account); fault.KindOf(got.err) != fault.Denied {
		t.Errorf("got %v, want a denied fault", got.err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		opt  csvfile.Options
		want string
	}{
		"ids":      {csvfile.Options{IDs: "uuid"}, `csvfile.new: invalid: ids: "uuid" is not one of salesforce or text`},
		"complete": {csvfile.Options{Complete: "maybe"}, `csvfile.new: invalid: complete: "maybe" is not one of manifest or declared`},
		"encoding": {csvfile.Options{Encoding: "latin9"}, `csvfile.new: invalid: encoding: "latin9" is not one of utf-8 or windows-1252`},
		"dates":    {csvfile.Options{Dates: "ymd"}, `csvfile.new: invalid: dates: "ymd" is not one of iso, mdy or dmy`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := csvfile.New(tt.opt); err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// An account that seems to have bought less is taken down; one whose charge is in doubt
// is left alone.
func TestAChargeWithAValueThatCannotBeReadIsTakenAsItStands(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"subscriptions.csv": "Id,AccountId,End,Seats\na2BAa00000ACET1MAP," + ace + ",31/12/2027,lots\n"})
	opt := csvfile.Options{Dir: dir, Complete: csvfile.Declared, Types: map[crm.Role]map[string]crm.Type{crm.Subscription: {"End": crm.Date, "Seats": crm.Number}}}
	got := records(t.Context(), t, opt, crm.Subscription, "End", "Seats")
	if got.err != nil || len(got.records) != 1 || !slices.Equal(got.records[0].Values, []string{"31/12/2027", "lots"}) {
		t.Fatalf("error %v, records %v; want the charge as the file has it", got.err, got.records)
	}
	if !got.rep.Complete || got.rep.BadRows != 0 || len(got.rep.Skipped) != 2 {
		t.Errorf("report %+v; want a complete read that names both values", got.rep)
	}
}

// TestAChargeWithoutAnIDOfItsOwn is taken: without it its account would have less than it
// pays for. The same row has the same id at each read, wherever it stands.
func TestAChargeWithoutAnIDOfItsOwn(t *testing.T) {
	t.Parallel()
	const head, gold, silver, whole = "Id,AccountId,Product\n", "1.00E+17," + ace + ",Gold\n", "," + ace + ",Silver\n", "a2BAa00000ACET1MAP," + ace + ",Bronze\n"
	read := func(text string) result {
		dir := folder(t, map[string]string{"subscriptions.csv": head + text})
		return records(t.Context(), t, csvfile.Options{Dir: dir, Complete: csvfile.Declared}, crm.Subscription, "Product")
	}
	ids := func(r result) map[string]string {
		out := map[string]string{}
		for _, rec := range r.records {
			out[rec.Values[0]] = rec.ID
		}
		return out
	}
	first, second := read(gold+whole+silver), read(silver+gold+whole)
	if first.err != nil || len(first.records) != 3 || !first.rep.Complete || first.rep.BadRows != 0 || len(first.rep.Skipped) != 2 {
		t.Fatalf("error %v, records %v, %+v; want three records, all of them, and two rows named", first.err, first.records, first.rep)
	}
	if a, b := ids(first), ids(second); !maps.Equal(a, b) || a["Gold"] == a["Silver"] {
		t.Errorf("the ids are %v, and in another order %v", a, b)
	}
	if r := read("Grand Total,,3\n" + whole); len(r.records) != 1 || len(r.rep.Skipped) != 0 {
		t.Errorf("a line of totals became a charge: %v", r.records)
	}
	if r := read("x,y,Gold\n" + whole); len(r.records) != 1 || r.rep.BadRows != 1 || r.rep.Complete {
		t.Errorf("a charge of nobody is no bad row: %v, %+v", r.records, r.rep)
	}
}
