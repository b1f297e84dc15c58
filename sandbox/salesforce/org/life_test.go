package org_test

import (
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/sandbox/salesforce/org"
)

func TestLateCommitIsSeenLater(t *testing.T) {
	t.Parallel()
	w, c := newWorld(t, 10)
	old := create(t, w, "Account", "Name", "before")
	c.pass(time.Minute)
	w.Settings.LateCommit = 40 * time.Second
	stamp := c.t.Format("2006-01-02T15:04:05Z")
	do(t, w, func(tx *org.Tx) error { return tx.Update("Account", old, values("Name", "after")) })
	create(t, w, "Account", "Name", "new")
	const query = "SELECT Name FROM Account WHERE Name IN ('before', 'after', 'new') ORDER BY Name"
	if got := strings.Join(ask(t, w, query), " "); got != "before" {
		t.Errorf("at once readers see %q", got)
	}
	if got := w.Covered(c.t.Add(time.Hour)); got.After(c.t) {
		t.Errorf("covered up to %v, with a transaction of %v running", got, c.t)
	}
	c.pass(40 * time.Second)
	if got := strings.Join(ask(t, w, query), " "); got != "after new" {
		t.Errorf("after the commit readers see %q", got)
	}
	if got := count(t, w, "SELECT Id FROM Account WHERE SystemModstamp = "+stamp); got != 2 {
		t.Errorf("%d records bear the stamp of the beginning, want 2", got)
	}
}

func TestRollbackLeavesNothing(t *testing.T) {
	t.Parallel()
	w, _ := newWorld(t, 10)
	before := ask(t, w, "SELECT Id, Name, SystemModstamp FROM Account")
	tx := w.Begin("")
	if err := tx.Update("Account", w.IDOf("Account", 1), values("Name", "x")); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Create("Account", values("Name", "y")); err != nil {
		t.Fatal(err)
	}
	tx.Rollback()
	if after := ask(t, w, "SELECT Id, Name, SystemModstamp FROM Account"); strings.Join(before, "|") != strings.Join(after, "|") {
		t.Errorf("after the rollback\n%v\nwant\n%v", after, before)
	}
}

