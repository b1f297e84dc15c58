package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/desksync/desksync/cmd/internal/wire"
	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/zendesk"
	"github.com/desksync/desksync/internal/secret"
	box "github.com/desksync/desksync/sandbox/zendesk"
	"github.com/desksync/desksync/sandbox/zendesk/account"
	"github.com/desksync/desksync/sync/adopt"
	"github.com/desksync/desksync/sync/reconcile"
)

// existing is a Zendesk account that was kept by hand, a CRM that knows the same
// customers, and a clock that runs only while somebody sleeps.
type existing struct {
	*testing.T
	box *box.Sandbox
	dir string

	mu  sync.Mutex
	now time.Time
}

func (x *existing) Now() time.Time {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.now
}

func (x *existing) sleep(ctx context.Context, d time.Duration) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.now = x.now.Add(d)
	return ctx.Err()
}

const adoptFile = `version: 1
journal: sqlite:DIR/desksync.db
sources:
  crm: {type: csv, dir: DIR, complete: declared, columns: {accounts: {types: {ARR__c: number}}, subscriptions: {types: {Quantity__c: number, Start__c: date, End__c: date}}}}
targets:
  support:
    type: zendesk
    url: http://127.0.0.1:9
    auth: {client_id: sandbox_client, client_secret: "${ZD_SECRET}"}
plans: [{plan: gold, sla: none, products: [Gold]}, {plan: expired, sla: none}]
grace: 0d
sla_policies: []
subscriptions: {id: Id, product: Product__c, quantity: Quantity__c, start: Start__c, end: End__c, status: Status__c}
pipelines:
  customers:
    from: crm
    to: support
    time_zone: UTC
    match: {id_field: salesforce_id}
    organizations:
      key: account.Id
      name: account.Name
      fields: {plan: account.Plan__c, arr: account.ARR__c, salesforce_id: account.Id}
    members: {who: contact.Name != ""}
    policy: {on_found: hold, on_drift: correct, on_clash: hold, on_gone: {lost: hold, left: hold, deleted: hold}}
`

