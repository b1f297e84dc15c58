package strict

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/desksync/desksync/internal/fault"
)

// Problem is one fault of a file: where it is, what is wrong and what to do.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`   // counted from 1; 0: the file as a whole
	Column  int    `json:"column"` // counted from 1, in characters
	Path    string `json:"path"`   // such as pipelines.customers.policy
	Msg     string `json:"what"`
	Fix     string `json:"fix,omitempty"`
	Excerpt string `json:"-"` // the line of the file, secrets masked
}

// Error renders "file:line:column: path: what; what to do", without the excerpt.
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.Where() + ": ")
	if path := Short(p.Path); path != "" {
		b.WriteString(path + ": ")
	}
	b.WriteString(p.Msg)
	if p.Fix != "" {
		b.WriteString("; " + p.Fix)
	}
	return b.String()
}

// Where renders file:line:column, as far as they are known.
func (p Problem) Where() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Render renders the problem with the line of the file and a caret under the
// fault, no line of the excerpt wider than width; 0 means as wide as it comes.
func (p Problem) Render(width int) string {
	if p.Line == 0 || p.Excerpt == "" {
		return p.Error()
	}
	gutter := fmt.Sprintf("%5d | ", p.Line)
	text, column := window(p.Excerpt, p.Column, width-len(gutter))
	return p.Error() + "\n" + gutter + text + "\n" + strings.Repeat(" ", len(gutter)+column-1) + "^"
}

// window cuts a line to width characters so that column stays in view.
func window(line string, column, width int) (string, int) {
	runes := []rune(strings.ReplaceAll(line, "\t", " "))
	if width < 20 || len(runes) <= width {
		return string(runes), column
	}
	width -= 2 // for the dots on either side
	from := min(max(column-1-width/2, 0), len(runes)-width)
	text := string(runes[from : from+width])
	if from > 0 {
		text, column = "…"+text, column-from+1
	}
	if from+width < len(runes) {
		text += "…"
	}
	return text, column
}

// Short drops "pipelines.NAME." from a path: the line number says which one.
func Short(path string) string {
	rest, ok := strings.CutPrefix(path, "pipelines.")
	if !ok {
		return path
	}
	if _, inner, ok := strings.Cut(rest, "."); ok {
		return inner
	}
	return path
}

// Problems are all faults of a file, in the order of its lines.
type Problems []Problem

// Error renders all problems, each with its excerpt.
func (ps Problems) Error() string { return ps.Render(0) }

// Render renders all problems for a screen of width characters.
func (ps Problems) Render(width int) string {
	out := make([]string, len(ps))
	for i, p := range ps {
		out[i] = p.Render(width)
	}
	return strings.Join(out, "\n")
}

// Unwrap makes the problems a fault of kind Invalid.
func (ps Problems) Unwrap() error {
	return fault.New("config.load", fault.Invalid, fmt.Errorf("%d problems", len(ps)))
}

// Err returns the problems in order, each once, or nil if there are none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps.sorted()
}

func (ps Problems) sorted() Problems {
	out := slices.Clone(ps)
	slices.SortStableFunc(out, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.CompactFunc(out, func(a, b Problem) bool { return a == b })
}

// Of returns the problems that an error carries.
func Of(err error) Problems {
	ps, _ := errors.AsType[Problems](err)
	return ps
}
