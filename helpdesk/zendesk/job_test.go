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

const (
	showJob = "GET job_statuses/show_many?ids=V3-1"
	showAB  = "GET organizations/show_many?external_ids=001A,001B"
	showB   = "GET organizations/show_many?external_ids=001B"
)

func twoOrgs() []helpdesk.Change {
	return []helpdesk.Change{orgChange(helpdesk.Create, "001A", "", "name", nil, "A"), orgChange(helpdesk.Create, "001B", "", "name", nil, "B")}
}

func TestResultsAreMatchedByPosition(t *testing.T) {
	t.Parallel()
	s := start(t, map[string][]reply{
		orgTicks: {queued("V3-1")},
		showJob: {
			{body: `{"job_statuses":[{"id":"V3-1","status":"working","progress":1,"message":"Creating organization #1","results":null}]}`},
			finished("V3-1", `[{"index":1,"error":"OrganizationCreateFailed","details":"Name:  B has already been taken"},{"status":"Created","index":0,"id":7000000000201}]`),
		},
		showB: {orgsJSON()},
	})
	got := run(t, s.target(nil), twoOrgs()...)
	if o := got["create001A"]; o.State != helpdesk.Applied || o.TargetID != "7000000000201" {
		t.Errorf("the first is %+v, want it applied as 7000000000201", o)
	}
	if o := got["create001B"]; o.State != helpdesk.Failed || fault.KindOf(o.Err) != fault.Raced || !strings.Contains(o.Err.Error(), "organization/001B") || !strings.Contains(o.Err.Error(), "B has already been taken") {
		t.Errorf("the second is %+v, want it failed as raced with the reason", o)
	}
	if want := `{"organizations":[{"external_id":"001A","name":"A"},{"external_id":"001B","name":"B"}]}`; s.sent(orgTicks) != want {
		t.Errorf("the job is %s, want %s", s.sent(orgTicks), want)
	}
}

func TestSentIsSaidBeforeAnythingIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := start(t, map[string][]reply{orgTicks: {queued("V3-1")}, showJob: {finished("V3-1", `[{"id":1},{"id":2}]`)}})
	var states []helpdesk.State
	for o, err := range s.target(nil).Apply(t.Context(), slices.Values(twoOrgs())) {
		if err != nil {
			t.Fatal(err)
		}
		if o.State == helpdesk.Sent && (s.times(showJob) != 0 || o.Token == "") {
			t.Errorf("%+v is said after %d questions", o, s.times(showJob))
		}
		states = append(states, o.State)
	}
	if want := []helpdesk.State{helpdesk.Sent, helpdesk.Sent, helpdesk.Applied, helpdesk.Applied}; !slices.Equal(states, want) {
		t.Errorf("the states are %v, want %v", states, want)
	}
}

func TestAJobWhoseReplyWasLostIsReadBackAndNotRepeated(t *testing.T) {
	t.Parallel()
	s := start(t, map[string][]reply{
		orgTicks: {{lost: true}},
		showAB:   {orgsJSON(), orgsJSON(orgJSON(1, "001A", "A", ""), orgJSON(2, "001B", "another name", ""))},
	})
	got := run(t, s.target(nil), twoOrgs()...)
	if o := got["create001A"]; o.State != helpdesk.Applied || o.TargetID != "1" {
		t.Errorf("the first is %+v, want it applied as 1", o)
	}
	if o := got["create001B"]; o.State != helpdesk.Failed || fault.KindOf(o.Err) != fault.Raced {
		t.Errorf("the second, which holds something else, is %+v; want it failed as raced", o)
	}
	if n := s.times(orgTicks); n != 1 {
		t.Errorf("the job was sent %d times", n)
	}
}

func TestWhatWasNotMadeAfterALostReplyIsSentOnceMore(t *testing.T) {
	t.Parallel()
	s := start(t, map[string][]reply{
		orgTicks: {{lost: true}, queued("V3-1")}, showAB: {orgsJSON()}, showJob: {finished("V3-1", `[{"id":1},{"id":2}]`)},
	})
	got := run(t, s.target(nil), twoOrgs()...)
	if got["create001A"].State != helpdesk.Applied || got["create001B"].TargetID != "2" || s.times(orgTicks) != 2 || s.times(showAB) != 2 {
		t.Errorf("the outcomes are %+v after %d jobs and %d looks, want both applied after 2 and 2", got, s.times(orgTicks), s.times(showAB))
	}
	s = start(t, map[string][]reply{orgTicks: {{lost: true}}, showAB: {orgsJSON()}})
	got = run(t, s.target(nil), twoOrgs()...)
	if o := got["create001A"]; o.State != helpdesk.Failed || fault.KindOf(o.Err) != fault.Unknown || s.times(orgTicks) != 2 {
		t.Errorf("lost twice it is %+v after %d jobs, want it unknown after 2", o, s.times(orgTicks))
	}
}

