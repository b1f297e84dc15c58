package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk"
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
	return view{pipeline: pipeline, keeps: f.keeps, max: limit, rest: s.self("runs show %d --max 0%s", run, f)}
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
