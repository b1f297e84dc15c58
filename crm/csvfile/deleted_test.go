package csvfile_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/crm/csvfile"
)

func TestRowsThatTheCRMDeletedAreTombstones(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		file           string
		living, graves []string
	}{
		"as Data Loader exports all":      {"Id,IsDeleted,MasterRecordId\n" + ace + ",false,\n" + bolt + ",true," + ace + "\n" + cedar + ",TRUE,\n", []string{ace}, []string{bolt, cedar}},
		"the label, and ids of 15":        {"Id,Deleted\n" + ace[:15] + ",1\n" + bolt + ",0\n", []string{bolt}, []string{ace}},
		"nothing said is not deleted":     {"Id,IsDeleted\n" + ace + ",\n" + bolt + ",2026-11-21\n", []string{ace, bolt}, nil},
		"no such column":                  {"Id,Name\n" + ace + ",true\n", []string{ace}, nil},
		"a broken id buries nobody":       {"Id,IsDeleted\n" + ace[:14] + ",true\n" + bolt + ",true\n", nil, []string{bolt}},
		"a letter case of the exporter's": {"ID,ISDELETED\n" + ace + ",true\n", nil, []string{ace}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opt := csvfile.Options{Dir: folder(t, accounts(tt.file)), Complete: csvfile.Declared}
			src, err := csvfile.New(opt)
			if err != nil {
				t.Fatal(err)
			}
			graves, err := src.Deleted(t.Context())
			if err != nil || !slices.Equal(graves, tt.graves) {
				t.Errorf("deleted are %q, %v; want %q", graves, err, tt.graves)
			}
			got := records(t.Context(), t, opt, crm.Account, "Id")
			var living []string
			for _, r := range got.records {
				living = append(living, r.ID)
			}
			if got.err != nil || !slices.Equal(living, tt.living) || got.rep.Complete != (name != "a broken id buries nobody") {
				t.Errorf("living are %q, %v, complete %v; want %q", living, got.err, got.rep.Complete, tt.living)
			}
		})
	}
}

func TestADeletedContactIsNotReadAndItsRowCounts(t *testing.T) {
	t.Parallel()
	opt := csvfile.Options{Dir: folder(t, map[string]string{
		"accounts.csv":  header + ace + ",A\n",
		"contacts.csv":  "Id,AccountId,IsDeleted\n" + ann + "," + ace + ",true\n" + ben + "," + ace + ",false\n",
		"manifest.json": `{"exported_at": "2026-11-21", "files": {"accounts.csv": 1, "contacts.csv": 2}}`,
	})}
	got := records(t.Context(), t, opt, crm.Contact, "Id")
	if got.err != nil || len(got.records) != 1 || got.records[0].ID != ben || !got.rep.Complete || got.rep.Rows != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestAnExportOfAllRecordsSaysWhoWasMergedIntoWhom(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		file  string
		want  []crm.Merge
		fails string
	}{
		"as Data Loader exports all": {file: "Id,IsDeleted,MasterRecordId\n" + ace + ",false,\n" + bolt + ",true," + ace + "\n" + cedar + ",true,\n", want: []crm.Merge{{Loser: bolt, Winner: ace}}},
		"a chain":                    {file: "Id,IsDeleted,MasterRecordId\n" + ace + ",false,\n" + bolt + ",true," + cedar + "\n" + cedar + ",true," + ace + "\n", want: []crm.Merge{{Loser: bolt, Winner: ace}, {Loser: cedar, Winner: ace}}},
		"the labels, and ids of 15":  {file: "Account ID,Deleted,Master Record ID\n" + bolt[:15] + ",1," + ace[:15] + "\n", want: []crm.Merge{{Loser: bolt, Winner: ace}}},
		"not deleted is not merged":  {file: "Id,IsDeleted,MasterRecordId\n" + bolt + ",false," + ace + "\n"},
		"no word of deletions":       {file: "Id,MasterRecordId\n" + bolt + "," + ace + "\n"},
		"no such column":             {file: "Id,IsDeleted\n" + bolt + ",true\n"},
		"a broken id": {
			file:  "Id,IsDeleted,MasterRecordId\n" + bolt + ",true," + ace[:17] + "\n" + cedar + ",true,\n",
			fails: "accounts.csv:2: MasterRecordId: the id " + ace[:17] + " has 17 characters; a Salesforce id has 15 or 18; export the column",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src, err := csvfile.New(csvfile.Options{Dir: folder(t, accounts(tt.file)), Complete: csvfile.Declared})
			if err != nil {
				t.Fatal(err)
			}
			got, err := src.Merged(t.Context())
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) {
					t.Errorf("Merged = %v, %v; want that it says %q", got, err, tt.fails)
				}
				if ids, err := src.Deleted(t.Context()); err != nil || len(ids) != 2 {
					t.Errorf("Deleted = %v, %v; want both all the same", ids, err)
				}
				return
			}
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("Merged = %v, %v; want %v", got, err, tt.want)
			}
		})
	}
}
