package org

import "time"

// born is the day up to which seeded records were edited; fixed, so that one seed
// gives the same records today and tomorrow.
func born() time.Time { return time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC) }

// seeder knows how many seeded records there are, and what all of them are made from.
type seeder struct {
	number   uint64
	accounts int
	users    int
}

func newSeeder(number uint64, accounts int) *seeder {
	return &seeder{number: number, accounts: accounts, users: 4 + accounts/500}
}

// dice mixes seed, field and record to a number that looks random and is always the same.
func (s *seeder) dice(salt uint64, n int) uint64 {
	x := s.number*0x9E3779B97F4A7C15 ^ salt ^ uint64(n+1)*0xD1B54A32D192ED03 //nolint:gosec // bits, not amounts
	x ^= x >> 30
	x *= 0xBF58476D1CE4E5B9
	x ^= x >> 27
	x *= 0x94D049BB133111EB
	return x ^ x>>31
}

// salt tells fields apart.
func salt(name string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	return h
}

// below turns a throw into a number from 0 to n-1.
func below(h uint64, n int) int { return int(h % uint64(n)) } //nolint:gosec // n is small and positive

// deal gives children to parents in a pattern that repeats, so that both the parent of a
// child and the children of a parent are found by counting.
type deal struct {
	starts []int // of each parent of a block; the last is the size of the block
}

func newDeal(counts ...int) deal {
	starts := []int{0}
	for i, c := range counts {
		starts = append(starts, starts[i]+c)
	}
	return deal{starts}
}

func (d deal) parents() int { return len(d.starts) - 1 }

func (d deal) block() int { return d.starts[len(d.starts)-1] }

// children are those of parent p: from, and up to.
func (d deal) children(p int) (from, to int) {
	base := p / d.parents() * d.block()
	return base + d.starts[p%d.parents()], base + d.starts[p%d.parents()+1]
}

func (d deal) list(p int) []int {
	from, to := d.children(p)
	out := make([]int, 0, to-from)
	for n := from; n < to; n++ {
		out = append(out, n)
	}
	return out
}

func (d deal) parent(n int) int {
	in := n % d.block()
	for i := range d.parents() {
		if in < d.starts[i+1] {
			return n/d.block()*d.parents() + i
		}
	}
	return 0 // not reached: in is below the last start
}

// count is how many children so many parents have.
func (d deal) count(parents int) int {
	if parents == 0 {
		return 0
	}
	_, to := d.children(parents - 1)
	return to
}
