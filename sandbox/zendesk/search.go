package zendesk

import (
	"net/http"
	"strings"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// maxFound is how many records a search reaches (reference §6).
const maxFound = 1000

// search finds organizations by words of their name, or by external_id:, name: and tags:,
// as the index knew them some time ago. By page number only.
func (s *Sandbox) search(c *call) reply {
	if c.query.Has("page[size]") {
		return invalidAttribute("page[size]")
	}
	page, refused := c.number("page", 1)
	if refused != nil {
		return *refused
	}
	size, refused := c.number("per_page", 100)
	if refused != nil {
		return *refused
	}
	if page*min(size, 100) > maxFound {
		return jsonReply(http.StatusUnprocessableEntity, textError{"invalid", "Invalid search: Requested response size was greater than Search Response Limits"})
	}
	words := strings.Fields(c.query.Get("query"))
	if len(words) == 0 || words[0] != "type:organization" {
		return jsonReply(http.StatusUnprocessableEntity, textError{"invalid", "Invalid search: the sandbox finds type:organization"})
	}
	var found []*account.Organization
	for o := range s.account.Organizations(0) {
		if s.account.Indexed(o.Updated) && matches(o, words[1:]) {
			found = append(found, o)
		}
	}
	l := s.few(c, found)
	l.key = "results"
	return s.list(c, l)
}

func matches(o *account.Organization, words []string) bool {
	for _, w := range words {
		key, value, of := strings.Cut(strings.ToLower(w), ":")
		switch {
		case of && key == "external_id":
			if strings.ToLower(o.ExternalID) != value {
				return false
			}
		case of && key == "tags":
			if !strings.Contains(" "+strings.ToLower(strings.Join(o.Tags, " "))+" ", " "+value+" ") {
				return false
			}
		default:
			if !strings.Contains(strings.ToLower(o.Name), strings.TrimPrefix(strings.ToLower(w), "name:")) {
				return false
			}
		}
	}
	return true
}
