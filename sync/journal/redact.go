package journal

import (
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/pack"
)

// value redacts a value; own: it belongs to the person whatever it says.
func (f *forgetting) value(v helpdesk.Value, own bool) helpdesk.Value {
	if t := v.Type(); t != helpdesk.Text && t != helpdesk.Choice {
		return v
	}
	if own || f.names[v.Text()] {
		return helpdesk.TextOf(Forgotten)
	}
	if text := f.text(v.Text()); text != v.Text() {
		return helpdesk.TextOf(text)
	}
	return v
}

// fields redacts packed fields; nothing stays nothing.
func (f *forgetting) fields(key string, b []byte, own bool) ([]byte, error) {
	list, err := unpackFields("object", key, b)
	if err != nil || list == nil {
		return nil, err
	}
	for i := range list {
		list[i].Value = f.value(list[i].Value, own)
	}
	return packFields(list), nil
}

// change redacts a packed change. What the caller stored behind it goes.
func (f *forgetting) change(key string, b []byte) ([]byte, error) {
	c, err := helpdesk.ReadChange(pack.Read(b))
	if err != nil {
		return nil, damaged("change", key)
	}
	own := f.keyed(c.Ref.Key)
	for i := range c.Deltas {
		d := &c.Deltas[i]
		d.Want, d.Have, d.Last = f.value(d.Want, own), f.value(d.Have, own), f.value(d.Last, own)
		d.Origin, d.Hold = f.text(d.Origin), f.text(d.Hold)
	}
	if own || f.names[c.Name] {
		c.Name = Forgotten
	}
	c.Name, c.Hold = f.text(c.Name), f.text(c.Hold)
	return c.Pack(nil), nil
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
