package zendesk

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

// sight is what Describe found, and when.
type sight struct {
	caps   helpdesk.Capabilities
	specs  map[string]helpdesk.Spec // of organizations, by name
	fields map[string]orgField      // active ones, by key
	at     time.Time
}

// Describe implements helpdesk.Target: it reads the account's organization fields, at
// most once in Options.Check.
func (t *Target) Describe(ctx context.Context) (helpdesk.Capabilities, error) {
	s, err := t.look(ctx)
	if err != nil {
		return helpdesk.Capabilities{}, err
	}
	caps := s.caps
	caps.PerMinute = t.pace.perMinute()
	return caps, nil
}

// look returns what was found, looking again if that is too old.
func (t *Target) look(ctx context.Context) (*sight, error) {
	t.mu.Lock()
	seen := t.seen
	t.mu.Unlock()
	if seen != nil && t.opt.Now().Sub(seen.at) < t.opt.Check {
		return seen, nil
	}
	fields, err := t.orgFields(ctx)
	if err != nil {
		return nil, err
	}
	seen = t.sightOf(fields)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen = seen
	return seen, nil
}

// forget makes the next Describe look again, because something was denied.
func (t *Target) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen = nil
}

func (t *Target) sightOf(fields []orgField) *sight {
	s := &sight{specs: map[string]helpdesk.Spec{}, fields: map[string]orgField{}, at: t.opt.Now()}
	var custom []helpdesk.Spec
	for _, f := range fields {
		if f.Active {
			custom = append(custom, f.spec())
			s.fields[f.Key] = f
		}
	}
	s.caps = Offers(custom, t.opt.MultiOrg)
	for _, spec := range s.caps.Specs[helpdesk.Organization] {
		s.specs[spec.Name] = spec
	}
	s.caps.Account, s.caps.Shard = t.base.Host, t.opt.Window
	s.caps.ListEvery = map[helpdesk.Kind]time.Duration{helpdesk.Organization: t.opt.Audit, helpdesk.User: t.opt.Audit, helpdesk.Membership: t.opt.Audit}
	return s
}

// Offers is what an account with these custom fields of organizations can do, whether or not
// it was asked; what only the account knows is missing.
func Offers(custom []helpdesk.Spec, multi bool) helpdesk.Capabilities {
	return helpdesk.Capabilities{
		Ops: map[helpdesk.Kind][]helpdesk.Op{
			helpdesk.Organization: {helpdesk.Create, helpdesk.Update, helpdesk.Retire, helpdesk.Delete, helpdesk.Merge},
			helpdesk.User:         {helpdesk.Create, helpdesk.Update},
			helpdesk.Membership:   {helpdesk.Create, helpdesk.Update, helpdesk.Retire},
		},
		Specs: map[helpdesk.Kind][]helpdesk.Spec{
			helpdesk.Organization: append(ownSpecs(), custom...),
			helpdesk.User:         {{Name: helpdesk.Name, Type: helpdesk.Text, MaxLen: maxName}, {Name: helpdesk.Email, Type: helpdesk.Text, MaxLen: maxName}},
			helpdesk.Membership:   {{Name: helpdesk.Default, Type: helpdesk.Bool, ZeroIsEmpty: true}},
		},
		Batch:       perJob,
		Incremental: map[helpdesk.Kind]bool{helpdesk.Organization: true, helpdesk.User: true},
		Start:       map[helpdesk.Kind]helpdesk.Cursor{helpdesk.Organization: cursorAt(0), helpdesk.User: cursorAt(0)},
		UniqueNames: true, MultiOrg: multi, MaxMemberships: roomOf(multi),
		Families: []string{helpdesk.TagPrefix, helpdesk.DomPrefix},
	}
}

// room is in how many organizations a user may be.
func (t *Target) room() int { return roomOf(t.opt.MultiOrg) }

func roomOf(multi bool) int {
	if multi {
		return maxMembers
	}
	return 1
}

// barred may not stand in the name of an organization ("Creating, managing and using
// organizations").
const barred = "|"

func ownSpecs() []helpdesk.Spec {
	return []helpdesk.Spec{
		{Name: helpdesk.Name, Type: helpdesk.Text, MaxLen: maxName, Bars: barred},
		{Name: helpdesk.Details, Type: helpdesk.Text},
		{Name: helpdesk.Notes, Type: helpdesk.Text},
		{Name: helpdesk.SharedTickets, Type: helpdesk.Bool, ZeroIsEmpty: true},
		{Name: helpdesk.SharedComments, Type: helpdesk.Bool, ZeroIsEmpty: true},
	}
}

// orgField is a custom field of organizations ("Organization Fields").
type orgField struct {
	ID      int64    `json:"id,omitempty"`
	Type    string   `json:"type"`
	Key     string   `json:"key"`
	Title   string   `json:"title"`
	Active  bool     `json:"active"`
	Tag     string   `json:"tag,omitempty"`
	Options []option `json:"custom_field_options,omitempty"`
}

type option struct {
	ID    *int64 `json:"id"` // null for one that is new
	Name  string `json:"name"`
	Value string `json:"value"`
}

// types are the types of fields that can be written.
var types = map[string]helpdesk.Type{
	"text": helpdesk.Text, "textarea": helpdesk.Text, "regexp": helpdesk.Text, "checkbox": helpdesk.Bool, "date": helpdesk.Date,
	"integer": helpdesk.Integer, "decimal": helpdesk.Decimal, "dropdown": helpdesk.Choice, "tagger": helpdesk.Choice,
}

// spec says what of a field is of use here. Of what is not understood, such as a
// multiselect or a lookup, the text is shown and nothing written.
func (f *orgField) spec() helpdesk.Spec {
	s := helpdesk.Spec{Name: helpdesk.FieldPrefix + f.Key, Type: types[f.Type]}
	switch s.Type {
	case helpdesk.Empty:
		s.Type, s.ReadOnly = helpdesk.Text, true
	case helpdesk.Bool:
		s.Tag, s.ZeroIsEmpty = f.Tag, true
	case helpdesk.Choice:
		for _, o := range f.Options {
			s.Choices = append(s.Choices, helpdesk.Option{Value: o.Value, Label: o.Name, Tag: o.Value})
		}
	}
	return s
}

// orgFields reads all fields, inactive ones too.
func (t *Target) orgFields(ctx context.Context) ([]orgField, error) {
	var out []orgField
	for page, err := range cursorPages[orgField](ctx, t, "organization_fields", "organization_fields") {
		if err != nil {
			return nil, err
		}
		out = append(out, page...)
	}
	return out, nil
}

// pageSize is the most that a cursor listing gives at once ("Pagination").
const pageSize = 100

// next is where a cursor listing goes on; done: nowhere. The last page has a cursor too.
type next struct {
	Meta struct {
		More  bool   `json:"has_more"`
		After string `json:"after_cursor"`
	} `json:"meta"`
}

func pageQuery(after string) url.Values {
	q := url.Values{"page[size]": {strconv.Itoa(pageSize)}}
	if after != "" {
		q.Set("page[after]", after)
	}
	return q
}

// after returns the cursor of the next page, empty behind the last one.
func (n next) after(was string) (string, error) {
	if !n.Meta.More {
		return "", nil
	}
	if n.Meta.After == "" || n.Meta.After == was {
		return "", fault.New("zendesk.list", fault.Unavailable, errors.New("a listing says that there is more and not where; list again"))
	}
	return n.Meta.After, nil
}

func notUnderstood(what string, err error) error {
	return fault.New("zendesk.list", fault.Unavailable, fmt.Errorf("%s is not what Zendesk documents: %w", what, err))
}