func TestOneJobTooManyIsSentAgainLater(t *testing.T) {
	t.Parallel()
	many := reply{status: 429, header: "Retry-After: 5", body: `{"error":"TooManyJobs","description":"Too many OrganizationBulkCreateJob jobs are currently queued or running. Try again later.","current_job_ids":["V3-9"]}`}
	s := start(t, map[string][]reply{orgTicks: {many, queued("V3-1")}, showJob: {finished("V3-1", `[{"id":1},{"id":2}]`)}})
	got := run(t, s.target(nil), twoOrgs()...)
	if got["create001A"].State != helpdesk.Applied || s.times(orgTicks) != 2 || !slices.Contains(s.waits, 5*time.Second) {
		t.Errorf("the outcomes are %+v after %d jobs and waits %v, want them applied after 2 and 5s", got, s.times(orgTicks), s.waits)
	}
}

func TestAJobThatIsGoneIsReadBack(t *testing.T) {
	t.Parallel()
	s := start(t, map[string][]reply{
		orgTicks: {queued("V3-1")}, showJob: {{body: `{"job_statuses":[]}`}},
		showAB: {orgsJSON(orgJSON(1, "001A", "A", ""), orgJSON(2, "001B", "B", ""))},
	})
	got := run(t, s.target(nil), twoOrgs()...)
	if got["create001A"].State != helpdesk.Applied || got["create001B"].TargetID != "2" {
		t.Errorf("the outcomes are %+v, want both applied", got)
	}
}

func TestUpdatesSendOnlyWhatChanges(t *testing.T) {
	t.Parallel()
	const show = "GET organizations/show_many?ids=2"
	s := start(t, map[string][]reply{
		fields:   {{body: aTier}},
		orgBatch: {queued("V3-1")},
		showJob:  {finished("V3-1", `[{"action":"update","id":1,"status":"Updated","success":true},{"action":"update","id":2,"status":"Updated","success":true}]`)},
		show:     {orgsJSON(orgJSON(2, "001B", "B", `"tags":["theirs","ours","tier_gold","is_vip"],"domain_names":["a.example"],"organization_fields":{"tier":"tier_gold","vip":true,"partner":9}`))},
	})
	target := s.target(nil)
	target.note(helpdesk.Organization, 1, "001A")
	target.note(helpdesk.Organization, 2, "001B")
	got := run(t, target,
		orgChange(helpdesk.Update, "001A", "1", "notes", nil, "n", "field:vip", nil, true),
		orgChange(helpdesk.Update, "001B", "2", "field:tier", nil, helpdesk.ChoiceOf("tier_silver"), "tag:new", nil, true, "tag:ours", true, false))
	want := `{"organizations":[{"id":1,"notes":"n","organization_fields":{"vip":true}},` +
		`{"id":2,"organization_fields":{"tier":"tier_silver"},"tags":["is_vip","new","theirs","tier_silver"]}]}`
	if s.sent(orgBatch) != want {
		t.Errorf("the job is %s\nwant %s", s.sent(orgBatch), want)
	}
	if got["update001A"].State != helpdesk.Applied || got["update001B"].TargetID != "2" {
		t.Errorf("the outcomes are %+v", got)
	}
}

