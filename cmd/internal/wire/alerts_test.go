package wire

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/examples"
	"github.com/desksync/desksync/sync/alert"
)

// fileWith is the demonstration's file with a section of alerts.
func fileWith(t *testing.T, alerts string) *config.File {
	t.Helper()
	text, err := fs.ReadFile(examples.Demo(), "desksync.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f, err := config.Parse("desksync.yaml", []byte(string(text)+alerts))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// The configuration knows no alerts, so that it spells their kinds for itself.
func TestRoutesMayNameEveryKind(t *testing.T) {
	t.Parallel()
	var names []string
	for _, k := range alert.Kinds() {
		names = append(names, string(k))
	}
	list := strings.Join(names, ", ")
	f := fileWith(t, fmt.Sprintf(`alerts:
  channels: {hook: {type: webhook, url: "https://ops.example/hook", secret: "${S}"}}
  routes: [{kinds: [%s], to: [hook]}]
  silences: [{from: "22:00", to: "06:00", kinds: [%s]}]
`, list, list))
	p := alertPolicy(f.Alerts)
	if len(p.Routes[0].Kinds) != len(names) || len(p.Silences[0].Kinds) != len(names) {
		t.Errorf("the policy is %+v", p)
	}
	_, err := config.Parse("desksync.yaml", []byte(strings.Replace(f.Text(), "kinds: [drift", "kinds: [test, drift", 1)))
	if err == nil {
		t.Error("a route may name a kind that is no kind of alert")
	}
}

func TestTheFileBecomesAPolicy(t *testing.T) {
	t.Parallel()
	f := fileWith(t, `alerts:
  channels:
    pager: {type: pagerduty, integration_key: "${K}"}
    mail: {type: email, host: mail.example, from: a@b.example, to: [c@d.example]}
  routes:
    - {severity: critical, pipelines: [customers], to: [pager, mail]}
    - {to: [mail]}
  silences: [{days: [sat, sun], from: "22:00", to: "06:00", time_zone: Europe/Berlin, below: critical}]
  digest: {at: "09:00", time_zone: Europe/Berlin}
  failing_after: 5
  stale_after: 6h
  growth_after: 12h
  quiet: 1h
`)
	p := alertPolicy(f.Alerts)
	if p.FailingAfter != 5 || p.StaleAfter != 6*time.Hour || p.Growth != 12*time.Hour || p.Quiet != time.Hour || !p.Apart["pager"] || p.Apart["mail"] {
		t.Errorf("the policy is %+v", p)
	}
	if r := p.Routes[0]; r.Severity != alert.Critical || r.Pipelines[0] != "customers" || len(r.To) != 2 || p.Routes[1].Severity != alert.Info {
		t.Errorf("the routes are %+v", p.Routes)
	}
	s, d := p.Silences[0], p.Digest
	if len(s.Days) != 2 || s.Days[0] != time.Saturday || s.From != 22*time.Hour || s.To != 6*time.Hour || s.Below != alert.Critical || s.Location.String() != "Europe/Berlin" {
		t.Errorf("the silence is %+v", s)
	}
	if !d.On || d.At != 9*time.Hour || d.Below != alert.Warning || d.Location.String() != "Europe/Berlin" {
		t.Errorf("the digest is %+v", d)
	}
}

// TestASecretThatHangsHoldsUpNoStop: its file is on a network that is away.
func TestASecretThatHangsHoldsUpNoStop(t *testing.T) {
	t.Parallel()
	hangs := filepath.Join(t.TempDir(), "secret")
	if err := syscall.Mkfifo(hangs, 0o600); err != nil {
		t.Fatal(err)
	}
	f := fileWith(t, `alerts:
  channels: {hook: {type: webhook, url: "http://127.0.0.1:1/", secret: "file:`+hangs+`"}}
  routes: [{to: [hook]}]
`)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := Channels(f, Env{Now: time.Now})["hook"].Send(ctx, alert.Message{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Send = %v, want that it was stopped", err)
	}
	release, err := os.OpenFile(hangs, os.O_RDWR, 0) // what hangs ends with the test
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = release.Close() }()
}
