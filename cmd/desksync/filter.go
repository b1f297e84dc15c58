package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/near"
	"github.com/desksync/desksync/sync/changeset"
)

// deltaFilter is what of the changes of a run is shown; the zero filter shows all.
type deltaFilter struct {
	causes, fields []string
	held           bool
}

func (f *deltaFilter) flags(c *cobra.Command) {
	c.Flags().StringArrayVar(&f.causes, "cause", nil, "only changes of this `cause`, such as moved or drifted; may be repeated")
	c.Flags().StringArrayVar(&f.fields, "field", nil, "only this `field`, such as aar or tag:gold; may be repeated")
}

// view shows so much of a run, and names the command that shows the rest.
func (f *deltaFilter) view(s *session, pipeline string, run int64, limit int) view {
	return view{pipeline: pipeline, keeps: f.keeps, filter: f.String(), max: limit, rest: s.self("runs show %d --max 0%s", run, f)}
}

// checkCauses refuses a cause that no change has.
func (f *deltaFilter) checkCauses() error {
	known := make([]string, len(helpdesk.Causes))
	for i, c := range helpdesk.Causes {
		known[i] = string(c)
	}
	for _, x := range f.causes {
		if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, x) }) {
			return usage("--cause %s: there is no such cause%s; known are %s", x, near.Meant(x, known), joinWords(known))
		}
	}
	return nil
}

// check refuses causes that no change has, and fields that no rule of these pipelines
// has. Rules that cannot be compiled are told elsewhere.
func (f *deltaFilter) check(s *session, pipelines []string) error {
	if err := f.checkCauses(); err != nil || len(f.fields) == 0 {
		return err
	}
	known := map[string]bool{changeset.LinkField: true}
	for _, name := range pipelines {
		w, err := s.wire(s.file, name)
		if err != nil {
			return err
		}
		m, problems := w.CompileOpen(w.Offered(), w.Rules())
		if len(problems) > 0 {
			return nil
		}
		for _, shape := range m.Shapes() {
			for field := range shape.Fields {
				known[strings.TrimPrefix(field, helpdesk.FieldPrefix)] = true
			}
		}
		known[w.Config.Mark.Field], known[w.Config.Mark.Exempt] = true, true
	}
	delete(known, "")
	for _, x := range f.fields {
		if !isFamily(x) && !known[strings.TrimPrefix(x, helpdesk.FieldPrefix)] {
			list := slices.Sorted(maps.Keys(known))
			return usage("--field %s: no rule has such a field%s; known are %s, and tag:NAME, domain:NAME, group:NAME", x, near.Meant(x, list), joinWords(list))
		}
	}
	return nil
}

// String writes the filter as flags, each behind a space.
func (f *deltaFilter) String() string {
	var b strings.Builder
	if f.held {
		b.WriteString(" --held")
	}
	for _, x := range f.causes {
		fmt.Fprintf(&b, " --cause %s", x)
	}
	for _, x := range f.fields {
		fmt.Fprintf(&b, " --field %s", x)
	}
	return b.String()
}

// keeps reports whether the filter leaves anything of a change, and cuts it down to that.
func (f *deltaFilter) keeps(c *helpdesk.Change) bool {
	if f.held && !hasHeld(c) {
		return false
	}
	if f.held && c.Hold == "" {
		c.Deltas = slices.DeleteFunc(slices.Clone(c.Deltas), func(d helpdesk.Delta) bool { return d.Hold == "" })
	}
	if len(f.causes) == 0 && len(f.fields) == 0 {
		return true
	}
	var kept []helpdesk.Delta
	for _, d := range c.Deltas {
		if f.wants(d) {
			kept = append(kept, d)
		}
	}
	c.Deltas = kept
	return len(kept) > 0
}

func (f *deltaFilter) wants(d helpdesk.Delta) bool {
	cause, field := len(f.causes) == 0, len(f.fields) == 0
	for _, x := range f.causes {
		cause = cause || strings.EqualFold(x, string(d.Cause))
	}
	for _, x := range f.fields {
		field = field || d.Field == x || d.Field == helpdesk.FieldPrefix+x || strings.HasSuffix(x, ":") && strings.HasPrefix(d.Field, x)
	}
	return cause && field
}

func hasHeld(c *helpdesk.Change) bool {
	if c.Hold != "" {
		return true
	}
	for i := range c.Deltas {
		if c.Deltas[i].Hold != "" {
			return true
		}
	}
	return false
}
