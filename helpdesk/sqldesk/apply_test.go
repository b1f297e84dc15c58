package sqldesk_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/internal/fault"
)

// try applies changes and returns the outcomes by change.
func try(t *testing.T, d helpdesk.Target, changes ...helpdesk.Change) map[string]helpdesk.Outcome {
	t.Helper()
	out := map[string]helpdesk.Outcome{}
	for o, err := range d.Apply(t.Context(), slices.Values(changes)) {
		if err != nil {
			t.Fatal(err)
		}
		out[o.ChangeID] = o
	}
	if len(out) != len(changes) {
		t.Fatalf("%d changes have %d outcomes", len(changes), len(out))
	}
	return out
}

// apply is try for changes of which all must be made.
func apply(t *testing.T, d helpdesk.Target, changes ...helpdesk.Change) map[string]helpdesk.Outcome {
	t.Helper()
	out := try(t, d, changes...)
	for id, o := range out {
		if o.State != helpdesk.Applied {
			t.Fatalf("%s: %s %v", id, o.State, o.Err)
		}
	}
	return out
}

func text(s string) helpdesk.Value { return helpdesk.TextOf(s) }

func rename(key, name string) helpdesk.Change {
	return change(helpdesk.Update, helpdesk.Organization, key, "name", text(name))
}

// names returns the names of organizations by account.
func (d *desk) names(t *testing.T, keys ...string) string {
	t.Helper()
	got, err := d.Get(t.Context(), helpdesk.Organization, keys)
	must(t, err)
	var out []string
	for _, o := range got {
		name, _ := o.Fields.Get("name")
		out = append(out, o.Ref.Key+"="+name.Text())
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestNamesPassFromOneToAnotherWithinABatch(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		apply(t, d, create(helpdesk.Organization, "A", "name", text("Ace")), create(helpdesk.Organization, "B", "name", text("Bolt")), create(helpdesk.Organization, "C", "name", text("Cord")))
		apply(t, d, rename("A", "Bolt"), rename("B", "Ace"))
		if got := d.names(t, "A", "B", "C"); got != "A=Bolt B=Ace C=Cord" {
			t.Errorf("after a swap: %s", got)
		}
		apply(t, d, rename("A", "Ace"), rename("B", "Cord"), rename("C", "Dime"), create(helpdesk.Organization, "E", "name", text("Bolt")))
		if got := d.names(t, "A", "B", "C", "E"); got != "A=Ace B=Cord C=Dime E=Bolt" {
			t.Errorf("after a chain with a new one at its end: %s", got)
		}
	})
}

func TestANameThatAnotherHoldsStopsOnlyWhoWantsIt(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		apply(t, d, create(helpdesk.Organization, "A", "name", text("Ace")), create(helpdesk.Organization, "B", "name", text("Bolt")), create(helpdesk.Organization, "C", "name", text("Cord")))
		broken := change(helpdesk.Update, helpdesk.Organization, "A", "name", text("Freed"), "field:seats", text("many"))
		taker, twin1, twin2, good := rename("B", "ACE"), create(helpdesk.Organization, "D", "name", text("Twin")), create(helpdesk.Organization, "E", "name", text("  twin ")), rename("C", "Core")
		out := try(t, d, broken, taker, twin1, twin2, good)
		refused(t, out[broken.ID].Err, fault.Invalid, "organization/A", "seats", "integer")
		refused(t, out[taker.ID].Err, fault.Raced, "organization/B", "Ace", "unique")
		refused(t, out[twin2.ID].Err, fault.Raced, "organization/E", "twin")
		if got := d.names(t, "A", "B", "C", "D", "E"); got != "A=Ace B=Bolt C=Core D=Twin" {
			t.Errorf("got %s", got)
		}
	})
}

