package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

var signs = map[string]string{"<=": "≤ ", ">=": "≥ ", "=": "= "}

// writeTable prints the frame and the rows as aligned columns, a section at a time.
func writeTable(w io.Writer, m Machine, rows []*Row) error {
	lines := make([][]string, 0, len(rows)+1)
	lines = append(lines, []string{"measure", "figure", "goal", "measured", "", "runs"})
	for i, r := range rows {
		lines = append(lines, cells(r, i > 0 && rows[i-1].Measure == r.Measure && rows[i-1].Section == r.Section))
	}
	widths := columnWidths(lines)
	p := &printer{w: w}
	p.print(m.String() + "\n")
	for i, r := range rows {
		if i == 0 || rows[i-1].Section != r.Section {
			p.print("\n" + r.Section + "\n")
			p.print(aligned(lines[0], widths))
		}
		p.print(aligned(lines[i+1], widths))
	}
	return p.err
}

// cells are one line of the table; a measure's name stands on its first line.
func cells(r *Row, again bool) []string {
	name := r.Measure
	if again {
		name = ""
	}
	if r.Err != "" || len(r.Values) == 0 {
		return []string{name, r.Figure, "", "", "error", short(r.Err)}
	}
	goal := ""
	if r.Goal.Op != "" {
		goal = signs[r.Goal.Op] + format(r.Goal.Value, r.Unit)
	}
	return []string{name, r.Figure, goal, format(r.figure(), r.Unit), r.Verdict(), remark(r)}
}

// short cuts a message to what a line holds; the whole of it is told while measuring.
func short(text string) string {
	const most = 80
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// remark shows how far the runs lie apart, and the note.
func remark(r *Row) string {
	var parts []string
	if len(r.Values) > 1 && r.Unit != Count {
		low, high := r.Values[0], r.Values[0]
		for _, v := range r.Values {
			low, high = min(low, v), max(high, v)
		}
		parts = append(parts, fmt.Sprintf("%d: %s to %s", len(r.Values), format(low, r.Unit), format(high, r.Unit)))
	}
	if r.Note != "" {
		parts = append(parts, r.Note)
	}
	return strings.Join(parts, "; ")
}

func columnWidths(lines [][]string) []int {
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	return widths
}

// aligned pads cells to their widths; goal and measured stand to the right.
func aligned(cells []string, widths []int) string {
	var b strings.Builder
	for i, cell := range cells {
		pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
		if i == 2 || i == 3 {
			b.WriteString(pad + cell + "  ")
		} else {
			b.WriteString(cell + pad + "  ")
		}
	}
	return "  " + strings.TrimRight(b.String(), " ") + "\n"
}

// report is the form of -json.
type report struct {
	Machine Machine  `json:"machine"`
	Rows    []result `json:"rows"`
}

type result struct {
	*Row
	Median  float64 `json:"median"`
	Verdict string  `json:"verdict,omitempty"`
}

func writeJSON(w io.Writer, m Machine, rows []*Row) error {
	out := report{Machine: m, Rows: make([]result, 0, len(rows))}
	for _, r := range rows {
		out.Rows = append(out.Rows, result{r, r.Median(), r.Verdict()})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

// printer writes until the first error and keeps it.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) print(s string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, s)
	}
}
