package account

// Changed is one page of an export: rows in the order of their last changes.
type Changed[T any] struct {
	Rows []*T
	Last int64 // when the last of them changed, unix seconds; 0 where there is none
	End  bool  // nothing more for now
}

// span is what part of a feed is asked for.
type span[T any] struct {
	first  int   // entry of the feed
	before int64 // unix seconds
	limit  int
	whole  bool // a page may exceed the limit where rows share the last second
	skip   func(row *T) bool
}

// ExportOrganizations reads what changed from a time on and before another; deleted ones
// are in it where that is asked for.
func (a *Account) ExportOrganizations(from, before int64, limit int, whole, deleted bool) Changed[Organization] {
	return export(&a.orgFeed, a.orgs.rows, a.liveOrganizationEntry, span[Organization]{
		a.orgFeed.from(from), before, limit, whole, func(o *Organization) bool { return o.Deleted != 0 && !deleted },
	})
}

// ExportUsers reads what changed from a time on and before another.
func (a *Account) ExportUsers(from, before int64, limit int, whole bool) Changed[User] {
	return a.exportUsers(a.userFeed.from(from), before, limit, whole)
}

// ExportUsersAfter goes on behind a user who was told as the last of the second from. If
// they changed again since, that second is told anew.
func (a *Account) ExportUsersAfter(from, last, before int64, limit int) Changed[User] {
	first := a.userFeed.from(from)
	for i := first; i < len(a.userFeed.entries) && a.userFeed.entries[i].at == from; i++ {
		if a.users.rows[a.userFeed.entries[i].row].ID == last {
			first = i + 1
		}
	}
	return a.exportUsers(first, before, limit, false)
}

func (a *Account) exportUsers(first int, before int64, limit int, whole bool) Changed[User] {
	return export(&a.userFeed, a.users.rows, a.liveUserEntry, span[User]{first, before, limit, whole, func(*User) bool { return false }})
}

func export[T any](f *feed, rows []*T, live func(entry) bool, s span[T]) Changed[T] {
	out := Changed[T]{End: true}
	for _, e := range f.entries[s.first:] {
		if e.at >= s.before {
			break
		}
		row := rows[e.row]
		if !live(e) || s.skip(row) {
			continue
		}
		if len(out.Rows) >= s.limit && (!s.whole || e.at != out.Last) {
			out.End = false
			break
		}
		out.Rows = append(out.Rows, row)
		out.Last = e.at
	}
	return out
}
