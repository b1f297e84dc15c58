package journal

import (
	"bytes"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/pack"
)

// whose is to whom values belong.
type whose int

const (
	anyones  whose = iota // an organization's, say: the person's name in it is the person's
	own                   // the person's, whatever they say
	anothers              // another person's, who may have the same name
)

// of says to whom the values of an object belong.
func (f *forgetting) of(kind helpdesk.Kind, key string) whose {
	switch {
	case f.keyed(key):
		return own
	case kind == helpdesk.User:
		return anothers
	default:
		return anyones
	}
}

// text redacts the addresses in a text, whatever their case.
func (f *forgetting) text(s string) string {
	for e := range f.emails {
		for i := 0; i+len(e) <= len(s); i++ {
			if end := i + len(e); strings.EqualFold(s[i:end], e) && !endsWord(s[:i], ".-_+%'") && !beginsWord(s[end:], ".-") {
				s = s[:i] + Forgotten + s[end:]
			}
		}
	}
	return s
}

// endsWord reports whether an address would go on to the left: mary.jane@ is not jane@.
func endsWord(s, joints string) bool {
	if s != "" && strings.IndexByte(joints, s[len(s)-1]) >= 0 {
		s = s[:len(s)-1]
	}
	return s != "" && isWord(s[len(s)-1])
}

// beginsWord reports whether an address would go on to the right.
func beginsWord(s, joints string) bool {
	if s != "" && strings.IndexByte(joints, s[0]) >= 0 {
		s = s[1:]
	}
	return s != "" && isWord(s[0])
}

func isWord(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// value redacts a value.
func (f *forgetting) value(v helpdesk.Value, w whose) helpdesk.Value {
	if t := v.Type(); t != helpdesk.Text && t != helpdesk.Choice {
		return v
	}
	if w == own || w == anyones && f.names[v.Text()] {
		return helpdesk.TextOf(Forgotten)
	}
	if text := f.text(v.Text()); text != v.Text() {
		return helpdesk.TextOf(text)
	}
	return v
}

// fields redacts packed fields; nothing stays nothing.
func (f *forgetting) fields(key string, b []byte, w whose) ([]byte, error) {
	list, err := unpackFields("object", key, b)
	if err != nil || list == nil {
		return nil, err
	}
	for i := range list {
		list[i].Value = f.value(list[i].Value, w)
	}
	return packFields(list), nil
}

// change redacts a packed change, and says whether it told of the person. What the caller
// stored behind it goes.
func (f *forgetting) change(key string, b []byte) (out []byte, told bool, err error) {
	c, err := helpdesk.ReadChange(pack.Read(b))
	if err != nil {
		return nil, false, damaged("change", key)
	}
	before, w := c.Pack(nil), f.of(c.Ref.Kind, c.Ref.Key)
	for i := range c.Deltas {
		d := &c.Deltas[i]
		d.Want, d.Have, d.Last = f.value(d.Want, w), f.value(d.Have, w), f.value(d.Last, w)
		d.Origin, d.Hold = f.text(d.Origin), f.text(d.Hold)
	}
	if w == own || w == anyones && f.names[c.Name] {
		c.Name = Forgotten
	}
	c.Name, c.Hold = f.text(c.Name), f.text(c.Hold)
	out = c.Pack(nil)
	return out, w == own || !bytes.Equal(out, before), nil
}

// tellsOf reports whether one of the addresses stands in a value.
func (f *forgetting) tellsOf(list helpdesk.Fields) bool {
	return slices.ContainsFunc(list, func(x helpdesk.Field) bool { return f.mentions(x.Value.Text()) })
}

// learn takes addresses and names from a user's fields.
func (f *forgetting) learn(list helpdesk.Fields) {
	if v, ok := list.Get(helpdesk.Email); ok {
		f.addEmail(v.Text())
	}
	if v, ok := list.Get(helpdesk.Name); ok && len(v.Text()) > 1 {
		f.names[v.Text()] = true
	}
}
