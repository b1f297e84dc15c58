// Package fault gives every failure a kind, so that code decides by what went
// wrong and never by the text of a message. It knows no package of desksync.
package fault

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// Kind says what a failure means for the call and for the run; the table stands
// in docs/concepts.md.
type Kind uint8

// The kinds, mildest consequence for the run first.
const (
	Unknown     Kind = iota // nothing better is known: skip the object, log the whole chain
	Throttled               // asked to wait: again after RetryAfter
	Unavailable             // not reachable now: again with backoff
	Raced                   // changed under us: read again and decide once more
	Invalid                 // refused as wrong: not again
	NotFound                // no longer there: not again
	Unsupported             // this target cannot do that: hold the field
	Denied                  // not allowed: stop the run
	Unsafe                  // a guard refused: hold
)

var names = [...]string{
	Unknown: "unknown", Throttled: "throttled", Unavailable: "unavailable", Raced: "raced", Invalid: "invalid",
	NotFound: "not found", Unsupported: "unsupported", Denied: "denied", Unsafe: "unsafe",
}

// String returns the kind's name as logs and messages show it.
func (k Kind) String() string {
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown"
}

// Error is a failure that crosses a package: what was being done, of what kind
// it is, to which record, and the cause.
type Error struct {
	Op         string        // package.verb, such as "sqldesk.apply"
	Kind       Kind          // what it means
	Ref        string        // the record, such as "organization/001Aa000003DGb2IAG"; may be empty
	RetryAfter time.Duration // for Throttled: how long to wait
	Err        error         // the cause
}

// Error renders "op ref: kind: cause".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Ref != "" {
		b.WriteString(" " + e.Ref)
	}
	if e.Kind != Unknown {
		b.WriteString(": " + e.Kind.String())
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// New wraps err with an operation and a kind.
func New(op string, kind Kind, err error) *Error { return &Error{Op: op, Kind: kind, Err: err} }

// Sentence returns what an error says to people: of an *Error the cause, without the
// operation, the record and the kind that logs have.
func Sentence(err error) string {
	if e, ok := errors.AsType[*Error](err); ok && e.Err != nil {
		return e.Err.Error()
	}
	return err.Error()
}

// Plain returns an error as a person reads it: like Sentence, with what callers put
// before an *Error, and of joined errors each in a line, but one fact only once.
func Plain(err error) string {
	if err == nil {
		return ""
	}
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		if lines := plainOf(all.Unwrap()); lines != "" && errors.Join(all.Unwrap()...).Error() == err.Error() {
			return lines
		}
	}
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Err == nil {
		return err.Error()
	}
	if before, found := strings.CutSuffix(err.Error(), e.Error()); found {
		return before + e.Err.Error()
	}
	return e.Err.Error()
}

func plainOf(list []error) string {
	var out, said []string
	for _, err := range list {
		if gist := Gist(err); !slices.Contains(said, gist) {
			out, said = append(out, Plain(err)), append(said, gist)
		}
	}
	return strings.Join(out, "\n")
}

// Gist returns what an error is about, for telling whether it was said already: the
// one fact that its chain names by a method Gist, whatever the cause below it, else
// what Plain returns.
func Gist(err error) string {
	if e, ok := errors.AsType[interface {
		error
		Gist() string
	}](err); ok {
		return e.Gist()
	}
	return Plain(err)
}

// KindOf returns the kind of the outermost *Error in err's chain, or Unknown.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Unknown
}

// Clip shortens what somebody else wrote to what a sentence has room for.
func Clip(s string) string {
	const room = 40
	if r := []rune(s); len(r) > room {
		return string(r[:room]) + "…"
	}
	return s
}
