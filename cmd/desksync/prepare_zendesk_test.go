package main

import (
	"strings"
	"testing"
)

// TestValidateNamesTheCommandThatMakesFields: where it can mend what is missing, and only
// there; after it the file is right.
func TestValidateNamesTheCommandThatMakesFields(t *testing.T) {
	t.Parallel()
	x := newBeside(t, nil, login, login+fields, "arr: account.ARR__c", `arr: account.ARR__c, health: '"well"'`, "plan: account.Plan__c", `plan: '"plan_new"'`)
	remedy := "support: there is no organization field health (text); the dropdown plan does not offer plan_new: `desksync target prepare support` puts that right"
	x.says(exitUsage, "validate --online", "the target has no organization field health", remedy)
	x.says(exitUsage, "validate --online --json", remedy[len("support: "):])
	x.says(exitOK, "target prepare support --yes")
	x.says(exitOK, "validate --online", "is right")
	x.swap("arr: {type: decimal}", "arr: {type: text}, wealth: {type: text}")
	x.swap("health: '", "wealth: '")
	said := x.says(exitUsage, "validate --online", "support: there is no organization field wealth (text): `desksync target prepare support` puts that right")
	if strings.Contains(said, "arr is a decimal") {
		t.Errorf("it promises what the command cannot do:\n%s", said)
	}
	x.says(exitFound, "target prepare support --yes", "arr is a decimal", "made field:wealth")
	x.swap(", wealth: '\"well\"'", ", health: account.Nothing__c")
	if said := x.says(exitUsage, "validate --online"); strings.Contains(said, "target prepare") {
		t.Errorf("it names a command that mends nothing:\n%s", said)
	}
}

// TestValidateSaysWhatTheCommandWouldHaveToKnow: a field that the file gives no type for
// cannot be made.
func TestValidateSaysWhatTheCommandWouldHaveToKnow(t *testing.T) {
	t.Parallel()
	x := newBeside(t, nil, "arr: account.ARR__c", `arr: account.ARR__c, wealth: '"well"'`)
	x.says(exitUsage, "validate --online", "the target has no organization field wealth",
		"support: the file gives no type for wealth: write it under targets.support.fields, and `desksync target prepare support` makes the field")
}
