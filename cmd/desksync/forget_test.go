package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
)

// inJournal lists which of some words stand in the journal's files, as the disk holds them.
func (x *shop) inJournal(words ...string) (found []string) {
	x.served.Helper()
	files, err := filepath.Glob(x.journal + "*")
	if err != nil || len(files) == 0 {
		x.served.Fatalf("no journal at %s (%v)", x.journal, err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			x.served.Fatal(err)
		}
		for _, w := range words {
			if bytes.Contains(bytes.ToLower(b), bytes.ToLower([]byte(w))) && !slices.Contains(found, w) {
				found = append(found, w)
			}
		}
	}
	return found
}

// runs lists the digests of what runs were to write.
func (x *shop) runs() (digests []string) {
	x.served.Helper()
	db, err := sqlx.ConnectContext(x.served.Context(), "sqlite", x.journal)
	if err != nil {
		x.served.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.SelectContext(x.served.Context(), &digests, `SELECT changeset FROM run ORDER BY id`); err != nil || len(digests) < 2 {
		x.served.Fatalf("runs %q, %v", digests, err)
	}
	return digests
}

// TestForgettingLeavesNothingOfAPerson reads the raw files of a journal that ran for a
// while: stage, stored changesets, alerts, messages and the daemons' queue. Digests and
// what is known of others stay, and the next run does not bring the person back.
func TestForgettingLeavesNothingOfAPerson(t *testing.T) {
	t.Parallel()
	x := newShop(t)
	const mail, name = "hank@globex.example", "Hank Park"
	x.run(exitOK, "reconcile")
	x.export("contacts.csv", name, "Hank P.")
	x.later(time.Minute)
	x.run(exitOK, "reconcile")
	x.run(exitOK, "queue")
	x.sqlIn(x.journal, `INSERT INTO turn (pipeline, error) VALUES ('customers', 'no such user: Hank@Globex.example')`)
	x.sqlIn(x.journal, `UPDATE alert SET body = replace(body, 'Hooli', 'hank@globex.example')`)
	x.sqlIn(x.journal, `UPDATE outbox SET body = replace(body, 'Hooli', 'hank@globex.example'), said = 'hank@globex.example is unknown'`)
	if got := x.inJournal(mail, name, "Hank P."); len(got) != 3 {
		t.Fatalf("only %q stand there: the test is blind", got)
	}
	digests := x.runs()
	x.export("contacts.csv", "003Aa00000GLOB1IAP,001Aa00000GLOB1IAP,Hank P.,hank@globex.example,Operations,false\n", "")
	x.export("manifest.json", `"rows": 17`, `"rows": 16`)
	x.sql(`DELETE FROM membership WHERE user_id IN (SELECT id FROM helpdesk_user WHERE email = 'hank@globex.example')`)
	x.sql(`DELETE FROM helpdesk_user WHERE email = 'hank@globex.example'`)
	said := x.run(exitOK, "forget", mail, "--reason", "request 4711")
	if got := x.inJournal(mail, name, "Hank P."); len(got) != 0 {
		t.Errorf("%q still stand in the journal after\n%s", got, said)
	}
	if got := x.inJournal("aki@acetomato.example", "Aki Ito"); len(got) != 2 {
		t.Errorf("of others %q are left", got)
	}
	if after := x.runs(); !slices.Equal(after, digests) {
		t.Errorf("the digests of runs are %q, were %q", after, digests)
	}
	x.later(time.Minute)
	x.run(exitOK, "reconcile", "--full")
	if got := x.inJournal(mail, name, "Hank P."); len(got) != 0 {
		t.Errorf("the next run brings %q back", got)
	}
}
