package zendesk

import (
	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// createUsers and upsertUsers are refused unless the vendor opened bulk import for the
// account (reference §8).
func (s *Sandbox) createUsers(c *call) reply {
	return s.importUsers(c, account.Work{Type: "Bulk Create User", Class: "UserBulkCreateJob", Verb: "Creating user"}, s.createOneUser)
}

func (s *Sandbox) upsertUsers(c *call) reply {
	return s.importUsers(c, account.Work{Type: "Bulk Create Or Update User", Class: "UserBulkUpsertJob", Verb: "Importing user"}, s.upsertOneUser)
}

func (s *Sandbox) importUsers(c *call, w account.Work, one func(i int, p account.Patch) any) reply {
	if !s.settings.BulkUserImport {
		return noAccess()
	}
	batch, refused := c.objects("users")
	if refused != nil {
		return *refused
	}
	w.Pace, w.Total = account.Creating, len(batch)
	w.Run = func(i int) any { return one(i, batch[i]) }
	return s.submit(c, w)
}

func (s *Sandbox) createOneUser(i int, p account.Patch) any {
	u, _, err := s.account.CreateUser(p)
	if err != nil {
		return failed{Index: i, Error: "UserCreateFailed", Details: err.Error()}
	}
	return made{"Created", u.ID}
}

func (s *Sandbox) upsertOneUser(i int, p account.Patch) any {
	u, err := s.account.MatchUser(p)
	if err != nil {
		return failed{Index: i, Error: "UserCreateFailed", Details: err.Error()}
	}
	if u == nil {
		return s.createOneUser(i, p)
	}
	return s.updateOneUser(i, u, u.ID, p)
}

func (s *Sandbox) updateOneUser(i int, u *account.User, id int64, p account.Patch) any {
	if u == nil {
		return failed{Index: i, Error: "RecordNotFound", ID: id, Details: "Not found"}
	}
	if _, err := s.account.UpdateUser(u, p); err != nil {
		return failed{Index: i, Error: "UserUpdateFailed", ID: u.ID, Details: err.Error()}
	}
	return changed{"update", u.ID, "Updated", true}
}

// updateUsers is two calls, as that of organizations is.
func (s *Sandbox) updateUsers(c *call) reply {
	work := account.Work{Type: "Bulk Update User", Class: "UserBulkUpdateJob", Verb: "Updating user", Pace: account.Updating}
	if !c.query.Has("ids") && !c.query.Has("external_ids") {
		batch, refused := c.objects("users")
		if refused != nil {
			return *refused
		}
		work.Total = len(batch)
		work.Run = func(i int) any { return s.updateEachUser(i, batch[i]) }
		return s.submit(c, work)
	}
	p, refused := c.object("user")
	if refused != nil {
		return *refused
	}
	ids, refused := c.idList()
	if refused != nil {
		return *refused
	}
	external, refused := c.textList("external_ids")
	if refused != nil {
		return *refused
	}
	work.Total = len(ids) + len(external)
	work.Run = func(i int) any {
		if i < len(ids) {
			return s.updateOneUser(i, s.account.User(ids[i]), ids[i], p)
		}
		return s.updateOneUser(i, s.account.UserByExternalID(external[i-len(ids)]), 0, p)
	}
	return s.submit(c, work)
}

func (s *Sandbox) updateEachUser(i int, p account.Patch) any {
	id, err := p.ID("id")
	if err != nil {
		return failed{Index: i, Error: "UserUpdateFailed", Details: err.Error()}
	}
	delete(p, "id")
	return s.updateOneUser(i, s.account.User(id), id, p)
}
