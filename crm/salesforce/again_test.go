package salesforce

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/httpx"
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

// TestTheOrganizationAnswersElsewhere: the login names the host, and only there the
// session goes.
func TestTheOrganizationAnswersElsewhere(t *testing.T) {
	t.Parallel()
	s := start(t, map[string][]reply{countAccounts: {counted(1)}, readNames: {{body: pageOf(1, "", named(id1, "A"))}}})
	door := start(t, map[string][]reply{logins: s.script[logins]})
	_, rep, err := readAll(t.Context(), s.source(func(o *Options) { o.LoginURL = door.server.URL + "/" }), names)
	if err != nil || !rep.Complete || len(door.seen) != 1 || s.times(logins) != 0 {
		t.Errorf("Records = %+v, %v; the login host saw %v", rep, err, door.seen)
	}
}

// FuzzFollow holds that a page is only ever asked for below the organization's API, and
// never by another host's address.
func FuzzFollow(f *testing.F) {
	for _, s := range []string{more2000, "", "https://evil.example" + more2000, "//evil.example" + more2000, "/services/data/../../secur", "/services/data/%2e%2e/x", "http://127.0.0.1:1" + more2000, "/services/data/v62.0/query?x=1#y", "\x00"} {
		f.Add(s)
	}
	src, err := New(Options{Auth: jwtAuth()})
	if err != nil {
		f.Fatal(err)
	}
	instance, err := address("https://acme.my.salesforce.com")
	if err != nil {
		f.Fatal(err)
	}
	src.keeper = httpx.NewKeeper(func(context.Context) (*session, error) { return &session{instance: instance}, nil }, time.Now)
	if _, err := src.keeper.Session(f.Context(), nil); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, next string) {
		path, err := src.follow(next, "query?q=x", 0)
		if err != nil {
			return
		}
		u, err := url.Parse(instance.String() + path)
		if err != nil || u.Host != instance.Host || !strings.HasPrefix(u.Path, "/services/data/") || strings.Contains(u.Path, "..") {
			t.Errorf("follow(%q) = %q, which is at %v", next, path, u)
		}
	})
}
