package alert

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// maxReason bounds a reason that others put into words, in runes.
const maxReason = 300

// shrank tells that the last run was held because the source has far fewer records.
func (g *gathering) shrank(ctx context.Context) error {
	runs, err := g.journal.Runs(ctx, journal.RunFilter{Pipeline: g.pipe.ID}, 20)
	if err != nil {
		return err
	}
	for i := range runs {
		run := &runs[i]
		if run.Finished.IsZero() || run.Mode == journal.Forecast || !run.Mode.Looks() {
			continue
		}
		return g.shrunk(run)
	}
	return nil
}

func (g *gathering) shrunk(run *journal.Run) error {
	var totals struct {
		Shrunk []struct {
			Role, Text  string
			Before, Now int
		}
	}
	if err := json.Unmarshal(run.Totals, &totals); err != nil {
		return fmt.Errorf("alert: the totals of run %d: %w", run.ID, err)
	}
	for _, s := range totals.Shrunk {
		g.add(Condition{
			Kind: Shrank, Level: s.Before - s.Now, Title: fmt.Sprintf("%s shrank: %s of %s %ss are left (%s)", g.Source, comma(s.Now), comma(s.Before), s.Role, g.Name),
			Text: "The run is held and nothing is written. Find out whether records are gone or only out of sight.", Since: run.Started,
			Command: "desksync reconcile --accept-shrink --pipeline " + g.Name + ", if the source is right",
		}, s.Role)
	}
	return nil
}

// lookBack is how far back what happened is news.
const lookBack = 24 * time.Hour

// downgrades tells of runs that lowered levels which no date had announced.
func (g *gathering) downgrades(ctx context.Context) error {
	runs, err := g.journal.Did(ctx, g.pipe.ID, uint32(changeset.Downgrades), g.opt.Now().Add(-lookBack))
	if err != nil {
		return err
	}
	for _, r := range runs {
		c := Condition{
			Kind: Downgrade, Event: true, Level: r.Changes, ARR: r.ARR, Since: r.Finished,
			Title: plural(r.Changes, "organization was", "organizations were") + " downgraded in " + g.where() + g.money(r.ARR),
			Text:  fmt.Sprintf("Run %d lowered the level, and no date had announced it.", r.Run), Command: fmt.Sprintf("desksync runs show %d", r.Run),
		}
		held := false
		rows, err := g.journal.Changes(ctx, r.Run, journal.ChangeFilter{Class: uint32(changeset.Downgrades), Held: &held}, journal.Pos{}, MaxSubjects)
		if err != nil {
			return err
		}
		accounts := make([]string, len(rows))
		for i := range rows {
			accounts[i] = rows[i].Account
		}
		if err := g.subjects(ctx, &c, accounts, r.Changes); err != nil {
			return err
		}
		g.add(c, strconv.FormatInt(r.Run, 10))
	}
	return nil
}

func (g *gathering) noContact(ctx context.Context) error {
	list, err := g.journal.Bare(ctx, g.pipe.ID)
	if err != nil || len(list) == 0 {
		return err
	}
	c := Condition{
		Kind: NoContact, Level: len(list), ARR: sumOf(list), Title: plural(len(list), "new organization has", "new organizations have") + " no contact in " + g.where(),
		Text: "Nobody of the customer can write a ticket that belongs to it. Add a contact in the CRM.", Command: "desksync explain " + list[0].Account + " --pipeline " + g.Name,
	}
	if err := g.subjects(ctx, &c, accountsOf(list), len(list)); err != nil {
		return err
	}
	g.add(c)
	return nil
}

// stages are the days before its end at which a contract is told.
var stages = []int{30, 15, 7}

// contracts tells of contracts that end, one condition for each day on which some do: it
// grows worse as the day comes near, and is over when it has come or they are renewed.
func (g *gathering) contracts(ctx context.Context) error {
	list, err := g.journal.Ending(ctx, g.pipe.ID, g.today, g.today+day.Day(stages[0]))
	if err != nil {
		return err
	}
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].Ends == list[0].Ends {
			n++
		}
		if err := g.contract(ctx, list[:n]); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// contract tells of contracts that end on one day.
func (g *gathering) contract(ctx context.Context, list []journal.Standing) error {
	end := list[0].Ends
	left := int(end - g.today)
	c := Condition{
		Kind: ContractEnding, Level: len(list), ARR: sumOf(list), Command: "desksync explain " + list[0].Account + " --pipeline " + g.Name,
		Title: fmt.Sprintf("%s on %s%s in %s", plural(len(list), "contract ends", "contracts end"), end, g.money(sumOf(list)), g.where()),
	}
	for _, s := range stages {
		if left <= s {
			c.Stage++
			c.Text = fmt.Sprintf("That is within %d days, and no later charge is known.", s)
		}
	}
	if c.Stage == len(stages) {
		c.Severity = Warning
	}
	if err := g.subjects(ctx, &c, accountsOf(list), len(list)); err != nil {
		return err
	}
	g.add(c, end.String())
	return nil
}

// nearlySpent is the part of the share from which the quota is told.
const nearlySpent = 0.9

// quota tells that a source's share of the calls of a day is nearly spent.
func (g *gathering) quota(ctx context.Context) error {
	if g.Share <= 0 || g.Source == "" {
		return nil
	}
	made, most, err := g.journal.CallsMade(ctx, g.Source)
	if err != nil {
		return err
	}
	allowed := int(float64(most) * g.Share)
	if allowed == 0 || float64(made) < nearlySpent*float64(allowed) {
		return nil
	}
	g.add(Condition{
		Kind: Quota, Level: made * 100 / allowed, Title: fmt.Sprintf("%s of the %s calls that desksync may make of %s in 24 hours are spent", comma(made), comma(allowed), g.Source),
		Text: "When they are, runs stop until older calls no longer count. Raise daily_share, or run less often.", Command: "desksync source describe",
	}, g.Source)
	return nil
}

// stale tells that a pipeline with a schedule had no good run for too long.
func (g *gathering) stale(ctx context.Context) error {
	after := g.opt.Policy.StaleAfter
	if g.Unscheduled || after < 0 {
		return nil
	}
	last, err := g.journal.LastGood(ctx, g.pipe.ID)
	said := "The last good run ended then."
	if err == nil && last.IsZero() {
		last, err = g.journal.FirstStart(ctx, g.pipe.ID)
		said = "None was good since the first began."
	}
	if err != nil || last.IsZero() {
		return err
	}
	now := g.opt.Now()
	if now.Sub(last) < after {
		g.stales.Store(g.Name, last.Add(after))
		return nil
	}
	g.stales.Store(g.Name, now.Add(after)) // until then only a run can change it
	g.add(Condition{
		Kind: Stale, Level: 1, Since: last, Title: "The pipeline " + g.Name + " had no good run for " + lasted(after) + " and more", Text: said + " The helpdesk may be behind the CRM.",
		Command: "desksync runs --pipeline " + g.Name,
	})
	return nil
}

func accountsOf(list []journal.Standing) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i].Account
	}
	return out
}

func sumOf(list []journal.Standing) (arr float64) {
	for i := range list {
		arr += list[i].ARR
	}
	return arr
}
