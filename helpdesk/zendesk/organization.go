package zendesk

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// organization is an organization as Zendesk shows it.
type organization struct {
	ID             int64                      `json:"id"`
	Name           string                     `json:"name"`
	ExternalID     *string                    `json:"external_id"`
	Details        *string                    `json:"details"`
	Notes          *string                    `json:"notes"`
	SharedTickets  bool                       `json:"shared_tickets"`
	SharedComments bool                       `json:"shared_comments"`
	Tags           []string                   `json:"tags"`
	Domains        []string                   `json:"domain_names"`
	Fields         map[string]json.RawMessage `json:"organization_fields"`
	Updated        string                     `json:"updated_at"`
	Deleted        *string                    `json:"deleted_at"` // exports only: a tombstone
}

func (o *organization) key() string { return textOf(o.ExternalID) }

// version says when it changed last; its end counts.
func (o *organization) version() string {
	if o.Deleted != nil {
		return *o.Deleted
	}
	return o.Updated
}

func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func idText(id int64) string { return strconv.FormatInt(id, 10) }

// idOf reads an id; 0 if it is none.
func idOf(text string) int64 {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 0 {
		return 0
	}
	return id
}

// object is the organization in our words. A tag that a selected option or a set
// checkbox brings is part of that field and not shown as a tag.
func (s *sight) object(o *organization) helpdesk.Object {
	f := make(helpdesk.Fields, 0, 4+len(o.Tags)+len(o.Domains)+len(o.Fields))
	add := func(name string, v helpdesk.Value) {
		if !v.IsEmpty() {
			f = append(f, helpdesk.Field{Name: name, Value: v})
		}
	}
	add(helpdesk.Name, helpdesk.TextOf(o.Name))
	add(helpdesk.Details, helpdesk.TextOf(textOf(o.Details)))
	add(helpdesk.Notes, helpdesk.TextOf(textOf(o.Notes)))
	add(helpdesk.SharedTickets, flag(o.SharedTickets))
	add(helpdesk.SharedComments, flag(o.SharedComments))
	born := s.born(o)
	for _, tag := range o.Tags {
		if !slices.Contains(born, tag) {
			add(helpdesk.TagPrefix+tag, helpdesk.BoolOf(true))
		}
	}
	for _, d := range o.Domains {
		add(helpdesk.DomPrefix+strings.ToLower(d), helpdesk.BoolOf(true))
	}
	for key, raw := range o.Fields {
		if _, ok := s.fields[key]; ok {
			name := helpdesk.FieldPrefix + key
			add(name, valueOf(s.specs[name], raw))
		}
	}
	return helpdesk.Object{Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: o.key()}, ID: idText(o.ID), Fields: f.Sort()}
}

// flag shows only what is set: an unset checkbox is as good as none.
func flag(on bool) helpdesk.Value {
	if !on {
		return helpdesk.Value{}
	}
	return helpdesk.BoolOf(true)
}

// born lists the tags that an organization has from its fields.
func (s *sight) born(o *organization) []string {
	var out []string
	for key, raw := range o.Fields {
		if f, ok := s.fields[key]; ok {
			out = append(out, f.tags(raw)...)
		}
	}
	return out
}

// tags are the tags that a field brings while it holds this.
func (f *orgField) tags(raw json.RawMessage) []string {
	var on bool
	var one string
	var many []string
	switch {
	case f.Type == "checkbox" && f.Tag != "" && json.Unmarshal(raw, &on) == nil && on:
		return []string{f.Tag}
	case types[f.Type] == helpdesk.Choice && json.Unmarshal(raw, &one) == nil && one != "":
		return []string{one}
	case f.Type == "multiselect" && json.Unmarshal(raw, &many) == nil:
		return many
	default:
		return nil
	}
}
