package changeset

import (
	"fmt"
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// String names an account for people.
func (p Party) String() string {
	if p.Name == "" || p.Name == p.Account {
		return p.Account
	}
	return p.Name + " (" + p.Account + ")"
}

// Text says what happened, what a merge would do, and what stands in its way.
func (p *Proposal) Text() string {
	s := fmt.Sprintf("%s was merged into %s in the CRM; merging their organizations would move %s and lose %s; it cannot be undone", p.Loser, p.Winner, p.moves(), p.losses())
	switch {
	case p.Kept != "":
		return s + ". Both are kept: " + p.Kept
	case len(p.Refused) > 0:
		return s + ". Refused as long as " + strings.Join(p.Refused, ", and as long as ")
	default:
		return s
	}
}

// moves names what the winner would get.
func (p *Proposal) moves() string {
	people := plural(p.Moves.Users, "user", "users")
	if n := p.Moves.Managers; n > 0 {
		people += " (" + plural(n, "comes", "come") + " to manage " + p.Winner.Name + ")"
	}
	return Enumerate(people, p.domains(), p.tickets())
}

func (p *Proposal) domains() string {
	switch n := len(p.Moves.Domains); n {
	case 0:
		return "no domain"
	case 1:
		return "the domain " + p.Moves.Domains[0]
	default:
		return "the domains " + Enumerate(p.Moves.Domains...)
	}
}

func (p *Proposal) tickets() string {
	n, open := p.Moves.Tickets, p.Moves.Open
	switch {
	case n < 0:
		return "its tickets, which the helpdesk does not count"
	case open > 0:
		return plural(n, "ticket", "tickets") + " (" + count(open) + " not closed)"
	default:
		return plural(n, "ticket", "tickets")
	}
}

// losses names what would be lost: first what people set, then what the helpdesk
// knows besides fields, then what desksync wrote and the CRM no longer says.
func (p *Proposal) losses() string {
	var theirs, ours []string
	for _, l := range p.Lost {
		text := label(l.Field)
		if !element(l.Field) {
			text += " " + quote(l.Field, l.Value)
		}
		if l.Ours {
			ours = append(ours, text)
		} else {
			theirs = append(theirs, text)
		}
	}
	theirs = append(theirs, p.Moves.Drops...)
	switch {
	case len(theirs)+len(ours) == 0:
		return "nothing"
	case len(ours) == 0:
		return Enumerate(theirs...)
	case len(theirs) == 0:
		return "only what desksync wrote: " + Enumerate(ours...)
	default:
		return Enumerate(theirs...) + ", and what desksync wrote: " + Enumerate(ours...)
	}
}

// Enumerate renders "a, b and c".
func Enumerate(list ...string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

// MergeNote is the line that the notes of the winner get.
func (p *Proposal) MergeNote(day, who, reason string) string {
	return fmt.Sprintf("%s: the organization %s was merged into this one by %s: %s", day, p.Loser, who, reason)
}

// WithNote returns notes with a line more.
func WithNote(notes helpdesk.Value, line string) helpdesk.Value {
	if notes.IsEmpty() {
		return helpdesk.TextOf(line)
	}
	return helpdesk.TextOf(notes.Text() + "\n" + line)
}
