package crmgen

import "github.com/desksync/desksync/crm"

// What a random number is for: each use of a record's randomness is its own.
type use uint64

const (
	useName use = iota + 1
	useUgly
	useProduct
	useSecond
	useStart
	useLength
	useQuantity
	useSegment
	useOwner
	useManager
	useArchitect
	useGeo
	useRestricted
	useRisk
	useUpgrade
	useCurrency
	useParent
	useStreet
	usePartner
	useFirst
	useLast
	useTitle
	useInactive
	useRole
	useDuplicate
	useShared
	useEmail
	useUnknown
	useExpired
	useSeveral
	useLong
	useType
	useHold
	useDomain
	useOther
)

// rnd is the random number of record i for one use: splitmix64, by Vigna.
func (g *generator) rnd(u use, i int) uint64 {
	x := g.opt.Seed*0x9e3779b97f4a7c15 + uint64(u)<<48 + uint64(i)
	x = (x + 0x9e3779b97f4a7c15)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// n is a random number below most.
func (g *generator) n(u use, i, most int) int { return int(g.rnd(u, i) % uint64(most)) }

// odd reports whether record i belongs to a share.
func (g *generator) odd(share float64, u use, i int) bool {
	return share > 0 && float64(g.rnd(u, i)>>11)/(1<<53) < share
}

func (g *generator) pick(u use, i int, list []string) string { return list[g.n(u, i, len(list))] }

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// id is the id of record i of an object: prefix, instance, running number. Ids
// ascend with i, byte by byte.
func id(prefix string, i int) string {
	const first = 45_000_000 // an organization that exists for some years
	var b [15]byte
	copy(b[:], prefix+"Aa0")
	n := i + first
	for at := 14; at >= 6; at-- {
		b[at] = base62[n%62]
		n /= 62
	}
	return string(b[:]) + crm.Suffix(string(b[:]))
}

// shuffle visits 0 to n-1 in an order that looks like none, without keeping it.
type shuffle struct{ n, step, from int }

func newShuffle(n int, shuffled bool) shuffle {
	if !shuffled || n < 3 {
		return shuffle{n, 1, 0}
	}
	step := int(float64(n) * 0.6180339887)
	for gcd(step, n) != 1 {
		step++
	}
	return shuffle{n, step, n / 3}
}

func (s shuffle) at(i int) int { return (i*s.step + s.from) % s.n }

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
