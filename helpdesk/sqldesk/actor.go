package sqldesk

import "strings"

// Actor is who does something by hand: an agent, or an administrator.
type Actor struct {
	Name  string
	Admin bool
}

// MayManage refuses whoever may not add and remove customers and organizations here.
func (s *Store) MayManage(who Actor) error { return s.may(who, "manage") }

// may refuses what only administrators do, unless the store lets agents do it too.
func (s *Store) may(who Actor, op string) error {
	if who.Admin || s.opt.AgentsManage {
		return nil
	}
	return denied(op, "%s is an agent, and agents may not add or remove customers and organizations in this store; ask an administrator, or let agents manage organizations in its configuration", orSomeone(who.Name))
}

func orSomeone(name string) string {
	if strings.TrimSpace(name) == "" {
		return "whoever asks"
	}
	return name
}
