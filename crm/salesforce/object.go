package salesforce

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/desksync/desksync/crm"
)

// Object says what is read for a role.
type Object struct {
	Name    string // API name, such as Account or Zuora__Subscription__c
	Account string // field with the account's id; may be a parent path, such as Zuora__Subscription__r.Zuora__Account__c
	Parent  string // accounts: field with the parent account's id; default ParentId
	Where   string // SOQL condition, as it is
	SOQL    string // a whole statement, as it is, instead of Name and Where

	optional bool      // by default, where the organization has it
	own      statement // SOQL, read
	wrong    error     // what is wrong with it
}

// sections is what the configuration calls a role.
var sections = map[crm.Role]string{
	crm.Account: "accounts", crm.Contact: "contacts", crm.Subscription: "subscriptions", crm.Relation: "relations",
	crm.Team: "team",
}

// usualObject is what is read for a role unless something else is named; relations and
// teams only where the organization has them.
var usualObject = map[crm.Role]string{
	crm.Account: "Account", crm.Contact: "Contact", crm.Relation: "AccountContactRelation", crm.Team: "AccountTeamMember",
}

// usualAccount is where well-known objects keep their account.
var usualAccount = map[string]string{
	"Contact": "AccountId", "AccountContactRelation": "AccountId", "AccountTeamMember": "AccountId", "Asset": "AccountId", "Contract": "AccountId",
	"Order": "AccountId", "Opportunity": "AccountId", "Entitlement": "AccountId", "ServiceContract": "AccountId",
	"Zuora__Subscription__c":              "Zuora__Account__c",
	"Zuora__SubscriptionProductCharge__c": "Zuora__Subscription__r.Zuora__Account__c",
}

// objects fills in what was left out. Subscriptions have no usual object.
func objects(given map[crm.Role]Object) map[crm.Role]Object {
	out := map[crm.Role]Object{}
	for _, role := range crm.Roles {
		o := given[role]
		if o.SOQL != "" {
			o.own, o.wrong = parseStatement(o.SOQL)
			o.Name = cmp.Or(o.Name, o.own.object)
		}
		if o.Name == "" && o.SOQL == "" {
			o.optional = role == crm.Relation || role == crm.Team
			o.Name = usualObject[role]
		}
		switch {
		case role == crm.Account:
			o.Account = "Id"
			if o.Parent == "" && mergeable(o.Name) && o.SOQL == "" {
				o.Parent = "ParentId"
			}
		case o.Account == "":
			o.Account = usualAccount[o.Name]
		}
		out[role] = o
	}
	return out
}

// condition is what the role's records have to meet, as the user wrote it.
func (o Object) condition() string {
	if o.SOQL != "" {
		return o.own.where
	}
	return o.Where
}

var (
	apiName   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,79}$`)
	fieldPath = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,79}(\.[A-Za-z][A-Za-z0-9_]{0,79}){0,5}$`) // five levels up: SOQL, "Relationship Query Limitations"
)

// check refuses what could not be put into a statement. A role without an object is
// not offered.
func (o Object) check(role crm.Role) error {
	if o.Name == "" && o.SOQL == "" {
		return nil
	}
	if o.SOQL != "" {
		return o.checkStatement()
	}
	switch {
	case !apiName.MatchString(o.Name):
		return fmt.Errorf("object: %q is not the API name of an object; write one such as Account or Zuora__Subscription__c", o.Name)
	case o.Account == "" && role != crm.Account:
		return fmt.Errorf("account is required: the field of %s with the account's id, such as Account__c or Subscription__r.Account__c", o.Name)
	case !fieldPath.MatchString(o.Account):
		return fmt.Errorf("account: %q is not a field, nor a path of at most five parents to one", o.Account)
	case o.Parent != "" && !fieldPath.MatchString(o.Parent):
		return fmt.Errorf("parent: %q is not a field", o.Parent)
	}
	if err := checkCondition(o.Where); err != nil {
		return fmt.Errorf("where: %w", err)
	}
	return nil
}

func (o Object) checkStatement() error {
	if o.Where != "" {
		return errors.New("soql and where exclude each other: put the condition into the statement")
	}
	if o.wrong != nil {
		return fmt.Errorf("soql: %w", o.wrong)
	}
	if !strings.EqualFold(o.Name, o.own.object) {
		return fmt.Errorf("object: is %s, and soql reads %s; leave object out", o.Name, o.own.object)
	}
	need := []string{"Id", o.Account, o.Parent}
	for _, name := range need {
		if name != "" && indexFold(o.own.columns, name) < 0 {
			return fmt.Errorf("soql: does not select %s, which every read needs; add it", name)
		}
	}
	if o.Account == "" {
		return errors.New("account is required: the selected field with the account's id")
	}
	return nil
}

// indexFold finds a name in any letter case; -1 where it is not.
func indexFold(list []string, name string) int {
	return slices.IndexFunc(list, func(n string) bool { return strings.EqualFold(n, name) })
}
