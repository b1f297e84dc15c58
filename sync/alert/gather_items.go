package alert

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// itemKind is a kind of condition that sums items up.
type itemKind struct {
	kind  Kind
	class journal.ItemClass
	codes []string // none: all of the class
	say   func(g *gathering, c *Condition, sum journal.ItemGroup)
}

// itemKinds are what of the items is told. What somebody rejected or undid is no news;
// nor is what is held because somebody else set it: that is no drift of ours.
var itemKinds = []itemKind{
	{Drift, journal.ItemDrift, []string{string(helpdesk.Drifted), string(helpdesk.Clashed)}, sayDrift},
	{Fought, journal.ItemDrift, []string{changeset.HoldContested}, sayFought},
	{Conflict, journal.ItemConflict, nil, sayConflict},
	{UnknownProduct, journal.ItemFinding, []string{"unknown_product"}, sayUnknown},
	{Hidden, journal.ItemFinding, []string{"column hidden"}, sayHidden},
}

func (g *gathering) items(ctx context.Context) error {
	for _, k := range itemKinds {
		sum, err := g.journal.GroupItems(ctx, g.pipe.ID, k.class, g.today, k.codes...)
		if err != nil {
			return err
		}
		if sum.Items == 0 {
			continue
		}
		c := Condition{Kind: k.kind, Level: max(sum.Accounts, 1), ARR: sum.ARR, Since: sum.Since, Newest: sum.Newest}
		if err := g.subjects(ctx, &c, sum.Some, sum.Accounts); err != nil {
			return err
		}
		k.say(g, &c, sum)
		g.add(c)
	}
	return nil
}

func sayDrift(g *gathering, c *Condition, sum journal.ItemGroup) {
	c.Title = plural(c.Level, "organization", "organizations") + " drifted in " + g.where()
	c.Text = "Someone changed " + fieldList(sum) + " in the helpdesk; desksync holds."
	c.Command = "desksync drift --pipeline " + g.Name
}

func sayFought(g *gathering, c *Condition, sum journal.ItemGroup) {
	c.Title = "Something else keeps writing to " + plural(c.Level, "organization", "organizations") + " in " + g.where()
	c.Text = "It was corrected three times within a day (" + fieldList(sum) + ") and came back each time; desksync holds."
	c.Command = "desksync drift --pipeline " + g.Name
}

func sayConflict(g *gathering, c *Condition, sum journal.ItemGroup) {
	c.Level = sum.Things
	c.Title = plural(c.Level, "conflict", "conflicts") + " in " + g.where()
	c.Text = "Claimed more than once: " + claims(sum) + ". No rule can decide, and nothing of it is written until somebody does."
	c.Command = "desksync conflicts --pipeline " + g.Name
}

func sayUnknown(g *gathering, c *Condition, sum journal.ItemGroup) {
	c.Title = plural(sum.FieldCount, "product is", "products are") + " not in the catalogue of " + g.Name + g.money(sum.ARR)
	c.Text = "Bought: " + fieldList(sum) + ". Such a product grants nothing, and never lowers a level: where it would, the level is held. Add it to a plan."
	c.Command = "desksync explain " + first(sum.Some) + " --pipeline " + g.Name
}

func sayHidden(g *gathering, c *Condition, sum journal.ItemGroup) {
	c.Level, c.Subjects, c.More = max(sum.FieldCount, 1), nil, 0
	c.Title = "The login of " + g.Source + " no longer sees what the rules of " + g.Name + " read"
	c.Text = "Hidden: " + fieldList(sum) + ". Nothing of that kind is read until the permission is back."
	c.Command = "desksync source describe"
}

// claims names what is claimed more than once, and nobody's address.
func claims(sum journal.ItemGroup) string {
	var names []string
	for _, f := range sum.Fields[:min(len(sum.Fields), maxFields)] {
		name := "something"
		if kind, value, ok := strings.Cut(f, ":"); ok && kind != helpdesk.Email {
			name = "the " + kind + " " + shorten(value, maxName)
		} else if ok {
			name = "an e-mail address"
		}
		names = append(names, name)
	}
	out := strings.Join(slices.Compact(names), ", ")
	if more := sum.FieldCount - len(names); more > 0 {
		out += fmt.Sprintf(" and %d more", more)
	}
	return out
}

// maxFields is how many fields a text names.
const maxFields = 5

// fieldList names fields as people call them.
func fieldList(sum journal.ItemGroup) string {
	var names []string
	for _, f := range sum.Fields[:min(len(sum.Fields), maxFields)] {
		if name, custom := strings.CutPrefix(f, helpdesk.FieldPrefix); custom {
			f = name
		} else if before, after, element := strings.Cut(f, ":"); element {
			f = before + " " + after
		}
		names = append(names, shorten(f, maxName))
	}
	out := strings.Join(names, ", ")
	if more := sum.FieldCount - len(names); more > 0 {
		out += fmt.Sprintf(" and %d more", more)
	}
	if out == "" {
		return "organizations as a whole"
	}
	return out
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// guards tells what each guard holds.
func (g *gathering) guards(ctx context.Context) error {
	items, err := g.journal.HoldingGuards(ctx, g.pipe.ID)
	if err != nil {
		return err
	}
	for i := range items {
		item := &items[i]
		count, arr, err := g.tripped(ctx, item)
		if err != nil {
			return err
		}
		c := Condition{
			Kind: Held, Level: max(count, 1), ARR: arr, Since: item.Since, Title: "The guard " + item.Code + " holds changes in " + g.where(),
			Text: fmt.Sprintf("%s. All of it: desksync runs show %d --held.", shorten(item.Text, maxReason), item.LastRun), Command: fmt.Sprintf("desksync approve %d, or desksync reject %d", item.LastRun, item.LastRun),
		}
		some, of, err := g.journal.HeldAccounts(ctx, item.LastRun, changeset.Hold(changeset.HoldGuard, item.Text), MaxSubjects)
		if err != nil {
			return err
		}
		if err := g.subjects(ctx, &c, some, of); err != nil {
			return err
		}
		g.add(c, item.Code)
	}
	return nil
}

// tripped is how much a guard held in the run that last saw it.
func (g *gathering) tripped(ctx context.Context, item *journal.Item) (count int, arr float64, err error) {
	run, err := g.journal.RunByID(ctx, item.LastRun)
	if err != nil {
		return 0, 0, err
	}
	var totals struct {
		Guards []struct {
			Guard string
			Count int
			ARR   float64
		}
	}
	if err := json.Unmarshal(run.Totals, &totals); err != nil {
		return 0, 0, fmt.Errorf("alert: the totals of run %d: %w", run.ID, err)
	}
	for _, t := range totals.Guards {
		if t.Guard == item.Code {
			return t.Count, t.ARR, nil
		}
	}
	return 0, 0, nil
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return comma(n) + " " + many
}

// comma renders 11,139.
func comma(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
