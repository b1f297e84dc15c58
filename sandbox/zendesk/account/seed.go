package account

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// Administrator and AgentEmail are staff of every account.
const (
	Administrator = "admin@sandbox.example"
	AgentEmail    = "agent@sandbox.example"
)

// seeder makes the records an account begins with: the same for the same seed, and each
// record the same however many there are.
type seeder struct {
	account *Account
	number  uint64
	born    int64 // no record is younger, unix seconds

	// rows are made at once: millions of small pieces would keep the collector busy
	organizations []Organization
	values        []Value
	users         []User
	memberships   []Membership
	ofUser, ofOrg []*Membership
}

// valuesEach is for how many values of an organization there is room.
const valuesEach = 4

// room makes room for so many organizations, with 24 users for ten of them.
func (s *seeder) room(n int) {
	users := (n + 9) / 10 * 24
	s.organizations, s.values = make([]Organization, n), make([]Value, n*valuesEach)
	s.users, s.memberships = make([]User, users), make([]Membership, users)
	s.ofUser, s.ofOrg = make([]*Membership, users), make([]*Membership, users)
	a := s.account
	a.orgs.rows, a.orgFeed.entries = slices.Grow(a.orgs.rows, n), slices.Grow(a.orgFeed.entries, n)
	a.users.rows, a.userFeed.entries = slices.Grow(a.users.rows, users), slices.Grow(a.userFeed.entries, users)
	a.memberships.rows = slices.Grow(a.memberships.rows, users)
}

// piece takes the first n of a list, with no room behind them.
func piece[T any](list *[]T, n int) []T {
	out := (*list)[:n:n]
	*list = (*list)[n:]
	return out
}

func (a *Account) seed(opt Options) {
	s := &seeder{account: a, number: opt.Seed, born: time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC).Unix()}
	s.born = min(s.born, a.at.Unix()-3600)
	s.staff("Ada Admin", Administrator, Admin)
	s.staff("Arthur Agent", AgentEmail, Agent)
	if opt.Fields {
		s.fields()
	}
	s.room(opt.Organizations)
	for n := range opt.Organizations {
		s.organization(n)
	}
	if opt.Organizations > 0 {
		s.policies()
	}
	byTime := func(x, y entry) int { return cmp.Or(cmp.Compare(x.at, y.at), cmp.Compare(x.row, y.row)) }
	slices.SortFunc(a.orgFeed.entries, byTime)
	slices.SortFunc(a.userFeed.entries, byTime)
}

func (s *seeder) staff(name, email string, role Role) {
	s.user(&User{Name: name, Email: email, Role: role, Verified: true, Created: s.born - 1000*86400, Updated: s.born - 900*86400})
}

// fields are what a company has that keeps customers' plans in its helpdesk.
func (s *seeder) fields() {
	for _, text := range []string{
		`{"type":"text","key":"salesforce_id","title":"Salesforce id"}`,
		`{"type":"dropdown","key":"plan","title":"Plan","custom_field_options":[{"name":"Gold","value":"plan_gold"},{"name":"Silver","value":"plan_silver"},{"name":"Free","value":"plan_free"}]}`,
		`{"type":"decimal","key":"arr","title":"ARR"}`,
		`{"type":"integer","key":"seats","title":"Seats"}`,
		`{"type":"date","key":"renewal","title":"Renewal"}`,
		`{"type":"checkbox","key":"strategic","title":"Strategic","tag":"strategic"}`,
	} {
		var p Patch
		if json.Unmarshal([]byte(text), &p) == nil {
			_, _ = s.account.CreateField(p) // a test holds that all are made
		}
	}
}

func (s *seeder) organization(n int) {
	a, h := s.account, s.dice("organization", n)
	o := &piece(&s.organizations, 1)[0]
	o.Name, o.Created = s.name(n), s.created(n)
	o.Updated = s.changed(n, o.Created)
	if n%10 != 9 { // someone made it by hand
		o.ExternalID = salesforceID("001", n)
	}
	if n%3 == 0 {
		o.Domains = []string{s.domain(n)}
	}
	if h%8 == 0 {
		o.Tags = []string{"vip"}
	}
	s.fill(o, n, h)
	o.ID = a.orgs.add(o)
	a.orgFeed.entries = append(a.orgFeed.entries, entry{o.Updated, int32(n)}) //nolint:gosec // few enough
	a.indexOrganization(o)
	a.orgLive++
	o.members = piece(&s.ofOrg, usersOf(n))[:0]
	for i := range usersOf(n) {
		s.endUser(o, n, i)
	}
}

