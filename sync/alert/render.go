package alert

import (
	"fmt"
	"strings"
	"time"
)

// Title is the message in one line.
func (m *Message) Title() string {
	first := m.Parts[0].headline()
	if len(m.Parts) == 1 {
		return first
	}
	return fmt.Sprintf("%d things to know; first: %s", len(m.Parts), first)
}

// MaxText is about how long a text may become, in bytes: what people read in a chat.
const MaxText = 6000

// Text is the message in full: a paragraph per condition, each with what, who, why,
// what to do and since when. What would make it too long is counted.
func (m *Message) Text() string {
	var out []string
	size := 0
	for i, p := range m.Parts {
		text := p.text()
		if size += len(text) + 2; size > MaxText-100 && i > 0 {
			out = append(out, fmt.Sprintf("And %d more: desksync alert list", len(m.Parts)-i))
			break
		}
		out = append(out, text)
	}
	return strings.Join(out, "\n\n")
}

// headline is a part in one line.
func (p *Part) headline() string {
	switch p.Event {
	case Ended:
		return "Over: " + p.Condition.Title
	case Worse:
		return "Worse: " + p.Condition.Title
	default:
		return p.Condition.Title
	}
}

func (p *Part) text() string {
	c := &p.Condition
	if p.Event == Ended {
		return p.headline() + ". It lasted " + lasted(p.At.Sub(c.Since)) + "."
	}
	var b strings.Builder
	b.WriteString(p.headline())
	if len(c.Subjects) > 0 {
		b.WriteString(": " + strings.Join(c.Subjects, ", "))
	}
	if c.More > 0 {
		fmt.Fprintf(&b, " and %d more", c.More)
	}
	b.WriteString(".")
	if c.Text != "" {
		b.WriteString(" " + asSentence(c.Text))
	}
	if c.Command != "" {
		b.WriteString(" " + c.Kind.Invites() + ": " + c.Command + ".")
	}
	b.WriteString(" Since " + moment(c.Since, p.At) + ".")
	return b.String()
}

// asSentence is a text that ends as a sentence does: what others said may not.
func asSentence(s string) string {
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "!") {
		return s
	}
	return s + "."
}

// Invites says what a kind's command is good for: not each of them decides something.
func (k Kind) Invites() string {
	switch k {
	case Held, Shrank, WrongEnvironment:
		return "Decide"
	case Drift, Fought, Conflict:
		return "See and decide"
	case Credential, CredentialEnding, Configuration, Journal:
		return "Check"
	default:
		return "See"
	}
}

// moment is a time as people read it beside another: the day is left out where it is
// the same.
func moment(t, beside time.Time) string {
	t, beside = t.UTC(), beside.UTC()
	if t.Format(time.DateOnly) == beside.Format(time.DateOnly) {
		return t.Format("15:04 UTC")
	}
	return t.Format("2006-01-02 15:04 UTC")
}

// lasted is a time span as people say it.
func lasted(d time.Duration) string {
	switch d = d.Round(time.Minute); {
	case d < 2*time.Minute:
		return "a minute"
	case d < time.Hour:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	case d < 48*time.Hour && d%time.Hour == 0:
		return plural(int(d/time.Hour), "hour", "hours")
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %02d min", d/time.Hour, d%time.Hour/time.Minute)
	default:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	}
}
