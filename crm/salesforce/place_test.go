package salesforce

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
)

// TestReadInFullInstead: each is refused with its reason before anything is yielded.
func TestReadInFullInstead(t *testing.T) {
	t.Parallel()
	without := func(describe, field string) map[string][]reply {
		i := strings.Index(describe, `{"name":"`+field)
		j := i + strings.Index(describe[i:], "},") + 2
		return map[string][]reply{"GET sobjects/Account/describe": {{body: describe[:i] + describe[j:]}}}
	}
	date := func(at time.Time) map[string][]reply {
		return map[string][]reply{pollAccounts: {{header: "Date: " + at.Format("Mon, 02 Jan 2006 15:04:05 GMT"), body: pageOf(1, "", accountRow(id1, "A", ""))}}}
	}
	customers := map[crm.Role]Object{crm.Account: {Where: "Type = 'Customer'"}}
	tests := map[string]struct {
		script  map[string][]reply
		objects map[crm.Role]Object
		since   func(crm.Delta) string // default: as it is
		from    time.Time              // default: readBefore
		why     string
	}{
		"no place":                    {since: func(crm.Delta) string { return "" }, why: "is none that this version writes"},
		"a place of another version":  {since: func(d crm.Delta) string { return strings.Replace(d.Since, "sf1", "sf2", 1) }, why: "is none that this version writes"},
		"a place of another query":    {since: func(d crm.Delta) string { return d.Since[:len(d.Since)-16] + "0123456789abcdef" }, why: "asked for other fields, another condition or another organization"},
		"fifteen days ago":            {script: map[string][]reply{"GET queryAll " + wholeAccount + "SystemModstamp >= 2026-11-07T11:49:59Z": {{body: pageOf(0, "")}}}, from: noon.Add(-remembered - time.Second), why: "the last read was on 2026-11-07, and Salesforce forgets deleted records after 15 days"},
		"a clock that was set back":   {script: date(readBefore.Add(-DefaultOverlap - time.Second)), why: "Salesforce's clock says 2026-11-21T11:44:59Z, and at the last read it was 2026-11-21T11:55:00Z"},
		"no clock":                    {script: map[string][]reply{pollAccounts: {{header: "Date: ", body: pageOf(0, "")}}}, why: "does not say when it was given (header Date)"},
		"no stamp":                    {script: without(stampedAccount, "SystemModstamp"), why: "Account has no field SystemModstamp that the integration user can see and filter by"},
		"a stamp to look at only":     {script: map[string][]reply{"GET sobjects/Account/describe": {{body: strings.Replace(stampedAccount, `"datetime","filterable":true`, `"datetime","filterable":false`, 1)}}}, why: "can see and filter by"},
		"nothing says what is gone":   {script: without(stampedAccount, "IsDeleted"), why: "has no field IsDeleted"},
		"nothing says what is merged": {script: without(stampedAccount, "MasterRecordId"), why: "has no field MasterRecordId"},
		"a scope":                     {objects: map[crm.Role]Object{crm.Account: {SOQL: "SELECT Id, Name FROM Account USING SCOPE mine WHERE Name != 'x'"}}, why: "a record that leaves a scope is not marked as changed"},
		"a condition without room":    {objects: map[crm.Role]Object{crm.Account: {Where: "Name != '" + strings.Repeat("x", 3970) + "'"}}, why: "leaves no room for the condition that a record has changed"},
		"another condition":           {objects: customers, since: func(d crm.Delta) string { return d.Since[:len(d.Since)-16] + "ffffffffffffffff" }, why: "another condition"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := startDelta(t, tt.script).source(func(o *Options) { o.Objects = tt.objects })
			from := readBefore
			if !tt.from.IsZero() {
				from = tt.from
			}
			d := since(t, src, names, from)
			if tt.since != nil {
				d.Since = tt.since(d)
			}
			list, reps, err := changesOf(t.Context(), src, []crm.Delta{d})
			if !errors.Is(err, crm.ErrReadFull) || !strings.Contains(err.Error(), "crm, accounts: ") || !strings.Contains(err.Error(), tt.why) || fault.KindOf(err) != fault.Unsupported {
				t.Fatalf("Changes = %q, %v; want to read in full: %q", list, err, tt.why)
			}
			if len(list) > 0 || reps[0].Complete || reps[0].Next != "" || !strings.Contains(reps[0].Why, tt.why) {
				t.Errorf("Changes = %q, %+v", list, reps[0])
			}
		})
	}
}

