package salesforce

import (
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/crm"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	st := write("Account", []string{"Id", "Owner.Name"}, " Type IN ('Customer', 'O''Neil') OR Name = 'a' ")
	if want := "SELECT Id, Owner.Name FROM Account WHERE (Type IN ('Customer', 'O''Neil') OR Name = 'a')"; st.text != want {
		t.Errorf("write = %s, want %s", st.text, want)
	}
	if want := "SELECT COUNT() FROM Account WHERE (Type IN ('Customer', 'O''Neil') OR Name = 'a')"; st.count != want {
		t.Errorf("count = %s, want %s", st.count, want)
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":              `''`,
		"O'Neil":        `'O\'Neil'`,
		`a\'b`:          `'a\\\'b'`,
		"a\nb\tc\rd":    `'a\nb\tc\rd'`,
		`' OR Id != '`:  `'\' OR Id != \''`,
		"\"x\"\b\f":     `'\"x\"\b\f'`,
		"株式会社 100% _ok": `'株式会社 100% _ok'`,
	} {
		if got := Quote(text); got != want {
			t.Errorf("Quote(%q) = %s, want %s", text, got, want)
		}
	}
}

func TestParseStatement(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		soql    string
		columns []string
		count   string
		err     string
	}{
		"as it is":           {soql: " select Id, Owner.Name\nfrom Account where Type = 'from (where' ", columns: []string{"Id", "Owner.Name"}, count: "SELECT COUNT() from Account where Type = 'from (where'"},
		"without condition":  {soql: "SELECT Id FROM Account", columns: []string{"Id"}, count: "SELECT COUNT() FROM Account"},
		"with a scope":       {soql: "SELECT Id FROM Account USING SCOPE mine WHERE Name != null", columns: []string{"Id"}, count: "SELECT COUNT() FROM Account USING SCOPE mine WHERE Name != null"},
		"a semi-join":        {soql: "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Asset LIMIT 5)", columns: []string{"Id"}, count: "SELECT COUNT() FROM Account WHERE Id IN (SELECT AccountId FROM Asset LIMIT 5)"},
		"limited":            {soql: "SELECT Id FROM Account WHERE Name != null LIMIT 10", err: "leave out LIMIT"},
		"limited at once":    {soql: "SELECT Id FROM Account LIMIT 10", err: "leave out LIMIT"},
		"ordered":            {soql: "SELECT Id FROM Account ORDER BY Id", err: "leave out ORDER BY"},
		"with deleted rows":  {soql: "SELECT Id FROM Account WHERE Name != null ALL ROWS", err: "leave out ALL ROWS"},
		"grouped":            {soql: "SELECT Name FROM Account GROUP BY Name", err: "leave out GROUP BY"},
		"a sub-query":        {soql: "SELECT Id, (SELECT Id FROM Contacts) FROM Account", err: "leave out functions and sub-queries"},
		"a function":         {soql: "SELECT Id, toLabel(Type) FROM Account", err: "leave out functions"},
		"an alias":           {soql: "SELECT a.Id FROM Account a WHERE a.Name != null", err: "aliases are not read"},
		"a field's alias":    {soql: "SELECT Id key FROM Account", err: "aliases are not read"},
		"no select":          {soql: "DELETE FROM Account", err: "does not begin with SELECT"},
		"nothing":            {soql: "", err: "does not begin with SELECT"},
		"no object":          {soql: "SELECT Id FROM", err: "no FROM with an object"},
		"no fields":          {soql: "SELECT FROM Account", err: "has no fields"},
		"a quote left open":  {soql: `SELECT Id FROM Account WHERE Name = 'a\'`, err: "a quote that is never closed"},
		"a parenthesis left": {soql: "SELECT Id FROM Account WHERE (Name = 'a'", err: "never closed"},
		"a comma too many":   {soql: "SELECT Id,, Name FROM Account", err: "a comma too many"},
		"a literal selected": {soql: "SELECT Id, 'x' FROM Account", err: "not a field"},
		"nothing to filter":  {soql: "SELECT Id FROM Account WHERE", err: "nothing behind WHERE"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st, err := parseStatement(tt.soql)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("parseStatement(%s) = %v, want %q", tt.soql, err, tt.err)
				}
				return
			}
			if err != nil || !slices.Equal(st.columns, tt.columns) || st.count != tt.count || st.object != "Account" {
				t.Errorf("parseStatement(%s) = %+v, %v", tt.soql, st, err)
			}
		})
	}
}

