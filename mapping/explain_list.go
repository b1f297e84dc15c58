package mapping

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/desksync/desksync/crm"
)

// maxListed bounds the records of a list that an explanation shows.
const maxListed = 5

// explainLists shows the records of the lists that a rule reads, each with the columns
// that it reads of them.
func (w *Worker) explainLists(x *Explanation, p *program) {
	for _, list := range []struct {
		scope   scope
		records []crm.Record
	}{{elementScope, w.g.Contacts}, {chargeScope, w.g.Subscriptions}, {teamScope, w.g.Team}} {
		var columns []*slot
		for _, c := range p.elements {
			if c.scope == list.scope && !slices.Contains(columns, c) {
				columns = append(columns, c)
			}
		}
		if len(columns) > 0 {
			w.explainList(x, list.scope, columns, list.records)
		}
	}
}

func (w *Worker) explainList(x *Explanation, s scope, columns []*slot, records []crm.Record) {
	if len(records) == 0 {
		x.add(Step{Kind: StepColumn, Text: scopeNames[s] + " is empty"})
	}
	for i := range records[:min(len(records), maxListed)] {
		r, text, note := &records[i], "", ""
		for _, c := range columns {
			if text += ", "; note == "" {
				note = w.moneyNote(c, r)
			}
			text += c.name + " is " + c.shown(r)
		}
		x.add(Step{Kind: StepColumn, Text: fmt.Sprintf("%s %d: %s", scopeNames[s], i+1, text[2:]), Note: note, Role: r.Role, ID: r.ID})
	}
	if more := len(records) - maxListed; more > 0 {
		x.add(Step{Kind: StepColumn, Text: fmt.Sprintf("%s: %d more", scopeNames[s], more)})
	}
}

// shown is a column of a record as an explanation quotes it.
func (s *slot) shown(r *crm.Record) string {
	if text := r.Values[s.column]; text != "" {
		return strconv.Quote(text)
	}
	return "empty"
}
