package salesforce

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
)

func TestAFullReadSaysWhereADeltaGoesOn(t *testing.T) {
	t.Parallel()
	at := func(clock string, body string) reply {
		return reply{header: "Date: Sat, 21 Nov 2026 " + clock + " GMT", body: body}
	}
	one := pageOf(2, more2000, named(id1, "A"))
	two := pageOf(2, "", named(id2, "B"))
	tests := map[string]struct {
		script map[string][]reply
		want   string
	}{
		"from before the first row to behind the last": {map[string][]reply{countAccounts: {at("12:00:07", counted(3).body), at("12:09:00", counted(2).body)}, readNames: {at("12:05:00", one)}, getMore: {at("12:06:00", two)}}, "sf1 2026-11-21T12:00:07Z 2026-11-21T12:09:00Z "},
		"a single page that proves itself":             {map[string][]reply{countAccounts: {at("12:00:07", counted(2).body)}, readNames: {at("12:05:00", pageOf(2, "", named(id1, "A"), named(id2, "B")))}}, "sf1 2026-11-21T12:00:07Z 2026-11-21T12:05:00Z "},
		"begun anew: from the count before":            {map[string][]reply{countAccounts: {at("12:00:07", counted(2).body), at("12:03:00", counted(2).body)}, readNames: {{body: one, cut: 50}, at("12:05:00", one)}, getMore: {at("12:06:00", two)}}, "sf1 2026-11-21T12:03:00Z 2026-11-21T12:06:00Z "},
		"from a refusal, which shows no rows either":   {map[string][]reply{countAccounts: {{status: 503, header: at("11:59:00", "").header}, at("12:03:00", counted(2).body)}, readNames: {at("12:05:00", one)}, getMore: {at("12:06:00", two)}}, "sf1 2026-11-21T11:59:00Z 2026-11-21T12:06:00Z "},
		"no time at the beginning":                     {map[string][]reply{countAccounts: {{header: "Date: ", body: counted(2).body}}, readNames: {{body: one}}, getMore: {{body: two}}}, ""},
		"no time in the middle":                        {map[string][]reply{countAccounts: {counted(2)}, readNames: {{body: one}}, getMore: {{header: "Date: ", body: two}}}, ""},
		"rows are missing":                             {map[string][]reply{countAccounts: {counted(3)}, readNames: {{body: one}}, getMore: {{body: two}}}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := start(t, tt.script).source(nil)
			_, rep, err := readAll(t.Context(), src, names)
			if err != nil || (tt.want == "") != (rep.Next == "") || !strings.HasPrefix(rep.Next, tt.want) {
				t.Fatalf("Next = %q, %v; want %q and a digest", rep.Next, err, tt.want)
			}
			if tt.want == "" {
				return
			}
			if p, err := parsePlace(rep.Next); err != nil || p.String() != rep.Next {
				t.Errorf("parsePlace(%q) = %v, %v", rep.Next, p, err)
			}
		})
	}
}

// TestSlowAnswersAreDatedBack: what the server says at the end of its work is too late by
// as much as it worked.
func TestSlowAnswersAreDatedBack(t *testing.T) {
	t.Parallel()
	s := start(t, map[string][]reply{countAccounts: {counted(1)}, readNames: {{body: pageOf(1, "", named(id1, "A"))}}})
	now := noon
	src := s.source(func(o *Options) { o.Now = func() time.Time { return now } })
	s.onCall = func(key string) {
		if key == countAccounts {
			now = now.Add(90 * time.Second)
		}
	}
	_, rep, err := readAll(t.Context(), src, names)
	if err != nil || !strings.HasPrefix(rep.Next, "sf1 2026-11-21T11:58:30Z 2026-11-21T12:00:00Z ") {
		t.Errorf("Next = %q, %v; want the 90 seconds taken off", rep.Next, err)
	}
}

