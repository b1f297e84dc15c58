package changeset

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
)

var update = flag.Bool("update", false, "rewrite the changesets in testdata")

// setup is the section of that name: everything but the three values.
type setup struct {
	Today     day.Day            `json:"today"`
	MovedBy   string             `json:"moved_by"`
	OnFound   string             `json:"on_found"`
	OnDrift   string             `json:"on_drift"`
	OnClash   string             `json:"on_clash"`
	OnGone    GonePolicy         `json:"on_gone"`
	Create    *bool              `json:"create"`
	Owned     []string           `json:"owned"`
	Gone      map[string]Absence `json:"gone"`
	Unlinked  []string           `json:"unlinked"`
	Mark      Mark               `json:"mark"`
	Tickets   map[string]int     `json:"tickets"`
	Decisions map[string][]struct {
		Field  string
		Action Action
		Want   any
		Until  day.Day
		Author string
		Reason string
	} `json:"decisions"`
	Withhold map[string]struct {
		Reason string
		Fields []string
	} `json:"withhold"`
	Unknown     map[string]string         `json:"unknown"`
	Corrections map[string]map[string]int `json:"corrections"`
	Policy      map[string][2]string      `json:"policy"`
}

// TestStories plays testdata/*.txtar: want, have, last written, and the changeset
// that comes of it. Rules are those of organizationShape; everything else that is
// wanted reads a column of its own name.
func TestStories(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, a)
			last := &a.Files[len(a.Files)-1]
			if last.Name != "changeset" {
				t.Fatalf("the last section of %s is %q, want changeset", file, last.Name)
			}
			if *update {
				last.Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if string(last.Data) != got {
				t.Errorf("%s\ngot\n%s\nwant\n%s", a.Comment, got, last.Data)
			}
		})
	}
}

func play(t *testing.T, a *txtar.Archive) string {
	t.Helper()
	s := setup{Today: today, MovedBy: BySource}
	var want, have, last map[string]map[string]any
	for _, x := range a.Files {
		into := map[string]any{"setup": &s, "want": &want, "have": &have, "last": &last}[x.Name]
		if into == nil {
			continue
		}
		d := json.NewDecoder(bytes.NewReader(x.Data))
		d.UseNumber()
		d.DisallowUnknownFields()
		if err := d.Decode(into); err != nil {
			t.Fatalf("section %s: %v", x.Name, err)
		}
	}
	st := stage{s: s, shape: storyShape(s, want), impact: Impact{Currency: "USD"}}
	st.c = New(helpdesk.Capabilities{Ops: ops(), Batch: 100, PerMinute: 200}, map[helpdesk.Kind]helpdesk.Shape{helpdesk.Organization: st.shape, helpdesk.Membership: memberShape()})
	st.out = NewPrinter(&st.text, TextOptions{})
	keys := slices.Sorted(maps.Keys(merge(want, s.Gone)))
	for _, key := range keys {
		st.act(t, key, want[key], have[key], last[key])
	}
	return st.ending()
}

func merge(want map[string]map[string]any, gone map[string]Absence) map[string]bool {
	all := map[string]bool{}
	for k := range want {
		all[k] = true
	}
	for k := range gone {
		all[k] = true
	}
	return all
}

// storyShape names everything that is wanted.
func storyShape(s setup, want map[string]map[string]any) helpdesk.Shape {
	shape := organizationShape()
	for _, fields := range want {
		for name := range fields {
			if _, named := shape.Fields[name]; !named && !element(name) {
				shape.Fields[name] = &helpdesk.Rule{Path: "organizations." + name, Origin: "Account." + label(name)}
			}
		}
	}
	tags := shape.Families["tag:"]
	tags.Owned = s.Owned
	shape.Families["tag:"] = tags
	return shape
}

type stage struct {
	s       setup
	c       *Comparer
	shape   helpdesk.Shape
	text    bytes.Buffer
	out     *Printer
	notes   []string
	summary Summary
	impact  Impact
	digest  Digest
}

