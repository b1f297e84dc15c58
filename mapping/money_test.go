package mapping_test

import (
	"slices"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/mapping"
)

func TestMoney(t *testing.T) {
	t.Parallel()
	s := gitlab()
	s.Money = mapping.Money{Base: "USD", Rates: map[string][]mapping.Rate{"EUR": mapping.Always(1.1), "JPY": mapping.Always(0.0067)}, Column: "CurrencyIsoCode"}
	s.Fields = append(s.Fields[:0:0], mapping.FieldRule{Name: "aar", Expr: rule("account.CARR_This_Account__c")},
		mapping.FieldRule{Name: "seats_decimal", Expr: rule("money(account.Number_of_Licenses_This_Account__c)")})
	m := compile(t, s)
	tests := map[string]struct {
		amount, code, want string
	}{
		"in base currency every digit stays":  {"31200.123456789", "USD", "decimal 31200.123456789"},
		"converted, to the cent":              {"4800.33", "EUR", "decimal 5280.36"},
		"without a currency it is the base's": {"5", "", "decimal 5"},
		"nothing stays nothing":               {"", "EUR", "none"},
		"a large amount of a small currency":  {"30000000", "JPY", "decimal 201000"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := mapped(t, m, group{account: facts{"CARR_This_Account__c": tt.amount, "Number_of_Licenses_This_Account__c": tt.amount, "CurrencyIsoCode": tt.code}}, today)
			if got := show(res.Org.Fields, "field:aar"); got != tt.want {
				t.Errorf("%s %s is %s, want %s", tt.amount, tt.code, got, tt.want)
			}
			if got := show(res.Org.Fields, "field:seats_decimal"); got != tt.want && tt.code != "USD" {
				t.Errorf("money(%s %s) is %s, want %s", tt.amount, tt.code, got, tt.want)
			}
		})
	}
}

func TestARRWithoutARuleIsThatOfActiveCharges(t *testing.T) {
	t.Parallel()
	s := gitlab()
	s.ARR = mapping.Expr{}
	res := mapped(t, compile(t, s), group{charges: []string{"Gold 2026-01-01 - 1 1000", "Mystery 2026-01-01 - 1 200", "Starter 2020-01-01 2021-01-01 1 30"}}, today)
	if res.ARR != 1200 {
		t.Errorf("ARR is %v, want 1200", res.ARR)
	}
}

// TestAHiddenCurrencyIsNotTheBase: records of other roles say their currency, and those
// whose amounts are converted do not.
func TestAHiddenCurrencyIsNotTheBase(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rule, reveal string
		hidden       crm.Role
		want         string
	}{
		"of accounts":                      {"account.CARR_This_Account__c", "give the user access", crm.Account, "the source has no column CurrencyIsoCode on accounts that the source's login can see"},
		"of accounts, and none is read":    {"1", "give the user access", crm.Account, ""},
		"of team members, who cost nobody": {"account.CARR_This_Account__c", "give the user access", crm.Team, ""},
		"of files, which hide nothing":     {"account.CARR_This_Account__c", "", crm.Account, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, seen := small("aar", tt.rule), schema()
			s.Money = mapping.Money{Base: "USD", Rates: map[string][]mapping.Rate{"EUR": mapping.Always(2)}, Column: "CurrencyIsoCode"}
			seen.Reveal = tt.reveal
			seen.Columns[tt.hidden] = slices.DeleteFunc(seen.Columns[tt.hidden], func(c crm.Column) bool { return c.Name == "CurrencyIsoCode" })
			_, problems := mapping.Compile(s, seen, caps(), catalogue(t))
			if tt.want == "" && len(problems) > 0 || tt.want != "" && (len(problems) != 1 || problems[0].Path != "money.column" || problems[0].Msg != tt.want) {
				t.Errorf("problems are %+v, want %q", problems, tt.want)
			}
		})
	}
}
