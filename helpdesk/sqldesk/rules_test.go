package sqldesk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/domains"
	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/internal/fault"
)

var (
	admin = sqldesk.Actor{Name: "Ada", Admin: true}
	agent = sqldesk.Actor{Name: "Bob"}
)

// on runs a story on both databases, with every field and the options changed.
func on(t *testing.T, edit func(*sqldesk.Options), story func(*testing.T, *desk)) {
	t.Helper()
	ready.Each(t, func(t *testing.T, dsn string) {
		opt := every()
		if edit != nil {
			edit(&opt)
		}
		story(t, open(t, dsn, opt))
	})
}

func (d *desk) org(t *testing.T, id int64, name string, fields ...any) int64 {
	t.Helper()
	n := sqldesk.NewOrganization{ID: id, Name: name}
	for i := 0; i < len(fields); i += 2 {
		n.Fields = append(n.Fields, helpdesk.Field{Name: fields[i].(string), Value: fields[i+1].(helpdesk.Value)})
	}
	n.Fields = n.Fields.Sort()
	id, err := d.CreateOrganization(t.Context(), admin, n)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (d *desk) user(t *testing.T, email string) int64 {
	t.Helper()
	u, _, err := d.CreateUser(t.Context(), sqldesk.NewUser{Email: email, Name: strings.Split(email, "@")[0]})
	if err != nil {
		t.Fatal(err)
	}
	return u.ID
}

func (d *desk) join(t *testing.T, org int64, emails ...string) {
	t.Helper()
	added, err := d.AddCustomers(t.Context(), admin, org, strings.Join(emails, ","))
	must(t, err)
	for _, a := range added {
		must(t, a.Err)
	}
}

// id finds a user by e-mail.
func (d *desk) id(t *testing.T, email string) int64 {
	t.Helper()
	u, err := d.FindUser(t.Context(), email)
	must(t, err)
	return u.ID
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused wants an error of a kind whose sentence holds all the words.
func refused(t *testing.T, err error, kind fault.Kind, words ...string) {
	t.Helper()
	if fault.KindOf(err) != kind {
		t.Fatalf("got %v (%s), want it refused as %s", err, fault.KindOf(err), kind)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

func emails(users []sqldesk.User) []string {
	var out []string
	for _, u := range users {
		out = append(out, u.Email)
	}
	return out
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

var yes = helpdesk.BoolOf(true)

func TestOneDomainOnTwoOrganizations(t *testing.T) { // acceptance 38
	t.Parallel()
	tests := map[string]struct {
		tie  domains.Tie
		want int64
	}{
		"by default nobody is attached": {"", 0},
		"nobody":                        {domains.Nobody, 0},
		"the lowest id":                 {domains.LowestID, 119},
		"the first in the alphabet":     {domains.Alphabetical, 123},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			on(t, func(o *sqldesk.Options) { o.Tie = tt.tie }, func(t *testing.T, d *desk) {
				d.org(t, 123, "Jason's Awesome Company", "domain:awesome-company.example", yes)
				d.org(t, 119, "Nabeel's Awesome Company", "domain:awesome-company.example", yes)
				u, a, err := d.CreateUser(t.Context(), sqldesk.NewUser{Email: "bob@Awesome-Company.example"})
				must(t, err)
				orgs, err := d.OrganizationsOf(t.Context(), u.ID)
				must(t, err)
				if a.Organization.ID != tt.want || len(a.Tied) != 2 || (len(orgs) == 1) != (tt.want != 0) {
					t.Errorf("Bob goes to %v of %v and is in %v, want %d", a.Organization, a.Tied, orgs, tt.want)
				}
			})
		})
	}
}

func TestWhatNobodySeesDoesNotMakeAnotherName(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		d.org(t, 0, "Acme Inc")
		for _, name := range []string{"acme\u200b inc", "\ufeffACME  Inc", "Ａcme\u00a0Inc"} {
			_, err := d.CreateOrganization(t.Context(), admin, sqldesk.NewOrganization{Name: name})
			refused(t, err, fault.Invalid, "Acme Inc")
		}
	})
}

func TestTheLongestDomainWins(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		d.org(t, 1, "Acme", "domain:acme.example", yes)
		d.org(t, 2, "Acme Europe", "domain:eu.acme.example", yes)
		for email, want := range map[string]int64{"a@acme.example": 1, "b@eu.acme.example": 2, "c@paris.eu.acme.example": 2, "d@us.acme.example": 1, "e@notacme.example": 0, "f@example": 0} {
			a, err := d.AssociationOf(t.Context(), email)
			must(t, err)
			if a.Organization.ID != want {
				t.Errorf("%s goes to %v, want %d", email, a.Organization, want)
			}
		}
	})
}

