package mapping

import (
	"fmt"

	"github.com/desksync/desksync/internal/day"
)

// boundary notes a day on which the clock changes something.
func (w *Worker) boundary(d day.Day) {
	if d > w.today && (w.next == 0 || d < w.next) {
		w.next = d
	}
}

// isBefore is before(d): today is earlier than d. It changes on d itself.
func isBefore(args ...any) (any, error) { return dated(args, 0) }

// isAfter is after(d): today is later than d. It changes the day after.
func isAfter(args ...any) (any, error) { return dated(args, 1) }

// dated compares today with a date whose answer flips shift days after it.
// Without a date both answers are no.
func dated(args []any, shift day.Day) (any, error) {
	w, err := workerOf(args)
	if err != nil {
		return nil, err
	}
	d, err := dayOf(args[1])
	if err != nil || d == 0 {
		return false, err
	}
	flip := d + shift
	w.boundary(flip)
	return (w.today >= flip) == (shift == 1), nil
}

// daysUntil counts the days from today to d; it changes every day.
func daysUntil(args ...any) (any, error) {
	w, err := workerOf(args)
	if err != nil {
		return nil, err
	}
	d, err := dayOf(args[1])
	if err != nil || d == 0 {
		return nil, err
	}
	w.boundary(w.today + 1)
	return int(d - w.today), nil
}

// compareDaysUntil is daysUntil(d) op n, which changes on one or two days only.
// Without a date it is an error, as any comparison with nothing.
func compareDaysUntil(args ...any) (any, error) {
	w, err := workerOf(args)
	if err != nil {
		return nil, err
	}
	d, err := dayOf(args[1])
	if err != nil {
		return nil, err
	}
	op, _ := args[2].(string)
	n, _ := args[3].(int)
	if d == 0 {
		return emptyUntil(op)
	}
	at := d - day.Day(n) // the day on which daysUntil is n
	w.boundary(at)
	w.boundary(at + 1)
	return compare(op, int(d-w.today), n), nil
}

func emptyUntil(op string) (any, error) {
	switch op {
	case "==":
		return false, nil
	case "!=":
		return true, nil
	}
	return nil, fmt.Errorf("daysUntil of an empty date cannot be compared with %s", op)
}

func compare(op string, a, b int) bool {
	switch op {
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	case ">=":
		return a >= b
	case "!=":
		return a != b
	default:
		return a == b
	}
}

// mirrored turns n op daysUntil(d) round.
var mirrored = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
