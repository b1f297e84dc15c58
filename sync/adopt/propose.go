package adopt

import (
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fold"
)

// Propose says for every wanted object of a kind which held one is to be linked to it,
// in the order of account and key. An object carries at most one link: what two records
// have a claim to is left to people, and so is what only a name or a domain speaks for.
func Propose(kind helpdesk.Kind, wanted []Wanted, held []Held) []Proposal {
	wanted = distinct(wanted)
	m := &matcher{index: newIndex(kind, wanted, held), free: make([]bool, len(held)), mails: map[string][]string{}}
	out := make([]Proposal, len(wanted))
	for i := range wanted {
		out[i] = Proposal{Wanted: wanted[i]}
		gather(m.mails, strings.ToLower(wanted[i].Email), wanted[i].Ref.Key)
		m.byIDs(&out[i])
	}
	for i := range held {
		m.free[i] = held[i].Key == "" && m.id(held[i].FieldID) == ""
	}
	for i := range out {
		if out[i].Link == None && out[i].Reason == "" {
			m.byLooks(&out[i])
		}
	}
	m.contested(out)
	return out
}

// matcher makes proposals of one kind.
type matcher struct {
	*index
	free  []bool              // held objects that carry no record's id
	mails map[string][]string // wanted users by e-mail
}

func gather(m map[string][]string, text, key string) {
	if text != "" {
		m[text] = append(m[text], key)
	}
}

// byIDs proposes what carries the record's id.
func (m *matcher) byIDs(p *Proposal) {
	all := m.byID[p.Ref.Key]
	if i, ok := m.byKey[p.Ref.Key]; ok {
		m.take(p, i, Linked)
		if others := slices.DeleteFunc(slices.Clone(all), func(j int) bool { return j == i }); len(others) > 0 {
			p.Reason = m.labels(others) + " " + verb(others, "carries", "carry") + " its id too"
		}
		return
	}
	mine, theirs := m.split(p.Ref.Key, all)
	switch {
	case len(mine) == 1:
		m.take(p, mine[0], Yes)
		m.doubt(p)
	case len(mine) > 1:
		p.Link, p.Reason = Ask, m.labels(mine)+" carry its id; write one of them under target_id, and yes"
		p.Evidence = m.evidence(p, mine[0])
	case len(theirs) > 0:
		p.Reason = m.label(theirs[0]) + " carries its id in the id field, and belongs to " + m.owner(&m.held[theirs[0]])
	default:
		m.byCase(p)
	}
}

// split tells objects that carry an id from those that belong to another record all the
// same, because that stands in their external id.
func (m *matcher) split(key string, all []int) (mine, theirs []int) {
	for _, i := range all {
		if id := m.id(m.held[i].Key); id != "" && id != key {
			theirs = append(theirs, i)
		} else {
			mine = append(mine, i)
		}
	}
	return mine, theirs
}

func (m *matcher) take(p *Proposal, i int, link Link) {
	p.Held, p.Link, p.Evidence = &m.held[i], link, m.evidence(p, i)
}

// doubt leaves to people what an exact id speaks for and something else speaks against.
func (m *matcher) doubt(p *Proposal) {
	switch h := p.Held; {
	case h.Spared != "":
		p.Link, p.Reason = None, h.Spared
	case h.Key != "" && m.id(h.Key) == "":
		p.Link, p.Reason = Ask, "its external id "+h.Key+" would be replaced"
	}
}

// byCase proposes what carries an id of 15 characters that is the record's but for the
// letter case: external ids are often compared without it.
func (m *matcher) byCase(p *Proposal) {
	if len(p.Ref.Key) < 15 {
		return
	}
	near := slices.DeleteFunc(slices.Clone(m.byLetter[strings.ToLower(p.Ref.Key[:15])]), func(i int) bool {
		return m.keys[m.owner(&m.held[i])]
	})
	if len(near) == 0 {
		return
	}
	p.Link, p.Reason = Ask, m.labels(near)+" "+verb(near, "carries", "carry")+" an id that differs from this one in letter case only"
	if len(near) == 1 {
		m.take(p, near[0], Ask)
		p.Evidence |= ByCase
	}
}

