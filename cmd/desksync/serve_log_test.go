package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk/zendesk"
	box "github.com/desksync/desksync/sandbox/zendesk"
)

// TestTheLogNamesRunsAndNoCustomers has a daemon write, hold, find conflicts and fail, and
// reads what it logged: each line is an event with fields, those of a pass with its
// pipeline and run, and none has a name, an address or a domain of a customer.
func TestTheLogNamesRunsAndNoCustomers(t *testing.T) {
	t.Parallel()
	s := newServed(t, "sqlite:desksync.db")
	customers, h := s.customers(), newHook(t)
	s.replace("desksync.yaml", "overrides: overrides.yaml", h.section()+"overrides: overrides.yaml")
	s.flags = []string{"--log-format", "json"}
	s.serve()
	s.until("a pass that writes", func() bool { return s.found("Ace Tomato") })
	s.replace("crm/accounts.csv", "hooli.example", "hooli.example;wonka.example")
	s.until("a pass with a conflict", func() bool { return strings.Contains(s.said.String(), `"conflicts":1`) })
	s.replace("crm/contacts.csv", "Aki Ito", "Aki \"Ito")
	s.replace("crm/accounts.csv", "Ace Tomato,Customer,,18000", "Ace Tomato,Customer,,much")
	if err := os.Rename(filepath.Join(s.dir, "crm", "subscriptions.csv"), filepath.Join(s.dir, "subscriptions.csv")); err != nil {
		t.Fatal(err)
	}
	s.until("a pass that fails", func() bool {
		return strings.Contains(s.said.String(), `"ended":"`) && strings.Contains(s.said.String(), `"why":"`)
	})
	s.until("an alert went out", func() bool { return strings.Contains(s.said.String(), "alert delivered") })
	s.stop()
	passes := 0
	for line := range strings.Lines(s.said.String()) {
		var l struct{ Pipeline, Message, Kind, Ended, Why string }
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Errorf("no event: %s", line)
		}
		if name := twice(line); name != "" {
			t.Errorf("%q stands twice in an event: %s", name, line)
		}
		if l.Message == "pass ended" {
			passes++
			if l.Pipeline != "customers" || l.Kind == "" || l.Ended == "" || !strings.Contains(line, `"run":`) {
				t.Errorf("a pass without its names: %s", line)
			}
		}
		for _, c := range customers {
			if strings.Contains(strings.ToLower(line), strings.ToLower(c)) {
				t.Errorf("%q stands in the log: %s", c, line)
			}
		}
	}
	if passes < 3 || len(customers) < 50 {
		t.Errorf("%d passes and %d names: the test is blind", passes, len(customers))
	}
}

// twice is a name that two fields of an event have: what collects logs keeps one of them, or
// none of the line.
func twice(line string) string {
	d, seen := json.NewDecoder(strings.NewReader(line)), map[string]bool{}
	_, err := d.Token()
	for err == nil && d.More() {
		name, _ := d.Token()
		s, _ := name.(string)
		if seen[s] {
			return s
		}
		seen[s] = true
		var value json.RawMessage
		err = d.Decode(&value)
	}
	return ""
}

// TestLinesOfTextSayTheDay: a log that is kept for years says more than an hour.
func TestLinesOfTextSayTheDay(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	a := &app{err: &said, logFormat: "text", now: time.Now}
	if err := a.settle(); err != nil {
		t.Fatal(err)
	}
	a.log.Warn().Msg("it rains")
	if !regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d WRN it rains\n$`).MatchString(said.String()) {
		t.Errorf("the line is %q, which lacks the day or the second", said.String())
	}
}

// warning is a helpdesk that has something to say with each answer.
type warning struct{ http.RoundTripper }

func (w warning) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := w.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Header.Set("X-Zendesk-Api-Warn", "Removed restricted keys")
	}
	return resp, err
}

// TestWarningsWithinARunNameIt: what a helpdesk says within a pass stands in the log with
// its pipeline and, from when it has a number on, its run.
func TestWarningsWithinARunNameIt(t *testing.T) {
	t.Parallel()
	x := newBeside(t, nil)
	var said bytes.Buffer
	a := &app{now: x.Now, in: strings.NewReader(""), out: io.Discard, err: &said}
	a.lookup = func(name string) (string, bool) { return box.ClientSecret, name == "ZD_SECRET" }
	a.calls = func(o *zendesk.Options) { o.Base, o.Now, o.Sleep = warning{x.box}, x.Now, x.sleep }
	a.execute(t.Context(), []string{"reconcile", "--yes", "--log-format", "json", "--config", filepath.Join(x.dir, "desksync.yaml")})
	before, within := 0, 0
	for line := range strings.Lines(said.String()) {
		var l struct {
			Pipeline, Event, Target string
			Run                     int64
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil || l.Event != "warned" {
			continue
		}
		if l.Run == 0 {
			before++
		} else {
			within++
		}
		if l.Pipeline != "customers" || l.Target != "support" || l.Run > 1 || l.Run == 0 && within > 0 {
			t.Errorf("a warning under wrong names: %s", line)
		}
	}
	if within == 0 {
		t.Errorf("%d warnings before the run, none within it:\n%s", before, &said)
	}
}

// customers lists the names, addresses and domains of the export.
func (s *served) customers() (out []string) {
	s.Helper()
	for file, columns := range map[string][]int{"accounts.csv": {1, 9}, "contacts.csv": {2, 3}} {
		f, err := os.Open(filepath.Join(s.dir, "crm", file))
		if err != nil {
			s.Fatal(err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		_ = f.Close()
		if err != nil {
			s.Fatal(err)
		}
		for _, row := range rows[1:] {
			for _, c := range columns {
				out = append(out, strings.Split(row[c], ";")...)
			}
		}
	}
	return out
}
