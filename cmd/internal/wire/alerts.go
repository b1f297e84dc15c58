package wire

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/internal/aside"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/secret"
	"github.com/desksync/desksync/sync/alert"
	"github.com/desksync/desksync/sync/alert/notify"
)

// AlertOptions say what is told of the file's pipelines, and through which channels.
// Without alerts in the file there is none, and what holds is kept in mind all the same.
func AlertOptions(file *config.File, env Env) (alert.Options, error) {
	opt := alert.Options{Now: env.Now, Log: env.Log, Channels: Channels(file, env)}
	if file.Alerts != nil {
		opt.Policy = alertPolicy(file.Alerts)
	}
	for name := range file.Pipelines.All() {
		w, err := New(file, name, env)
		if err != nil {
			return opt, err
		}
		opt.Pipelines = append(opt.Pipelines, w.watched())
	}
	return opt, nil
}

// watched is what alerts must know of a pipeline besides what the journal has.
func (w *Pipeline) watched() alert.Watched {
	out := alert.Watched{
		Name: w.Name, Source: w.Config.From, Target: w.Config.To, Location: w.Location(), Currency: w.guards().Currency,
		Unscheduled: w.Config.Schedule == config.Schedule{}, Logins: w.logins(),
	}
	if s := w.File.Sources.Get(w.Config.From); s != nil && s.Type == "salesforce" {
		out.Share = float64(s.DailyShare)
	}
	return out
}

func alertPolicy(a *config.Alerts) alert.Policy {
	p := alert.Policy{
		FailingAfter: a.FailingAfter, StaleAfter: a.StaleAfter.Duration(), Growth: a.GrowthAfter.Duration(), Quiet: a.Quiet.Duration(),
		Apart: map[string]bool{},
	}
	for name, c := range a.Channels.All() {
		p.Apart[name] = notify.Apart(c.Type)
	}
	for _, r := range a.Routes {
		p.Routes = append(p.Routes, alert.Route{Kinds: kinds(r.Kinds), Pipelines: r.Pipelines, Severity: severityOf(r.Severity), To: r.To})
	}
	for _, s := range a.Silences {
		p.Silences = append(p.Silences, alert.Silence{
			Days: weekdays(s.Days), From: s.From.Duration(), To: s.To.Duration(), Location: Zone(s.TimeZone),
			Kinds: kinds(s.Kinds), Pipelines: s.Pipelines, Below: severityOf(s.Below),
		})
	}
	if d := a.Digest; d != nil {
		p.Digest = alert.Digest{On: true, At: d.At.Duration(), Location: Zone(d.TimeZone), Below: severityOf(d.Below)}
	}
	return p
}

func kinds(names []string) []alert.Kind {
	var out []alert.Kind
	for _, n := range names {
		out = append(out, alert.Kind(n))
	}
	return out
}

// severityOf reads a name that the configuration has checked; none is Info.
func severityOf(name string) (out alert.Severity) {
	for s := alert.Info; s <= alert.Critical; s++ {
		if s.String() == name {
			out = s
		}
	}
	return out
}

var dayNames = map[string]time.Weekday{
	"mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday, "thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday, "sun": time.Sunday,
}

func weekdays(names []string) []time.Weekday {
	var out []time.Weekday
	for _, n := range names {
		out = append(out, dayNames[n])
	}
	return out
}

// Channels are those of the file; none without alerts.
func Channels(file *config.File, env Env) map[string]alert.Notifier {
	out := map[string]alert.Notifier{}
	if file.Alerts == nil {
		return out
	}
	from := file.Secrets(env.Lookup)
	for name, c := range file.Alerts.Channels.All() {
		out[name] = &channel{cfg: c, secrets: from, now: env.Now}
	}
	return out
}

// channel looks its secrets up for each message: one that is not there yet costs the
// message another try and not the run, and one that was changed is used at once.
type channel struct {
	cfg     *config.Channel
	secrets secret.Source
	now     func() time.Time

	mu   sync.Mutex
	is   notify.Channel
	made alert.Notifier
}

// Send tells a message. Files of secrets that hang hold it up for no longer than ctx.
func (c *channel) Send(ctx context.Context, m alert.Message) error {
	n, err := aside.Do(ctx, c.notifier)
	if err != nil {
		return err
	}
	return n.Send(ctx, m)
}

// SendTo tells one recipient of a channel that has several.
func (c *channel) SendTo(ctx context.Context, m alert.Message, to string) error {
	n, err := aside.Do(ctx, c.notifier)
	if err != nil {
		return err
	}
	if mailing, ok := n.(alert.Mailing); ok {
		return mailing.SendTo(ctx, m, to)
	}
	return fault.New("alert.deliver", fault.NotFound, errors.New("the channel has no recipients any more"))
}

// notifier is the same one as long as the secrets are.
func (c *channel) notifier() (alert.Notifier, error) {
	is, err := c.resolve()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made != nil && is.URL.Equal(c.is.URL) && is.Secret.Equal(c.is.Secret) && is.Password.Equal(c.is.Password) {
		return c.made, nil
	}
	c.made, err = notify.New(is, notify.Options{Now: c.now})
	c.is = is
	return c.made, err
}

func (c *channel) resolve() (out notify.Channel, err error) {
	out = notify.Channel{Type: c.cfg.Type, Host: c.cfg.Host, Port: c.cfg.Port, TLS: c.cfg.TLS, User: c.cfg.User, From: c.cfg.From, To: c.cfg.To}
	hidden := c.cfg.Secret
	if c.cfg.Type == "pagerduty" {
		hidden = c.cfg.IntegrationKey
	}
	for _, s := range []struct {
		from config.Secret
		to   *secret.Text
	}{{c.cfg.URL, &out.URL}, {hidden, &out.Secret}, {c.cfg.Password, &out.Password}} {
		if *s.to, err = s.from.Resolve(c.secrets); err != nil {
			return out, err
		}
	}
	return out, nil
}
