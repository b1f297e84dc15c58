package account

import (
	"slices"
	"time"
)

// Event is something that happened to an organization or a membership.
type Event struct {
	Number       int64
	Type         string // such as organization.name_changed
	Time         time.Time
	Organization Organization // as it was then
	User         int64
	Extra        map[string]any // current, previous, and which field or tags
}

func (a *Account) emit(kind string, o *Organization, user *User, extra map[string]any) {
	if !a.listening {
		return
	}
	e := Event{Number: a.next(), Type: kind, Time: a.at, Organization: *o, Extra: extra}
	e.Organization.Tags = slices.Clone(o.Tags)
	if user != nil {
		e.User = user.ID
	}
	a.events = append(a.events, e)
}

// tell emits what changed. There is no event for domains, notes, details, group and
// sharing (reference §11).
func (a *Account) tell(before, o *Organization) {
	if !a.listening {
		return
	}
	if before.Name != o.Name {
		a.emit("organization.name_changed", o, nil, map[string]any{"current": o.Name, "previous": before.Name})
	}
	if before.ExternalID != o.ExternalID {
		a.emit("organization.external_id_changed", o, nil, map[string]any{"current": o.ExternalID, "previous": before.ExternalID})
	}
	added, removed := without(o.Tags, before.Tags), without(before.Tags, o.Tags)
	if len(added)+len(removed) > 0 {
		a.emit("organization.tags_changed", o, nil, map[string]any{"added": map[string]any{"tags": orNone(added)}, "removed": map[string]any{"tags": orNone(removed)}})
	}
	for _, f := range a.fields {
		if now, was := f.Of(o), f.Of(before); now != was {
			a.emit("organization.custom_field_changed", o, nil, map[string]any{
				"current": now, "previous": was, "field": map[string]any{"id": f.ID, "title": f.Title, "type": f.Type},
			})
		}
	}
}

// Events returns what happened since it was last asked.
func (a *Account) Events() []Event {
	out := a.events
	a.events = nil
	return out
}

func orNone(list []string) []string { return append([]string{}, list...) }
