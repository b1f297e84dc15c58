package alert

import (
	"context"
	"errors"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// gathering collects what holds for one pipeline, as the journal has it.
type gathering struct {
	*Teller
	Watched
	pipe  journal.Pipeline
	today day.Day
	found []Condition
}

// gather looks at everything of a pipeline that the journal knows. A pipeline that never
// ran has nothing.
func (t *Teller) gather(ctx context.Context, w Watched) ([]Condition, error) {
	g := gathering{Teller: t, Watched: w, today: day.Of(t.opt.Now().In(zone(w.Location)))}
	if found, err := g.find(ctx); err != nil || !found {
		return nil, err
	}
	for _, look := range []func(context.Context) error{
		g.items, g.guards, g.shrank, g.downgrades, g.noContact, g.contracts, g.logins, g.quota, g.stale,
	} {
		if err := look(ctx); err != nil {
			return nil, err
		}
	}
	return g.found, nil
}

func (g *gathering) find(ctx context.Context) (bool, error) {
	list, err := g.journal.Pipelines(ctx)
	for _, p := range list {
		if p.Name == g.Name {
			g.pipe = p
			return true, err
		}
	}
	return false, err
}

// add completes a condition with what all of this pipeline have in common.
func (g *gathering) add(c Condition, parts ...string) {
	c.Key = Key(c.Kind, append([]string{g.Name}, parts...)...)
	c.Pipeline, c.Target, c.Severity = g.Name, g.Target, max(c.Severity, severities[c.Kind])
	g.found = append(g.found, c)
}

// where names the pipeline and its target as people read them.
func (g *gathering) where() string {
	if g.Target == "" {
		return g.Name
	}
	return g.Target + " (" + g.Name + ")"
}

// money renders an ARR for people; nothing where there is none.
func (g *gathering) money(arr float64) string {
	if arr == 0 {
		return ""
	}
	return " (" + changeset.Money(arr, g.Currency) + " ARR)"
}

// maxName bounds the name of a customer, in runes.
const maxName = 80

// subjects names customers, the first MaxSubjects of them, and says how many more there
// are. One without an organization goes by its id.
func (g *gathering) subjects(ctx context.Context, c *Condition, accounts []string, of int) error {
	accounts = accounts[:min(len(accounts), MaxSubjects)]
	objects, err := g.journal.ObjectsOf(ctx, g.pipe.Target, accounts, nil)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		c.Subjects = append(c.Subjects, nameOf(objects.Organization(a), a))
	}
	c.More = max(0, of-len(c.Subjects))
	return nil
}

func nameOf(o *journal.Object, account string) string {
	if o == nil {
		return account
	}
	for _, fields := range []helpdesk.Fields{o.Have, o.Last} {
		if v, ok := fields.Get(helpdesk.Name); ok && v.Text() != "" {
			return shorten(v.Text(), maxName)
		}
	}
	return account
}

// shorten makes text one line of at most n runes.
func shorten(s string, n int) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > n {
		r = append(r[:n-1], '…')
	}
	return string(r)
}

// severities are what the kinds have at least.
var severities = map[Kind]Severity{
	Drift: Warning, Fought: Warning, Held: Warning, Conflict: Warning, Downgrade: Warning, UnknownProduct: Warning, Quota: Warning,
	CredentialEnding: Warning,
	Failing:          Critical, Stale: Critical, Shrank: Critical, Hidden: Critical, Credential: Critical, WrongEnvironment: Critical,
	Configuration: Critical, Journal: Critical, ContractEnding: Info, NoContact: Info, Test: Info,
}

// counts reports whether an attempt that ended with err is a failure of the pipeline:
// not one that was stopped, nor one that found somebody else at work.
func counts(err error) bool {
	_, locked := errors.AsType[*journal.Locked](err)
	return err != nil && !locked && !errors.Is(err, context.Canceled)
}