func TestADomainAndItsExistingUsers(t *testing.T) { // acceptance 54
	t.Parallel()
	on(t, func(o *sqldesk.Options) { o.MultiOrg = false }, func(t *testing.T, d *desk) {
		tomato, other := d.org(t, 0, "Ace Tomato"), d.org(t, 0, "Dreadco")
		for i := range 10 {
			d.user(t, fmt.Sprintf("user%d@acetomato.example", i))
		}
		d.join(t, other, "moved@acetomato.example")
		d.user(t, "agent@acetomato.example")
		must(t, d.SetRole(t.Context(), admin, d.id(t, "agent@acetomato.example"), sqldesk.Agent))
		d.user(t, "stranger@not-acetomato.example")

		c, err := d.Concerned(t.Context(), tomato, "AceTomato.example")
		must(t, err)
		if len(c.Free) != 10 || !slices.Equal(emails(c.Elsewhere), []string{"moved@acetomato.example"}) {
			t.Fatalf("concerned are %q and %q, want ten and the one", emails(c.Free), emails(c.Elsewhere))
		}
		_, added, findings, err := d.AddDomain(t.Context(), admin, tomato, "acetomato.example", sqldesk.Attach{Free: true})
		must(t, err)
		members, err := d.Members(t.Context(), tomato)
		must(t, err)
		if len(added) != 10 || len(members) != 10 || len(findings) != 0 {
			t.Fatalf("added %d, members %d, findings %v; want the ten proposed and no finding", len(added), len(members), findings)
		}
		_, added, _, err = d.AddDomain(t.Context(), admin, tomato, "acetomato.example", sqldesk.Attach{Elsewhere: true})
		must(t, err)
		orgs, err := d.OrganizationsOf(t.Context(), d.id(t, "moved@acetomato.example"))
		must(t, err)
		if len(added) != 1 || len(orgs) != 1 || orgs[0].ID != tomato {
			t.Errorf("the one was added %v and is in %v, want it moved", added, orgs)
		}
		u := d.user(t, "new@acetomato.example")
		if orgs, err := d.OrganizationsOf(t.Context(), u); err != nil || len(orgs) != 1 {
			t.Errorf("a new user with the domain is in %v (%v), want Ace Tomato", orgs, err)
		}
		must(t, d.RemoveDomain(t.Context(), tomato, "acetomato.example"))
		refused(t, d.RemoveDomain(t.Context(), tomato, "acetomato.example"), fault.NotFound, "Ace Tomato", "acetomato.example")
		if _, _, _, err := d.AddDomain(t.Context(), admin, tomato, "not a domain", sqldesk.Attach{}); err == nil {
			t.Error("what is no domain was added")
		}
	})
}

func TestWhoBelongsToALongerDomainIsNotConcerned(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		d.org(t, 1, "Acme Europe", "domain:eu.acme.example", yes)
		world := d.org(t, 2, "Acme")
		third := d.org(t, 3, "Acme Old", "domain:acme.example", yes)
		for _, email := range []string{"a@eu.acme.example", "b@fr.eu.acme.example", "c@us.acme.example", "d@acme.example", "e@x-acme.example"} {
			_, err := d.AddCustomers(t.Context(), admin, d.org(t, 0, "Home of "+email), email)
			must(t, err)
			_, err = d.RemoveCustomers(t.Context(), admin, d.orgNamed(t, "Home of "+email), email)
			must(t, err)
		}
		c, err := d.Concerned(t.Context(), world, "acme.example")
		must(t, err)
		same(t, "concerned", emails(c.Free), []string{"c@us.acme.example", "d@acme.example"})
		if len(c.Others) != 1 || c.Others[0].ID != third {
			t.Errorf("the domain is also on %v, want Acme Old", c.Others)
		}
	})
}