func TestAQuietPollIsOneCall(t *testing.T) {
	t.Parallel()
	where := map[crm.Role]Object{crm.Account: {Where: "Type = 'Customer'"}, crm.Contact: {SOQL: "SELECT Email, Id, AccountId FROM Contact WHERE Email != null OR LastName = 'x'"}}
	tests := map[string]struct {
		objects map[crm.Role]Object
		want    []string
	}{
		"without conditions": {nil, []string{pollAccounts, pollContacts}},
		"with conditions":    {where, []string{"GET queryAll SELECT Id, IsDeleted, MasterRecordId FROM Account WHERE " + changedSince, "GET queryAll SELECT Id, IsDeleted, AccountId FROM Contact WHERE " + changedSince}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startDelta(t, map[string][]reply{compositeCall: {composed(pageOf(0, ""), pageOf(0, ""))}})
			src := s.source(func(o *Options) { o.Objects = tt.objects })
			deltas := sinceBefore(t, src, names, mails)
			before := src.Usage().Calls
			list, reps, err := changesOf(t.Context(), src, deltas)
			if err != nil || len(list) != 0 || !reps[0].Complete || !reps[1].Complete {
				t.Fatalf("Changes = %q, %+v, %v", list, reps, err)
			}
			if calls := src.Usage().Calls - before; calls != 1 {
				t.Errorf("%d calls, want 1: %v", calls, s.seen)
			}
			if got := s.composites(); len(got) != 1 || !slices.Equal(got[0], tt.want) {
				t.Errorf("asked %q, want %q", got, tt.want)
			}
			if want := "sf1 2026-11-21T12:00:00Z 2026-11-21T12:00:00Z "; !strings.HasPrefix(reps[0].Next, want) || !strings.HasPrefix(reps[1].Next, want) || reps[0].Next == reps[1].Next {
				t.Errorf("Next = %q and %q", reps[0].Next, reps[1].Next)
			}
			again := []crm.Delta{{Query: names, Since: reps[0].Next}, {Query: mails, Since: reps[1].Next}}
			s.script[compositeCall] = []reply{composed(pageOf(0, ""), pageOf(0, ""))}
			if _, reps, err := changesOf(t.Context(), src, again); err != nil || !reps[0].Complete {
				t.Errorf("going on: %+v, %v", reps, err)
			}
		})
	}
}

