package salesforce

import (
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
)

func TestDescribe(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	src := s.source(func(o *Options) {
		o.Names = map[crm.Role][]string{crm.Account: {"Name", "Owner.Name", "owner.manager.name", "Nobody.Name"}}
	})
	schema, err := src.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]crm.Type{
		"Id": crm.Text, "Name": crm.Text, "AnnualRevenue": crm.Money, "NumberOfEmployees": crm.Number, "Active__c": crm.Bool, "Since__c": crm.Date,
		"Stamp__c": crm.Date, "Regions__c": crm.Multi, "Owner.Name": crm.Text, "Owner.IsActive": crm.Bool, "Owner.Manager.Name": crm.Text,
	} {
		if c, ok := schema.Column(crm.Account, name); !ok || c.Type != want {
			t.Errorf("%s is described as %v, %v; want type %v", name, c, ok, want)
		}
	}
	if _, ok := schema.Column(crm.Account, "BillingAddress"); ok {
		t.Error("a compound field is offered, and no query can read it as one value")
	}
	if _, ok := schema.Columns[crm.Relation]; ok {
		t.Error("relations are offered, and the organization has none")
	}
	if _, ok := schema.Columns[crm.Subscription]; ok {
		t.Error("subscriptions are offered without an object")
	}
	if _, err := src.Describe(t.Context()); err != nil || s.times("GET sobjects/User/describe") != 1 || s.times("GET sobjects/Account/describe") != 1 {
		t.Errorf("asked %v, %v; want each object once", s.seen, err)
	}
}

