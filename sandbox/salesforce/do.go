package salesforce

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// Act is one change by the admin API: what REST has no call for, or no call for many.
type Act struct {
	Do     string         `json:"do"` // see acts
	Object string         `json:"object,omitempty"`
	ID     string         `json:"id,omitempty"`
	IDs    []string       `json:"ids,omitempty"`
	Fields map[string]any `json:"fields,omitempty"`
	Field  string         `json:"field,omitempty"`
	From   string         `json:"from,omitempty"`
	To     string         `json:"to,omitempty"`
	First  int            `json:"first,omitempty"` // of touch: from which record on
	Count  int            `json:"count,omitempty"` // of touch: how many
}

// acts are what the admin API can do to records.
func acts() map[string]func(tx *org.Tx, a Act) (any, error) {
	return map[string]func(tx *org.Tx, a Act) (any, error){
		"create": func(tx *org.Tx, a Act) (any, error) {
			id, err := tx.Create(a.Object, a.Fields)
			return map[string]string{"id": id}, err
		},
		"update":    func(tx *org.Tx, a Act) (any, error) { return done(), tx.Update(a.Object, a.ID, a.Fields) },
		"delete":    func(tx *org.Tx, a Act) (any, error) { return done(), tx.DeleteByID(a.ID) },
		"undelete":  func(tx *org.Tx, a Act) (any, error) { return done(), tx.Undelete(a.ID) },
		"purge":     func(tx *org.Tx, a Act) (any, error) { return done(), tx.Purge(a.ID) },
		"purge_all": func(tx *org.Tx, _ Act) (any, error) { return map[string]int{"count": tx.PurgeAll()}, nil },
		"hard_delete": func(tx *org.Tx, a Act) (any, error) {
			return done(), tx.HardDelete(append(a.IDs, nonEmpty(a.ID)...)...)
		},
		"merge": func(tx *org.Tx, a Act) (any, error) { return done(), tx.Merge(a.Object, a.ID, a.IDs, a.Fields) },
		"touch": func(tx *org.Tx, a Act) (any, error) {
			n, err := tx.Touch(a.Object, a.First, a.Count, a.Fields)
			return map[string]int{"count": n}, err
		},
		"rename_picklist_value": func(tx *org.Tx, a Act) (any, error) {
			n, err := tx.RenamePick(a.Object, a.Field, a.From, a.To)
			return map[string]int{"count": n}, err
		},
	}
}

func nonEmpty(id string) []string {
	if id == "" {
		return nil
	}
	return []string{id}
}

func (s *Server) adminDo(r *http.Request) (any, error) {
	var a Act
	if err := readJSON(r, &a); err != nil {
		return nil, err
	}
	return s.act(a)
}

// act makes a change as one transaction of the first person who is no integration.
func (s *Server) act(a Act) (any, error) {
	run := acts()[a.Do]
	if run == nil {
		return nil, fmt.Errorf("there is no act %q", strings.TrimSpace(a.Do))
	}
	tx := s.world.Begin(s.world.IDOf("User", 1))
	out, err := run(tx, a)
	if err != nil {
		tx.Rollback()
		return nil, err
	}
	return out, nil
}
