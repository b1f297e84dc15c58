package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // time zones must be known in a container without their list

	"github.com/robfig/cron/v3"
)

type pipelineCheck struct {
	file *File
	path string
	p    *Pipeline
}

func (c pipelineCheck) all() {
	c.ends()
	c.times()
	c.accounts()
	c.organizations()
	c.retire()
	c.match()
	c.scope()
}

func (c pipelineCheck) report(key, msg, fix string) { c.file.doc.Report(c.path+"."+key, msg, fix) }

func (c pipelineCheck) ends() {
	c.known("from", c.p.From, "source", c.file.Sources.Names())
	c.known("to", c.p.To, "target", c.file.Targets.Names())
}

func (c pipelineCheck) known(key, name, what string, names []string) {
	if name == "" || slices.Contains(names, name) {
		return
	}
	c.report(key, fmt.Sprintf("there is no %s %q", what, name), meant(name, names, "define it under "+what+"s; defined are: "+strings.Join(names, ", ")))
}

func (c pipelineCheck) times() {
	c.file.checkZone(c.path+".time_zone", c.p.TimeZone)
	s := c.p.Schedule
	for _, e := range []struct{ key, entry string }{{"delta", s.Delta}, {"full", s.Full}, {"audit", s.Audit}} {
		if e.entry == "" {
			continue
		}
		if wrong, fix := cronEntry(e.entry); wrong != "" {
			c.report("schedule."+e.key, fmt.Sprintf("%q %s", e.entry, wrong), fix)
		}
	}
	if jitter := s.Jitter.Duration(); jitter > 0 && s == (Schedule{Jitter: s.Jitter}) {
		c.report("schedule.jitter", "there is no entry whose runs it could move", `add one, such as delta: "*/10 * * * *", or remove the line`)
	}
}

// cronEntry says what is wrong with a cron entry, and what to do.
func cronEntry(entry string) (wrong, fix string) {
	s, err := cron.ParseStandard(entry)
	every, counts := strings.CutPrefix(entry, "@every ")
	switch span, _ := time.ParseDuration(every); {
	case err != nil:
		return "is no cron entry", `write minute, hour, day, month and weekday, such as "15 3 * * *"`
	case strings.Contains(entry, "TZ="):
		return "names a time zone of its own", "take it out, and write time_zone: of the pipeline"
	case counts && span < time.Second:
		return "is too often", "write a second or more, such as @every 10m"
	case s.Next(aLeapYear).IsZero():
		return "never comes", "there is no such day in such a month"
	}
	return "", ""
}

// aLeapYear begins with a year that has every day.
var aLeapYear = time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)

func (c pipelineCheck) accounts() {
	a := c.p.Accounts
	switch {
	case a.Retain.From.IsZero() && !a.Retain.For.IsZero():
		c.report("accounts.retain", "says how long, and not from when", "add from: an expression that gives a date, such as sla.expiration")
	case !a.Retain.From.IsZero() && a.Retain.For.IsZero():
		c.report("accounts.retain", "says from when, and not how long", "add for: 3y1d")
	}
	if a.Subscriptions == nil && len(c.file.Plans) > 0 {
		c.file.doc.ReportKey(c.path, "the plan catalogue can grant nothing: no subscription columns are named", "add subscriptions: {product: …, start: …, end: …} at the top of the file")
	}
}

var accountColumn = regexp.MustCompile(`^account(\.[A-Za-z_][A-Za-z0-9_]*|\["[^"]+"\])+$`)

func (c pipelineCheck) organizations() {
	o := c.p.Organizations
	if !o.Key.IsZero() && !accountColumn.MatchString(o.Key.Text) {
		c.report("organizations.key", "the key must be a column of the account as it is", "write account.Id, or the column with the account's 18-character id")
	}
	if !o.Name.Value.IsZero() && o.Name.Owner == "helpdesk" {
		c.report("organizations.name.owner", "an organization cannot be created without a name", "write crm, or create: written once")
	}
	for _, rule := range []struct {
		key string
		r   FieldRule
	}{{"name", o.Name}, {"summary", o.Summary}, {"contact", o.Contact}, {"notes", o.Notes}, {"details", o.Details}, {"shared_tickets", o.SharedTickets}, {"shared_comments", o.SharedComments}} {
		c.owned("organizations."+rule.key, rule.r)
		if c.file.doc.Has(c.path + ".organizations." + rule.key) {
			c.value("organizations."+rule.key, rule.r)
		}
	}
	for key, r := range o.Fields.All() {
		c.owned("organizations.fields."+key, *r)
		c.value("organizations.fields."+key, *r)
	}
	if c.p.Members == nil {
		return
	}
	for key, r := range c.p.Members.Fields.All() {
		c.owned("members.fields."+key, *r)
		c.value("members.fields."+key, *r)
	}
}

