package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

// ofLimits are shown of helpdesks whose account limits calls, which a store's does not: the
// tests of sync/metrics hold them to the documentation.
var ofLimits = []string{"desksync_target_calls_total", "desksync_target_calls_limit", "desksync_target_calls_allowed", "desksync_target_calls_left"}

// TestWhatIsWatchedIsThere runs a daemon and holds every metric that the dashboard, the
// alerts and the documentation name against those that it shows, and the other way round:
// each of its own is on the dashboard and explained, with the words it has itself.
func TestWhatIsWatchedIsThere(t *testing.T) {
	t.Parallel()
	s := newServed(t, "sqlite:desksync.db")
	s.run("reconcile", "--yes")
	s.serve()
	s.replace("crm/accounts.csv", "Ace Tomato", "Ace Tomaten")
	s.until("a change is counted", func() bool {
		return strings.Contains(s.get("/metrics"), `desksync_field_changes_total{cause="moved"`)
	})
	shown, help := exposed(s.get("/metrics"))
	if !slices.Contains(shown, "desksync_scrape_error") || !slices.Contains(shown, "desksync_run_duration_seconds_bucket") {
		t.Fatalf("the page of metrics is not read rightly: %q", shown)
	}
	for page, all := range map[string]bool{"deploy/grafana/desksync.json": true, "deploy/prometheus/rules.yaml": false, "deploy/prometheus/rules_test.yaml": false, "docs/daemon.md": true} {
		text := read(t, page)
		for _, name := range metric.FindAllString(text, -1) {
			if !slices.Contains(shown, name) && help[name] == "" && !slices.Contains(ofLimits, name) {
				t.Errorf("%s names %s, which no daemon shows", page, name)
			}
		}
		for name := range help {
			if all && ours(name) && !strings.Contains(text, name) {
				t.Errorf("%s does not name %s", page, name)
			}
		}
	}
	table := read(t, "docs/daemon.md")
	for name, words := range help {
		if row := regexp.MustCompile("(?m)^\\| `" + name + "` .*$").FindString(table); ours(name) && !strings.HasSuffix(row, "| "+words+" |") {
			t.Errorf("docs/daemon.md explains %s with %q, and the metric itself with %q", name, row, words)
		}
	}
}

// TestTheDashboardAsksPrometheus reads the dashboard as Grafana does: each panel has a
// name, an explanation, a place of its own and questions.
func TestTheDashboardAsksPrometheus(t *testing.T) {
	t.Parallel()
	type place struct{ X, Y, W, H int }
	var board struct {
		UID    string
		Panels []struct {
			ID                 int
			Title, Description string
			GridPos            place
			Targets            []struct{ RefID, Expr string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "deploy/grafana/desksync.json")), &board); err != nil {
		t.Fatal(err)
	}
	if board.UID != "desksync" || len(board.Panels) < 10 {
		t.Fatalf("uid %q with %d panels", board.UID, len(board.Panels))
	}
	ids, taken := map[int]bool{}, map[[2]int]string{}
	for _, p := range board.Panels {
		if p.Title == "" || p.Description == "" || ids[p.ID] || len(p.Targets) == 0 {
			t.Errorf("the panel %d %q has no name, explanation, number of its own or question", p.ID, p.Title)
		}
		ids[p.ID] = true
		for _, q := range p.Targets {
			if q.Expr == "" || q.RefID == "" {
				t.Errorf("%q asks %+v", p.Title, q)
			}
		}
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				at := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
				if taken[at] != "" || at[0] >= 24 {
					t.Fatalf("%q lies on %q, or outside, at %v", p.Title, taken[at], at)
				}
				taken[at] = p.Title
			}
		}
	}
}

// TestReadyAsksTheDaemon: 0 while it can make runs, and 1 with the reason while it cannot,
// or is not there.
func TestReadyAsksTheDaemon(t *testing.T) {
	t.Parallel()
	s := newServed(t, "sqlite:desksync.db")
	s.serve()
	s.until("ready", func() bool { return s.get("/readyz") == "ok\n" })
	at := address.FindStringSubmatch(s.said.String())[1]
	_, port, _ := strings.Cut(at, ":")
	for _, listen := range []string{at, "0.0.0.0:" + port, ":" + port} {
		if out := s.run("ready", "--listen", listen); s.code != exitOK || out != "ok\n" {
			t.Errorf("ready --listen %s ended with %d: %s", listen, s.code, out)
		}
	}
	s.replace("desksync.yaml", "grace: 15d", "grace: soon")
	s.until("the broken file is refused", func() bool { return s.get("/readyz") != "ok\n" })
	if out := s.run("ready", "--listen", at); s.code != exitFailed || !strings.Contains(out, `"soon" is not a length of time`) {
		t.Errorf("with a broken file ready ended with %d: %s", s.code, out)
	}
	s.stop()
	if out := s.run("ready", "--listen", at); s.code != exitFailed || !strings.Contains(out, "no daemon answers") {
		t.Errorf("without a daemon ready ended with %d: %s", s.code, out)
	}
}