func (d *desk) orgNamed(t *testing.T, name string) int64 {
	t.Helper()
	found, err := d.FindOrganizations(t.Context(), name)
	must(t, err)
	if len(found) != 1 {
		t.Fatalf("%q finds %v", name, found)
	}
	return found[0].ID
}

func TestThreeHundredOrganizationsPerUser(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		d.user(t, "many@x.example")
		var changes []helpdesk.Change
		for i := range 301 {
			changes = append(changes, create(helpdesk.Organization, account(i), "name", helpdesk.TextOf(account(i))))
		}
		changes = append(changes, create(helpdesk.User, "003", "email", helpdesk.TextOf("many@x.example")))
		for i := range 301 {
			changes = append(changes, create(helpdesk.Membership, helpdesk.MemberKey(account(i), "003")))
		}
		out := try(t, d, changes...)
		for i := range 300 {
			if o := out[changes[302+i].ID]; o.State != helpdesk.Applied {
				t.Fatalf("organization %d of 300: %v", i+1, o.Err)
			}
		}
		refused(t, out[changes[602].ID].Err, fault.Unsafe, "many@x.example", "300", "the most")
		last, err := d.FindOrganizations(t.Context(), account(300))
		must(t, err)
		refused(t, d.Join(t.Context(), admin, last[0].ID, d.id(t, "many@x.example")), fault.Invalid, "300")
		if _, err := d.other.ExecContext(t.Context(), d.other.Rebind("INSERT INTO membership (user_id, organization_id) VALUES (?, ?)"), d.id(t, "many@x.example"), last[0].ID); err == nil {
			t.Error("plain SQL could go beyond the limit")
		}
	})
}

func TestOneOrganizationPerUser(t *testing.T) {
	t.Parallel()
	on(t, func(o *sqldesk.Options) { o.MultiOrg = false }, func(t *testing.T, d *desk) {
		a, b := d.org(t, 0, "Ace"), d.org(t, 0, "Bolt")
		d.join(t, a, "ann@x.example")
		added, err := d.AddCustomers(t.Context(), admin, b, "ann@x.example, ben@x.example")
		must(t, err)
		refused(t, added[0].Err, fault.Invalid, "ann@x.example", "Ace", "one organization per user")
		if added[1].Err != nil || !added[1].Joined {
			t.Errorf("Ben was not added beside Ann: %+v", added[1])
		}
		c := create(helpdesk.Membership, "001/003")
		out := try(t, d, create(helpdesk.Organization, "001", "name", text("Crate")), create(helpdesk.User, "003", "email", text("ann@x.example")), c)[c.ID]
		if out.State != helpdesk.Skipped {
			t.Errorf("a sync's change: got %s, want it skipped", out.State)
		}
		refused(t, out.Err, fault.Unsafe, "membership/001/003", "ann@x.example", "Ace", "one organization per user", "take the user out of it")
	})
}

func TestMultiOrganizationModeBelongsToAnEdition(t *testing.T) {
	t.Parallel()
	_, err := sqldesk.Open(t.Context(), ready.SQLite(t), sqldesk.Options{MultiOrg: true})
	refused(t, err, fault.Unsupported, "professional and enterprise", "team")
	_, err = sqldesk.Open(t.Context(), ready.SQLite(t), sqldesk.Options{MultiOrg: true, Edition: "gold"})
	refused(t, err, fault.Invalid, "gold", "team, professional or enterprise")
	s, err := sqldesk.Open(t.Context(), ready.SQLite(t), sqldesk.Options{MultiOrg: true, Edition: sqldesk.Professional})
	must(t, err)
	must(t, s.Close())
}

func TestTheModeIsNotSwitchedOffUnderUsersWithSeveral(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		d.join(t, d.org(t, 0, "Ace"), "ann@x.example")
		d.join(t, d.org(t, 0, "Bolt"), "ann@x.example")
		opt := every()
		opt.MultiOrg = false
		_, err := sqldesk.Open(t.Context(), d.dsn, opt)
		refused(t, err, fault.Invalid, "1 users", "take them out first")
	})
}

