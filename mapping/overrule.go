package mapping

import (
	"errors"
	"fmt"
)

// CheckOverride says why an override of a field to a value would never act, and what
// to do instead; nil where it acts. Plans are for the catalogue to know.
func (m *Mapper) CheckOverride(name, value string) error {
	full := m.fieldName(name)
	if full == "" {
		return fmt.Errorf("no rule has a field %s%s", name, m.suggestField(name))
	}
	for _, s := range m.steps {
		if s.field == nil || s.field.name != full {
			continue
		}
		if s.field.prog == nil {
			return errors.New("the helpdesk owns the field, and nothing is ever written there; set it in the helpdesk, or give it a rule and another owner")
		}
		_, err := s.field.conv.text(value)
		return err
	}
	return nil
}
