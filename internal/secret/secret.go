// Package secret holds what must never be printed: passwords, tokens, keys. A Text
// shows as *** however it is formatted or encoded; whoever needs the words says so
// with Reveal. Where secrets come from is the affair of Resolve.
package secret

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// mask is all that is ever shown; its length tells nothing.
const mask = "***"

// Text is a secret. The zero Text is empty and shows as nothing at all, so that a
// missing secret can be told from a hidden one.
type Text struct {
	words *string // behind a pointer: reflection over fields finds an address, not the words
}

// New hides words.
func New(words string) Text {
	if words == "" {
		return Text{}
	}
	return Text{&words}
}

// Reveal returns the words, for the one call that needs them.
func (t Text) Reveal() string {
	if t.words == nil {
		return ""
	}
	return *t.words
}

// Empty reports whether there are no words.
func (t Text) Empty() bool { return t.words == nil }

// Equal compares the words in time that tells nothing about them. Compare Texts
// with it, not with ==.
func (t Text) Equal(o Text) bool {
	a, b := sha256.Sum256([]byte(t.Reveal())), sha256.Sum256([]byte(o.Reveal()))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// String returns the mask.
func (t Text) String() string {
	if t.Empty() {
		return ""
	}
	return mask
}

// Format writes the mask for every verb, with or without flags.
func (t Text) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, t.String()) }

// MarshalText returns the mask: JSON, YAML, XML and zerolog all ask here.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// LogValue returns the mask.
func (t Text) LogValue() slog.Value { return slog.StringValue(t.String()) }

// UnmarshalText hides what a file says; it does not resolve it.
func (t *Text) UnmarshalText(b []byte) error {
	*t = New(string(b))
	return nil
}
