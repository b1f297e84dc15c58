package zendesk

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// stamp is a time as replies show it: UTC, whole seconds.
func stamp(unix int64) string { return time.Unix(unix, 0).UTC().Format("2006-01-02T15:04:05Z") }

// orNull is a text, or null for none.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func idOrNull(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

func list(words []string) []string {
	if words == nil {
		return []string{}
	}
	return words
}

// url is the address of a record, with .json as in recordings or without as in the
// specification.
func (s *Sandbox) url(c *call, path string) string {
	if s.settings.URLsWithJSON {
		path += ".json"
	}
	return c.base + prefix + path
}

// organization is one as replies show it, keys in the order of the recordings.
type organization struct {
	URL            string          `json:"url"`
	ID             int64           `json:"id"`
	Name           string          `json:"name"`
	SharedTickets  bool            `json:"shared_tickets"`
	SharedComments bool            `json:"shared_comments"`
	ExternalID     *string         `json:"external_id"`
	CreatedAt      string          `json:"created_at"`
	UpdatedAt      string          `json:"updated_at"`
	DomainNames    []string        `json:"domain_names"`
	Details        *string         `json:"details"`
	Notes          *string         `json:"notes"`
	GroupID        *int64          `json:"group_id"`
	Tags           []string        `json:"tags"`
	Fields         json.RawMessage `json:"organization_fields"`
}

// exported is one as the export shows it.
type exported struct {
	organization
	DeletedAt *string `json:"deleted_at"`
}

func (s *Sandbox) organization(c *call, o *account.Organization) organization {
	return organization{
		URL: s.url(c, "organizations/"+itoa(o.ID)), ID: o.ID, Name: o.Name, SharedTickets: o.SharedTickets, SharedComments: o.SharedComments,
		ExternalID: orNull(o.ExternalID), CreatedAt: stamp(o.Created), UpdatedAt: stamp(o.Updated), DomainNames: list(o.Domains), Details: orNull(o.Details),
		Notes: orNull(o.Notes), GroupID: idOrNull(o.GroupID), Tags: list(o.Tags), Fields: s.values(o),
	}
}

// values are all active fields by key, null where an organization has nothing (reference §5).
func (s *Sandbox) values(o *account.Organization) json.RawMessage {
	var b strings.Builder
	b.WriteByte('{')
	for _, f := range s.account.Fields() {
		if !f.Active {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + f.Key + `":`)
		if raw := f.Of(o); raw != "" {
			b.WriteString(raw)
		} else {
			b.WriteString("null")
		}
	}
	b.WriteByte('}')
	return json.RawMessage(b.String())
}

// user is one as replies show it.
type user struct {
	ID             *int64         `json:"id"`
	URL            string         `json:"url"`
	Name           string         `json:"name"`
	Email          *string        `json:"email"`
	CreatedAt      string         `json:"created_at"`
	UpdatedAt      string         `json:"updated_at"`
	TimeZone       string         `json:"time_zone"`
	Phone          *string        `json:"phone"`
	Locale         string         `json:"locale"`
	OrganizationID *int64         `json:"organization_id"`
	Role           account.Role   `json:"role"`
	Verified       bool           `json:"verified"`
	ExternalID     *string        `json:"external_id"`
	Tags           []string       `json:"tags"`
	Alias          *string        `json:"alias"`
	Active         bool           `json:"active"`
	Suspended      bool           `json:"suspended"`
	Details        *string        `json:"details"`
	Notes          *string        `json:"notes"`
	Fields         map[string]any `json:"user_fields"`
}

func (s *Sandbox) user(c *call, u *account.User) user {
	phone, notes, details, alias, tags := u.Extra()
	return user{
		ID: &u.ID, URL: s.url(c, "users/"+itoa(u.ID)), Name: u.Name, Email: orNull(u.Email), CreatedAt: stamp(u.Created), UpdatedAt: stamp(u.Updated),
		TimeZone: "UTC", Locale: "en-US", OrganizationID: idOrNull(u.Organization()), Role: u.Role, Verified: u.Verified, ExternalID: orNull(u.ExternalID),
		Tags: list(tags), Active: true, Suspended: u.Suspended, Phone: orNull(phone), Notes: orNull(notes), Details: orNull(details), Alias: orNull(alias),
		Fields: map[string]any{},
	}
}

// membership is one as replies show it; default is null where it is not (reference §8).
type membership struct {
	URL              string `json:"url"`
	ID               int64  `json:"id"`
	UserID           int64  `json:"user_id"`
	OrganizationID   int64  `json:"organization_id"`
	Default          *bool  `json:"default"`
	OrganizationName string `json:"organization_name"`
	ViewTickets      bool   `json:"view_tickets"`
	CreatedAt        string `json:"created_at"`
	UpdatedAt        string `json:"updated_at"`
}

func (s *Sandbox) membership(c *call, m *account.Membership) membership {
	out := membership{
		URL: s.url(c, "organization_memberships/"+itoa(m.ID)), ID: m.ID, UserID: m.User.ID, OrganizationID: m.Organization.ID,
		OrganizationName: m.Organization.Name, ViewTickets: m.Organization.SharedTickets, CreatedAt: stamp(m.Created), UpdatedAt: stamp(m.Created),
	}
	if m.Default {
		out.Default = &m.Default
	}
	return out
}

// jobStatus is a job as replies show it.
type jobStatus struct {
	ID       string  `json:"id"`
	JobType  string  `json:"job_type"`
	URL      string  `json:"url"`
	Total    int     `json:"total"`
	Progress *int    `json:"progress"`
	Status   string  `json:"status"`
	Message  *string `json:"message"`
	Results  []any   `json:"results"`
}

func (s *Sandbox) job(c *call, j *account.Job) jobStatus {
	status, message, progress := j.State(s.account.At())
	out := jobStatus{ID: j.ID, JobType: j.Type, URL: s.url(c, "job_statuses/"+j.ID), Total: j.Total, Status: status, Message: orNull(message)}
	if status != "queued" {
		out.Progress = &progress
	}
	if status == "completed" || status == "killed" {
		out.Results = append([]any{}, j.Results...)
	}
	return out
}