func TestMergeMovesChildren(t *testing.T) {
	t.Parallel()
	w, _ := newWorld(t, 0)
	winner, loser := create(t, w, "Account", "Name", "winner"), create(t, w, "Account", "Name", "loser")
	child := create(t, w, "Account", "Name", "child", "ParentId", loser)
	one := create(t, w, "Contact", "LastName", "one", "AccountId", loser)
	two := create(t, w, "Contact", "LastName", "two", "AccountId", winner)
	create(t, w, "AccountContactRelation", "AccountId", loser, "ContactId", two)
	member := w.IDOf("User", 1)
	create(t, w, "AccountTeamMember", "AccountId", loser, "UserId", member)
	create(t, w, "AccountTeamMember", "AccountId", winner, "UserId", member)
	do(t, w, func(tx *org.Tx) error {
		return tx.Merge("Account", winner, []string{loser}, values("Type", "Customer"))
	})
	tests := map[string]string{
		"SELECT MasterRecordId FROM Account WHERE Id = '" + loser + "' AND IsDeleted = true":                                  winner,
		"SELECT Type FROM Account WHERE Id = '" + winner + "'":                                                                "Customer",
		"SELECT ParentId FROM Account WHERE Id = '" + child + "'":                                                             winner,
		"SELECT Id FROM Contact WHERE AccountId = '" + winner + "' ORDER BY LastName":                                         one + " " + two,
		"SELECT ContactId, IsDirect FROM AccountContactRelation WHERE AccountId = '" + winner + "' ORDER BY Contact.LastName": one + ",true " + two + ",true",
		"SELECT UserId FROM AccountTeamMember WHERE AccountId = '" + winner + "'":                                             member,
		"SELECT Id FROM AccountTeamMember WHERE AccountId = '" + loser + "'":                                                  "",
		"SELECT Id FROM AccountContactRelation WHERE AccountId = '" + loser + "'":                                             "",
	}
	for query, want := range tests {
		if got := strings.Join(askAll(t, w, query, true), " "); got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
}

func TestDeleteTakesChildrenAlongAndUndeleteBringsThemBack(t *testing.T) {
	t.Parallel()
	w, c := newWorld(t, 10)
	account := w.IDOf("Account", 5)
	contacts := "SELECT Id FROM Contact WHERE AccountId = '" + account + "'"
	relations := "SELECT ContactId FROM AccountContactRelation WHERE IsDirect = true AND AccountId = '" + account + "'"
	before, joined := count(t, w, contacts), count(t, w, relations)
	do(t, w, func(tx *org.Tx) error { return tx.Delete("Contact", ask(t, w, contacts)[0]) })
	c.pass(time.Hour)
	do(t, w, func(tx *org.Tx) error { return tx.Delete("Account", account) })
	if left, binned := count(t, w, contacts), len(askAll(t, w, contacts, true)); left != 0 || binned != before {
		t.Errorf("%d contacts left, %d in the bin; want 0 and %d", left, binned, before)
	}
	do(t, w, func(tx *org.Tx) error { return tx.Undelete(account) })
	if got, rel := count(t, w, contacts), count(t, w, relations); got != before-1 || rel != joined-1 {
		t.Errorf("%d contacts and %d relations back, want %d and %d: one went before", got, rel, before-1, joined-1)
	}
	do(t, w, func(tx *org.Tx) error { return tx.Delete("Account", account) })
	c.pass(15 * 24 * time.Hour)
	if got := len(askAll(t, w, "SELECT Id FROM Account WHERE Id = '"+account+"'", true)); got != 0 {
		t.Error("the bin still has it after 15 days")
	}
}

func TestRenamedPicklistMovesOneStamp(t *testing.T) {
	t.Parallel()
	w, c := newWorld(t, 60)
	ids := ask(t, w, "SELECT Id FROM Account WHERE Regions__c INCLUDES ('EMEA')")
	const modified = "SELECT LastModifiedDate FROM Account"
	before := strings.Join(ask(t, w, modified), " ")
	do(t, w, func(tx *org.Tx) error {
		n, err := tx.RenamePick("Account", "Regions__c", "EMEA", "Europe")
		if n != len(ids) {
			t.Errorf("%d renamed, want %d", n, len(ids))
		}
		return err
	})
	stamp := c.t.Format("2006-01-02T15:04:05Z")
	if got := ask(t, w, "SELECT Id FROM Account WHERE Regions__c INCLUDES ('Europe') AND SystemModstamp = "+stamp); len(ids) == 0 || len(got) != len(ids) {
		t.Errorf("%d records bear the stamp, want %d", len(got), len(ids))
	}
	if strings.Join(ask(t, w, modified), " ") != before {
		t.Error("LastModifiedDate moved")
	}
}

func TestContactTakesItsDirectRelationAlong(t *testing.T) {
	t.Parallel()
	w, _ := newWorld(t, 10)
	a, b := create(t, w, "Account", "Name", "a"), create(t, w, "Account", "Name", "b")
	contact := create(t, w, "Contact", "LastName", "c", "AccountId", a)
	relations := "SELECT AccountId, IsDirect FROM AccountContactRelation WHERE ContactId = '" + contact + "'"
	do(t, w, func(tx *org.Tx) error { return tx.Update("Contact", contact, values("AccountId", b)) })
	if got := strings.Join(ask(t, w, relations), " "); got != b+",true" {
		t.Errorf("relations after the move: %s, want the one to %s", got, b)
	}
	do(t, w, func(tx *org.Tx) error { return tx.Update("Contact", contact, values("AccountId", nil)) })
	if got := ask(t, w, relations); len(got) != 0 {
		t.Errorf("a private contact has relations: %v", got)
	}
}