// TestChangesOfOneRole: what each row says, and that the last one counts.
func TestChangesOfOneRole(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		query  crm.Query
		script map[string][]reply
		want   []string
		why    string
	}{
		"changed, in order": {
			names,
			map[string][]reply{pollAccounts: {{body: pageOf(3, "", accountRow(id3, "C", `"ParentId":null -> "ParentId":"`+id1+`"`), accountRow(id1, "A", ""), accountRow(id2, "B", ""))}}},
			[]string{id1 + "/" + id1 + `  ["A"]`, id2 + "/" + id2 + `  ["B"]`, id3 + "/" + id3 + " " + id1 + ` ["C"]`},
			"",
		},
		"deleted, and not what it held": {names, map[string][]reply{pollAccounts: {{body: pageOf(1, "", accountRow(id1, "A", `"IsDeleted":false -> "IsDeleted":true`))}}}, []string{id1 + "/" + id1 + " deleted"}, ""},
		"twice: the later one":          {names, map[string][]reply{pollAccounts: {{body: pageOf(2, more2000, accountRow(id1, "old", ""))}}, getMore: {{body: pageOf(2, "", accountRow(id1, "new", ""))}}}, []string{id1 + "/" + id1 + `  ["new"]`}, ""},
		"by account, then by id":        {mails, map[string][]reply{pollContacts: {{body: pageOf(3, "", contactRow(c1, id2, "b"), contactRow(c3, id1, "a"), contactRow(c2, id2, "c"))}}}, []string{id1 + "/" + c3 + `  ["a"]`, id2 + "/" + c1 + `  ["b"]`, id2 + "/" + c2 + `  ["c"]`}, ""},
		"moved: where it is now":        {mails, map[string][]reply{pollContacts: {{body: pageOf(2, "", contactRow(c1, id1, "a"), contactRow(c1, id2, "a"))}}}, []string{id2 + "/" + c1 + `  ["a"]`}, ""},
		"of no account: before all":     {mails, map[string][]reply{pollContacts: {{body: pageOf(2, "", contactRow(c1, id1, "a"), contactRow(c2, "", "b"))}}}, []string{"/" + c2 + " left", id1 + "/" + c1 + `  ["a"]`}, ""},
		"deleted: where it was last":    {mails, map[string][]reply{pollContacts: {{body: pageOf(1, "", strings.Replace(contactRow(c1, id1, "a"), "false", "true", 1))}}}, []string{id1 + "/" + c1 + " deleted"}, ""},
		"an id that is none":            {mails, map[string][]reply{pollContacts: {{body: pageOf(2, "", contactRow("003xx000004TmiQAAZ", id1, "a"), contactRow(c2, id1, "b"))}}}, []string{id1 + "/" + c2 + `  ["b"]`}, "Contact: 1 of the rows that changed could not be read"},
		"an account that is none":       {mails, map[string][]reply{pollContacts: {{body: pageOf(2, "", contactRow(c1, "junk", "a"), contactRow(c2, id1, "b"))}}}, []string{id1 + "/" + c2 + `  ["b"]`}, "Contact: 1 of the rows that changed could not be read"},
		"deleted with such an account":  {mails, map[string][]reply{pollContacts: {{body: pageOf(1, "", strings.Replace(contactRow(c1, "junk", "a"), "false", "true", 1))}}}, []string{"/" + c1 + " deleted"}, ""},
		"the first page breaks":         {mails, map[string][]reply{pollContacts: {{body: pageOf(1, "", contactRow(c2, id1, "b")), cut: 100}, {body: pageOf(1, "", contactRow(c2, id1, "b"))}}}, []string{id1 + "/" + c2 + `  ["b"]`}, ""},
		"asked anew counts once":        {mails, map[string][]reply{pollContacts: {{body: pageOf(2, more2000, contactRow("junk", id1, "a"))}, {body: pageOf(2, "", contactRow("junk", id1, "a"), contactRow(c2, id1, "b"))}}, getMore: {{status: 404, body: notFound}}}, []string{id1 + "/" + c2 + `  ["b"]`}, "Contact: 1 of the rows"},
		"a page that broke counts once": {mails, map[string][]reply{pollContacts: {{body: pageOf(2, more2000, contactRow(c2, id1, "b"))}}, getMore: {{body: pageOf(2, "", contactRow("junk", id1, "a")), cut: 150}, {body: pageOf(2, "", contactRow("junk", id1, "a"))}}}, []string{id1 + "/" + c2 + `  ["b"]`}, "Contact: 1 of the rows"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := startDelta(t, tt.script).source(nil)
			list, reps, err := changesOf(t.Context(), src, sinceBefore(t, src, tt.query))
			if err != nil || !slices.Equal(list, tt.want) {
				t.Fatalf("Changes = %q, %v; want %q", list, err, tt.want)
			}
			if rep := reps[0]; rep.Complete != (tt.why == "") || !strings.Contains(rep.Why, tt.why) || rep.Rows != len(tt.want) || rep.BadRows != len(rep.Skipped) {
				t.Errorf("report = %+v, want %q", rep, tt.why)
			}
		})
	}
}

// TestMadeOnlyWhatNoReadCanHaveShown: an earlier read went on until its last answer, and
// may have shown what was made until then, under another account.
func TestMadeOnlyWhatNoReadCanHaveShown(t *testing.T) {
	t.Parallel()
	until := readBefore.Add(time.Second)
	tests := map[string]struct {
		created string
		made    bool
	}{
		"long ago":                         {longAgo, false},
		"within the lookback":              {readBefore.Add(-time.Minute).Format("2006-01-02T15:04:05.000+0000"), false},
		"after the read began":             {readBefore.Format("2006-01-02T15:04:05.000+0000"), false},
		"as the read ended":                {until.Format("2006-01-02T15:04:05.000+0000"), false},
		"by a server whose clock is ahead": {until.Add(apart).Format("2006-01-02T15:04:05.000+0000"), false},
		"after that":                       {until.Add(apart + time.Second).Format("2006-01-02T15:04:05.000+0000"), true},
		"after that, as Bulk writes it":    {until.Add(apart + time.Second).Format("2006-01-02T15:04:05.000Z"), true},
		"at no time":                       {"", false},
		"at a time that is none":           {"yesterday", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := startDelta(t, map[string][]reply{pollContacts: {{body: pageOf(1, "", strings.Replace(contactRow(c1, id1, "a"), longAgo, tt.created, 1))}}}).source(nil)
			list, _, err := changesOf(t.Context(), src, sinceBefore(t, src, mails))
			if err != nil || len(list) != 1 || strings.HasSuffix(list[0], " made") != tt.made {
				t.Errorf("made at %q: %q, %v; want made %v", tt.created, list, err, tt.made)
			}
		})
	}
}

