package mapping

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/day"
)

// function is one of our own functions. Those that need the worker get it as
// their first argument, which compiling puts there. Empty arguments give an empty
// result: only the operators of arithmetic refuse them.
type function struct {
	name   string
	worker bool
	call   func(args ...any) (any, error)
	types  []any // as the checker sees them
}

var functions = []function{
	{"lower", false, onText(textFunctions["lower"]), []any{new(func(string) string)}},
	{"upper", false, onText(textFunctions["upper"]), []any{new(func(string) string)}},
	{"trim", false, onText(textFunctions["trim"]), []any{new(func(string) string)}},
	{"short_id", false, onText(textFunctions["short_id"]), []any{new(func(string) string)}},
	{"string", false, toText, []any{new(func(any) string)}},
	{"number", false, toNumber, []any{new(func(any) float64)}},
	{"date", false, toDate, []any{new(func(string) time.Time), new(func(time.Time) time.Time)}},
	{"addDays", false, addDays, []any{new(func(string, int) time.Time), new(func(time.Time, int) time.Time)}},
	{"earliest", false, earliest, []any{new(func([]any) time.Time)}},
	{"latest", false, latest, []any{new(func([]any) time.Time)}},
	{"has", false, hasElement, []any{new(func(any, any) bool)}},
	{"money", true, toMoney, []any{new(func(any) float64)}},
	{"before", true, isBefore, []any{new(func(string) bool), new(func(time.Time) bool)}},
	{"after", true, isAfter, []any{new(func(string) bool), new(func(time.Time) bool)}},
	{"daysUntil", true, daysUntil, []any{new(func(string) int), new(func(time.Time) int)}},
	{untilFunction, true, compareDaysUntil, []any{new(func(any, string, int) bool)}},
}

// untilFunction stands for daysUntil(d) < n and the like, of which the next day
// on which the answer changes can be told.
const untilFunction = "\x00until"

// withheldBuiltins are functions of the expression language that read the clock,
// give their results in no certain order, or make much out of little.
var withheldBuiltins = []string{
	"now", "timezone", "keys", "values", "toPairs", "fromPairs", "groupBy", "repeat",
	"toJSON", "fromJSON", "toBase64", "fromBase64", "type", "get",
}

func functionOptions(typed bool) []expr.Option {
	var out []expr.Option
	for _, f := range functions {
		var t []any
		if typed {
			t = f.types
		}
		out = append(out, expr.Function(f.name, f.call, t...))
	}
	for _, name := range withheldBuiltins {
		out = append(out, expr.DisableBuiltin(name))
	}
	return out
}

func ownFunction(name string) (function, bool) {
	i := slices.IndexFunc(functions, func(f function) bool { return f.name == name })
	if i < 0 {
		return function{}, false
	}
	return functions[i], true
}

// onText lifts f over empty text: what comes out empty is null, so that ?? sees it.
func onText(f func(string) string) func(...any) (any, error) {
	return func(args ...any) (any, error) {
		s, ok := args[0].(string)
		if !ok {
			return nil, wantsText(args[0])
		}
		if s = f(s); s == "" {
			return nil, nil
		}
		return s, nil
	}
}

func wantsText(v any) error {
	if v == nil {
		return nil
	}
	return fmt.Errorf("%s is not text", show(v))
}

// toText writes a value as a text field holds it: digits without exponent, a day as
// YYYY-MM-DD, true or false, and nothing for what is empty.
func toText(args ...any) (any, error) {
	v := args[0]
	if v == nil || v == "" {
		return nil, nil
	}
	if f, ok := numberOf(v); ok {
		return strconv.FormatFloat(f, 'f', -1, 64), nil
	}
	switch x := v.(type) {
	case string:
		return x, nil
	case bool:
		return strconv.FormatBool(x), nil
	case time.Time:
		return dayOfTime(x).String(), nil
	}
	return nil, fmt.Errorf("%s is not one text; join its parts", show(v))
}

func toNumber(args ...any) (any, error) {
	switch v := args[0].(type) {
	case nil:
		return nil, nil
	case string:
		return parseFloat(v)
	case bool:
		return nil, fmt.Errorf("%v is not a number", v)
	}
	if f, ok := numberOf(args[0]); ok {
		return f, nil
	}
	return nil, fmt.Errorf("%s is not a number", show(args[0]))
}

