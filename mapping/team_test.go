package mapping_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/mapping"
)

func TestTheTeamIsReadOnlyIfARuleNamesIt(t *testing.T) {
	t.Parallel()
	if columns, read := compile(t, gitlab()).Columns()[crm.Team]; read {
		t.Errorf("no rule names the team, and %v are read of it", columns)
	}
	m := compile(t, small("account_owner", `find(team, .TeamMemberRole == "CSM")?.User.Name`))
	if diff := cmp.Diff([]string{"TeamMemberRole", "User.Name"}, m.Columns()[crm.Team]); diff != "" {
		t.Errorf("columns of the team (-want +got):\n%s", diff)
	}
	if columns, read := compile(t, small("aar", "len(team)")).Columns()[crm.Team]; !read || len(columns) > 0 {
		t.Errorf("a rule that only counts reads %v, %v", columns, read)
	}
	s := small("aar", "sum(map(team, .Budget__c ?? 0))")
	s.Money = mapping.Money{Base: "USD", Column: "CurrencyIsoCode"}
	if diff := cmp.Diff([]string{"Budget__c", "CurrencyIsoCode"}, compile(t, s).Columns()[crm.Team]); diff != "" {
		t.Errorf("amounts of the team are read without their currency (-want +got):\n%s", diff)
	}
}

func TestARuleOverATeamThatTheSourceDoesNotHave(t *testing.T) {
	t.Parallel()
	without := schema()
	delete(without.Columns, crm.Team)
	_, problems := mapping.Compile(small("aar", "len(team)"), without, caps(), catalogue(t))
	if len(problems) != 1 || problems[0].Msg != "the source has no team members" || problems[0].Offset != 4 {
		t.Errorf("problems: %+v", problems)
	}
}
