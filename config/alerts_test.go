package config_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/internal/secret"
)

// alerts is a section without fault, behind the good file.
const alerts = `alerts:
  channels:
    chat: {type: slack, url: "${SLACK_URL}"}
    mail: {type: email, host: mail.acme.example, from: desksync@acme.example, to: [ops@acme.example]}
    pager: {type: pagerduty, integration_key: "${PD_KEY}"}
    hook: {type: webhook, url: "https://ops.acme.example/desksync", secret: file:hook.secret}
  routes:
    - {severity: critical, to: [chat, pager]}
    - {kinds: [contract_ending, no_contact], pipelines: [customers], to: [mail]}
    - {to: [chat, hook]}
  silences:
    - {days: [sat, sun], from: "22:00", to: "06:00", time_zone: Europe/Berlin, below: critical}
  digest: {at: "09:00"}
`

func TestGoodAlerts(t *testing.T) {
	t.Parallel()
	f, err := config.Parse("desksync.yaml", []byte(good+alerts))
	if err != nil {
		t.Fatal(err)
	}
	a := f.Alerts
	if a.FailingAfter != 3 || a.StaleAfter.Duration() != 24*time.Hour || a.Quiet.Duration() != 30*time.Minute || a.GrowthAfter.Duration() != 24*time.Hour {
		t.Errorf("the defaults are %+v", a)
	}
	if s := a.Silences[0]; s.From.Duration() != 22*time.Hour || s.To.Duration() != 6*time.Hour || s.Below != "critical" {
		t.Errorf("the silence is %+v", s)
	}
	if a.Digest.At.Duration() != 9*time.Hour || a.Digest.Below != "warning" || a.Digest.TimeZone != "UTC" || a.Routes[2].Severity != "info" {
		t.Errorf("digest %+v, routes %+v", a.Digest, a.Routes)
	}
	if c := a.Channels.Get("mail"); c.Port != 587 || c.TLS != "starttls" {
		t.Errorf("mail is %+v", c)
	}
	if err := valid(t, compiled(t, config.Schema()), good+alerts); err != nil {
		t.Errorf("the schema refuses it: %v", err)
	}
	missing := f.Unresolved(secret.Source{Dir: t.TempDir(), Lookup: func(string) (string, bool) { return "", false }})
	for _, want := range []string{"SLACK_URL is not set", "PD_KEY is not set", "hook.secret does not exist"} {
		if !strings.Contains(missing.Error(), want) {
			t.Errorf("unresolved are %v, want %s", missing, want)
		}
	}
}

func TestFaultsOfAlerts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ old, with, want string }{
		"a type nobody knows":           {"type: slack", "type: pigeon", `"pigeon" is not a choice; write slack, teams, email, pagerduty or webhook`},
		"a channel without its address": {`type: slack, url: "${SLACK_URL}"`, "type: slack", `alerts.channels.chat: url is required for type: slack; write url: "${VARIABLE}" or file:NAME: the address is a secret`},
		"a key of another type":         {`type: slack, url`, "type: slack, port: 25, url", "alerts.channels.chat.port: is not used for type: slack; remove it"},
		"a secret in the file":          {`"${SLACK_URL}"`, "https://hooks.slack.com/services/T/B/hush", "alerts.channels.chat.url: is a secret: who knows it may post there, and must not stand in this file; write \"${VARIABLE}\" or file:NAME"},
		"a key in the file":             {`"${PD_KEY}"`, "hushhush", "alerts.channels.pager.integration_key: is a secret, and must not stand in this file"},
		"an open address":               {"https://ops", "http://ops", "alerts.channels.hook.url: is no address to post to; write https://…; http:// only for a receiver on this machine"},
		"a recipient who is none":       {"[ops@acme.example]", "[ops]", `alerts.channels.mail.to[0]: "ops" is no e-mail address; write one such as ops@acme.example`},
		"a password for all to read":    {"to: [ops@acme.example]", `to: [ops@acme.example], tls: none, user: a, password: "${P}"`, "alerts.channels.mail.tls: would send the password for all to read; write starttls or implicit, or log nobody in"},
		"a channel that is not there":   {"to: [mail]", "to: [mial]", `alerts.routes[1].to[0]: there is no channel "mial"; did you mean mail?`},
		"a kind that is none":           {"[contract_ending, no_contact]", "[contracts]", `"contracts" is not a choice`},
		"a pipeline that is not there":  {"pipelines: [customers]", "pipelines: [customer]", `alerts.routes[1].pipelines[0]: there is no pipeline "customer"; did you mean customers?`},
		"a route behind all":            {"    - {severity: critical, to: [chat, pager]}\n", "    - {to: [chat]}\n", "alerts.routes[1]: is never reached: routes[0] matches everything; put it before that one, or remove it"},
		"a route to nowhere":            {"- {severity: critical, to: [chat, pager]}", "- {severity: critical}", "alerts.routes[0]: to is required; name channels, or write to: [] to tell nobody"},
		"a time that is none":           {`"22:00"`, `"24:00"`, `alerts.silences[0].from: "24:00" is no time of the day; write one such as "09:00", in quotes`},
		"a day that is none":            {"[sat, sun]", "[saturday]", `"saturday" is not a choice`},
		"a zone that is none":           {"Europe/Berlin", "Berlin", `alerts.silences[0].time_zone: "Berlin" is no time zone`},
		"an unknown key":                {"digest: {at", "digest: {time", `unknown key "time"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := strings.Replace(good+alerts, tt.old, tt.with, 1)
			if src == good+alerts {
				t.Fatalf("%q does not stand in the file", tt.old)
			}
			_, err := config.Parse("desksync.yaml", []byte(src))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %s", err, tt.want)
			}
			if strings.Contains(rendered(err), "hush") {
				t.Errorf("the fault shows the secret: %s", rendered(err))
			}
		})
	}
}

// rendered is all that a person is shown.
func rendered(err error) string {
	var out []string
	problems, _ := errors.AsType[config.Problems](err)
	for _, p := range problems {
		out = append(out, p.Render(100))
	}
	return strings.Join(out, "\n")
}

func TestAddressesOfChannelsStayOutOfTheRecord(t *testing.T) {
	t.Parallel()
	src := good + "x-old: https://hooks.slack.com/services/T/B/hush\nx-older: {integration_key: hushhush}\n"
	f, err := config.Parse("desksync.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(f.Text(), "hush") {
		t.Errorf("the journal would keep %s", f.Text())
	}
}