// TestListsAreReadAHundredAtATime: of 250 updates every fifth changes a tag; their lists
// are read with one call, whatever job each goes out with.
func TestListsAreReadAHundredAtATime(t *testing.T) {
	t.Parallel()
	var changes []helpdesk.Change
	var ids, rows []string
	s := start(t, map[string][]reply{orgBatch: {queued("V3-1"), queued("V3-2"), queued("V3-3")}})
	target := s.target(nil)
	for i := range 250 {
		id, key := int64(1000+i), fmt.Sprintf("001%03d", i)
		target.note(helpdesk.Organization, id, key)
		c := orgChange(helpdesk.Update, key, idText(id), "notes", nil, "n")
		if i%5 == 0 {
			c.Deltas = append(c.Deltas, writes("tag:new", nil, true)...)
			ids, rows = append(ids, idText(id)), append(rows, orgJSON(id, key, key, `"tags":["old"]`))
		}
		changes = append(changes, c)
	}
	show := "GET organizations/show_many?ids=" + strings.Join(ids, ",")
	s.script[show] = []reply{orgsJSON(rows...)}
	done := func(id string) string { return `{"id":"` + id + `","status":"completed","results":{"success":true}}` }
	s.script["GET job_statuses/show_many?ids=V3-1,V3-2,V3-3"] = []reply{{body: `{"job_statuses":[` + done("V3-1") + "," + done("V3-2") + "," + done("V3-3") + `]}`}}
	for _, o := range run(t, target, changes...) {
		if o.State != helpdesk.Applied {
			t.Fatalf("%+v", o)
		}
	}
	sent := strings.Join(s.bodies[orgBatch], "")
	if n := strings.Count(sent, `"tags":["new","old"]`); n != 50 || s.times(show) != 1 || s.times(orgBatch) != 3 {
		t.Errorf("%d lists went out after %d readings in %d jobs, want 50, 1 and 3", n, s.times(show), s.times(orgBatch))
	}
}

func TestSettleAsksAgain(t *testing.T) {
	t.Parallel()
	s := start(t, map[string][]reply{
		"GET job_statuses/show_many?ids=V3-1,V3-2": {{body: `{"job_statuses":[{"id":"V3-1","status":"completed","results":[{"id":11},{"index":1,"error":"UserCreateFailed","details":"Email: taken"},{"action":"update","id":13,"success":true}]}]}`}},
		"GET organization_merges/01J":              {{body: `{"organization_merge":{"id":"01J","status":"in_progress"}}`}, {body: `{"organization_merge":{"id":"01J","status":"complete"}}`}},
	})
	sent := map[string]string{"a": "c V3-1 0 ", "b": "c V3-1 1 ", "c": "u V3-1 2 13", "d": "r V3-1 0 5", "e": "c V3-2 0 ", "f": "g 01J 0 9", "g": "nonsense", "h": "c V3-1 7 "}
	var list []helpdesk.Outcome
	for id, tok := range sent {
		list = append(list, helpdesk.Outcome{ChangeID: id, State: helpdesk.Sent, Token: tok})
	}
	got := map[string]string{}
	for o, err := range s.target(nil).Settle(t.Context(), list) {
		if err != nil {
			t.Fatal(err)
		}
		got[o.ChangeID] = string(o.State) + " " + o.TargetID
		if o.State == helpdesk.Failed {
			got[o.ChangeID] += fault.KindOf(o.Err).String()
		}
	}
	want := map[string]string{"a": "applied 11", "b": "failed unknown", "c": "applied 13", "d": "applied 11-5", "e": "failed unknown", "f": "applied 9", "g": "failed unknown", "h": "failed unknown"}
	for id := range want {
		if got[id] != want[id] {
			t.Errorf("%q (%s) ends as %q, want %q", id, sent[id], got[id], want[id])
		}
	}
}

func FuzzToken(f *testing.F) {
	for _, s := range []string{"", "c V3-1 0 ", "m V3-1 99 1-2", "x V3 1 2", "c V3 100 1", "c  0 "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tok, err := parseToken(s)
		if err == nil && (tok.at < 0 || tok.at >= perJob || tok.job == "") {
			t.Errorf("%q reads as %+v", s, tok)
		}
		if again, e := parseToken(tok.String()); err == nil && (e != nil || again != tok) {
			t.Errorf("%q reads as %+v, and back as %+v (%v)", s, tok, again, e)
		}
	})
}

func FuzzResults(f *testing.F) {
	for _, s := range []string{"", "null", "[]", `[{"id":1,"index":0}]`, `[{"index":-1}]`, `{"success":true}`, `[{"id":"x","error":"e","details":{"a":1}}]`, `[{"index":9999999}]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s := jobStatus{Status: "completed", Results: b}
		for _, r := range s.results(3) {
			if r != nil && r.failed() == nil && r.Error != "" {
				t.Errorf("%s: an item with an error is taken for made", b)
			}
		}
	})
}
