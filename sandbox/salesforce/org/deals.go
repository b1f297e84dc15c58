package org

// How seeded records belong together: some accounts have nobody, some have many.
var (
	contactDeal      = newDeal(1, 2, 0, 3, 2, 5, 0, 1, 4, 2)
	subscriptionDeal = newDeal(1, 1, 0, 1, 2, 1, 1, 3, 1, 0)
	chargeDeal       = newDeal(1, 2, 1, 3, 1)
	teamDeal         = newDeal(1, 0, 2, 1, 1, 0, 1, 2, 1, 1)
)

func (s *seeder) contacts() int { return contactDeal.count(s.accounts) }

func (s *seeder) subscriptions() int { return subscriptionDeal.count(s.accounts) }

func (s *seeder) charges() int { return chargeDeal.count(s.subscriptions()) }

func (s *seeder) members() int { return teamDeal.count(s.accounts) }

// private contacts have no account.
func private(contact int) bool { return contact%50 == 49 }

// Every seeded contact has a direct relation to its account, of the same number; after
// those come the indirect ones, of every seventh contact to the next account.
const indirectEvery = 7

func (s *seeder) relations() int { return s.contacts() + s.contacts()/indirectEvery }

func (s *seeder) related(n int) (contact, account int, direct bool) {
	if c := s.contacts(); n >= c {
		contact = (n - c) * indirectEvery
		return contact, (contactDeal.parent(contact) + 1) % s.accounts, false
	}
	return n, contactDeal.parent(n), true
}

func (s *seeder) relationsOfContact(contact int) []int {
	out := []int{contact}
	if m := contact / indirectEvery; contact%indirectEvery == 0 && m < s.contacts()/indirectEvery {
		out = append(out, s.contacts()+m)
	}
	return out
}

func (s *seeder) relationsOfAccount(account int) []int {
	out := contactDeal.list(account)
	for _, contact := range contactDeal.list((account - 1 + s.accounts) % s.accounts) {
		if rel := s.relationsOfContact(contact); len(rel) > 1 {
			out = append(out, rel[1])
		}
	}
	return out
}

// parentAccount is -1 for most; two of ten belong to the first of the ten.
func parentAccount(n int) int {
	if n%10 >= 8 {
		return n / 10 * 10
	}
	return -1
}

func childAccounts(_ *seeder, n int) []int {
	if n%10 != 0 {
		return nil
	}
	return []int{n + 8, n + 9}
}

// person accounts are those of a single customer, where the feature is on.
func person(account int) bool { return account%50 == 20 }

func chargesOfAccount(_ *seeder, account int) []int {
	var out []int
	for _, sub := range subscriptionDeal.list(account) {
		out = append(out, chargeDeal.list(sub)...)
	}
	return out
}

func dealt(d deal) func(*seeder, int) []int {
	return func(_ *seeder, parent int) []int { return d.list(parent) }
}