func (c pipelineCheck) owned(path string, r FieldRule) {
	if r.Owner == "helpdesk" && !r.Value.IsZero() && !c.file.doc.Faulty(c.path+"."+path) {
		c.report(path+".value", "is never written, because the field's owner is the helpdesk", "remove the value, or write owner: crm")
	}
}

func (c pipelineCheck) value(path string, r FieldRule) {
	if r.Owner != "helpdesk" && r.Value.IsZero() && !c.file.doc.Faulty(c.path+"."+path) {
		c.file.doc.ReportKey(c.path+"."+path, "value is required", "write an expression, or owner: helpdesk for a field that is never written")
	}
}

func (c pipelineCheck) retire() {
	m, gone := c.p.Mark, c.p.Policy.OnGone
	for _, g := range []struct{ key, does string }{{"lost", gone.Lost}, {"left", gone.Left}, {"deleted", gone.Deleted}} {
		if g.does != "mark" && g.does != "delete" {
			continue
		}
		if m.Field == "" {
			c.report("policy.on_gone."+g.key, g.does+" needs a checkbox that marks an organization", "add mark: {field: mark_for_deletion}, or write hold")
		}
		if g.does == "delete" && m.DeleteAfter.Never {
			c.report("policy.on_gone."+g.key, "asks to delete, and mark.delete_after says never", "write mark here, or a time such as delete_after: 30d")
		}
	}
	c.marks(m)
}

func (c pipelineCheck) marks(m Mark) {
	if m.Exempt != "" && m.Exempt == m.Field {
		c.report("mark.exempt", "is the field that marks", "name another checkbox")
	}
	for key, r := range c.p.Organizations.Fields.All() {
		if (key == m.Field || key == m.Exempt) && r.Owner != "helpdesk" {
			c.file.doc.ReportKey(c.path+".organizations.fields."+key, "this field belongs to the mark of retired organizations", "remove it here, or name another field under mark")
		}
	}
	if t := c.file.Targets.Get(c.p.To); t != nil {
		c.checkbox("mark.field", m.Field, t)
		c.checkbox("mark.exempt", m.Exempt, t)
	}
}

func (c pipelineCheck) checkbox(path, key string, t *Target) {
	if key == "" || t.Type == "" || t.unnamed() {
		return
	}
	f := t.Fields.Get(key)
	switch {
	case f == nil:
		c.report(path, fmt.Sprintf("%s has no field %s", c.p.To, key), meant(key, t.Fields.Names(), "add it to the target's fields as a checkbox"))
	case f.Type != "checkbox" && f.Type != "":
		c.report(path, fmt.Sprintf("%s is a %s", key, f.Type), "a mark needs a checkbox")
	}
}

// scope refuses limits under which nothing would ever be written.
func (c pipelineCheck) scope() {
	s := c.p.Scope
	if s.Percent != nil && *s.Percent == 0 {
		c.report("scope.percent", "0% chooses nobody", "write mode: observe to look only, or a share above 0%")
	}
	if s.Only != nil && len(s.Only) == 0 {
		c.report("scope.only", "is empty and chooses nobody", "write mode: observe to look only, or list account ids")
	}
	seen := map[string]int{}
	for i, id := range s.Only {
		c.file.twice(seen, id, fmt.Sprintf("%s.scope.only[%d]", c.path, i), "the account %s stands here twice, first on line %d", "remove one of them")
	}
}

func (c pipelineCheck) match() {
	t := c.file.Targets.Get(c.p.To)
	key := c.p.Match.IDField
	if t == nil || t.Type == "" || t.unnamed() || key == "" || t.Fields.Get(key) != nil {
		return
	}
	c.report("match.id_field", fmt.Sprintf("%s has no field %s", c.p.To, key), meant(key, t.Fields.Names(), "add it to the target's fields"))
}
