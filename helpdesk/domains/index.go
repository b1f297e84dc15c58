package domains

// Index answers whose a domain is, by the longest claimed suffix. It is safe
// for concurrent use.
type Index struct{ rulings map[string]Ruling }

// NewIndex rules on the claims and keeps the rulings by domain.
func NewIndex(tie Tie, claims []Claim) *Index {
	all := Resolve(tie, claims)
	x := &Index{make(map[string]Ruling, len(all))}
	for _, r := range all {
		x.rulings[r.Domain] = r
	}
	return x
}

// Match returns the ruling on the longest claimed suffix of domain, which is in
// the form of EmailDomain. A conflict there stands: a shorter suffix never
// attaches whom a longer one is contested for.
func (x *Index) Match(domain string) (Ruling, bool) {
	if x == nil {
		return Ruling{}, false
	}
	for name := range Suffixes(domain) {
		if r, ok := x.rulings[name]; ok {
			return r, true
		}
	}
	return Ruling{}, false
}