func TestPlainSQLCannotMakeTwinsEither(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		d.sql(t, "INSERT INTO organization (name) VALUES ('Ace')")
		if _, err := d.other.ExecContext(t.Context(), "INSERT INTO organization (name) VALUES ('ACE')"); err == nil {
			t.Error("a twin was made")
		}
		d.sql(t, "UPDATE organization SET name = 'Bolt' WHERE name = 'Ace'")
		d.sql(t, "INSERT INTO organization (name) VALUES ('ACE')")
	})
}

func TestValuesThatDoNotFit(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		tests := map[string]struct {
			field string
			value helpdesk.Value
			words []string
		}{
			"an option nobody offers":        {"field:support_level", helpdesk.ChoiceOf("platinum"), []string{"support_level", "platinum"}},
			"text for a number":              {"field:aar", text("a lot"), []string{"aar", "decimal"}},
			"a number for a text":            {"field:account_owner", helpdesk.IntOf(7), []string{"account_owner", "text", "integer"}},
			"a text too long for its field":  {"field:account_owner", text(strings.Repeat("ü", 101)), []string{"account_owner"}},
			"a name of 300 characters":       {"name", text(strings.Repeat("n", 300)), []string{"name", "300", "255"}},
			"a name of space":                {"name", text("  "), []string{"name", "empty"}},
			"a name with control characters": {"name", text("a\x01b"), []string{"control"}},
			"a domain that is none":          {"domain:not a domain", yes, []string{"not a domain"}},
			"a tag that is a text":           {"tag:x", text("y"), []string{"tag:x", "text"}},
			"notes that are no text":         {"notes", text("\xff"), []string{"notes", "UTF-8"}},
		}
		for name, tt := range tests {
			bad := create(helpdesk.Organization, "001", "name", text("Fine"), tt.field, tt.value)
			if tt.field == "name" {
				bad = create(helpdesk.Organization, "001", "name", tt.value)
			}
			o := try(t, d, bad)[bad.ID]
			if o.State != helpdesk.Failed {
				t.Errorf("%s: got %s", name, o.State)
				continue
			}
			refused(t, o.Err, fault.Invalid, append(tt.words, "organization/001")...)
		}
		if got := d.names(t, "001"); got != "" {
			t.Errorf("a refused change left %s", got)
		}
		apply(t, d, create(helpdesk.Organization, "001", "name", text(strings.Repeat("株", 255)), "field:account_owner", text(strings.Repeat("ü", 100))))
	})
}

func TestWhatTheDatabaseRefusesStopsOnlyTheOne(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		d.sql(t, map[bool]string{
			true:  `CREATE TRIGGER odd BEFORE INSERT ON organization WHEN NEW.name = 'Odd' BEGIN SELECT RAISE(ABORT, 'odd is not wanted'); END`,
			false: `ALTER TABLE organization ADD CONSTRAINT odd CHECK (name <> 'Odd')`,
		}[strings.HasPrefix(d.dsn, "sqlite:")])
		good, bad, more := create(helpdesk.Organization, "A", "name", text("Ace")), create(helpdesk.Organization, "B", "name", text("Odd")), create(helpdesk.Organization, "C", "name", text("Cord"))
		out := try(t, d, good, bad, more)
		refused(t, out[bad.ID].Err, fault.Invalid, "organization/B", "odd")
		if got := d.names(t, "A", "B", "C"); got != "A=Ace C=Cord" {
			t.Errorf("got %s", got)
		}
	})
}