// TestWhatLeavesTheCondition: the ids of all that moved, and whole rows of what meets the
// condition.
func TestWhatLeavesTheCondition(t *testing.T) {
	t.Parallel()
	customers := func(o *Options) { o.Objects = map[crm.Role]Object{crm.Account: {Where: "Type = 'Customer'"}} }
	heads := "GET queryAll SELECT Id, IsDeleted, MasterRecordId FROM Account WHERE " + changedSince
	meeting := "GET queryAll " + wholeAccount + "(Type = 'Customer') AND " + changedSince
	head := func(id string, deleted bool) string {
		return fmt.Sprintf(`{"attributes":{},"Id":"%s","IsDeleted":%v,"MasterRecordId":null}`, id, deleted)
	}
	tests := map[string]struct {
		heads, rows string
		want        []string
		bad         int
	}{
		"stays, left and deleted":          {pageOf(3, "", head(id1, false), head(id2, false), head(id3, true)), pageOf(1, "", accountRow(id1, "A", "")), []string{id1 + "/" + id1 + `  ["A"]`, id2 + "/" + id2 + " left", id3 + "/" + id3 + " deleted"}, 0},
		"only deleted ones: no more asked": {pageOf(1, "", head(id3, true)), "", []string{id3 + "/" + id3 + " deleted"}, 0},
		"deleted in between":               {pageOf(1, "", head(id1, false)), pageOf(1, "", accountRow(id1, "A", `"IsDeleted":false -> "IsDeleted":true`)), []string{id1 + "/" + id1 + " deleted"}, 0},
		"back from the bin in between":     {pageOf(2, "", head(id1, true), head(id2, false)), pageOf(1, "", accountRow(id1, "A", "")), []string{id1 + "/" + id1 + `  ["A"]`, id2 + "/" + id2 + " left"}, 0},
		"a row of it cannot be used":       {pageOf(1, "", head(id1, false)), pageOf(1, "", accountRow(id1, "A", `"ParentId":null -> "ParentId":"junk"`)), nil, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := map[string][]reply{heads: {{body: tt.heads}}}
			if tt.rows != "" {
				script[meeting] = []reply{{body: tt.rows}}
			}
			src := startDelta(t, script).source(customers)
			list, reps, err := changesOf(t.Context(), src, sinceBefore(t, src, names))
			if err != nil || !slices.Equal(list, tt.want) || reps[0].BadRows != tt.bad || reps[0].Complete != (tt.bad == 0) {
				t.Errorf("Changes = %q, %+v, %v; want %q", list, reps, err, tt.want)
			}
		})
	}
}

// TestMergedAccountsShowWhatTheyTookOver: whether what a merge hands over is marked as
// changed is not documented, so it is asked for.
func TestMergedAccountsShowWhatTheyTookOver(t *testing.T) {
	t.Parallel()
	lost := accountRow(id1, "A", `"IsDeleted":false -> "IsDeleted":true; "MasterRecordId":null -> "MasterRecordId":"`+id2[:15]+`"`)
	s := startDelta(t, map[string][]reply{compositeCall: {
		composed(pageOf(1, "", lost), pageOf(0, "")),
		composed(pageOf(1, "", accountRow(id2, "winner", "")), pageOf(1, "", accountRow(id3, "child", `"ParentId":null -> "ParentId":"`+id2+`"`)), pageOf(1, "", contactRow(c1, id2, "taken over"))),
	}})
	src := s.source(nil)
	list, reps, err := changesOf(t.Context(), src, sinceBefore(t, src, names, mails))
	want := []string{id1 + "/" + id1 + " deleted into " + id2, id2 + "/" + id2 + `  ["winner"]`, id3 + "/" + id3 + " " + id2 + ` ["child"]`, id2 + "/" + c1 + `  ["taken over"]`}
	if err != nil || !slices.Equal(list, want) || !reps[0].Complete || !reps[1].Complete {
		t.Errorf("Changes = %q, %+v, %v; want %q", list, reps, err, want)
	}
	asked := []string{"GET queryAll " + wholeAccount + "Id IN ('" + id2 + "')", "GET queryAll " + wholeAccount + "ParentId IN ('" + id2 + "')", "GET queryAll " + wholeContact + "AccountId IN ('" + id2 + "')"}
	if got := s.composites(); len(got) != 2 || !slices.Equal(got[1], asked) {
		t.Errorf("asked %q, want %q", got, asked)
	}
}