func TestObjectsAreChecked(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		role   crm.Role
		object Object
		err    string
	}{
		"a condition":                        {crm.Account, Object{Where: "Type IN ('Customer')"}, ""},
		"Zuora's subscription":               {crm.Subscription, Object{Name: "Zuora__Subscription__c"}, ""},
		"a condition that ends ours":         {crm.Account, Object{Where: "Name = 'a') OR (Name != null"}, "accounts.where: closes a parenthesis that is not open"},
		"a condition with its WHERE":         {crm.Account, Object{Where: "WHERE Name = 'a'"}, "begin behind the word WHERE"},
		"a condition with a limit":           {crm.Contact, Object{Where: "Name = 'a' LIMIT 5"}, "contacts.where: leave out LIMIT"},
		"a quote left open":                  {crm.Account, Object{Where: "Name = 'a"}, "a quote that is never closed"},
		"an object that is none":             {crm.Account, Object{Name: "Account; x"}, "is not the API name of an object"},
		"no account":                         {crm.Subscription, Object{Name: "Sub__c"}, "subscriptions.account is required: the field of Sub__c"},
		"an account that is none":            {crm.Subscription, Object{Name: "Sub__c", Account: "a b"}, `account: "a b" is not a field`},
		"six parents":                        {crm.Subscription, Object{Name: "Sub__c", Account: "a.b.c.d.e.f.g"}, "a path of at most five parents"},
		"a parent that is none":              {crm.Account, Object{Parent: "x y"}, `parent: "x y" is not a field`},
		"statement and condition":            {crm.Account, Object{SOQL: "SELECT Id FROM Account", Where: "Name != null"}, "soql and where exclude each other"},
		"a statement of another object":      {crm.Account, Object{Name: "Account", SOQL: "SELECT Id FROM Lead"}, "accounts.object: is Account, and soql reads Lead; leave object out"},
		"a statement of the object named":    {crm.Account, Object{Name: "account", SOQL: "SELECT Id FROM Account"}, ""},
		"a statement without id":             {crm.Account, Object{SOQL: "SELECT Name FROM Account"}, "soql: does not select Id"},
		"a statement without its account":    {crm.Contact, Object{SOQL: "SELECT Id FROM Contact"}, "does not select AccountId"},
		"a statement with the account named": {crm.Subscription, Object{SOQL: "SELECT Id, A__r.B__c FROM Sub__c", Account: "A__r.B__c"}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := New(Options{Auth: jwtAuth(), Objects: map[crm.Role]Object{tt.role: tt.object}})
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("New with %+v = %v, want %q", tt.object, err, tt.err)
			}
		})
	}
}

// FuzzCondition holds that what is taken for a condition stays within the parentheses
// that are put around it.
func FuzzCondition(f *testing.F) {
	for _, s := range []string{"", "a = 'b'", "a = 'b\\'' OR (c != null)", ") OR (", "'", "a LIMIT 1", "(a LIMIT 1)", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, where string) {
		if checkCondition(where) != nil || strings.TrimSpace(where) == "" {
			return
		}
		st := write("Account", []string{"Id"}, where)
		back, err := parseStatement(st.text)
		if err != nil && !strings.Contains(err.Error(), "characters") {
			t.Fatalf("%q makes %s, which is refused: %v", where, st.text, err)
		}
		if err == nil && back.object != "Account" {
			t.Fatalf("%q makes %s, which reads %s", where, st.text, back.object)
		}
	})
}

func FuzzQuote(f *testing.F) {
	f.Add("O'Neil")
	f.Add(`\`)
	f.Fuzz(func(t *testing.T, s string) {
		if q := Quote(s); literal(q) != len(q) {
			t.Errorf("Quote(%q) = %s ends early or never", s, q)
		}
	})
}