func TestGroupsAndTheirLinks(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		dread, ace := d.org(t, 0, "DreadCo"), d.org(t, 0, "Ace")
		d.join(t, dread, "a@dread.example", "b@dread.example")
		d.join(t, ace, "c@ace.example")
		in := func(want ...string) {
			t.Helper()
			members, err := d.GroupMembers(t.Context(), "VIPs")
			must(t, err)
			var got []string
			for _, m := range members {
				got = append(got, fmt.Sprintf("%s hand=%v link=%v", m.Email, m.ByHand, m.ByLink))
			}
			same(t, "VIPs", got, want)
		}
		must(t, d.AddToGroup(t.Context(), d.id(t, "a@dread.example"), "VIPs"))
		in("a@dread.example hand=true link=false")
		must(t, d.LinkGroup(t.Context(), dread, "VIPs"))
		must(t, d.LinkGroup(t.Context(), dread, "VIPs"))
		in("a@dread.example hand=true link=true", "b@dread.example hand=false link=true")
		d.join(t, dread, "new@dread.example")
		in("a@dread.example hand=true link=true", "b@dread.example hand=false link=true", "new@dread.example hand=false link=true")
		refused(t, d.RemoveFromGroup(t.Context(), d.id(t, "b@dread.example"), "VIPs"), fault.Invalid, "b@dread.example", "DreadCo", "unlink")
		refused(t, d.RemoveFromGroup(t.Context(), d.id(t, "a@dread.example"), "VIPs"), fault.Invalid, "linked")
		must(t, d.UnlinkGroup(t.Context(), dread, "VIPs"))
		in("a@dread.example hand=true link=false")
		must(t, d.RemoveFromGroup(t.Context(), d.id(t, "a@dread.example"), "VIPs"))
		in()
		refused(t, d.UnlinkGroup(t.Context(), ace, "VIPs"), fault.NotFound, "Ace", "VIPs")
		refused(t, d.RemoveFromGroup(t.Context(), d.id(t, "c@ace.example"), "VIPs"), fault.NotFound, "c@ace.example")
	})
}

func TestParentsWithoutCycles(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		var ids []int64
		for _, name := range []string{"Top", "Middle", "Branch", "Leaf"} {
			ids = append(ids, d.org(t, 0, name, "tag:own_"+strings.ToLower(name), yes))
		}
		must(t, d.LinkGroup(t.Context(), ids[0], "VIPs"))
		for i := range ids[1:] {
			must(t, d.SetParent(t.Context(), ids[i+1], ids[i]))
		}
		err := d.SetParent(t.Context(), ids[0], ids[3])
		refused(t, err, fault.Invalid, "Top", "Leaf", "under Branch", "under Middle", "under Top")
		refused(t, d.SetParent(t.Context(), ids[1], ids[1]), fault.Invalid, "its own parent")
		if _, err := d.other.ExecContext(t.Context(), d.other.Rebind("UPDATE organization SET parent_id = ? WHERE id = ?"), ids[3], ids[0]); err == nil {
			t.Error("plain SQL could close a cycle")
		}
		above, err := d.Ancestors(t.Context(), ids[3])
		must(t, err)
		if len(above) != 3 || above[0].Name != "Branch" || above[2].Name != "Top" {
			t.Errorf("Leaf is under %v, want Branch, Middle, Top", above)
		}
		leaf, err := d.Organization(t.Context(), ids[3])
		must(t, err)
		same(t, "tags of Leaf: nothing is inherited", leaf.AllTags, []string{"own_leaf"})
		if _, ok := leaf.Fields.Get("group:VIPs"); ok {
			t.Error("the link of the parent was inherited")
		}
		must(t, d.SetParent(t.Context(), ids[1], 0))
		children, err := d.Children(t.Context(), ids[0])
		must(t, err)
		if len(children) != 0 {
			t.Errorf("Top still has %v", children)
		}
	})
}