// TestManyWinnersGoInShortLists: no condition is longer than Salesforce takes, and none
// of the accounts is left out.
func TestManyWinnersGoInShortLists(t *testing.T) {
	t.Parallel()
	ids := benchIDs(2 * (maxWinners + 1))
	none := pageOf(0, "")
	for _, many := range []int{maxWinners, maxWinners + 1} {
		var lost []string
		for i := range many {
			lost = append(lost, accountRow(ids[i], "x", `"IsDeleted":false -> "IsDeleted":true; "MasterRecordId":null -> "MasterRecordId":"`+ids[maxWinners+1+i]+`"`))
		}
		s := startDelta(t, map[string][]reply{
			compositeCall: {composed(pageOf(many, "", lost...), none), composed(none, none, none, none, none), composed(none, none, none, none, none)},
		})
		src := s.source(func(o *Options) {
			o.Objects = map[crm.Role]Object{crm.Contact: {Where: "Email != '" + strings.Repeat("x", 1000) + "'"}}
		})
		deltas := sinceBefore(t, src, names, mails)
		_, _, err := changesOf(t.Context(), src, deltas)
		if many > maxWinners {
			if !errors.Is(err, crm.ErrReadFull) || !strings.Contains(err.Error(), "more than 500 accounts took in others") {
				t.Errorf("%d winners: %v", many, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range []string{"Account", "Contact"} {
			found := map[string]bool{}
			for _, q := range slices.Concat(s.composites()[1:]...) {
				_, where, _ := strings.Cut(q, " WHERE ")
				if len(where) > maxWhere {
					t.Errorf("a condition of %d characters", len(where))
				}
				if strings.Contains(q, "FROM "+object) {
					for _, id := range ids[maxWinners+1:] {
						found[id] = found[id] || strings.Contains(where, "'"+id+"'")
					}
				}
			}
			for _, id := range ids[maxWinners+1 : 2*maxWinners+1] {
				if !found[id] {
					t.Fatalf("what belongs to %s is not asked for in %s", id, object)
				}
			}
		}
	}
}

// TestNoRoomForMergedAccounts: a condition that leaves room for the stamp, and none for
// an id in a list.
func TestNoRoomForMergedAccounts(t *testing.T) {
	t.Parallel()
	lost := accountRow(id1, "A", `"IsDeleted":false -> "IsDeleted":true; "MasterRecordId":null -> "MasterRecordId":"`+id2+`"`)
	src := startDelta(t, map[string][]reply{compositeCall: {composed(pageOf(1, "", lost), pageOf(0, ""))}}).source(func(o *Options) {
		o.Objects = map[crm.Role]Object{crm.Contact: {Account: "Account.MasterRecordId", Where: "Email != '" + strings.Repeat("x", 3942) + "'"}}
	})
	list, _, err := changesOf(t.Context(), src, sinceBefore(t, src, names, mails))
	if !errors.Is(err, crm.ErrReadFull) || !strings.Contains(err.Error(), "crm, contacts: accounts were merged, and where or soql leaves no room") || len(list) != 0 {
		t.Errorf("Changes = %q, %v", list, err)
	}
}

// TestCancelledWhileChangesAreTaken: what was handed out of one role does not count
// either.
func TestCancelledWhileChangesAreTaken(t *testing.T) {
	t.Parallel()
	src := startDelta(t, map[string][]reply{compositeCall: {composed(pageOf(1, "", accountRow(id1, "A", "")), pageOf(1, "", contactRow(c1, id1, "a")))}}).source(nil)
	deltas, reps := sinceBefore(t, src, names, mails), make([]crm.Report, 2)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for _, last = range src.Changes(ctx, deltas, reps) {
		cancel()
	}
	if !errors.Is(last, context.Canceled) || reps[0].Complete || reps[0].Next != "" || reps[1].Complete {
		t.Errorf("Changes ended with %v, %+v", last, reps)
	}
	for range src.Changes(t.Context(), deltas, reps) {
		break
	}
	if reps[0].Complete || reps[0].Next != "" || reps[0].Why == "" || reps[1].Complete || reps[1].Why == "" {
		t.Errorf("stopped early: %+v", reps)
	}
}
