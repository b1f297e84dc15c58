package changeset

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/text"
)

const (
	minWidth   = 40
	labelWidth = 20 // a longer label pushes its value to the right
	indent     = 2
)

// page is the text of one change, set in columns: label, value, note.
type page struct {
	bytes.Buffer
	width int
	color bool
}

// row is one line before it is set.
type row struct {
	label string
	value string
	then  string // what the value becomes, behind an arrow
	note  string
	sign  string // decides the colour
	deep  bool   // stands below another object's line
}

// valueAt and noteAt are the columns where values and notes begin.
func (p *page) valueAt() int { return indent + labelWidth }

func (p *page) noteAt() int { return max(p.valueAt()+8, p.width*53/100) }

// head writes the line that begins an organization.
func (p *page) head(name, key string) {
	name, key = clean(name), clean(key)
	room := p.width - width(key) - 1
	if name == "" || name == key || room < 8 {
		p.paint(bold, snip(strings.TrimSpace(strings.TrimSuffix(name, key)+" "+key), p.width))
		p.WriteByte('\n')
		return
	}
	name = snip(name, room)
	p.paint(bold, name)
	p.pad(width(name), max(width(name)+1, min(p.noteAt(), room+1)))
	p.paint(dim, key)
	p.WriteByte('\n')
}

// row writes one line, and more where the note is long.
func (p *page) row(r row) {
	at := indent
	if r.deep {
		at += indent
	}
	p.pad(0, at)
	l := snip(clean(r.label), p.width*2/5-at)
	p.WriteString(l)
	from := max(p.valueAt(), at+width(l)+1)
	p.pad(at+width(l), from)

	v := r.set(p.width - from)
	p.paint(colors[strings.TrimSpace(r.sign)], v)
	if r.note != "" {
		p.note(from+width(v), clean(r.note))
	}
	p.WriteByte('\n')
}

// set renders the value in the room there is; of two long ones each gets half.
func (r row) set(room int) string {
	v, then := clean(r.value), clean(r.then)
	if r.then == "" {
		return snip(v, room)
	}
	if width(v)+width(then)+3 > room {
		half := (room - 3) / 2
		if width(then) <= half {
			v = snip(v, room-3-width(then))
		} else {
			v = snip(v, max(half, room-3-width(then)))
			then = snip(then, room-3-width(v))
		}
	}
	return v + " → " + then
}

// note sets the note in its column, below the value where that reaches too far.
func (p *page) note(at int, s string) {
	column := p.noteAt()
	if at+2 > column {
		p.WriteByte('\n')
		at = 0
	}
	for i, line := range wrap(s, p.width-column) {
		if i > 0 {
			p.WriteByte('\n')
			at = 0
		}
		p.pad(at, column)
		p.paint(dim, line)
	}
}

func (p *page) pad(from, to int) {
	for ; from < to; from++ {
		p.WriteByte(' ')
	}
}

// The colours of a terminal.
const (
	bold   = "1"
	dim    = "2"
	green  = "32"
	red    = "31"
	yellow = "33"
)

var colors = map[string]string{"+": green, "−": red, "✋": yellow, "⚠": yellow}

func (p *page) paint(color, s string) {
	if !p.color || color == "" || s == "" {
		p.WriteString(s)
		return
	}
	p.WriteString("\x1b[" + color + "m" + s + "\x1b[0m")
}

// clean makes text from outside harmless on a terminal: line breaks become a sign,
// control characters and those that turn the writing direction disappear.
func clean(s string) string {
	if plain(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return '⏎'
		case r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029':
			return -1
		default:
			return r
		}
	}, s)
}

// plain reports whether a string is printable ASCII, so that its length is its width.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// width returns how many columns a string takes.
func width(s string) int {
	if plain(s) {
		return len(s)
	}
	n := 0
	for _, r := range s {
		n += text.RuneWidth(r)
	}
	return n
}

// snip cuts a string to so many columns, the last of which says that it was cut.
func snip(s string, room int) string {
	if width(s) <= room {
		return s
	}
	n := 0
	for i, r := range s {
		if n += text.RuneWidth(r); n > room-1 {
			return s[:i] + "…"
		}
	}
	return s
}

// wrap breaks a string at spaces into lines of at most room columns.
func wrap(s string, room int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		switch {
		case line == "":
			line = snip(word, room)
		case width(line)+1+width(word) <= room:
			line += " " + word
		default:
			lines, line = append(lines, line), snip(word, room)
		}
	}
	return append(lines, line)
}
