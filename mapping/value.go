package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/desksync/desksync/crm"
)

// valueOf reads a column as rules see it: nil if it is empty.
func (w *Worker) valueOf(s *slot, r *crm.Record) (any, error) {
	if r == nil || r.Values[s.column] == "" {
		return nil, nil
	}
	text := r.Values[s.column]
	if s.loose {
		return text, nil
	}
	switch s.typ {
	case crm.Number:
		return s.number(text)
	case crm.Money:
		return w.amount(s, r, text)
	case crm.Bool:
		return s.bool(text)
	case crm.Date:
		return s.date(text)
	case crm.Multi:
		return splitList(text), nil
	default:
		return text, nil
	}
}

func (s *slot) number(text string) (any, error) {
	v, err := parseFloat(text)
	if err != nil {
		return nil, s.holds(text, "a number")
	}
	return v, nil
}

func (s *slot) bool(text string) (any, error) {
	switch text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	if c, err := crm.Canonical(crm.Bool, text, nil); err == nil {
		return c == "true", nil
	}
	return nil, s.holds(text, "true or false")
}

func (s *slot) date(text string) (any, error) {
	d, err := parseDay(text)
	if err != nil {
		return nil, s.holds(text, "a date")
	}
	return d.Time(), nil
}

func (s *slot) holds(text, wanted string) error {
	return fmt.Errorf("%s holds %q, which is not %s", s.key, text, wanted)
}

// amount reads money in the base currency.
func (w *Worker) amount(s *slot, r *crm.Record, text string) (any, error) {
	v, err := parseFloat(text)
	if err != nil || v == nil {
		return nil, s.holds(text, "an amount")
	}
	rate, err := w.rate(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.key, err)
	}
	f, _ := v.(float64)
	return exchange(f, rate), nil
}

func toMoney(args ...any) (any, error) {
	w, err := workerOf(args)
	if err != nil {
		return nil, err
	}
	v, err := toNumber(args[1])
	if err != nil || v == nil {
		return nil, err
	}
	rate, err := w.rate(w.current())
	if err != nil {
		return nil, err
	}
	f, _ := v.(float64)
	return exchange(f, rate), nil
}

// current is the record whose currency money() takes: the account, always.
func (w *Worker) current() *crm.Record { return w.records[accountScope] }

// contacts builds the list that rules see.
func (w *Worker) contacts() any { return w.listOf(elementScope, w.g.Contacts) }

// charges builds the list of subscriptions that rules see.
func (w *Worker) charges() any { return w.listOf(chargeScope, w.g.Subscriptions) }

func (w *Worker) listOf(s scope, records []crm.Record) []any {
	out := make([]any, len(records))
	for i := range records {
		element := make(map[string]any, len(w.m.elements[s]))
		for _, sl := range w.m.elements[s] {
			v, err := w.valueOf(sl, &records[i])
			if err != nil {
				w.broken = append(w.broken, brokenColumn{sl, fmt.Errorf("%s %s: %w", scopeRoles[s], records[i].ID, err)})
			}
			element[sl.name] = v
		}
		out[i] = element
	}
	return out
}

// brokenColumn is a column that could not be read in some element of a list.
type brokenColumn struct {
	slot *slot
	err  error
}

// elements reports whether a rule reads a column that could not be read.
func (w *Worker) elements(p *program) error {
	for _, b := range w.broken {
		if slices.Contains(p.elements, b.slot) {
			return b.err
		}
	}
	return nil
}

func (w *Worker) parentOrNil() any {
	if w.g.Parent == nil {
		return nil
	}
	return map[string]any{}
}

func join(list []string) string { return strings.Join(list, ", ") }
