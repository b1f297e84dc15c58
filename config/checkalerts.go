package config

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
)

// channelKeys are the keys that a type of channel must have (true) or may have.
var channelKeys = map[string]map[string]bool{
	"slack":     {"url": true},
	"teams":     {"url": true},
	"webhook":   {"url": true, "secret": true},
	"pagerduty": {"integration_key": true, "host": false},
	"email":     {"host": true, "from": true, "to": true, "port": false, "tls": false, "user": false, "password": false},
}

// channelFixes say how to supply what a channel lacks.
var channelFixes = map[string]string{
	"url": `write url: "${VARIABLE}" or file:NAME: the address is a secret`, "secret": `write secret: "${VARIABLE}", which the receiver knows too`,
	"integration_key": `write integration_key: "${VARIABLE}", as the service's page Integrations shows it for Events API v2`, "host": "name the mail server", "from": "write the sender's address",
	"to": "list the recipients' addresses",
}

func (f *File) checkAlerts() {
	if f.Alerts == nil {
		return
	}
	for name, c := range f.Alerts.Channels.All() {
		f.checkChannel("alerts.channels."+name, c)
	}
	for i, r := range f.Alerts.Routes {
		f.checkRoute(i, r)
	}
	for i, s := range f.Alerts.Silences {
		at := fmt.Sprintf("alerts.silences[%d]", i)
		f.checkZone(at+".time_zone", s.TimeZone)
		f.checkPipelines(at+".pipelines", s.Pipelines)
	}
	if d := f.Alerts.Digest; d != nil {
		f.checkZone("alerts.digest.time_zone", d.TimeZone)
	}
}

func (f *File) checkChannel(path string, c *Channel) {
	keys, known := channelKeys[c.Type]
	if !known {
		return // the type itself was reported
	}
	for _, key := range []string{"url", "secret", "integration_key", "host", "port", "tls", "user", "password", "from", "to"} {
		needed, used := keys[key]
		switch has := f.doc.Has(path + "." + key); {
		case has && !used:
			f.doc.ReportKey(path+"."+key, "is not used for type: "+c.Type, "remove it")
		case needed && !has && !f.doc.Faulty(path):
			f.doc.ReportKey(path, fmt.Sprintf("%s is required for type: %s", key, c.Type), channelFixes[key])
		}
	}
	f.checkHook(path+".url", c.URL)
	f.checkMail(path, c)
	if c.Type == "slack" || c.Type == "teams" {
		f.checkHidden(path+".url", c.URL, "is a secret: who knows it may post there")
	}
	f.checkHidden(path+".integration_key", c.IntegrationKey, "is a secret")
	f.checkHidden(path+".secret", c.Secret, "is a secret")
}

// checkHidden keeps a secret out of the file, and so out of the journal, which keeps the
// file's text.
func (f *File) checkHidden(path string, s Secret, why string) {
	if s.text != "" && !strings.HasPrefix(s.text, "file:") && !strings.Contains(s.text, "${") && !f.doc.Faulty(path) {
		f.doc.Report(path, why+", and must not stand in this file", `write "${VARIABLE}" or file:NAME`)
	}
}

// checkHook lets messages go over the network encrypted only.
func (f *File) checkHook(path string, s Secret) {
	if s.text == "" || strings.HasPrefix(s.text, "file:") || strings.Contains(s.text, "${") {
		return // known only when it is looked up
	}
	if !private(s.text) {
		f.doc.Report(path, "is no address to post to", "write https://…; http:// only for a receiver on this machine")
	}
}

func (f *File) checkMail(path string, c *Channel) {
	if c.Type != "email" {
		return
	}
	if _, err := mail.ParseAddress(c.From); c.From != "" && err != nil {
		f.doc.Report(path+".from", fmt.Sprintf("%q is no e-mail address", c.From), "write one such as desksync@acme.example")
	}
	for i, to := range c.To {
		if _, err := mail.ParseAddress(to); err != nil {
			f.doc.Report(fmt.Sprintf("%s.to[%d]", path, i), fmt.Sprintf("%q is no e-mail address", to), "write one such as ops@acme.example")
		}
	}
	if c.TLS == "none" && c.User != "" && !thisMachine(c.Host) {
		f.doc.Report(path+".tls", "would send the password for all to read", "write starttls or implicit, or log nobody in")
	}
}

// checkRoute reports names that lead nowhere, and routes that nothing ever reaches.
func (f *File) checkRoute(i int, r Route) {
	at := fmt.Sprintf("alerts.routes[%d]", i)
	for j, to := range r.To {
		if names := f.Alerts.Channels.Names(); !slices.Contains(names, to) {
			f.doc.Report(fmt.Sprintf("%s.to[%d]", at, j), fmt.Sprintf("there is no channel %q", to),
				meant(to, names, "define it under alerts.channels; defined are: "+strings.Join(names, ", ")))
		}
	}
	f.checkPipelines(at+".pipelines", r.Pipelines)
	for j, before := range f.Alerts.Routes[:i] {
		if len(before.Kinds)+len(before.Pipelines) == 0 && before.Severity == "info" {
			f.doc.ReportKey(at, fmt.Sprintf("is never reached: routes[%d] matches everything", j), "put it before that one, or remove it")
			return
		}
	}
}

func (f *File) checkPipelines(path string, names []string) {
	for i, name := range names {
		if all := f.Pipelines.Names(); !slices.Contains(all, name) {
			f.doc.Report(fmt.Sprintf("%s[%d]", path, i), fmt.Sprintf("there is no pipeline %q", name), meant(name, all, "known are: "+strings.Join(all, ", ")))
		}
	}
}

func (f *File) checkZone(path, name string) {
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		f.doc.Report(path, fmt.Sprintf("%q is no time zone", name), "write a name of the IANA list, such as Europe/Berlin, or UTC")
	}
}
