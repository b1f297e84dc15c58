package zendesk

import (
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/helpdesk"
)

func TestWhatFieldsLack(t *testing.T) {
	t.Parallel()
	gold, silver := helpdesk.Option{Value: "gold"}, helpdesk.Option{Value: "silver"}
	have := []orgField{
		{Key: "tier", Type: "dropdown", Active: true, Options: []option{{Value: "gold"}}},
		{Key: "seats", Type: "text", Active: true},
		{Key: "partner", Type: "lookup", Active: true},
		{Key: "Owner", Type: "text", Active: true},
		{Key: "old_tier", Type: "tagger", Options: []option{{Value: "gold"}}},
		{Key: "old_seats", Type: "text"},
	}
	tests := map[string]struct {
		want helpdesk.Spec
		text string // empty: nothing is missing
		can  bool
	}{
		"as it is":            {helpdesk.Spec{Name: "field:tier", Type: helpdesk.Choice, Choices: []helpdesk.Option{gold}}, "", false},
		"no custom one":       {helpdesk.Spec{Name: "summary", Type: helpdesk.Text}, "", false},
		"not there":           {helpdesk.Spec{Name: "field:arr", Type: helpdesk.Decimal}, "there is no organization field arr (decimal)", true},
		"without an option":   {helpdesk.Spec{Name: "field:tier", Type: helpdesk.Choice, Choices: []helpdesk.Option{gold, silver}}, "the dropdown tier does not offer silver", true},
		"deactivated":         {helpdesk.Spec{Name: "field:old_tier", Type: helpdesk.Choice, Choices: []helpdesk.Option{gold}}, "the dropdown old_tier is deactivated", true},
		"of both":             {helpdesk.Spec{Name: "field:old_tier", Type: helpdesk.Choice, Choices: []helpdesk.Option{gold, silver}}, "the dropdown old_tier is deactivated and does not offer silver", true},
		"that was of another": {helpdesk.Spec{Name: "field:old_seats", Type: helpdesk.Integer}, "old_seats is a deactivated text", false},
		"in other letters":    {helpdesk.Spec{Name: "field:owner", Type: helpdesk.Text}, "there is no organization field owner, but there is Owner", false},
		"of another type":     {helpdesk.Spec{Name: "field:seats", Type: helpdesk.Integer}, "write to another key", false},
		"not to be written":   {helpdesk.Spec{Name: "field:partner", Type: helpdesk.Text}, "is a field of a type that cannot be written", false},
		"of a name in use":    {helpdesk.Spec{Name: "field:tags", Type: helpdesk.Text}, "there can be none", false},
		"of digits":           {helpdesk.Spec{Name: "field:123", Type: helpdesk.Text}, "there can be none", false},
		"of a key with dots":  {helpdesk.Spec{Name: "field:a.b", Type: helpdesk.Text}, "there can be none", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := lacking(have, []helpdesk.Spec{tt.want})
			if tt.text == "" {
				if len(got) != 0 {
					t.Errorf("lacking = %+v, want nothing", got)
				}
				return
			}
			if len(got) != 1 || !strings.Contains(got[0].Text, tt.text) || got[0].Can != tt.can {
				t.Errorf("lacking = %+v, want %q, to be put right: %v", got, tt.text, tt.can)
			}
		})
	}
}

func TestOptionsAreAddedToThoseThatThereAre(t *testing.T) {
	t.Parallel()
	s := start(t, map[string][]reply{fields: {{body: aTier}}, "PUT organization_fields/75": {{body: `{}`}}, "POST organization_fields": {{status: 201, body: `{}`}}, "PUT organization_fields/77": {{body: `{}`}}})
	target := s.target(nil)
	lacks, err := target.Missing(t.Context(), []helpdesk.Spec{
		{Name: "field:tier", Type: helpdesk.Choice, Choices: []helpdesk.Option{{Value: "tier_bronze", Label: "Bronze"}}},
		{Name: "field:support_level", Title: "What they bought", Type: helpdesk.Text},
		{Name: "field:old", Type: helpdesk.Text},
		{Name: "field:vip", Type: helpdesk.Date},
	})
	if err != nil {
		t.Fatal(err)
	}
	made, err := target.Prepare(t.Context(), lacks)
	if err != nil || !slices.Equal(made, []string{"field:tier", "field:support_level", "field:old"}) {
		t.Fatalf("Prepare = %v, %v", made, err)
	}
	want := `{"organization_field":{"custom_field_options":[{"id":1,"name":"Gold","value":"tier_gold"},{"id":2,"name":"Silver","value":"tier_silver"},{"name":"Bronze","value":"tier_bronze"}]}}`
	if got := s.sent("PUT organization_fields/75"); got != want {
		t.Errorf("the options are %s\nwant %s", got, want)
	}
	if got := s.sent("POST organization_fields"); got != `{"organization_field":{"key":"support_level","title":"What they bought","type":"text"}}` {
		t.Errorf("the field is %s", got)
	}
	if got := s.sent("PUT organization_fields/77"); got != `{"organization_field":{"active":true}}` {
		t.Errorf("the inactive one gets %s", got)
	}
}
