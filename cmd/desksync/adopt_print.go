package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/adopt"
	"github.com/desksync/desksync/sync/reconcile"
)

// adoptSums counts the proposals of one kind.
type adoptSums struct {
	Wanted    int            `json:"wanted"`
	Linked    int            `json:"linked"`
	Yes       map[string]int `json:"yes"`       // by evidence
	Ask       map[string]int `json:"ask"`       // by evidence, of those with one candidate
	Ambiguous int            `json:"ambiguous"` // several candidates, or a claim by two
	Nothing   int            `json:"nothing"`
	Lone      int            `json:"without_record"`
}

func sumProposals(a *reconcile.Adoption, kind helpdesk.Kind) adoptSums {
	s := adoptSums{Yes: map[string]int{}, Ask: map[string]int{}, Lone: a.Lone[kind]}
	for i := range a.Proposals {
		p := &a.Proposals[i]
		if p.Ref.Kind != kind {
			continue
		}
		s.Wanted++
		switch {
		case p.Link == adopt.Linked:
			s.Linked++
		case p.Link == adopt.Yes:
			s.Yes[p.Evidence.String()]++
		case p.Link == adopt.Ask && p.Held != nil && p.Reason == "":
			s.Ask[p.Evidence.String()]++
		case p.Link == adopt.Ask:
			s.Ambiguous++
		default:
			s.Nothing++
		}
	}
	return s
}

var adoptKinds = []helpdesk.Kind{helpdesk.Organization, helpdesk.User}

// printProposals says what is proposed, and how the fields compare.
func (a *app) printProposals(found *reconcile.Adoption, file string) {
	if a.json {
		a.printJSON(proposalsJSON(found, file))
		return
	}
	a.printHead(found.Report)
	for _, kind := range adoptKinds {
		a.printSumsOf(found, kind)
	}
	if found.Beyond > 0 {
		a.prose(0, "%s outside the scope of the pipeline: not looked at", count(found.Beyond, "account"))
	}
	a.printTallies(found)
	if found.TargetCalls >= 0 {
		a.prose(0, "%s: %s", found.Target, count(found.TargetCalls, "call"))
	}
	a.prose(0, "wrote %s; nothing was written to %s", count(len(found.Proposals), "proposal"), found.Target)
	a.hint("Next: open %s, write yes or no where link is ?, and then: %s", file, a.self("adopt --in %s", file))
}

func (a *app) printSumsOf(found *reconcile.Adoption, kind helpdesk.Kind) {
	s := sumProposals(found, kind)
	a.say("")
	a.say("%s wanted: %s", kindName(kind), comma(s.Wanted))
	line := func(n int, what string) {
		if n > 0 {
			a.say("  %8s  %s", comma(n), what)
		}
	}
	line(s.Linked, "linked already")
	for _, e := range slices.Sorted(maps.Keys(s.Yes)) {
		line(s.Yes[e], "proposed (yes) by "+e)
	}
	for _, e := range slices.Sorted(maps.Keys(s.Ask)) {
		line(s.Ask[e], "to be reviewed (?), found by "+e)
	}
	line(s.Ambiguous, "to be decided (?): several fit, or something speaks against it; see the column reason")
	line(s.Nothing, "without a partner in "+found.Target)
	line(s.Lone, kindName(kind)+" of "+found.Target+" without a partner in "+found.Source)
}

// printTallies is the table of fields.
func (a *app) printTallies(found *reconcile.Adoption) {
	if len(found.Fields) == 0 {
		return
	}
	a.say("")
	a.say("%-30s %8s %8s %9s", "of what is linked or proposed", "equal", "empty", "different")
	for i := range found.Fields {
		f := &found.Fields[i]
		a.say("%-30s %8s %8s %9s", tallyName(f), comma(f.Equal), comma(f.Empty), comma(f.Different))
		for _, x := range f.Examples {
			a.prose(4, "%s", x)
		}
	}
	a.hint("what is empty is written by the first pass; what is different waits, or is written over, as on_found says (docs/zendesk-adopt.md)")
	a.say("")
}

func tallyName(f *reconcile.FieldTally) string {
	name := trimField(f.Field)
	if f.Kind == helpdesk.User {
		return "user " + name
	}
	return name
}

func trimField(name string) string {
	return strings.TrimPrefix(name, helpdesk.FieldPrefix)
}

func proposalsJSON(found *reconcile.Adoption, file string) map[string]any {
	fields := []map[string]any{}
	for _, f := range found.Fields {
		fields = append(fields, map[string]any{"kind": f.Kind, "field": f.Field, "equal": f.Equal, "empty": f.Empty, "different": f.Different, "examples": f.Examples})
	}
	out := map[string]any{
		"run": found.Run, "pipeline": found.Pipeline, "file": file, "reads": readsJSON(found.Report), "beyond_scope": found.Beyond, "fields": fields,
		"organizations": sumProposals(found, helpdesk.Organization), "users": sumProposals(found, helpdesk.User),
	}
	if found.TargetCalls >= 0 {
		out["target_calls"] = found.TargetCalls
	}
	return out
}

// maxLinksShown is how many links a preview names; the file has all.
const maxLinksShown = 20

// printChosen says what a file would link.
func (a *app) printChosen(p *reconcile.Adoption, file string) {
	c := &p.Chosen
	if a.json {
		a.printJSON(map[string]any{
			"run": p.Run, "links": len(c.Links), "already": c.Already, "open": c.Open, "refused": refusedJSON(c.Refused),
		})
		return
	}
	for _, r := range c.Refused {
		a.prose(0, "%s:%d: not linked: %s", file, r.Line, r.Text)
	}
	for i := range c.Links[:min(maxLinksShown, len(c.Links))] {
		x := &c.Links[i]
		a.prose(0, "link %s %s (%s) to %s %s", x.Ref.Kind, x.Held.ID, x.Held.Name, recordName(x.Ref.Kind), x.Ref.Key)
	}
	if more := len(c.Links) - maxLinksShown; more > 0 {
		a.say("… and %s more", comma(more))
	}
	a.prose(0, "%s to link, %s already, %s still marked ?, %s refused", comma(len(c.Links)), comma(c.Already)+" linked", comma(c.Open), comma(len(c.Refused)))
}

func recordName(k helpdesk.Kind) string {
	if k == helpdesk.User {
		return "contact"
	}
	return "account"
}

func refusedJSON(list []adopt.Problem) []map[string]any {
	out := []map[string]any{}
	for _, r := range list {
		out = append(out, map[string]any{"line": r.Line, "text": r.Text})
	}
	return out
}