func parseFloat(s string) (any, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, fmt.Errorf("%q is not a number", s)
	}
	return f, nil
}

// numberOf reads the kinds of numbers that expressions yield.
func numberOf(v any) (float64, bool) {
	switch n := v.(type) {
	case float64:
		return n, true
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	}
	return 0, false
}

func toDate(args ...any) (any, error) {
	d, err := dayOf(args[0])
	if err != nil || d == 0 {
		return nil, err
	}
	return d.Time(), nil
}

func addDays(args ...any) (any, error) {
	d, err := dayOf(args[0])
	if err != nil || d == 0 {
		return nil, err
	}
	n, ok := numberOf(args[1])
	if !ok || math.Abs(n) > 1e6 {
		return nil, fmt.Errorf("%s is not a number of days", show(args[1]))
	}
	return (d + day.Day(n)).Time(), nil
}

func earliest(args ...any) (any, error) {
	return pick(args[0], func(d, best day.Day) bool { return d < best })
}

func latest(args ...any) (any, error) {
	return pick(args[0], func(d, best day.Day) bool { return d > best })
}

// pick returns the best date of a list, passing over empty ones.
func pick(v any, better func(d, best day.Day) bool) (any, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, wantsList(v)
	}
	best := day.Day(0)
	for _, x := range list {
		d, err := dayOf(x)
		if err != nil {
			return nil, err
		}
		if d != 0 && (best == 0 || better(d, best)) {
			best = d
		}
	}
	return dateOrNil(best), nil
}

func wantsList(v any) error {
	if v == nil {
		return nil
	}
	return fmt.Errorf("%s is not a list", show(v))
}

// dayOf reads a date or the text of one; no day for empty ones.
func dayOf(v any) (day.Day, error) {
	switch d := v.(type) {
	case nil:
		return 0, nil
	case time.Time:
		return dayOfTime(d), nil
	case string:
		return parseDay(d)
	}
	return 0, fmt.Errorf("%s is not a date", show(v))
}

func dayOfTime(t time.Time) day.Day { return day.Of(t) }

// parseDay reads a date, with or without a time behind it.
func parseDay(s string) (day.Day, error) {
	if len(s) == len(time.DateOnly) {
		if d, err := day.Parse(s); err == nil {
			return d, nil
		}
	}
	s, err := crm.Canonical(crm.Date, s, nil)
	if err != nil {
		return 0, err
	}
	return day.Parse(s)
}

// hasElement reports whether a list, or text with parts set apart by ";", holds a value.
func hasElement(args ...any) (any, error) {
	want, ok := args[1].(string)
	if !ok {
		return false, wantsText(args[1])
	}
	list, err := textsOf(args[0])
	return slices.Contains(list, want), err
}

// textsOf reads a list of texts.
func textsOf(v any) ([]string, error) {
	switch l := v.(type) {
	case nil:
		return nil, nil
	case []string:
		return l, nil
	case string:
		return splitList(l), nil
	case []any:
		return textsOfAny(l)
	}
	return nil, fmt.Errorf("%s is not a list of texts", show(v))
}

func textsOfAny(list []any) ([]string, error) {
	out := make([]string, 0, len(list))
	for _, x := range list {
		switch s := x.(type) {
		case nil:
		case string:
			out = append(out, s)
		default:
			return nil, fmt.Errorf("the list holds %s, which is not text", show(x))
		}
	}
	return out, nil
}

func splitList(s string) []string {
	if s == "" {
		return nil
	}
	parts := strings.Split(s, ";")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return slices.DeleteFunc(parts, func(p string) bool { return p == "" })
}

var errNoWorker = errors.New("the function needs an account to work on")

func workerOf(args []any) (*Worker, error) {
	if w, ok := args[0].(*Worker); ok {
		return w, nil
	}
	return nil, errNoWorker
}

// show renders a value for a message.
func show(v any) string {
	switch x := v.(type) {
	case nil:
		return "an empty value"
	case string:
		return strconv.Quote(x)
	case time.Time:
		return dayOfTime(x).String()
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case []any, []string:
		return "a list"
	case map[string]any:
		return "a record"
	}
	return fmt.Sprint(v)
}
