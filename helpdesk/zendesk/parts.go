package zendesk

import (
	"context"
	"slices"
	"strconv"
	"time"
)

// What calls count against beside the account's own limit. Updates of single objects are
// told by their names, such as organizations/5, but for one: each process may update each
// object once a minute and only say that it writes. What it wrote meanwhile it
// names when it has ended, unless that is too much.
const (
	partExports = "exports"
	partWrites  = "writes"  // may update any object once
	partSettled = "settled" // names what it updated by its earlier writes
)

// mostNamed is how many objects a process names at its end: about ten KB.
const mostNamed = 500

func (s subject) String() string {
	if s.user {
		return "users/" + strconv.FormatInt(s.id, 10)
	}
	return "organizations/" + strconv.FormatInt(s.id, 10)
}

// needs is what a call counts against that others hear of.
func (p *pace) needs(c paced, now time.Time) map[string]int {
	if p.budget.reserve == nil {
		return nil
	}
	out := map[string]int{}
	if isExport(c.req) {
		out[partExports] = 1
	}
	for _, s := range c.about {
		if p.objects[s].idle(now) {
			out[partWrites] = 1
		} else {
			out[s.String()] = 1
		}
	}
	return out
}

// hearUpdates learns which objects others updated within the last minute, or may have.
func (p *pace) hearUpdates(others []Reserved, now time.Time) {
	settled, writes := map[string]int64{}, map[string]time.Time{}
	for i := range others {
		if r := &others[i]; r.Parts[partSettled] > 0 {
			settled[r.Owner] = max(settled[r.Owner], r.Nth)
		}
	}
	p.budget.updates, p.budget.unnamed = map[string][]time.Time{}, nil
	for i := range others {
		r, last := &others[i], now.Add(others[i].Last)
		if r.Parts[partWrites] > 0 && r.Nth >= settled[r.Owner] && last.After(writes[r.Owner]) {
			writes[r.Owner] = last
		}
		for part, n := range r.Parts {
			p.budget.updates[part] = append(p.budget.updates[part], slices.Repeat([]time.Time{last}, n)...)
		}
	}
	for _, at := range writes {
		p.budget.unnamed = append(p.budget.unnamed, at)
	}
}

// waitFor says how long until an object may be updated once more, by whomever it was.
func (p *pace) waitFor(s subject, now time.Time) time.Duration {
	own := p.objects[s]
	own.drop(now)
	all := window{most: own.most, span: own.span, at: slices.Concat(own.at, p.budget.updates[s.String()], p.budget.unnamed)}
	slices.SortFunc(all.at, time.Time.Compare)
	return all.wait(now)
}

// settle names what was updated of late and only said to be written, so that whoever
// comes next need not think it of every object.
func (p *pace) settle(ctx context.Context) error {
	p.mu.Lock()
	parts := p.written()
	delete(p.budget.parts, partWrites)
	p.mu.Unlock()
	if p.budget.reserve == nil || len(parts) <= 1 || len(parts) > mostNamed {
		return nil
	}
	return p.budget.reserve(ctx, func([]Reserved) Reservation { return Reservation{Parts: parts} })
}

// written is what settle names.
func (p *pace) written() map[string]int {
	out, now := map[string]int{partSettled: 1}, p.now()
	for s, u := range p.objects {
		if !u.idle(now) && u.at[0].Equal(u.unnamed) {
			out[s.String()] = 1
		}
	}
	return out
}