// TestDeployCallsDesksyncRightly gives desksync the arguments that unit, Compose file and
// manifest start it with: a flag that is none would end the daemon at once.
func TestDeployCallsDesksyncRightly(t *testing.T) {
	t.Parallel()
	var compose struct {
		Services map[string]struct {
			Command     []string
			Healthcheck struct{ Test []string }
		}
	}
	var deployment struct {
		Spec struct{ Template struct{ Spec pod } }
	}
	decode(t, "deploy/compose.yaml", &compose)
	decode(t, "deploy/kubernetes/deployment.yaml", &deployment)
	container := deployment.Spec.Template.Spec.Containers[0]
	unit := regexp.MustCompile(`(?m)^ExecStart=/usr/bin/desksync (.*)$`).FindStringSubmatch(read(t, "deploy/desksync.service"))
	service := compose.Services["desksync"]
	for from, args := range map[string][]string{"unit": strings.Fields(unit[1]), "compose": service.Command, "its health check": service.Healthcheck.Test[2:], "deployment": container.Args} {
		var said bytes.Buffer
		a := &app{in: strings.NewReader(""), out: &said, err: &said, now: time.Now}
		if len(args) < 3 || a.execute(t.Context(), append(args, "--help")) != exitOK {
			t.Errorf("%s calls desksync %q: %s", from, args, &said)
		}
	}
}

// TestTheUnitNeverGivesUp: systemd starts what failed anew for ever, as long as it did not fail for
// a broken file; a limit would leave it down if the database came back late.
func TestTheUnitNeverGivesUp(t *testing.T) {
	t.Parallel()
	unit := read(t, "deploy/desksync.service")
	for _, want := range []string{"Restart=on-failure", "RestartPreventExitStatus=2", "StartLimitIntervalSec=0"} {
		if !strings.Contains(unit, "\n"+want+"\n") {
			t.Errorf("the unit has no %s", want)
		}
	}
}

// TestPodsMayDoLittle holds what the schemas of Kubernetes leave open: two replicas, no
// rights, nothing to write on, the right pages asked, and time to hand over.
func TestPodsMayDoLittle(t *testing.T) {
	t.Parallel()
	var d struct {
		Spec struct {
			Replicas int
			Template struct{ Spec pod }
		}
	}
	decode(t, "deploy/kubernetes/deployment.yaml", &d)
	p := d.Spec.Template.Spec
	c := p.Containers[0]
	if d.Spec.Replicas != 2 || p.Token == nil || *p.Token || !p.Security.NonRoot || p.Security.Seccomp.Type != "RuntimeDefault" || p.Grace < 30 {
		t.Errorf("the pods are %d: %+v", d.Spec.Replicas, p)
	}
	if s := c.Security; s.Escalation == nil || *s.Escalation || !s.ReadOnly || !slices.Equal(s.Capabilities.Drop, []string{"ALL"}) {
		t.Errorf("the container may too much: %+v", s)
	}
	if c.Liveness.HTTP.Path != "/healthz" || c.Startup.HTTP.Path != "/healthz" || c.Readiness.HTTP.Path != "/readyz" {
		t.Errorf("the probes ask %q, %q and %q", c.Startup.HTTP.Path, c.Liveness.HTTP.Path, c.Readiness.HTTP.Path)
	}
}

// pod is what the tests look at in one.
type pod struct {
	Token    *bool `yaml:"automountServiceAccountToken"`
	Grace    int   `yaml:"terminationGracePeriodSeconds"`
	Security struct {
		NonRoot bool                  `yaml:"runAsNonRoot"`
		Seccomp struct{ Type string } `yaml:"seccompProfile"`
	} `yaml:"securityContext"`
	Containers []struct {
		Args      []string
		Startup   probe `yaml:"startupProbe"`
		Liveness  probe `yaml:"livenessProbe"`
		Readiness probe `yaml:"readinessProbe"`
		Security  struct {
			Escalation   *bool `yaml:"allowPrivilegeEscalation"`
			ReadOnly     bool  `yaml:"readOnlyRootFilesystem"`
			Capabilities struct{ Drop []string }
		} `yaml:"securityContext"`
	}
}

type probe struct {
	HTTP struct{ Path string } `yaml:"httpGet"`
}

// decode reads a YAML file of the repository.
func decode(t *testing.T, name string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, name)), into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

var (
	metric = regexp.MustCompile(`\b(desksync|go|process)_[a-z_]*[a-z]\b`)
	sample = regexp.MustCompile(`(?m)^([a-z_]+)[ {]`)
	helps  = regexp.MustCompile(`(?m)^# HELP (\S+) (.*)$`)
)

func ours(name string) bool { return strings.HasPrefix(name, "desksync_") }

// exposed lists the series of a page of metrics, and what each metric says of itself.
func exposed(page string) (series []string, help map[string]string) {
	help = map[string]string{}
	for _, m := range sample.FindAllStringSubmatch(page, -1) {
		series = append(series, m[1])
	}
	for _, m := range helps.FindAllStringSubmatch(page, -1) {
		help[m[1]] = m[2]
	}
	return series, help
}

// read returns a file of the repository.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repo, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