func TestTheHelpdesksOwnPeopleAreNeverWritten(t *testing.T) {
	t.Parallel()
	on(t, func(o *sqldesk.Options) { o.OwnDomains = []string{"Desk.example"} }, func(t *testing.T, d *desk) {
		apply(t, d, create(helpdesk.Organization, "001", "name", text("Ace")))
		for _, email := range []string{"agent@x.example", "admin@x.example", "bad@x.example", "good@x.example"} {
			d.user(t, email)
		}
		must(t, d.SetRole(t.Context(), admin, d.id(t, "agent@x.example"), sqldesk.Agent))
		must(t, d.SetRole(t.Context(), admin, d.id(t, "admin@x.example"), sqldesk.Admin))
		must(t, d.SetSuspended(t.Context(), d.id(t, "bad@x.example"), true))
		refused(t, d.SetRole(t.Context(), agent, d.id(t, "good@x.example"), sqldesk.Admin), fault.Denied, "Bob")
		for i, email := range []string{"agent@x.example", "admin@x.example", "bad@x.example", "someone@desk.example"} {
			c := create(helpdesk.User, fmt.Sprint("003", i), "name", text("Mallory"), "email", text(email))
			o := try(t, d, c)[c.ID]
			if o.State != helpdesk.Skipped {
				t.Errorf("%s: got %s, want it skipped", email, o.State)
			}
			refused(t, o.Err, fault.Unsupported, "never writes", "user/003")
			if u, err := d.FindUser(t.Context(), email); err == nil && (u.Name == "Mallory" || u.ExternalID != "") {
				t.Errorf("%s was written: %+v", email, u)
			}
		}
		apply(t, d, create(helpdesk.User, "003good", "name", text("Good"), "email", text("GOOD@x.example")))
		if u, err := d.FindUser(t.Context(), "003good"); err != nil || u.ID != d.id(t, "good@x.example") {
			t.Errorf("the user with the e-mail was not taken: %+v %v", u, err)
		}
		apply(t, d, create(helpdesk.Membership, "001/003good"))
		must(t, d.SetRole(t.Context(), admin, d.id(t, "good@x.example"), sqldesk.Agent))
		for _, c := range []helpdesk.Change{change(helpdesk.Retire, helpdesk.Membership, "001/003good"), change(helpdesk.Update, helpdesk.Membership, "001/003good", "position", text("x"))} {
			if o := try(t, d, c)[c.ID]; o.State != helpdesk.Skipped {
				t.Errorf("%s of an agent's membership: got %s %v, want it skipped", c.Op, o.State, o.Err)
			}
		}
	})
}

func TestEmailsPassOnAndAreNotStolen(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		mail := func(op helpdesk.Op, key, email string) helpdesk.Change {
			return change(op, helpdesk.User, key, "email", text(email), "name", text("Person "+key))
		}
		apply(t, d, mail(helpdesk.Create, "A", "a@x.example"), mail(helpdesk.Create, "B", "b@x.example"))
		swap1, swap2 := mail(helpdesk.Update, "A", "b@x.example"), mail(helpdesk.Update, "B", "a@x.example")
		apply(t, d, swap1, swap2)
		thief := mail(helpdesk.Create, "C", "A@X.example")
		refused(t, try(t, d, thief)[thief.ID].Err, fault.Invalid, "user/C", "contact B")
		taker := mail(helpdesk.Update, "A", "a@x.example")
		refused(t, try(t, d, taker)[taker.ID].Err, fault.Raced, "user/A", "a@x.example")
		bad := mail(helpdesk.Create, "D", "not an address")
		refused(t, try(t, d, bad)[bad.ID].Err, fault.Invalid, "not an address")
		d.user(t, "free@x.example")
		one, two := mail(helpdesk.Create, "E", "free@x.example"), mail(helpdesk.Create, "F", "free@x.example")
		out := try(t, d, one, two)
		refused(t, out[two.ID].Err, fault.Invalid, "contact E")
	})
}

func TestNothingToWriteWritesNothing(t *testing.T) {
	t.Parallel()
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": ready.SQLite, "postgres": ready.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var wrote []sqldesk.Entry
			opt := every()
			opt.Log = func(e sqldesk.Entry) { wrote = append(wrote, e) }
			d := open(t, dsn(t), opt)
			changes := []helpdesk.Change{
				create(helpdesk.Organization, "001", "name", text("Ace"), "field:aar", helpdesk.DecimalOf(1.5), "tag:x", yes, "tag:y", helpdesk.BoolOf(false), "domain:ace.example", yes, "group:g", yes),
				create(helpdesk.User, "003", "email", text("a@x.example")), create(helpdesk.Membership, "001/003", "position", text("Boss")),
			}
			apply(t, d, changes...)
			if len(wrote) == 0 {
				t.Fatal("the log saw no write")
			}
			before := d.seq(t)
			wrote = nil
			apply(t, d, changes...)
			apply(t, d, change(helpdesk.Delete, helpdesk.Organization, "none"), change(helpdesk.Retire, helpdesk.Membership, "001/none"), change(helpdesk.Retire, helpdesk.Organization, "none", "notes", text("x")))
			if len(wrote) != 0 || d.seq(t) != before {
				t.Errorf("what already holds was written: %+v, seq %d after %d", wrote, d.seq(t), before)
			}
		})
	}
}