// usersOf is how many users an organization has: 24 for ten of them.
func usersOf(n int) int { return [...]int{5, 1, 2, 2, 3, 0, 2, 3, 2, 4}[n%10] }

func (s *seeder) fill(o *Organization, n int, h uint64) {
	if len(s.account.fields) == 0 {
		return
	}
	f := s.account.fields
	plan := [...]string{"plan_gold", "plan_silver", "plan_free"}[(h>>8)%3]
	o.Tags = append(o.Tags, plan)
	o.Values = append(piece(&s.values, valuesEach)[:0], Value{f[1], `"` + plan + `"`}, Value{f[2], strconv.Itoa(int((h>>16)%200) * 500)})
	if n%10 != 8 && o.ExternalID != "" {
		o.Values = append(o.Values, Value{f[0], quote(o.ExternalID)})
	}
	if (h>>24)%16 == 0 {
		o.Tags = append(o.Tags, "strategic")
		o.Values = append(o.Values, Value{f[5], "true"})
	}
}

func (s *seeder) endUser(o *Organization, n, i int) {
	h := s.dice("user", n*8+i)
	first := [...]string{"Ann", "José", "Bob", "Zoë", "李", "Мария", "D'Arcy", "Jean-Luc"}[h%8]
	last := [...]string{"Lee", "García", "O'Neil", "van der Berg", "Müller", "王", "Smith-Jones", "الحسن"}[(h>>8)%8]
	u := &piece(&s.users, 1)[0]
	*u = User{
		Name: first + " " + last, Email: "user" + strconv.Itoa(i) + "@" + s.domain(n), Role: EndUser, Verified: (h>>16)%4 != 0,
		Suspended: (h>>24)%200 == 0, Created: o.Created, Updated: o.Updated,
	}
	if (h>>32)%4 != 0 {
		u.ExternalID = salesforceID("003", n*8+i)
	}
	s.user(u)
	m := &piece(&s.memberships, 1)[0]
	*m = Membership{User: u, Organization: o, Default: true, Created: o.Created}
	m.ID = s.account.memberships.add(m)
	u.memberships = append(piece(&s.ofUser, 1)[:0], m)
	o.members = append(o.members, m)
	s.account.memberLive++
}

func (s *seeder) user(u *User) {
	a := s.account
	u.ID = a.users.add(u)
	u.primary = a.nextIdentity()
	a.known(u, u.Email)
	a.indexUser(u)
	a.userFeed.entries = append(a.userFeed.entries, entry{u.Updated, int32(u.ID - firstUser)}) //nolint:gosec // few enough
}

// policies promise by tag, the best plan first.
func (s *seeder) policies() {
	for _, tag := range []string{"plan_gold", "plan_silver", "plan_free"} {
		text := `{"title":"SLA of ` + tag + `","filter":{"all":[{"field":"current_tags","operator":"includes","value":"` + tag + `"}],"any":[]},` +
			`"policy_metrics":[{"priority":"urgent","metric":"first_reply_time","target":60,"business_hours":false}]}`
		var p Patch
		if json.Unmarshal([]byte(text), &p) == nil {
			_, _ = s.account.SavePolicy(nil, p) // a test holds that all are made
		}
	}
}

func (s *seeder) created(n int) int64 {
	return s.born - 86400 - int64(s.dice("created", n)%(1000*86400)) //nolint:gosec // below three years
}

// changed is when a record changed last; blocks of fifty came in one load.
func (s *seeder) changed(n int, created int64) int64 {
	if n/50%4 == 1 {
		return s.born - int64(n/50)
	}
	return created + int64(s.dice("changed", n)%uint64(s.born-created)) //nolint:gosec // born is later
}

// dice mixes seed, what it is for and which record to a number that looks random.
func (s *seeder) dice(what string, n int) uint64 {
	x := s.number*0x9E3779B97F4A7C15 ^ uint64(len(what))<<56 ^ uint64(what[0])<<48 ^ uint64(n+1)*0xD1B54A32D192ED03 //nolint:gosec // bits, not amounts
	x ^= x >> 30
	x *= 0xBF58476D1CE4E5B9
	x ^= x >> 27
	x *= 0x94D049BB133111EB
	return x ^ x>>31
}
