package zendesk

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

// follow reads a listing: what it shows, what is gone, and where it goes on.
func follow(t *testing.T, target *Target, k helpdesk.Kind, since helpdesk.Cursor) (shown string, last helpdesk.Page) {
	t.Helper()
	var out []string
	for p, err := range target.Objects(t.Context(), k, since) {
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range p.Objects {
			out = append(out, o.Ref.Key+"="+o.ID)
		}
		for _, id := range p.Gone {
			out = append(out, "-"+id)
		}
		last = p
	}
	return strings.Join(out, " "), last
}

func export1(end string, more bool, list ...string) reply {
	return reply{body: fmt.Sprintf(`{"organizations":[%s],"next_page":"https://x","end_time":%s,"count":%d,"end_of_stream":%v}`, strings.Join(list, ","), end, len(list), !more)}
}

func orgAt(id int64, key, stamp, more string) string {
	return strings.Replace(orgJSON(id, key, "N"+key, more), "2026-11-21T11:00:00Z", stamp, 1)
}

const feedAt = "GET incremental/organizations?per_page=1000&start_time="

func TestAFullListingSaysWhereTheFeedGoesOn(t *testing.T) {
	t.Parallel()
	s := start(t, map[string][]reply{
		"GET organizations?page[size]=100":                  {{body: `{"organizations":[` + orgJSON(1, "001A", "A", "") + `],"meta":{"has_more":true,"after_cursor":"AA=="},"links":{"next":"https://x"}}`}},
		"GET organizations?page[after]=AA==&page[size]=100": {{body: `{"organizations":[` + orgJSON(2, "", "B", "") + `],"meta":{"has_more":false,"after_cursor":"BB=="},"links":{"next":"https://x"}}`}},
	})
	shown, last := follow(t, s.target(nil), helpdesk.Organization, "")
	if want := cursorAt(noon.Add(-61 * time.Second).Unix()); shown != "001A=1 =2" || !last.Complete || last.Next != want {
		t.Errorf("it shows %q and ends with %q (complete %v), want both, %q and complete", shown, last.Next, last.Complete, want)
	}
}

func TestTheFeedShowsEachChangeOnceAndTombstones(t *testing.T) {
	t.Parallel()
	at := noon.Add(-10 * time.Minute).Unix()
	end := noon.Add(-5 * time.Minute).Unix()
	a := orgAt(1, "001A", "2026-11-21T11:54:00Z", "")
	b := orgAt(2, "001B", "2026-11-21T11:55:00Z", "")
	c := orgAt(2, "001B", "2026-11-21T11:55:30Z", "")
	gone := orgAt(3, "001C", "2026-11-21T11:50:00Z", `"deleted_at":"2026-11-21T11:55:00Z"`)
	s := start(t, map[string][]reply{
		feedAt + fmt.Sprint(at):  {export1(fmt.Sprint(end), false, a, b, gone)},
		feedAt + fmt.Sprint(end): {export1(fmt.Sprint(end), false, b, gone), export1(fmt.Sprint(end+30), false, b, c, gone), export1("null", false)},
	})
	target := s.target(nil)
	shown, last := follow(t, target, helpdesk.Organization, cursorAt(at))
	if shown != "001A=1 001B=2 -3" || last.Next != cursorAt(end) || last.Complete {
		t.Errorf("it shows %q and goes on at %q", shown, last.Next)
	}
	if shown, _ := follow(t, target, helpdesk.Organization, last.Next); shown != "" {
		t.Errorf("what stands at the border is shown again: %q", shown)
	}
	if shown, _ := follow(t, target, helpdesk.Organization, last.Next); shown != "001B=2" {
		t.Errorf("a later version is shown as %q, want 001B=2", shown)
	}
	if _, next := follow(t, target, helpdesk.Organization, last.Next); next.Next != last.Next {
		t.Errorf("behind an export without a time it goes on at %q, want %q", next.Next, last.Next)
	}
}

func TestAFeedThatCannotAdvanceIsPassedAndListed(t *testing.T) {
	t.Parallel()
	rows := make([]string, exportRows)
	for i := range rows {
		rows[i] = orgAt(int64(i+1), fmt.Sprintf("001%d", i), "2026-11-21T11:00:00Z", "")
	}
	at := noon.Add(-time.Hour).Unix()
	listed := "GET organizations?page[size]=100"
	s := start(t, map[string][]reply{
		feedAt + fmt.Sprint(at):   {export1(fmt.Sprint(at), true, rows...)},
		feedAt + fmt.Sprint(at+1): {export1(fmt.Sprint(at+1), true, rows...)}, // it cannot advance here either, and all was listed
		feedAt + fmt.Sprint(at+2): {export1(fmt.Sprint(at+60), false, orgAt(7000, "", "2026-11-21T11:00:50Z", `"deleted_at":"2026-11-21T11:00:50Z"`))},
		listed:                    {{body: `{"organizations":[` + orgJSON(5000, "001Z", "Z", "") + `],"meta":{"has_more":false}}`}},
	})
	shown, last := follow(t, s.target(nil), helpdesk.Organization, cursorAt(at))
	if !strings.HasSuffix(shown, " 001Z=5000 -7000") || last.Complete || last.Next != cursorAt(at+60) || s.times(listed) != 1 {
		t.Errorf("it ends with %q at %q (complete %v) after %d listings, want what only the one listing shows, and what is gone", shown[len(shown)-20:], last.Next, last.Complete, s.times(listed))
	}
	// A page that is longer than it may be holds all of its second: nothing is missing.
	s.script[feedAt+fmt.Sprint(at)] = []reply{export1(fmt.Sprint(at), true, append(slices.Clone(rows), orgAt(2000, "001Y", "2026-11-21T11:00:00Z", ""))...)}
	s.script[feedAt+fmt.Sprint(at+1)] = []reply{export1(fmt.Sprint(at+60), false)}
	if shown, _ := follow(t, s.target(nil), helpdesk.Organization, cursorAt(at)); !strings.HasSuffix(shown, " 001Y=2000") || s.times(listed) != 1 {
		t.Errorf("it ends with %q after %d listings, want one of before", shown[len(shown)-20:], s.times(listed))
	}
}

