package account

import "slices"

// replaceTags sets the whole list. A dropdown or checkbox whose tag is not in it loses its
// value, as the two are one (reference §9).
func (a *Account) replaceTags(o *Organization, tags []string) {
	o.Tags = tags
	for _, v := range slices.Clone(o.Values) {
		has := v.Field.tags(o)
		gone := without(has, tags)
		if len(gone) == 0 {
			continue
		}
		if v.Field.Type == "checkbox" {
			v.Field.set(o, "false")
		} else {
			v.Field.set(o, v.Field.raw(without(has, gone)))
		}
	}
}

// SetTags replaces the tags of an organization.
func (a *Account) SetTags(o *Organization, tags []string) { a.retag(o, tags) }

// AddTags adds to the tags of an organization.
func (a *Account) AddTags(o *Organization, tags []string) {
	a.retag(o, append(slices.Clone(o.Tags), without(tags, o.Tags)...))
}

// RemoveTags takes tags off an organization.
func (a *Account) RemoveTags(o *Organization, tags []string) { a.retag(o, without(o.Tags, tags)) }

func (a *Account) retag(o *Organization, tags []string) {
	draft := *o
	draft.Values = slices.Clone(o.Values)
	a.replaceTags(&draft, tags)
	a.commit(o, &draft)
}