func TestDescribeNamesTheNearest(t *testing.T) {
	t.Parallel()
	sobjects := map[string][]reply{
		"GET sobjects": {{body: `{"encoding":"UTF-8","sobjects":[{"name":"Account"},{"name":"Zuora__Subscription__c"}]}`}},
		"GET sobjects/Zuora_Subscription__c/describe": {{status: 404, body: notFound}},
		"GET sobjects/Charge__c/describe":             {{body: `{"name":"Charge__c","queryable":true,"fields":[{"name":"Id","type":"id"},{"name":"Subscription__c","type":"reference","referenceTo":["Sub__c"],"relationshipName":"Subscription__r"}]}`}},
		"GET sobjects/Sub__c/describe":                {{body: `{"name":"Sub__c","queryable":true,"fields":[{"name":"Id","type":"id"},{"name":"Customer_Account__c","type":"reference","referenceTo":["Account"],"relationshipName":"CA__r"}]}`}},
		"GET sobjects/Log__c/describe":                {{body: `{"name":"Log__c","queryable":false,"fields":[{"name":"Id","type":"id"},{"name":"Account__c","type":"reference","referenceTo":["Account"]}]}`}},
	}
	tests := map[string]struct {
		role   crm.Role
		object Object
		want   string
	}{
		"an object that is not there":      {crm.Subscription, Object{Name: "Zuora_Subscription__c", Account: "Account__c"}, "sources.crm.objects.subscriptions: the organization has no object Zuora_Subscription__c that the integration user can see; did you mean Zuora__Subscription__c?"},
		"an account field that is hidden":  {crm.Account, Object{Name: "Account", Parent: "Parent_Id"}, "parent: Account has no field Parent_Id that the integration user can see; did you mean ParentId?"},
		"a parent that is no account":      {crm.Account, Object{Name: "Account", Parent: "OwnerId"}, "accounts: parent: Account.OwnerId leads to User and not to an account"},
		"a path whose end is not there":    {crm.Subscription, Object{Name: "Charge__c", Account: "Subscription__r.Custmer_Account__c"}, "did you mean Subscription__r.Customer_Account__c?"},
		"a lookup that leads elsewhere":    {crm.Subscription, Object{Name: "Charge__c", Account: "Subscription__c"}, "Charge__c.Subscription__c leads to Sub__c and not to an account; name the field that does, or a path such as Subscription__r.Account__c"},
		"an object that cannot be queried": {crm.Subscription, Object{Name: "Log__c", Account: "Account__c"}, "Log__c cannot be queried"},
		"a field of the condition alone":   {crm.Account, Object{Name: "Account", Where: "Name != null AND (Tpye = 'Customer' OR Tpye = null)"}, "sources.crm.objects.accounts: where: Account has no field Tpye that the integration user can see; did you mean Type?"},
		"one behind a lookup":              {crm.Contact, Object{Name: "Contact", Where: "Account.Tpye IN ('Customer')"}, "contacts: where: Contact has no field Account.Tpye that the integration user can see; did you mean Account.Type?"},
		"one of a statement's condition":   {crm.Account, Object{SOQL: "SELECT Id, Name FROM Account WHERE NOT Tpye LIKE 'Cust%'"}, "where: Account has no field Tpye that"},
		"a statement with a hidden field":  {crm.Account, Object{SOQL: "SELECT Id, CARR_This_Acount__c FROM Account"}, "soql: Account has no field CARR_This_Acount__c that the integration user can see; did you mean CARR_This_Account__c?"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := map[string][]reply{}
			for k, v := range sobjects {
				script[k] = v
			}
			src := start(t, script).source(func(o *Options) { o.Objects = map[crm.Role]Object{tt.role: tt.object} })
			_, err := src.Describe(t.Context())
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Describe = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestAHiddenColumnIsNamedBeforeAnythingIsRead(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	_, rep, err := readAll(t.Context(), s.source(nil), crm.Query{Role: crm.Account, Columns: []string{"CARR_This_Acount__c"}})
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "did you mean CARR_This_Account__c?") || rep.Complete {
		t.Errorf("Records = %v, %+v", err, rep)
	}
	if slices.ContainsFunc(s.seen, func(k string) bool { return strings.HasPrefix(k, "GET query") }) {
		t.Errorf("asked %v, want no query", s.seen)
	}
}

// TestWhatAConditionMayCompare: what cannot be told to be wrong is left to Salesforce.
func TestWhatAConditionMayCompare(t *testing.T) {
	t.Parallel()
	for _, where := range []string{
		"Type = 'Tpye = null'", "NOT (type IN ('a', 'b') OR Regions__c INCLUDES ('EMEA;APAC'))", "Account.Name LIKE 'A%'", "Parent.Parent.Name != null", "Owner.Name = 'Ann'",
		"Id IN (SELECT AccountId FROM Contact WHERE Emial != null) AND Type NOT IN ('x')", "CALENDAR_YEAR(Since__c) = 2026", "Since__c > LAST_N_DAYS:30",
		"Group.Type = 'Queue'", "",
	} {
		s := start(t, map[string][]reply{"GET sobjects/Account/describe": {{body: strings.Replace(account, `"fields":[`, `"fields":[{"name":"GroupId","type":"reference","referenceTo":["Group","User"],"relationshipName":"Group"},`, 1)}}})
		src := s.source(func(o *Options) { o.Objects = map[crm.Role]Object{crm.Account: {Where: where}} })
		if _, err := src.Describe(t.Context()); err != nil {
			t.Errorf("%s: %v", where, err)
		}
	}
}

func TestARoleThatIsNotOfferedProvesNothing(t *testing.T) {
	t.Parallel()
	list, rep, err := readAll(t.Context(), start(t, nil).source(nil), crm.Query{Role: crm.Subscription})
	if err != nil || len(list) != 0 || rep.Complete || !strings.Contains(rep.Why, "name one under sources.crm.objects.subscriptions") {
		t.Errorf("Records = %v, %+v, %v", list, rep, err)
	}
}

// TestAccountsOfAnotherObject: it needs no parent, and what belongs to it leads to it.
func TestAccountsOfAnotherObject(t *testing.T) {
	t.Parallel()
	s := start(t, map[string][]reply{
		"GET sobjects/Customer__c/describe": {{body: `{"name":"Customer__c","queryable":true,"fields":[{"name":"Id","type":"id"},{"name":"Name","type":"string"}]}`}},
		"GET sobjects/Asset__c/describe":    {{body: `{"name":"Asset__c","queryable":true,"fields":[{"name":"Id","type":"id"},{"name":"Customer__c","type":"reference","referenceTo":["Customer__c"],"relationshipName":"Customer__r"}]}`}},
	})
	src := s.source(func(o *Options) {
		o.Objects = map[crm.Role]Object{crm.Account: {Name: "Customer__c"}, crm.Subscription: {Name: "Asset__c", Account: "Customer__c"}}
	})
	if seen, err := src.Describe(t.Context()); err != nil || len(seen.Columns[crm.Account]) != 2 || len(seen.Columns[crm.Subscription]) != 2 {
		t.Errorf("Describe = %+v, %v", seen, err)
	}
}

func TestAVersionThatIsNotThereYet(t *testing.T) {
	t.Parallel()
	const later = "GET /services/data/v99.0/sobjects"
	s := start(t, map[string][]reply{later: {{status: 404, body: notFound}}, later + "/Account/describe": {{status: 404, body: notFound}}})
	_, err := s.source(func(o *Options) { o.Version = "v99.0" }).Describe(t.Context())
	if fault.KindOf(err) != fault.Invalid || fault.Sentence(err) != "sources.crm.api_version: the organization does not speak v99.0; write an earlier version, such as v62.0" {
		t.Errorf("Describe = %v", err)
	}
}