// seq is the number of transactions that changed what is listed.
func (d *desk) seq(t *testing.T) (n int64) {
	t.Helper()
	must(t, d.other.GetContext(t.Context(), &n, "SELECT seq FROM change_counter"))
	return n
}

func TestReadOnlyCannotWrite(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		apply(t, d, create(helpdesk.Organization, "001", "name", text("Ace")))
		ro, err := sqldesk.OpenReadOnly(t.Context(), d.dsn, every())
		must(t, err)
		defer ro.Close()
		caps, err := ro.Describe(t.Context())
		must(t, err)
		mine, err := d.Describe(t.Context())
		must(t, err)
		if caps.Account != mine.Account {
			t.Errorf("read-only it is %s, else %s", caps.Account, mine.Account)
		}
		n := 0
		for p, err := range ro.Objects(t.Context(), helpdesk.Organization, "") {
			must(t, err)
			n += len(p.Objects)
		}
		if n != 1 {
			t.Errorf("read-only it lists %d organizations, want 1", n)
		}
		for _, err := range ro.Apply(t.Context(), slices.Values([]helpdesk.Change{rename("001", "Bolt")})) {
			refused(t, err, fault.Denied, "reading only")
		}
		refused(t, ro.SetParent(t.Context(), 1, 0), fault.Denied, "reading only")
		if err := sqldesk.Scribble(t.Context(), ro); err == nil {
			t.Error("the connection itself can write")
		}
	})
}

func TestReadOnlyNeedsAStore(t *testing.T) {
	t.Parallel()
	_, err := sqldesk.OpenReadOnly(t.Context(), "sqlite:"+t.TempDir()+"/none.db", sqldesk.Options{})
	refused(t, err, fault.NotFound, "none.db")
}

func TestACancelledBatchWritesNothing(t *testing.T) {
	t.Parallel()
	on(t, func(o *sqldesk.Options) { o.BatchSize = 2 }, func(t *testing.T, d *desk) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		changes := func(yield func(helpdesk.Change) bool) {
			for i, key := range []string{"A", "B", "C", "D", "E"} {
				if i == 3 {
					cancel() // in the middle of the second batch
				}
				if !yield(create(helpdesk.Organization, key, "name", text("Name "+key))) {
					return
				}
			}
		}
		applied, failed := 0, error(nil)
		for o, err := range d.Apply(ctx, changes) {
			if failed = err; err == nil && o.State == helpdesk.Applied {
				applied++
			}
		}
		if applied != 2 || failed == nil {
			t.Errorf("applied %d, then %v; want the first batch and an error", applied, failed)
		}
		if got := d.names(t, "A", "B", "C", "D", "E"); got != "A=Name A B=Name B" {
			t.Errorf("got %s, want the first batch only", got)
		}
	})
}

func TestGivenIdsDoNotCollideWithLaterOnes(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		d.org(t, 3, "Third")
		ids := map[int64]bool{3: true}
		for i := range 5 {
			ids[d.org(t, 0, fmt.Sprint("Org ", i))] = true
		}
		apply(t, d, create(helpdesk.Organization, "001", "name", text("Ace")), create(helpdesk.User, "003", "email", text("a@x.example")))
		if len(ids) != 6 {
			t.Errorf("ids were given twice: %v", ids)
		}
	})
}