// newExisting is an account of so many organizations, 24 users for ten of them.
func newExisting(t *testing.T, organizations int) *existing {
	t.Helper()
	x := &existing{T: t, dir: t.TempDir(), now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
	x.box = box.New(box.Options{Organizations: organizations, Seed: 1, BulkUserImport: true, Now: x.Now})
	x.lay(strings.NewReplacer())
	return x
}

// lay writes the configuration, and the CRM that knows the account's customers.
func (x *existing) lay(text *strings.Replacer) {
	x.Helper()
	file := text.Replace(strings.ReplaceAll(adoptFile, "DIR", x.dir))
	if err := os.WriteFile(filepath.Join(x.dir, "desksync.yaml"), []byte(file), 0o600); err != nil {
		x.Fatal(err)
	}
	x.box.Look(func(a *account.Account) {
		accounts, contacts := [][]string{{"Id", "Name", "Plan__c", "ARR__c"}}, [][]string{{"Id", "AccountId", "Name", "Email"}}
		ids := map[int64]string{}
		for o := range a.Organizations(0) {
			ids[o.ID] = idOr(o.ExternalID, "001Zz", o.ID)
			accounts = append(accounts, []string{ids[o.ID], strings.ToUpper(o.Name), "plan_gold", "1000"})
		}
		for m := range a.Memberships(0) {
			contacts = append(contacts, []string{idOr(m.User.ExternalID, "003Zz", m.User.ID), ids[m.Organization.ID], m.User.Name, m.User.Email})
		}
		x.write("accounts.csv", accounts)
		x.write("contacts.csv", contacts)
		x.write("subscriptions.csv", [][]string{{"Id", "AccountId", "Product__c", "Quantity__c", "Start__c", "End__c", "Status__c"}})
	})
}

// idOr is the CRM's id of what carries one in Zendesk, or else another.
func idOr(id, prefix string, n int64) string {
	if id != "" {
		return id
	}
	short := fmt.Sprintf("%s%010d", prefix, n%10_000_000_000)
	return short + crm.Suffix(short)
}

func (x *existing) write(name string, rows [][]string) {
	x.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := errors.Join(w.WriteAll(rows), os.WriteFile(filepath.Join(x.dir, name), b.Bytes(), 0o600)); err != nil {
		x.Fatal(err)
	}
}

// with runs something in a session of a new process, as it were.
func (x *existing) with(use func(*reconcile.Reconciler, *zendesk.Target)) {
	x.Helper()
	a := &app{now: x.Now, out: io.Discard, err: io.Discard, config: filepath.Join(x.dir, "desksync.yaml")}
	a.lookup = func(name string) (string, bool) { return box.ClientSecret, name == "ZD_SECRET" }
	err := a.with(x.Context(), func(s *session) error {
		w, err := s.wire(s.file, "customers")
		if err != nil {
			return err
		}
		source, err := w.Source()
		if err != nil {
			return err
		}
		target, err := zendesk.New(zendesk.Options{
			BaseURL: "http://127.0.0.1:9", Share: 1, Now: x.Now, Sleep: x.sleep, Base: x.box,
			Auth: zendesk.Auth{ClientID: box.ClientID, Secret: func() (secret.Text, error) { return secret.New(box.ClientSecret), nil }},
			Keys: func(ctx context.Context, k helpdesk.Kind, ids []string) (map[string]string, error) {
				return s.journal.KeysOf(ctx, "support", k, ids)
			},
		})
		if err != nil {
			return err
		}
		p, err := w.Assemble(x.Context(), source, wire.ZendeskDesk{Target: target})
		if err != nil {
			return err
		}
		use(a.reconciler(p, s.journal), target)
		return nil
	})
	if err != nil {
		x.Fatal(err)
	}
}

// TestAnAccountIsAdoptedWithFewCalls proposes and follows the proposals. The issue's
// account has DESKSYNC_ADOPT=20000 organizations; by default it is a tenth of that.
func TestAnAccountIsAdoptedWithFewCalls(t *testing.T) {
	t.Parallel()
	size := envInt("DESKSYNC_ADOPT", 2_000)
	x := newExisting(t, size)
	begun, started := time.Now(), x.Now()
	var found *reconcile.Adoption
	x.with(func(r *reconcile.Reconciler, _ *zendesk.Target) {
		var err error
		if found, err = r.Propose(x.Context(), "test", false); err != nil {
			x.Fatal(err)
		}
	})
	stats := x.box.Stats()
	t.Logf("before review: %d calls in %s of Zendesk's time, %s of ours: %v", stats.Calls, x.Now().Sub(started), time.Since(begun).Round(time.Millisecond), stats.ByRoute)
	if most := 300 * size / 20_000; stats.Calls > most || stats.Writes > 0 {
		t.Errorf("%d calls, %d writes; want %d at most, and no write", stats.Calls, stats.Writes, most)
	}
	orgs, users := sumProposals(found, helpdesk.Organization), sumProposals(found, helpdesk.User)
	t.Logf("organizations %+v", orgs)
	t.Logf("users %+v", users)
	if orgs.Linked != size-size/10 || orgs.Ask["name"] != size/10 {
		t.Errorf("organizations: %+v, want nine in ten linked and the others found by name", orgs)
	}
	if users.Wanted != size*24/10 || users.Linked+users.Yes["e-mail"]+users.Nothing+users.Yes["external id"] != users.Wanted || users.Yes["e-mail"] < size/2 {
		t.Errorf("users: %+v", users)
	}
	links := x.follow(found)
	then := x.box.Stats()
	t.Logf("%d links: %d calls, %d jobs", links, then.Calls-stats.Calls, then.Jobs-stats.Jobs)
	if per := float64(then.Calls-stats.Calls) / float64(links); per > 0.1 {
		t.Errorf("%.2f calls a link", per)
	}
}

// follow says yes to everything that has a candidate, and links it.
func (x *existing) follow(found *reconcile.Adoption) int {
	x.Helper()
	var rows []adopt.Row
	for i := range found.Proposals {
		row := adopt.RowOf(&found.Proposals[i])
		if row.Link == adopt.Ask && row.TargetID != "" {
			row.Link = adopt.Yes
		}
		rows = append(rows, row)
	}
	links := 0
	x.with(func(r *reconcile.Reconciler, _ *zendesk.Target) {
		done, err := r.Adopt(x.Context(), reconcile.AdoptFile{By: "test", Name: "proposals.csv", Rows: rows})
		if err != nil {
			x.Fatal(err)
		}
		if links = len(done.Chosen.Links); done.Applied != links || len(done.Chosen.Refused) > 0 {
			x.Errorf("%d of %d linked, refused %v, failed %v", done.Applied, links, done.Chosen.Refused, done.Failures[:min(3, len(done.Failures))])
		}
	})
	return links
}

// onlyInFields moves the ids of some organizations to where an older program kept them:
// to a custom field, in the form of 15 characters.
func (x *existing) onlyInFields(some int) {
	x.Helper()
	x.box.Look(func(a *account.Account) {
		for o := range a.Organizations(0) {
			if o.ExternalID == "" || some == 0 {
				continue
			}
			some--
			field := fmt.Appendf(nil, `{"salesforce_id":%q}`, o.ExternalID[:15])
			if _, problem := a.UpdateOrganization(o, account.Patch{"external_id": []byte("null"), "organization_fields": field}); problem != nil {
				x.Error(problem)
			}
		}
	})
	_ = x.sleep(x.Context(), 2*time.Minute) // an export shows nothing sooner
}

// TestAnAdoptionWritesOnlyTheLink compares each organization before and after.
func TestAnAdoptionWritesOnlyTheLink(t *testing.T) {
	t.Parallel()
	x := newExisting(t, 200)
	x.onlyInFields(20)
	before := x.pictures()
	var found *reconcile.Adoption
	x.with(func(r *reconcile.Reconciler, _ *zendesk.Target) {
		var err error
		if found, err = r.Propose(x.Context(), "test", false); err != nil {
			x.Fatal(err)
		}
	})
	if x.follow(found) == 0 {
		t.Fatal("nothing was linked")
	}
	if after := x.pictures(); !slices.Equal(before, after) {
		for i := range before {
			if before[i] != after[i] {
				t.Errorf("was\n%s\nis\n%s", before[i], after[i])
			}
		}
	}
	x.with(func(r *reconcile.Reconciler, _ *zendesk.Target) {
		again, err := r.Propose(x.Context(), "test", false)
		if err != nil {
			x.Fatal(err)
		}
		if s := sumProposals(again, helpdesk.Organization); s.Linked != 200 {
			t.Errorf("afterwards: %+v, want all linked", s)
		}
	})
	if n := x.follow(found); n != 0 {
		t.Errorf("the same file once more links %d", n)
	}
	x.box.Look(func(a *account.Account) {
		for o := range a.Organizations(0) {
			if o.ExternalID == "" {
				t.Errorf("organization %d is not linked", o.ID)
			}
		}
	})
}

// pictures are all organizations and users but for their links and when they changed.
func (x *existing) pictures() []string {
	var out []string
	x.box.Look(func(a *account.Account) {
		for o := range a.Organizations(0) {
			out = append(out, fmt.Sprintf("%d %q %q %q %v %v %v %v %v", o.ID, o.Name, o.Details, o.Notes, o.GroupID, o.Domains, o.Tags, o.SharedTickets, valuesOf(o)))
		}
		for u := range a.Users(0) {
			out = append(out, fmt.Sprintf("%d %q %q %v %v %v", u.ID, u.Name, u.Email, u.Role, u.Verified, u.Suspended))
		}
	})
	return out
}

func valuesOf(o *account.Organization) string {
	var out []string
	for _, v := range o.Values {
		out = append(out, fmt.Sprintf("%+v", v))
	}
	return strings.Join(out, " ")
}
