package zendesk

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// bodies are the keys the reference names, by the object they stand in.
var bodies = map[string]string{
	"organization":            "id name external_id details notes group_id shared_tickets shared_comments domain_names tags organization_fields",
	"user":                    "id name email external_id verified suspended role organization_id skip_verify_email identities phone notes details alias tags user_fields",
	"organization_membership": "user_id organization_id default",
	"organization_field":      "type key title description position active regexp_for_validation custom_field_options tag relationship_target_type",
	"sla_policy":              "title description position filter policy_metrics",
	"ticket":                  "subject status requester_id organization_id tags comment priority type",
	"identity":                "type value verified primary skip_verify_email",
	"organization_merge":      "winner_id",
}

// checkStrict answers plainly, in strict mode, to what the reference does not describe: a
// body where there is none, and keys nobody knows.
func (s *Sandbox) checkStrict(c *call) (reply, bool) {
	if !s.settings.Strict || len(c.body) == 0 {
		return reply{}, false
	}
	if c.method == http.MethodGet {
		return plain(http.StatusBadRequest, "strict: a GET has no body"), true
	}
	var whole account.Patch
	if json.Unmarshal(c.body, &whole) != nil {
		return reply{}, false // the call says so itself
	}
	for key, raw := range whole {
		if text := odd(key, raw); text != "" {
			return plain(http.StatusBadRequest, "strict: "+text), true
		}
	}
	return reply{}, false
}

// odd says what is not described in a value of the body; empty is nothing.
func odd(key string, raw json.RawMessage) string {
	if slices.Contains([]string{"tags", "organization_field_ids", "sla_policy_ids"}, key) {
		return ""
	}
	known, single := bodies[key]
	if !single {
		known = bodies[strings.TrimSuffix(key, "s")]
	}
	if known == "" {
		return "the body has " + key
	}
	var list []account.Patch
	if single {
		list = make([]account.Patch, 1)
		if json.Unmarshal(raw, &list[0]) != nil {
			return ""
		}
	} else if json.Unmarshal(raw, &list) != nil {
		return ""
	}
	for _, p := range list {
		for k := range p {
			if !slices.Contains(strings.Fields(known), k) {
				return key + " has " + k
			}
		}
	}
	return ""
}
