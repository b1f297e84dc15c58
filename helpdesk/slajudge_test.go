package helpdesk

import (
	"strings"
	"testing"
)

func TestPoliciesAreJudged(t *testing.T) {
	t.Parallel()
	tags := func(values ...string) []Condition { return []Condition{{TicketTags, Includes, values}} }
	channel := Condition{"via_id", "is", []string{"4"}}
	want := []Promise{{"Priority", []string{"gold"}}, {"Standard", []string{"starter"}}}
	tests := map[string]struct {
		have  []SLAPolicy
		codes string
	}{
		"as configured":                    {[]SLAPolicy{{Title: "priority", All: tags("gold")}, {Title: "Other"}, {Title: "Standard", Any: tags("starter", "basic")}}, "policy shadowed"}, // by the one without conditions
		"in order":                         {[]SLAPolicy{{Title: "Priority", All: tags("gold")}, {Title: "Standard", Any: tags("starter", "basic")}}, ""},
		"another order":                    {[]SLAPolicy{{Title: "Standard", All: tags("starter")}, {Title: "Priority", All: tags("gold")}}, "policy order"},
		"one is missing, and its tag":      {[]SLAPolicy{{Title: "Priority", All: tags("gold")}}, "no policy, tag without policy"},
		"a tag that is excluded is no way": {[]SLAPolicy{{Title: "Priority", All: []Condition{{TicketTags, Excludes, []string{"gold"}}}}, {Title: "Standard", All: tags("starter")}}, "tag without policy"},
		"wider above narrower":             {[]SLAPolicy{{Title: "Priority", All: tags("gold", "starter")}, {Title: "Standard", All: append(tags("starter"), channel)}}, "policy shadowed"},
		"narrower above wider":             {[]SLAPolicy{{Title: "Priority", All: append(tags("gold", "starter"), channel)}, {Title: "Standard", All: tags("starter")}}, ""},
		"any above any":                    {[]SLAPolicy{{Title: "Priority", Any: append(tags("gold"), tags("starter")...)}, {Title: "Standard", Any: tags("starter")}}, "policy shadowed"},
		"any that is wider is not taken":   {[]SLAPolicy{{Title: "Priority", Any: tags("gold")}, {Title: "Standard", Any: append(tags("gold"), tags("starter")...)}}, ""},
		"excludes less above, takes all":   {[]SLAPolicy{{Title: "Priority", All: append(tags("gold", "starter"), Condition{TicketTags, Excludes, []string{"a"}})}, {Title: "Standard", All: append(tags("starter"), Condition{TicketTags, Excludes, []string{"a", "b"}})}}, "policy shadowed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var codes []string
			for _, f := range JudgePolicies(tt.have, want) {
				codes = append(codes, f.Code)
			}
			if got := strings.Join(codes, ", "); got != tt.codes {
				t.Errorf("the findings are %q, want %q", got, tt.codes)
			}
		})
	}
}