func (st *stage) act(t *testing.T, key string, want, have, last map[string]any) {
	t.Helper()
	kind := helpdesk.Organization
	if strings.Contains(key, "/") {
		kind = helpdesk.Membership
	}
	ref := helpdesk.Ref{Kind: kind, Key: key}
	k := Known{Exists: have != nil, Linked: !slices.Contains(st.s.Unlinked, key), MovedBy: st.s.MovedBy, Writes24h: st.s.Corrections[key]}
	k.Have, k.Last = jsonFields(have), jsonFields(last)
	if k.Exists {
		k.TargetID = "119"
	}
	for i, d := range st.s.Decisions[key] {
		k.Decisions = append(k.Decisions, Decision{ID: int64(i + 1), Field: d.Field, Action: d.Action, Want: jsonValue(d.Want), Until: d.Until, Author: d.Author, Reason: d.Reason})
	}
	var v Verdict
	if absence, ok := st.s.Gone[key]; ok {
		v = st.c.Absent(k, Missing{
			Ref: ref, Absence: absence, Policy: st.s.OnGone, Mark: st.s.Mark, OpenTickets: st.s.Tickets[key], Day: st.s.Today, Policies: st.policies(),
		})
	} else {
		object := &helpdesk.Object{Ref: ref, Fields: ruled(st.shape, jsonFields(want))}
		v = st.c.Diff(object, k, DiffOptions{MayCreate: st.s.Create == nil || *st.s.Create, Day: st.s.Today, Policies: st.policies(), Mark: st.s.Mark})
	}
	st.tell(t, key, v)
}

func (st *stage) tell(t *testing.T, key string, v Verdict) {
	t.Helper()
	if reason, ok := st.s.Unknown[key]; ok && st.c.Lowers(v.Change, rank) {
		st.c.HoldPlan(&v, reason)
	}
	if w, ok := st.s.Withhold[key]; ok {
		Withhold(v.Change, Hold(HoldConflict, w.Reason), w.Fields...)
		st.summary.Conflicts++
	}
	for _, n := range v.Notes {
		if n.Forget {
			st.notes = append(st.notes, key+" forget "+n.Field)
		} else {
			st.notes = append(st.notes, key+" note "+n.Field+" = "+n.Value.String())
		}
	}
	for _, i := range v.Items {
		quiet := ""
		if i.Quiet {
			quiet = " (quiet)"
		}
		st.notes = append(st.notes, fmt.Sprintf("%s %s %s: %s%s", key, i.Class, i.Code, i.Text, quiet))
	}
	if len(v.Spent) > 0 {
		st.notes = append(st.notes, fmt.Sprintf("%s spent decisions %v", key, v.Spent))
	}
	if v.InStep {
		st.summary.InStep++
	}
	if v.Change == nil {
		return
	}
	st.summary.Add(v.Change)
	st.digest.Add(v.Change)
	p := st.s.Policy[key]
	st.impact.Add(p[0], p[1], 1000, 0)
	if err := st.out.Print(Entry{Change: v.Change, PolicyFrom: p[0], PolicyTo: p[1]}); err != nil {
		t.Fatal(err)
	}
}

func (st *stage) ending() string {
	if len(st.notes) > 0 {
		st.text.WriteString("\n" + strings.Join(st.notes, "\n") + "\n")
	}
	fmt.Fprintf(&st.text, "\n%s\n%s\n%s\ndigest %s\n", &st.summary, &st.impact, Estimate(st.c.caps, st.summary), st.digest)
	return st.text.String()
}

func (st *stage) policies() Policies {
	of := func(s string) helpdesk.Policy {
		return map[string]helpdesk.Policy{"hold": helpdesk.Hold, "correct": helpdesk.Correct}[s]
	}
	return Policies{of(st.s.OnFound), of(st.s.OnDrift), of(st.s.OnClash)}
}

// jsonFields reads an object; null is the absent object.
func jsonFields(m map[string]any) helpdesk.Fields {
	if m == nil {
		return nil
	}
	out := helpdesk.Fields{}
	for name, x := range m {
		out = append(out, helpdesk.Field{Name: name, Value: jsonValue(x)})
	}
	return out.Sort()
}

// jsonValue reads a value; null is nothing, "" is empty.
func jsonValue(x any) helpdesk.Value {
	switch x := x.(type) {
	case nil:
		return helpdesk.None
	case bool:
		return helpdesk.BoolOf(x)
	case json.Number:
		v, err := helpdesk.Parse(helpdesk.Decimal, x.String())
		if err != nil {
			panic(err)
		}
		return v
	default:
		return helpdesk.TextOf(fmt.Sprint(x))
	}
}
