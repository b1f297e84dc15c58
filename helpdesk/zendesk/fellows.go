package zendesk

import (
	"context"
	"maps"
	"slices"

	"github.com/desksync/desksync/helpdesk"
)

// pair is a user who may be in an organization.
type pair struct{ user, org int64 }

// getMembers reads memberships by their accounts and contacts.
func (t *Target) getMembers(ctx context.Context, keys []string) ([]helpdesk.Object, error) {
	contacts := make([]string, len(keys))
	for i, key := range keys {
		_, contacts[i] = helpdesk.SplitMember(key)
	}
	people, err := t.usersBy(ctx, byKey, contacts)
	if err != nil || len(people) == 0 {
		return nil, err
	}
	orgs, err := t.orgsBy(ctx, byKey, accountsOf(keys, people))
	if err != nil {
		return nil, err
	}
	wanted := wantedPairs(people, orgs, keys)
	has, err := t.among(ctx, people, slices.Collect(maps.Values(wanted)))
	if err != nil {
		return nil, err
	}
	out := make([]helpdesk.Object, 0, len(has))
	for _, key := range slices.Sorted(maps.Keys(wanted)) {
		if m := has[wanted[key]]; m != nil {
			out = append(out, m.object(key))
		}
	}
	return out, nil
}

// accountsOf are the accounts of those memberships whose users are there.
func accountsOf(keys []string, people []user) []string {
	there := make(map[string]bool, len(people))
	for i := range people {
		there[people[i].key()] = true
	}
	var out []string
	for _, key := range keys {
		if account, contact := helpdesk.SplitMember(key); there[contact] {
			out = append(out, account)
		}
	}
	return out
}

// wantedPairs are the pairs of which both sides are there, by the keys of their memberships.
func wantedPairs(people []user, orgs []organization, keys []string) map[string]pair {
	contact, account := make(map[string]int64, len(people)), make(map[string]int64, len(orgs))
	for i := range people {
		contact[people[i].key()] = people[i].ID
	}
	for i := range orgs {
		account[orgs[i].key()] = orgs[i].ID
	}
	out := make(map[string]pair, len(keys))
	for _, key := range keys {
		a, c := helpdesk.SplitMember(key)
		if p := (pair{contact[c], account[a]}); p.user != 0 && p.org != 0 {
			out[key] = p
		}
	}
	return out
}

// among finds out which pairs are memberships, in few calls. A user shows which
// organization is the default one, and who has none is in none ("Users": organization_id).
// Where many are asked for of one organization, its members are listed; the memberships of
// the others are listed user by user.
func (t *Target) among(ctx context.Context, people []user, pairs []pair) (map[pair]*membership, error) {
	has, open := atHome(people, pairs)
	if t.room() == 1 {
		return has, nil
	}
	groups := map[int64][]int64{}
	for _, p := range open {
		groups[p.org] = append(groups[p.org], p.user)
	}
	alone := map[int64][]pair{}
	for _, org := range slices.Sorted(maps.Keys(groups)) {
		rows, whole, err := t.fellows(ctx, org, groups[org])
		if err != nil {
			return nil, err
		}
		for _, id := range groups[org] {
			switch p := (pair{id, org}); {
			case rows[id] != nil:
				has[p] = rows[id]
			case !whole:
				alone[id] = append(alone[id], p)
			}
		}
	}
	return has, t.oneByOne(ctx, alone, has)
}

// atHome are the pairs that users show themselves, and those about which they say nothing.
func atHome(people []user, pairs []pair) (has map[pair]*membership, open []pair) {
	has, home, yes := make(map[pair]*membership, len(pairs)), homesOf(people), true
	for _, p := range pairs {
		switch home[p.user] {
		case 0:
		case p.org:
			has[p] = &membership{User: p.user, Organization: p.org, Default: &yes}
		default:
			open = append(open, p)
		}
	}
	return has, open
}

// homesOf are the default organizations of users who have one.
func homesOf(people []user) map[int64]int64 {
	out := make(map[int64]int64, len(people))
	for i := range people {
		if o := people[i].Organization; o != nil {
			out[people[i].ID] = *o
		}
	}
	return out
}

// oneByOne adds what of the pairs of each user is a membership.
func (t *Target) oneByOne(ctx context.Context, alone map[int64][]pair, has map[pair]*membership) error {
	for _, id := range slices.Sorted(maps.Keys(alone)) {
		rows, err := t.membersOf(ctx, id)
		if err != nil && !isNotFound(err) {
			return err
		}
		for _, p := range alone[id] {
			if m := joined(rows, p.org); m != nil {
				has[p] = m
			}
		}
	}
	return nil
}

// fewFellows is how many users have to be asked about of one organization for a list of
// its members to be cheaper than a call each, with what comes after it.
const fewFellows = 4

// fellows looks up the memberships that users have in one organization, by user; whole:
// all of the organization's were seen. It stops where the looking costs more than it saves.
func (t *Target) fellows(ctx context.Context, org int64, users []int64) (rows map[int64]*membership, whole bool, err error) {
	if org == 0 || len(users) < fewFellows {
		return nil, false, nil
	}
	wanted, pages := make(map[int64]bool, len(users)), len(users)/2
	for _, id := range users {
		wanted[id] = true
	}
	rows = map[int64]*membership{}
	for list, err := range cursorPages[membership](ctx, t, "organizations/"+idText(org)+"/organization_memberships", "organization_memberships") {
		if isNotFound(err) {
			return rows, true, nil
		}
		if err != nil {
			return nil, false, err
		}
		for i := range list {
			if wanted[list[i].User] {
				rows[list[i].User] = &list[i]
			}
		}
		if pages--; len(rows) == len(wanted) || pages == 0 {
			return rows, false, nil
		}
	}
	return rows, true, nil
}

// membersOf reads the memberships of a user.
func (t *Target) membersOf(ctx context.Context, user int64) ([]membership, error) {
	var out []membership
	for rows, err := range cursorPages[membership](ctx, t, "users/"+idText(user)+"/organization_memberships", "organization_memberships") {
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}
