package salesforce

import (
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/crm"
)

// TestABrokenFirstPageLeavesNothing: a query that is asked anew is another one, and a row
// that it no longer has must not stay behind.
func TestABrokenFirstPageLeavesNothing(t *testing.T) {
	t.Parallel()
	broken := pageOf(2, "", named(id3, "gone"), named(id2, "B"))
	s := start(t, map[string][]reply{
		countAccounts: {counted(2), counted(1)},
		readNames:     {{body: broken, cut: strings.Index(broken, `"gone"}`) + 8}, {body: pageOf(1, "", named(id2, "B"))}},
	})
	list, rep, err := readAll(t.Context(), s.source(nil), names)
	if err != nil || !rep.Complete || len(list) != 1 || !strings.HasPrefix(list[0], id2) {
		t.Errorf("Records = %q, %+v, %v; want %s alone", list, rep, err, id2)
	}
}

// TestAPageReadTwiceCountsOnce: rows that are only counted, because they belong to no
// account, are not counted again when their page is.
func TestAPageReadTwiceCountsOnce(t *testing.T) {
	t.Parallel()
	c1, c2, c3 := "003xx000004TmiQAAS", "003xx000004TmiRAAS", "003xx000004TmiSAAS"
	row := func(id, account string) string {
		return `{"attributes":{"type":"Contact"},"Id":"` + id + `","AccountId":` + account + `}`
	}
	second := pageOf(3, "", row(c2, "null"), row(c3, `"`+id1+`"`))
	csv := "\"Id\",\"AccountId\"\n\"" + c1 + "\",\"" + id2 + "\"\n\"" + c2 + "\",\n\"" + c3 + "\",\"" + id1 + "\"\n"
	results := reply{header: "Sforce-NumberOfRecords: 3\nSforce-Locator: null", body: csv}
	cut := results
	cut.cut = len(csv) - 5
	script := map[string][]reply{
		"GET query SELECT COUNT() FROM Contact":       {counted(3)},
		"GET query SELECT Id, AccountId FROM Contact": {{body: pageOf(3, more2000, row(c1, `"`+id2+`"`))}},
		getMore:   {{body: second, cut: len(second) - 4}, {body: second}},
		createJob: {jobIn("JobComplete", 3)}, resultsOf: {cut, results}, deleteJob: {{status: 204}},
	}
	want := []string{id1 + "/" + c3 + "  []", id2 + "/" + c1 + "  []"}
	for name, change := range map[string]func(*Options){"REST": nil, "Bulk": alwaysBulk} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mine := map[string][]reply{}
			for k, v := range script {
				mine[k] = slices.Clone(v)
			}
			list, rep, err := readAll(t.Context(), start(t, mine).source(change), crm.Query{Role: crm.Contact})
			if err != nil || !rep.Complete || !slices.Equal(list, want) {
				t.Errorf("Records = %q, %+v, %v; want %q", list, rep, err, want)
			}
		})
	}
}
