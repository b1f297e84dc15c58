package reconcile

import (
	"context"
	"maps"
	"slices"

	"github.com/desksync/desksync/sync/journal"
)

// dropUnmade takes back what accounts claim that have no organization and get none: the
// old namesake of a customer must not stand in the customer's way. What the helpdesk has
// of such an account, an organization or a user, goes on being claimed. So does all where
// names may match: by its name an organization is found that belongs to the account.
func (p *pass) dropUnmade(ctx context.Context, rows []journal.Mapped, unmade map[string]bool) error {
	if len(unmade) == 0 || p.Match.ByName {
		return nil
	}
	objects, err := p.journal.ObjectsOf(ctx, p.TargetName, slices.Sorted(maps.Keys(unmade)), contactsIn(rows, unmade))
	if err != nil {
		return err
	}
	for i := range rows {
		if m := &rows[i]; unmade[m.Account] && !objects.Organization(m.Account).There() {
			m.Claims = slices.DeleteFunc(m.Claims, func(c journal.Claim) bool {
				return c.Kind != journal.ClaimOverride && (c.Ref == "" || !objects.User(c.Ref).There())
			})
		}
	}
	return nil
}

// contactsIn lists the contacts for whom accounts without an organization claim an e-mail.
func contactsIn(rows []journal.Mapped, unmade map[string]bool) []string {
	var out []string
	for i := range rows {
		if !unmade[rows[i].Account] {
			continue
		}
		for _, c := range rows[i].Claims {
			if c.Ref != "" {
				out = append(out, c.Ref)
			}
		}
	}
	return sortedUnique(out)
}
