package org

import (
	"slices"
	"time"
)

// maxReplicated is how many ids getUpdated and getDeleted give at most.
const maxReplicated = 600_000

// Deleted is one entry of the log of deletes.
type Deleted struct {
	ID string
	At time.Time
}

// window checks start and end of getUpdated and getDeleted: seconds do not count, the
// end is more than a minute after the start, and the start is in the days the log keeps
// (REST guide, Get Deleted, Get Updated).
func (w *World) window(start, end time.Time, days int) (time.Time, time.Time, *Error) {
	start, end = start.Truncate(time.Minute), end.Truncate(time.Minute)
	oldest := w.Now().AddDate(0, 0, -days)
	switch {
	case end.Sub(start) <= time.Minute:
		return start, end, refuse("INVALID_REPLICATION_DATE", "end date must be more than one minute after start date")
	case start.Before(oldest):
		return start, end, refuse("INVALID_REPLICATION_DATE", "startDate before org replication enabled date")
	}
	return start, end, nil
}

// Covered is up to when all changes are visible: the start of the oldest transaction
// that is still running, else the end of the window.
func (w *World) Covered(end time.Time) time.Time {
	now := w.Now()
	covered := now
	if !w.Settings.Stalled.IsZero() {
		covered = w.Settings.Stalled
	}
	for _, tx := range w.open {
		if tx.from.After(now) && tx.stamp.Before(covered) {
			covered = tx.stamp
		}
	}
	if end.Before(covered) {
		covered = end
	}
	return covered.Truncate(time.Minute)
}

// Updated lists the live records that were made or changed between start and end.
func (w *World) Updated(object string, start, end time.Time) (ids []string, covered time.Time, err error) {
	o, ok := w.Object(object)
	if !ok {
		return nil, covered, NotSupported(object)
	}
	start, end, bad := w.window(start, end, 30)
	if bad != nil {
		return nil, covered, bad
	}
	v, t, f := w.view(), w.table(o.Name), o.field("SystemModstamp")
	ids = []string{}
	for n := range t.count {
		r := rec{t, n}
		at, _ := v.get(r, f).(time.Time)
		if !at.Before(start) && at.Before(end) && v.state(r) == live {
			ids = append(ids, r.id())
		}
	}
	if len(ids) > maxReplicated {
		return nil, covered, refuse("EXCEEDED_ID_LIMIT", "too many ids in the time span")
	}
	return ids, w.Covered(end), nil
}

// Deleted lists the records that were deleted between start and end and not restored,
// and how far back the log goes.
func (w *World) Deleted(object string, start, end time.Time) (gone []Deleted, earliest, covered time.Time, err error) {
	o, ok := w.Object(object)
	if !ok {
		return nil, earliest, covered, NotSupported(object)
	}
	start, end, bad := w.window(start, end, 15)
	if bad != nil {
		return nil, earliest, covered, bad
	}
	gone = []Deleted{}
	now, t := w.Now(), w.table(o.Name)
	for n := range t.rows {
		ver := t.at(n, now)
		if ver == nil || ver.state != binned && ver.state != vanished || ver.silent || ver.deleted.Before(start) || !ver.deleted.Before(end) {
			continue
		}
		gone = append(gone, Deleted{rec{t, n}.id(), ver.deleted})
	}
	slices.SortFunc(gone, func(a, b Deleted) int { return a.At.Compare(b.At) })
	return gone, now.AddDate(0, 0, -15).Truncate(time.Minute), w.Covered(end), nil
}