// TestAPlaceIsOfOneQuery: whatever decides which rows come, and how they are written.
func TestAPlaceIsOfOneQuery(t *testing.T) {
	t.Parallel()
	base := func() (*plan, *Options) {
		p := benchPlan()
		p.organization, p.statement = orgID, write("Account", p.statement.columns, "Type = 'Customer'")
		return p, &Options{Location: time.UTC}
	}
	p, opt := base()
	same := p.digest(opt)
	for name, change := range map[string]func(*plan, *Options){
		"role":         func(p *plan, _ *Options) { p.role = crm.Contact },
		"organization": func(p *plan, _ *Options) { p.organization = "00Dxx0000001gESEAY" },
		"columns":      func(p *plan, _ *Options) { p.statement = write("Account", p.statement.columns[1:], p.statement.where) },
		"condition":    func(p *plan, _ *Options) { p.statement = write("Account", p.statement.columns, "") },
		"object":       func(p *plan, _ *Options) { p.statement = write("Lead", p.statement.columns, p.statement.where) },
		"a type":       func(p *plan, _ *Options) { p.types[0] = crm.Number },
		"which value":  func(p *plan, _ *Options) { p.out[0], p.out[2] = p.out[2], p.out[0] },
		"time zone":    func(_ *plan, o *Options) { o.Location = time.FixedZone("Berlin", 3600) },
	} {
		p, opt := base()
		if again := p.digest(opt); again != same {
			t.Fatalf("%s: the digest is %s and %s", name, same, again)
		}
		change(p, opt)
		if p.digest(opt) == same {
			t.Errorf("another %s has the same digest", name)
		}
	}
}

func TestWhatIsNotOffered(t *testing.T) {
	t.Parallel()
	src := startDelta(t, nil).source(nil)
	relations := crm.Query{Role: crm.Relation}
	list, reps, err := changesOf(t.Context(), src, []crm.Delta{{Query: relations}})
	if err != nil || len(list) != 0 || reps[0].Complete || !strings.Contains(reps[0].Why, "has no object for relations") {
		t.Errorf("Changes = %q, %+v, %v", list, reps, err)
	}
	if _, _, err := changesOf(t.Context(), src, []crm.Delta{{Query: relations, Since: "sf1 x"}}); !errors.Is(err, crm.ErrReadFull) {
		t.Errorf("what was offered once: %v", err)
	}
}

func FuzzPlace(f *testing.F) {
	f.Add(place{noon, noon, "0123456789abcdef"}.String())
	f.Add("sf1 2026-11-21T12:00:00Z 2026-13-21T12:00:00Z 0123456789abcdef")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := parsePlace(text); err == nil && p.String() != text {
			t.Errorf("parsePlace(%q) = %v", text, p)
		}
	})
}

// TestAPlaceNeverForgetsWhatWasSeen: a clock that is set back a little does not make
// records new that an earlier read showed.
func TestAPlaceNeverForgetsWhatWasSeen(t *testing.T) {
	t.Parallel()
	src := startDelta(t, map[string][]reply{pollAccounts: {{header: "Date: Sat, 21 Nov 2026 11:54:00 GMT", body: pageOf(0, "")}}}).source(nil)
	_, reps, err := changesOf(t.Context(), src, sinceBefore(t, src, names))
	if want := "sf1 2026-11-21T11:54:00Z 2026-11-21T11:55:01Z "; err != nil || !strings.HasPrefix(reps[0].Next, want) {
		t.Errorf("Next = %q, %v; want %q", reps[0].Next, err, want)
	}
}
