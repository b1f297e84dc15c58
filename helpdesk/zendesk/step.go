package zendesk

import (
	"time"

	"github.com/desksync/desksync/internal/fault"
)

// step sends the next batch, if there is one that should go and a place for it.
func (a *applying) step() (bool, error) {
	l, works := a.pick()
	if len(works) == 0 || a.opt.Now().Before(a.hold) {
		return false, nil
	}
	if l.alone() || len(works) == 1 {
		a.drop(works)
		return true, a.single(l, works[0])
	}
	p, ok := a.slots.take(laneNames[l], a.opt.Now())
	if !ok {
		return false, nil
	}
	a.drop(works)
	began, err := a.batch(l, works, p)
	if !began {
		a.slots.leave(p)
	}
	return true, err
}

// pick chooses the works of the next call: a full batch of the first lane that has one,
// else what there is of the first lane to which nothing more can come for now.
func (a *applying) pick() (lane, []*work) {
	var ready [lanes][]*work
	var waiting [lanes]bool
	for _, w := range a.pending {
		if !w.ready() || w == a.last && w.lane == userCreate && !a.ended {
			waiting[w.lane] = true
		} else if len(ready[w.lane]) < perJob {
			ready[w.lane] = append(ready[w.lane], w)
		}
	}
	for l := range lanes {
		bulk := a.bulk(l)
		for _, w := range ready[l] {
			if w.alone || !bulk {
				return l, []*work{w}
			}
		}
		if len(ready[l]) == perJob {
			return l, ready[l]
		}
	}
	for l := range lanes {
		if len(ready[l]) > 0 && (a.ended && !waiting[l] || a.full() && len(a.flight) == 0) {
			return l, ready[l]
		}
	}
	return 0, nil
}

// drop takes works out of the line, because they are under way now.
func (a *applying) drop(works []*work) {
	for _, w := range works {
		w.sent = true
	}
	kept := a.pending[:0]
	for _, w := range a.pending {
		if !w.sent {
			kept = append(kept, w)
		}
	}
	a.pending = kept
}

// again puts works back in line.
func (a *applying) again(works ...*work) {
	for _, w := range works {
		w.sent = false
	}
	a.pending = append(a.pending, works...)
}

// batch prepares works and sends those that are left as one job; it reports whether a
// job began.
func (a *applying) batch(l lane, works []*work, p *place) (bool, error) {
	items, err := a.prepare(l, works)
	if err != nil {
		return false, a.refused(l, works, err)
	}
	if len(items) == 1 {
		return false, a.sendOne(l, items[0])
	}
	if len(items) == 0 {
		return false, nil
	}
	j := &job{lane: l, place: p, works: worksOf(items)}
	p.at = a.opt.Now()
	if j.id, err = a.begin(l, items); err != nil {
		return false, a.refused(l, j.works, err)
	}
	a.flight = append(a.flight, j)
	j.tell(a)
	return true, nil
}

func (a *applying) single(l lane, w *work) error {
	switch l {
	case orgDelete:
		return a.deleteOrg(w)
	case orgMerge:
		return a.mergeOrg(w)
	case memberRemove:
		return a.removeMember(w) // by both ends: its number need not be known
	case memberDefault:
		return a.makeDefault(w)
	}
	items, err := a.prepare(l, []*work{w})
	if err != nil {
		return a.refused(l, []*work{w}, err)
	}
	if len(items) == 0 {
		return nil
	}
	return a.sendOne(l, items[0])
}

// refused decides about works whose call came to nothing. It returns an error where the
// applying ends with it.
func (a *applying) refused(l lane, works []*work, err error) error {
	if a.ctx.Err() != nil {
		return a.ctx.Err()
	}
	switch kind := fault.KindOf(err); {
	case hasCode(err, tooManyJobs):
		a.slots.refused()
		a.hold = a.opt.Now().Add(max(retryAfter(err), time.Second))
		a.opt.Log(a.ctx, Note{"job refused", err.Error()})
		a.again(works...)
		return nil
	case (kind == fault.Denied || kind == fault.Unsupported || kind == fault.NotFound) && (l == userCreate || l == userUpdate) && len(works) > 1:
		a.onePerCall(l, works) // the account has no bulk import of users
		return nil
	case kind == fault.Denied:
		a.forget()
		a.failAll(works, err)
		return nil
	case kind == fault.Invalid && len(works) > 1:
		for _, w := range works {
			w.alone = true // one of them spoils it for all
		}
		a.again(works...)
		return nil
	case wasLost(err):
		return a.recover(l, works, err)
	}
	a.failAll(works, err)
	return nil
}

func (a *applying) failAll(works []*work, err error) {
	for _, w := range works {
		a.fail(w, err)
	}
}
