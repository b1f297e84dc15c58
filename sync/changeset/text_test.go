package changeset

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/desksync/desksync/helpdesk"
)

func render(t *testing.T, opt TextOptions, entries ...Entry) string {
	t.Helper()
	var b bytes.Buffer
	p := NewPrinter(&b, opt)
	for _, e := range entries {
		if err := p.Print(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func entry(name, key string, deltas ...helpdesk.Delta) Entry {
	return Entry{Change: &helpdesk.Change{Op: helpdesk.Update, Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: key}, Account: key, Name: name, Deltas: deltas}}
}

func delta(field, have, want string, c helpdesk.Cause, origin, hold string) helpdesk.Delta {
	return helpdesk.Delta{Field: field, Have: helpdesk.TextOf(have), Want: helpdesk.TextOf(want), Cause: c, Origin: origin, Hold: hold}
}

// TestPrintingAllocatesInProportion is not parallel: it counts what the process
// allocates.
func TestPrintingAllocatesInProportion(t *testing.T) { //nolint:paralleltest // see above
	for name, limit := range map[string]int{"all": 0, "a thousand": 1000} {
		few, many := allocated(t, 2_000, limit), allocated(t, 20_000, limit)
		if many > 12*few {
			t.Errorf("%s: 2,000 changes take %d bytes and 20,000 take %d; want ten times as much", name, few, many)
		}
	}
}

// allocated is how many bytes it takes to make and print n changes.
func allocated(t *testing.T, n, limit int) uint64 {
	t.Helper()
	p := NewPrinter(io.Discard, TextOptions{Max: limit})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for ch := range changes(n) {
		if err := p.Print(Entry{Change: ch}); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestNothingIsWiderThanTheTerminal(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("very long value ", 20)
	entries := []Entry{
		entry(strings.Repeat("漢字", 60), "001Aa000003DGb2IAG",
			delta("field:a_field_with_a_name_that_goes_on", long, "short", helpdesk.Moved, "Account.Some_Long_Path__r.With_Many_Parts__r.Name__c", ""),
			delta("notes", "short", long, helpdesk.Moved, long, ""), delta("summary", long, long, helpdesk.Clashed, "", Hold(HoldPolicy, "on_clash")),
			delta("field:x", strings.Repeat("界", 80), strings.Repeat("x", 300), helpdesk.Moved, strings.Repeat("y", 300), ""),
			helpdesk.Delta{Field: "domain:" + strings.Repeat("a-long-label.", 12) + "example", Want: yes, Cause: helpdesk.New, Hold: Hold(HoldConflict, long)}),
		entry("", strings.Repeat("k", 200)),
	}
	for _, columns := range []int{20, 40, 72, 100, 180} {
		for i, line := range strings.Split(render(t, TextOptions{Width: columns}, entries...), "\n") {
			if w := width(line); w > max(columns, minWidth) {
				t.Errorf("width %d: line %d has %d columns: %s", columns, i, w, line)
			}
		}
	}
}

func TestTextFromOutsideCannotSteerATerminal(t *testing.T) {
	t.Parallel()
	out := render(t, TextOptions{}, entry("Evil\x1b[2J\r\nCorp\u202e", "001A\x07", delta("notes", "a\nb", "c\td\x00\u2029", helpdesk.Moved, "x\x1b]0;y", "")))
	for _, bad := range []string{"\x1b", "\r", "\x07", "\x00", "\u202e", "\u2029", "\t"} {
		if strings.Contains(out, bad) {
			t.Errorf("%q reached the terminal:\n%q", bad, out)
		}
	}
	if !strings.Contains(out, "a⏎b → c d") {
		t.Errorf("line breaks do not show:\n%s", out)
	}
}

func TestColourIsOnlyWhereItIsAskedFor(t *testing.T) {
	t.Parallel()
	e := entry("Acme", acme, helpdesk.Delta{Field: "tag:gold", Want: yes, Cause: helpdesk.New})
	plain, coloured := render(t, TextOptions{}, e), render(t, TextOptions{Color: true}, e)
	if strings.Contains(plain, "\x1b") {
		t.Errorf("unasked colour:\n%q", plain)
	}
	if !strings.Contains(coloured, "\x1b[32m+ gold\x1b[0m") || !strings.Contains(coloured, "\x1b[1mAcme\x1b[0m") {
		t.Errorf("no colour:\n%q", coloured)
	}
	var stripped strings.Builder
	for i, part := range strings.Split(coloured, "\x1b[") {
		if _, rest, ok := strings.Cut(part, "m"); ok && i > 0 {
			part = rest
		}
		stripped.WriteString(part)
	}
	if stripped.String() != plain {
		t.Errorf("colour moves text:\n%s\n%s", stripped.String(), plain)
	}
}

func TestMoreThanTheMaximumIsCounted(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	p := NewPrinter(&b, TextOptions{Max: 2})
	for i := range 99_942 {
		if err := p.Print(entry("Acme", "001"+string(rune('A'+i%26)))); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 3 || lines[2] != "… and 99,940 more" {
		t.Errorf("the text is\n%s", b.String())
	}
}

func TestAnOrganizationIsNamedAlsoWhereOnlyItsPeopleChange(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	p := NewPrinter(&b, TextOptions{Max: 1, NameOf: func(account string) string { return "Acme of " + account }, Rest: "desksync runs show 4"})
	for _, account := range []string{"001A", "001A", "001B"} {
		e := entry("Zoë", "003A")
		e.Change.Ref.Kind, e.Change.Account = helpdesk.User, account
		if err := p.Print(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if !strings.HasPrefix(text, "Acme of 001A ") || strings.Count(text, "Acme") != 1 || !strings.HasSuffix(text, "… and 1 more: desksync runs show 4\n") {
		t.Errorf("the text is\n%s", text)
	}
}

type broken struct{}

var errBroken = errors.New("pipe closed")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestWriteErrorsAreReturned(t *testing.T) {
	t.Parallel()
	p := NewPrinter(broken{}, TextOptions{Max: 1})
	if err := p.Print(entry("Acme", acme)); !errors.Is(err, errBroken) {
		t.Errorf("Print = %v", err)
	}
	if err := p.Print(entry("Initech", "001B")); err != nil {
		t.Errorf("a change that is not shown: Print = %v", err)
	}
	if err := p.Close(); !errors.Is(err, errBroken) {
		t.Errorf("Close = %v", err)
	}
	if err := NewEncoder(broken{}).Encode(entry("Acme", acme)); !errors.Is(err, errBroken) {
		t.Errorf("Encode = %v", err)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	e := entry("A<b>&", acme,
		helpdesk.Delta{Field: "field:aar", Want: helpdesk.DecimalOf(31200.5), Have: helpdesk.IntOf(4800), Cause: helpdesk.Moved, Origin: "Account.CARR__c"},
		helpdesk.Delta{Field: "tag:gold", Want: yes, Cause: helpdesk.New, Hold: "guard: updates"})
	e.Change.ID, e.Change.TargetID, e.PolicyFrom, e.PolicyTo = "0f", "119", "Standard", "Priority"
	var b bytes.Buffer
	if err := NewEncoder(&b).Encode(e); err != nil {
		t.Fatal(err)
	}
	want := `{"id":"0f","op":"update","kind":"organization","key":"001A","account":"001A","target_id":"119","name":"A<b>&","deltas":[` +
		`{"field":"field:aar","want":31200.5,"have":4800,"last_written":null,"cause":"moved","origin":"Account.CARR__c"},` +
		`{"field":"tag:gold","want":true,"have":null,"last_written":null,"cause":"new","hold":"guard: updates"}],` +
		`"sla_policy":{"from":"Standard","to":"Priority"}}` + "\n"
	if b.String() != want {
		t.Errorf("JSON is\n%swant\n%s", b.String(), want)
	}
	b.Reset()
	if err := NewEncoder(&b).Encode(entry("", acme)); err != nil || !json.Valid(b.Bytes()) || !strings.Contains(b.String(), `"deltas":[]`) {
		t.Errorf("a change without deltas is %s (%v)", b.String(), err)
	}
}

func TestSnipAndWrap(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		in   string
		room int
		want string
	}{{"Acme", 4, "Acme"}, {"Acme Inc", 5, "Acme…"}, {"漢字漢字", 5, "漢字…"}, {"漢字漢字", 4, "漢…"}, {"Acme", 1, "…"}, {"", 0, ""}} {
		if got := snip(x.in, x.room); got != x.want {
			t.Errorf("snip(%q, %d) = %q, want %q", x.in, x.room, got, x.want)
		}
	}
	equal(t, "lines", wrap("one two three", 7), []string{"one two", "three"})
	equal(t, "a long word", wrap("a incomprehensibilities b", 6), []string{"a", "incom…", "b"})
}

func TestHeldChangesSayWhy(t *testing.T) {
	t.Parallel()
	e := entry("Acme", acme, delta("field:level", "gold", "expired", helpdesk.Moved, "plan.name", ""))
	e.Change.Hold, e.PolicyFrom = Hold(HoldGuard, "47 organizations would drop to a lower level; limit 10"), "Priority"
	want := `Acme                                                 001A
  organization        ✋ ~ update                    held by a guard: 47 organizations would drop to
                                                     a lower level; limit 10
  level               gold → expired                 moved: plan.name
  SLA                 Priority → –
`
	if got := render(t, TextOptions{}, e); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	e.Change.Hold = Hold(HoldScope, "")
	if got := render(t, TextOptions{}, e); !strings.Contains(got, "✋ ~ update                    not yet\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestALinkSaysHowItWasFound(t *testing.T) {
	t.Parallel()
	for kind, want := range map[helpdesk.Kind]string{helpdesk.User: "found by e-mail", helpdesk.Organization: "found by its id field or name"} {
		object := &helpdesk.Object{Ref: helpdesk.Ref{Kind: kind, Key: "003B"}, Fields: f("name=Jo")}
		v := comparer().Diff(object, Known{Exists: true}, DiffOptions{})
		if got := v.Change.Deltas[0].Origin; got != want {
			t.Errorf("a linked %s was %q, want %q", kind, got, want)
		}
	}
}