// byLooks proposes what has the record's name, domain or e-mail, among the objects that
// carry no record's id.
func (m *matcher) byLooks(p *Proposal) {
	if m.kind == helpdesk.User {
		m.byAddress(p)
		return
	}
	named, near := m.some(m.byName[fold.Name(p.Name)]), m.sharing(p)
	best := named
	if len(best) == 0 {
		best = near
	}
	switch {
	case len(best) == 1:
		m.take(p, best[0], Ask)
		if rest := slices.DeleteFunc(near, func(i int) bool { return i == best[0] }); len(rest) > 0 {
			p.Reason = m.labels(rest) + " " + verb(rest, "has", "have") + " one of its domains"
		}
	case len(named) > 1:
		p.Link, p.Evidence, p.Reason = Ask, ByName, m.labels(named)+" have its name; write one of them under target_id, and yes"
	case len(near) > 1:
		p.Link, p.Evidence, p.Reason = Ask, ByDomain, m.labels(near)+" have one of its domains; write one of them under target_id, and yes"
	default:
		p.Reason = m.nothing(p)
	}
}

// some returns those that are free.
func (m *matcher) some(list []int) []int {
	return slices.DeleteFunc(slices.Clone(list), func(i int) bool { return !m.free[i] })
}

// sharing returns the free objects that have one of the record's domains.
func (m *matcher) sharing(p *Proposal) []int {
	var out []int
	for _, d := range p.Domains {
		out = append(out, m.some(m.byDomain[strings.ToLower(d)])...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// nothing says why there is nothing to propose for an organization.
func (m *matcher) nothing(p *Proposal) string {
	if all := m.byName[fold.Name(p.Name)]; len(all) > 0 {
		h := &m.held[all[0]]
		if id := m.owner(h); id != "" {
			return m.label(all[0]) + " has its name, and belongs to " + id
		}
		return m.label(all[0]) + " has its name, and the external id " + h.Key
	}
	return "no organization has its id, name or domain"
}

// byAddress proposes the user with a contact's e-mail, where nobody else has it.
func (m *matcher) byAddress(p *Proposal) {
	mail := strings.ToLower(p.Email)
	all := m.byMail[mail]
	switch {
	case mail == "":
		p.Reason = "the contact has no e-mail"
	case len(m.mails[mail]) > 1:
		p.Reason = "the contacts " + strings.Join(m.mails[mail], ", ") + " have the same e-mail"
	case len(all) == 0:
		p.Reason = "no user has its id or e-mail"
	case len(all) > 1:
		p.Link, p.Evidence, p.Reason = Ask, ByEmail, m.labels(all)+" have its e-mail; write one of them under target_id, and yes"
	case m.held[all[0]].Spared != "":
		p.Reason = m.held[all[0]].Spared
	case !m.free[all[0]]:
		p.Reason = m.label(all[0]) + " has its e-mail, and the external id " + m.held[all[0]].Key
	default:
		m.take(p, all[0], Yes)
	}
}

// evidence is all that speaks for a link.
func (m *matcher) evidence(p *Proposal, i int) Evidence {
	h := &m.held[i]
	e := m.idsOf(h)[p.Ref.Key]
	if name := fold.Name(h.Name); m.kind == helpdesk.Organization && name != "" && name == fold.Name(p.Name) {
		e |= ByName
	}
	if h.Email != "" && strings.EqualFold(h.Email, p.Email) {
		e |= ByEmail
	}
	if slices.ContainsFunc(p.Domains, func(d string) bool {
		return slices.ContainsFunc(h.Domains, func(have string) bool { return strings.EqualFold(d, have) })
	}) {
		e |= ByDomain
	}
	return e
}

// contested leaves to people what is proposed for two records.
func (m *matcher) contested(list []Proposal) {
	claims := map[*Held][]int{}
	for i := range list {
		if list[i].Held != nil {
			claims[list[i].Held] = append(claims[list[i].Held], i)
		}
	}
	for _, who := range claims {
		if len(who) < 2 {
			continue
		}
		keys := make([]string, len(who))
		for n, i := range who {
			keys[n] = list[i].Ref.Key
		}
		for _, i := range who {
			if p := &list[i]; p.Link != Linked {
				p.Link, p.Reason = Ask, string(m.kind)+" "+p.Held.ID+" may belong to "+strings.Join(keys, " or ")+"; write yes for one of them"
			}
		}
	}
}

func verb(list []int, one, many string) string {
	if len(list) == 1 {
		return one
	}
	return many
}
