package zendesk

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// field is an organization field as replies show it.
type field struct {
	URL            string   `json:"url"`
	ID             int64    `json:"id"`
	Type           string   `json:"type"`
	Key            string   `json:"key"`
	Title          string   `json:"title"`
	Description    string   `json:"description"`
	RawTitle       string   `json:"raw_title"`
	RawDescription string   `json:"raw_description"`
	Position       int      `json:"position"`
	Active         bool     `json:"active"`
	System         bool     `json:"system"`
	Regexp         *string  `json:"regexp_for_validation"`
	Tag            *string  `json:"tag,omitempty"`
	Target         *string  `json:"relationship_target_type,omitempty"`
	Options        []option `json:"custom_field_options,omitempty"`
	CreatedAt      string   `json:"created_at"`
	UpdatedAt      string   `json:"updated_at"`
}

type option struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	RawName string `json:"raw_name"`
	Value   string `json:"value"`
}

func (s *Sandbox) field(c *call, f *account.Field) field {
	out := field{
		URL: s.url(c, "organization_fields/"+itoa(f.ID)), ID: f.ID, Type: f.Type, Key: f.Key, Title: f.Title, Description: f.Description, RawTitle: f.Title,
		RawDescription: f.Description, Position: f.Position, Active: f.Active, Regexp: orNull(f.Regexp), Tag: orNull(f.Tag), Target: orNull(f.RelationshipTarget),
		CreatedAt: stamp(f.Created), UpdatedAt: stamp(f.Updated),
	}
	for _, o := range f.Options {
		out.Options = append(out.Options, option{o.ID, o.Name, o.Name, o.Value})
	}
	return out
}

func (s *Sandbox) listFields(c *call) reply {
	id := func(f *account.Field) int64 { return f.ID }
	return s.list(c, several("organization_fields", s.account.Fields(), id, func(f *account.Field) any { return s.field(c, f) }))
}

// ofField finds the field that the path names by id or key.
func (s *Sandbox) ofField(c *call, do func(*account.Field) reply) reply {
	id, err := strconv.ParseInt(c.ids[0], 10, 64)
	f := s.account.Field(id, "")
	if err != nil {
		f = s.account.Field(0, c.ids[0])
	}
	if f == nil {
		return notFound()
	}
	return do(f)
}

func (s *Sandbox) getField(c *call) reply {
	return s.ofField(c, func(f *account.Field) reply { return ok(map[string]any{"organization_field": s.field(c, f)}) })
}

// createField answers with position 9999 whatever it is (recordings).
func (s *Sandbox) createField(c *call) reply {
	p, refusal := c.object("organization_field")
	if refusal != nil {
		return *refusal
	}
	f, err := s.account.CreateField(p)
	if err != nil {
		return refused(err)
	}
	out := s.field(c, f)
	out.Position = 9999
	return jsonReply(http.StatusCreated, map[string]any{"organization_field": out}).with("Location", out.URL)
}

func (s *Sandbox) updateField(c *call) reply {
	return s.ofField(c, func(f *account.Field) reply {
		p, refusal := c.object("organization_field")
		if refusal != nil {
			return *refusal
		}
		for _, key := range []string{"key", "type"} {
			if _, named := p[key]; named {
				c.dropped = append(c.dropped, "organization_field."+key)
			}
		}
		if err := s.account.UpdateField(f, p); err != nil {
			return refused(err)
		}
		return ok(map[string]any{"organization_field": s.field(c, f)})
	})
}

func (s *Sandbox) deleteField(c *call) reply {
	return s.ofField(c, func(f *account.Field) reply { s.account.DeleteField(f); return noContent() })
}

func (s *Sandbox) reorderFields(c *call) reply {
	ids, refused := c.order("organization_field_ids")
	if refused != nil {
		return *refused
	}
	s.account.ReorderFields(ids)
	return ok(map[string]any{})
}

// order reads a list of ids from the body.
func (c *call) order(key string) ([]int64, *reply) {
	p, refused := c.whole()
	if refused != nil {
		return nil, refused
	}
	var ids []int64
	if json.Unmarshal(p[key], &ids) != nil {
		r := parameterMissing(key)
		return nil, &r
	}
	return ids, nil
}
