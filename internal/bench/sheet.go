package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Unit is what a figure counts; it decides how the figure is written.
type Unit string

// The units.
const (
	Seconds   Unit = "s"
	Bytes     Unit = "bytes"
	PerSecond Unit = "per second"
	Count     Unit = "count"
)

// Goal is what a figure has to reach. The zero Goal asks nothing.
type Goal struct {
	Op    string  `json:"op,omitempty"` // "<=", ">=" or "="
	Value float64 `json:"value"`
}

func atMost(v float64) Goal  { return Goal{"<=", v} }
func atLeast(v float64) Goal { return Goal{">=", v} }
func exactly(v float64) Goal { return Goal{"=", v} }

// Met reports whether v reaches the goal.
func (g Goal) Met(v float64) bool {
	switch g.Op {
	case "<=":
		return v <= g.Value
	case ">=":
		return v >= g.Value
	case "=":
		return v == g.Value
	}
	return true
}

// Row is one figure of one measure, with the values of all its runs.
type Row struct {
	Section string    `json:"section"`
	Measure string    `json:"measure"`
	Figure  string    `json:"figure"`
	Unit    Unit      `json:"unit"`
	Goal    Goal      `json:"goal"`
	Values  []float64 `json:"values"`
	Note    string    `json:"note,omitempty"`
	Err     string    `json:"error,omitempty"` // why there is no figure
}

// Median is the middle of the values: of an even number the mean of the middle two.
func (r Row) Median() float64 {
	if len(r.Values) == 0 {
		return 0
	}
	v := slices.Sorted(slices.Values(r.Values))
	mid := len(v) / 2
	if len(v)%2 == 1 {
		return v[mid]
	}
	return (v[mid-1] + v[mid]) / 2
}

// figure is what is held against the goal. Times and memory are judged by their
// median; a count must be right in every run, so that its worst run stands.
func (r Row) figure() float64 {
	if r.Unit == Count && r.Goal.Op != "" {
		if i := slices.IndexFunc(r.Values, func(v float64) bool { return !r.Goal.Met(v) }); i >= 0 {
			return r.Values[i]
		}
	}
	return r.Median()
}

// Verdict is pass, miss or error, or empty where nothing was asked.
func (r Row) Verdict() string {
	switch {
	case r.Err != "" || len(r.Values) == 0:
		return "error"
	case r.Goal.Op == "":
		return ""
	case r.Goal.Met(r.figure()):
		return "pass"
	}
	return "miss"
}

// Sheet collects the rows of all measures in the order in which they are first
// written.
type Sheet struct{ rows []*Row }

// Add notes one run's value of a figure; goal and unit are those of its first run.
func (s *Sheet) Add(section, measure, figure string, unit Unit, goal Goal, value float64) *Row {
	r := s.row(section, measure, figure)
	r.Unit, r.Goal = unit, goal
	r.Values = append(r.Values, value)
	return r
}

// Fail notes that a measure has no figure, and why.
func (s *Sheet) Fail(section, measure string, err error) {
	s.row(section, measure, "not measured").Err = err.Error()
}

func (s *Sheet) row(section, measure, figure string) *Row {
	for _, r := range s.rows {
		if r.Section == section && r.Measure == measure && r.Figure == figure {
			return r
		}
	}
	r := &Row{Section: section, Measure: measure, Figure: figure}
	s.rows = append(s.rows, r)
	return r
}

// Bad counts the rows that missed their goal or have no figure.
func (s *Sheet) Bad() int {
	n := 0
	for _, r := range s.rows {
		if v := r.Verdict(); v == "miss" || v == "error" {
			n++
		}
	}
	return n
}

// format writes a figure for people.
func format(v float64, unit Unit) string {
	switch unit {
	case Seconds:
		return strconv.FormatFloat(v, 'f', decimals(v), 64) + " s"
	case Bytes:
		if v >= 10*1024*mib {
			return fmt.Sprintf("%.1f GiB", v/1024/mib)
		}
		return fmt.Sprintf("%.0f MiB", v/mib)
	case PerSecond:
		return thousands(v) + "/s"
	}
	return thousands(v)
}

const mib = 1 << 20

func decimals(seconds float64) int {
	if seconds < 10 {
		return 2
	}
	return 1
}

// thousands writes a whole number with commas.
func thousands(v float64) string {
	s := strconv.FormatFloat(v, 'f', 0, 64)
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}
