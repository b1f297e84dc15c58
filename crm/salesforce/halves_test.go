package salesforce

import "testing"

// TestStatementsAreTakenApart: a user's own statement is put together again with another
// condition beside its own.
func TestStatementsAreTakenApart(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ soql, want string }{
		"no condition":          {"SELECT Id, Name FROM Account", "SELECT Id FROM Account WHERE X = 1"},
		"spaces behind it":      {" select Id from\n Account \n", "SELECT Id FROM Account WHERE X = 1"},
		"a condition":           {"SELECT Id FROM Account WHERE A = 1", "SELECT Id FROM Account WHERE (A = 1) AND X = 1"},
		"one with OR":           {"SELECT Id FROM Account where A = 1 OR B = 2\n", "SELECT Id FROM Account WHERE (A = 1 OR B = 2) AND X = 1"},
		"the word in a literal": {"SELECT Id FROM Account WHERE A = 'x WHERE y' ", "SELECT Id FROM Account WHERE (A = 'x WHERE y') AND X = 1"},
		"a sub-select":          {"SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE B = 2)", "SELECT Id FROM Account WHERE (Id IN (SELECT AccountId FROM Contact WHERE B = 2)) AND X = 1"},
		"a scope":               {"SELECT Id FROM Account USING SCOPE team WHERE A = 1", "SELECT Id FROM Account USING SCOPE team WHERE (A = 1) AND X = 1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st, err := parseStatement(tt.soql)
			if err != nil {
				t.Fatal(err)
			}
			got := st.narrowed([]string{"Id"}, st.condition(), "X = 1")
			if got.text != tt.want {
				t.Errorf("%q becomes %q, want %q", tt.soql, got.text, tt.want)
			}
			if again, err := parseStatement(got.text); err != nil || again.where != got.where || again.from != got.from || again.scoped != st.scoped {
				t.Errorf("%q is read as %+v, %v", got.text, again, err)
			}
		})
	}
}