func TestAListingInTheFeedThatIsCutShortStartsOver(t *testing.T) {
	t.Parallel()
	rows := make([]string, exportRows)
	for i := range rows {
		rows[i] = orgAt(int64(i+1), fmt.Sprintf("001%d", i), "2026-11-21T11:00:00Z", "")
	}
	at := noon.Add(-time.Hour).Unix()
	s := start(t, map[string][]reply{
		feedAt + fmt.Sprint(at):                             {export1(fmt.Sprint(at), true, rows...)},
		"GET organizations?page[size]=100":                  {{body: `{"organizations":[` + orgJSON(1, "001A", "A", "") + `],"meta":{"has_more":true,"after_cursor":"AA=="}}`}},
		"GET organizations?page[after]=AA==&page[size]=100": {{body: `{"organizations":[` + orgJSON(2, "001B", "B", "") + `],"meta":{"has_more":true,"after_cursor":"BB=="}}`}},
		"GET organizations?page[after]=BB==&page[size]=100": {{status: 404, body: `{"error":"RecordNotFound","description":"Not found"}`}},
	})
	failed := false
	for p, err := range s.target(nil).Objects(t.Context(), helpdesk.Organization, cursorAt(at)) {
		if failed = err != nil; !failed && p.Next != "" && p.Next != cursorAt(at) {
			t.Errorf("before all is listed it goes on at %q, want %q", p.Next, cursorAt(at))
		}
	}
	if !failed {
		t.Error("the listing was not cut short")
	}
}

func TestAPlaceTooRecentIsNotAskedFor(t *testing.T) {
	t.Parallel()
	s := start(t, map[string][]reply{feedAt + fmt.Sprint(noon.Add(-66*time.Second).Unix()): {export1("null", false)}})
	at := cursorAt(noon.Add(-time.Second).Unix())
	if _, last := follow(t, s.target(nil), helpdesk.Organization, at); last.Next != at {
		t.Errorf("it goes on at %q, want %q", last.Next, at)
	}
}

func TestAStrangeCursorIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []helpdesk.Cursor{"1790000000", "at:", "at:-1", "seq:4"} {
		for _, err := range start(t, nil).target(nil).Objects(t.Context(), helpdesk.Organization, c) {
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "list everything once") {
				t.Errorf("Objects(%q) = %v, want invalid", c, err)
			}
		}
	}
}

func TestTagsOfFieldsAreUnderstood(t *testing.T) {
	t.Parallel()
	s := start(t, map[string][]reply{
		fields: {{body: aTier}},
		showA: {orgsJSON(orgJSON(1, "001A", "A", `"notes":"n","shared_tickets":true,"tags":["gold","tier_gold","is_vip"],"domain_names":["A.example"],`+
			`"organization_fields":{"tier":"tier_gold","vip":true,"old":"x","partner":12}`))},
	})
	got, err := s.target(nil).Get(t.Context(), helpdesk.Organization, []string{"001A"})
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	var shown []string
	for _, f := range got[0].Fields {
		shown = append(shown, f.Name+"="+f.Value.Text())
	}
	want := "domain:a.example=true field:partner=12 field:tier=tier_gold field:vip=true name=A notes=n shared_tickets=true tag:gold=true"
	if strings.Join(shown, " ") != want {
		t.Errorf("it holds %s\nwant     %s", strings.Join(shown, " "), want)
	}
}

func FuzzExport(f *testing.F) {
	for _, s := range []string{`{}`, `{"end_time":null,"end_of_stream":true}`, `{"end_time":1790000600,"organizations":[{"id":1,"organization_fields":{"a":[1,null]}}]}`, `{"users":[{"id":1,"active":false}]}`} {
		f.Add([]byte(s))
	}
	target, err := New(Options{BaseURL: "https://x.zendesk.com", Auth: Auth{ClientID: "a", Secret: noSecret}})
	if err != nil {
		f.Fatal(err)
	}
	sight := target.sightOf([]orgField{{Key: "a", Type: "multiselect", Active: true}})
	f.Fuzz(func(t *testing.T, b []byte) {
		page, err := parseExport(b)
		if err != nil {
			return
		}
		if rows := target.rows(sight, page); len(rows) != len(page.Organizations)+len(page.Users) {
			t.Errorf("%s: %d rows", b, len(rows))
		}
		if at, _ := page.end(77, 0); at < 0 {
			t.Errorf("%s ends at %d", b, at)
		}
	})
}
