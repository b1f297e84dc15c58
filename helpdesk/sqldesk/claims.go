package sqldesk

import "slices"

// claim is one object of a batch that wants a text nobody else may hold: a folded
// name, a folded address.
type claim struct {
	i    int   // its change in the batch
	id   int64 // the object; 0: not made yet
	old  string
	want string
}

// settle decides which claims hold. A text may pass from one object of the batch to
// another, in chains and swaps, as long as its holder really leaves it; of two that
// want the same, the first gets it. It returns the losers.
func settle(claims []claim, holders map[string]int64) (lost []claim) {
	alive := slices.Clone(claims)
	for {
		leaves := map[int64]bool{}
		for _, c := range alive {
			leaves[c.id] = c.id != 0 && c.old != c.want
		}
		taken := map[string]bool{}
		n := len(alive)
		alive = slices.DeleteFunc(alive, func(c claim) bool {
			holder, held := holders[c.want]
			loses := c.want != "" && (taken[c.want] || held && holder != c.id && !leaves[holder])
			taken[c.want] = true
			if loses {
				lost = append(lost, c)
			}
			return loses
		})
		if len(alive) == n {
			return lost
		}
	}
}

// inTheWay returns the objects whose old text another claim of the batch wants:
// they must let go of it before anyone can have it.
func inTheWay(claims []claim) (ids []int64) {
	wanted := map[string]bool{}
	for _, c := range claims {
		wanted[c.want] = true
	}
	for _, c := range claims {
		if c.id != 0 && c.old != c.want && wanted[c.old] {
			ids = append(ids, c.id)
		}
	}
	return ids
}
