package mapping_test

import (
	"testing"

	"github.com/desksync/desksync/mapping"
)

func TestANumberInATextFieldIsWrittenAsTheCRMWritesIt(t *testing.T) {
	t.Parallel()
	const seats, carr = "account.Number_of_Licenses_This_Account__c", "account.CARR_This_Account__c"
	tests := map[string]struct{ rule, number, want string }{
		"whole":                            {seats, "12", "12"},
		"a million":                        {seats, "1000000", "1000000"},
		"with a fraction":                  {seats, "12.5", "12.5"},
		"small":                            {seats, "0.0000001", "0.0000001"},
		"negative":                         {seats, "-7", "-7"},
		"more digits than a float has":     {seats, "12345678901234567890.123456789", "12345678901234567890.123456789"},
		"money":                            {carr, "30000000", "30000000"},
		"money with more digits than that": {carr, "31200.12345678901234567", "31200.12345678901234567"},
		"or another":                       {seats + " ?? 0", "21000000", "21000000"},
		"the other":                        {seats + " ?? 21000000", "", "21000000"},
		"computed":                         {seats + " * 2", "21000000", "42000000"},
		"made text":                        {"string(" + seats + ")", "21000000", "21000000"},
		"within text":                      {`"seats: " + string(` + seats + `)`, "21000000", "seats: 21000000"},
		"in a list":                        {`join([string(` + seats + `), "x"], "/")`, "21000000", "21000000/x"},
		"as the key of another text":       {`"x" + string(` + seats + ` / 8)`, "1", "x0.125"},
		"a day made text":                  {"string(account.Contract_End__c)", "", "2026-12-31"},
		"true made text":                   {"string(account.Support_Hold__c)", "", "true"},
		"nothing made text":                {"string(" + seats + ")", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := gitlab()
			s.Fields = []mapping.FieldRule{{Name: "sales_segmentation", Expr: rule(tt.rule)}}
			m, problems := mapping.Compile(s, schema(), caps(), catalogue(t))
			if len(problems) > 0 {
				t.Fatalf("%s: %+v", tt.rule, problems)
			}
			res := mapped(t, m, group{account: facts{"CARR_This_Account__c": tt.number, "Number_of_Licenses_This_Account__c": tt.number, "Contract_End__c": "2026-12-31", "Support_Hold__c": "true"}}, today)
			if v, _ := res.Org.Fields.Get("field:sales_segmentation"); v.Text() != tt.want {
				t.Errorf("%s of %q is %q, want %q; findings %v", tt.rule, tt.number, v.Text(), tt.want, res.Findings)
			}
		})
	}
}