func TestAddingCustomersByList(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		ace := d.org(t, 0, "Ace", "domain:ace.example", yes)
		d.user(t, "old@elsewhere.example")
		d.join(t, ace, "in@ace.example")
		added, err := d.AddCustomers(t.Context(), admin, ace, " new@ace.example, OLD@elsewhere.example ,in@ace.example,not an address,, New@ACE.example")
		must(t, err)
		var got []string
		for _, a := range added {
			got = append(got, fmt.Sprintf("%s made=%v joined=%v ok=%v", a.Email, a.Created, a.Joined, a.Err == nil))
		}
		same(t, "report", got, []string{
			"new@ace.example made=true joined=true ok=true", "OLD@elsewhere.example made=false joined=true ok=true",
			"in@ace.example made=false joined=false ok=true", "not an address made=false joined=false ok=false",
		})
		members, err := d.Members(t.Context(), ace)
		must(t, err)
		if len(members) != 3 {
			t.Errorf("got %d members, want 3", len(members))
		}
		gone, err := d.RemoveCustomers(t.Context(), admin, ace, "in@ace.example,nobody@ace.example")
		must(t, err)
		refused(t, gone[1].Err, fault.NotFound, "nobody@ace.example")
		if !gone[0].Joined || d.id(t, "in@ace.example") == 0 {
			t.Errorf("removing gave %+v, want the member out and the user still there", gone[0])
		}
		_, err = d.AddCustomers(t.Context(), admin, ace, " , ")
		refused(t, err, fault.Invalid, "names nobody")
		_, err = d.AddCustomers(t.Context(), admin, 9999, "a@b.example")
		refused(t, err, fault.NotFound, "9999")
	})
}

func TestAgentsManageOnlyWhereTheyMay(t *testing.T) {
	t.Parallel()
	for _, allowed := range []bool{false, true} {
		t.Run(fmt.Sprintf("allowed %v", allowed), func(t *testing.T) {
			t.Parallel()
			on(t, func(o *sqldesk.Options) { o.AgentsManage = allowed }, func(t *testing.T, d *desk) {
				ace := d.org(t, 0, "Ace")
				_, add := d.AddCustomers(t.Context(), agent, ace, "a@b.example")
				_, remove := d.RemoveCustomers(t.Context(), agent, ace, "a@b.example")
				_, create := d.CreateOrganization(t.Context(), agent, sqldesk.NewOrganization{Name: "Bolt"})
				attach, detach := d.AttachProject(t.Context(), agent, ace, "ITSM"), d.DetachProject(t.Context(), agent, ace, "ITSM")
				del := d.DeleteOrganization(t.Context(), agent, ace)
				for what, err := range map[string]error{"add": add, "remove": remove, "create": create, "attach": attach, "detach": detach, "delete": del} {
					if (err == nil) != allowed {
						t.Errorf("%s by an agent: %v, want it allowed %v", what, err, allowed)
					}
					if !allowed {
						refused(t, err, fault.Denied, "Bob", "administrator")
					}
				}
			})
		})
	}
}

func TestProjectsCountAnOrganizationOnce(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		ace := d.org(t, 0, "Ace")
		d.join(t, ace, "ann@ace.example")
		for _, p := range []string{"ITSM", "HR", "Legal", "HR"} {
			must(t, d.AttachProject(t.Context(), admin, ace, p))
		}
		orgs, err := d.ProjectOrganizations(t.Context(), "ITSM", "HR", "Legal")
		must(t, err)
		projects, err := d.ProjectsOf(t.Context(), ace)
		must(t, err)
		customers, err := d.ProjectCustomers(t.Context(), "HR")
		must(t, err)
		if len(orgs) != 1 {
			t.Errorf("three projects have %v, want Ace once", orgs)
		}
		same(t, "projects", projects, []string{"HR", "ITSM", "Legal"})
		same(t, "customers of HR", emails(customers), []string{"ann@ace.example"})
		must(t, d.DetachProject(t.Context(), admin, ace, "HR"))
		refused(t, d.DetachProject(t.Context(), admin, ace, "HR"), fault.NotFound, "Ace", "HR")
	})
}
