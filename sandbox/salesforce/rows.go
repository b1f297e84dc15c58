package salesforce

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// saved is what create and upsert answer.
type saved struct {
	ID      string     `json:"id,omitempty"`
	Success bool       `json:"success"`
	Errors  []rowError `json:"errors"`
	Created *bool      `json:"created,omitempty"`
}

// rowError is a refusal of one record in a collection.
type rowError struct {
	StatusCode string   `json:"statusCode"`
	Message    string   `json:"message"`
	Fields     []string `json:"fields"`
}

func (s *Server) objectRoot(q *request, o *org.Object) reply {
	if bad := q.allow(http.MethodGet, http.MethodHead, http.MethodPost); bad != nil {
		return *bad
	}
	if q.method != http.MethodPost {
		return jsonReply(http.StatusOK, map[string]any{"objectDescribe": s.summary(q, o), "recentItems": []int{}})
	}
	var values map[string]any
	if bad := q.decode(&values, false); bad != nil {
		return *bad
	}
	var id string
	err := s.write(q, func(tx *org.Tx) (err error) {
		id, err = tx.Create(o.Name, values)
		return err
	})
	if err != nil {
		return failure(err)
	}
	return jsonReply(http.StatusCreated, saved{ID: id, Success: true, Errors: []rowError{}}).with("Location", q.base()+"/sobjects/"+o.Name+"/"+id)
}

// row serves one record by id.
func (s *Server) row(q *request, o *org.Object, id string) reply {
	if bad := q.allow(http.MethodGet, http.MethodHead, http.MethodPatch, http.MethodDelete); bad != nil {
		return *bad
	}
	switch q.method {
	case http.MethodPatch:
		var values map[string]any
		if bad := q.decode(&values, false); bad != nil {
			return *bad
		}
		return s.written(q, func(tx *org.Tx) error { return tx.Update(o.Name, id, values) })
	case http.MethodDelete:
		return s.written(q, func(tx *org.Tx) error { return tx.Delete(o.Name, id) })
	}
	var names []string
	if list := q.query.Get("fields"); list != "" {
		names = strings.Split(list, ",")
	}
	r, err := s.world.Get(o.Name, id, names)
	if err != nil {
		return failure(err)
	}
	p := &printer{s: s, q: q, b: &bytes.Buffer{}}
	p.record(r)
	return reply{status: http.StatusOK, kind: jsonKind, body: p.b.Bytes()}
}

func (s *Server) written(q *request, change func(tx *org.Tx) error) reply {
	if err := s.write(q, change); err != nil {
		return failure(err)
	}
	return reply{status: http.StatusNoContent}
}

// externalRow serves one record by external id: read, upsert, delete.
func (s *Server) externalRow(q *request, o *org.Object, field, value string) reply {
	if bad := q.allow(http.MethodGet, http.MethodPatch, http.MethodDelete); bad != nil {
		return *bad
	}
	if q.method == http.MethodPatch {
		return s.upsert(q, o, field, value)
	}
	id, err := s.world.ByExternal(o.Name, field, value)
	if err != nil {
		return failure(err)
	}
	return s.row(q, o, id)
}

func (s *Server) upsert(q *request, o *org.Object, field, value string) reply {
	var values map[string]any
	if bad := q.decode(&values, false); bad != nil {
		return *bad
	}
	var id string
	var created bool
	err := s.write(q, func(tx *org.Tx) (err error) {
		id, created, err = tx.Upsert(o.Name, field, value, values)
		return err
	})
	if err != nil {
		return failure(err)
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	return jsonReply(status, saved{ID: id, Success: true, Errors: []rowError{}, Created: &created})
}

// replicate serves getUpdated and getDeleted.
func (s *Server) replicate(q *request, o *org.Object, which string) reply {
	if bad := q.allow(http.MethodGet); bad != nil {
		return *bad
	}
	start, err1 := readTime(q.query.Get("start"))
	end, err2 := readTime(q.query.Get("end"))
	if err1 != nil || err2 != nil {
		return fail(http.StatusBadRequest, "INVALID_REPLICATION_DATE", "start and end are times such as 2026-01-31T08:15:00+00:00")
	}
	if which == "updated" {
		ids, covered, err := s.world.Updated(o.Name, start, end)
		if err != nil {
			return failure(err)
		}
		return jsonReply(http.StatusOK, map[string]any{"ids": ids, "latestDateCovered": covered.Format(restTime)})
	}
	list, earliest, covered, err := s.world.Deleted(o.Name, start, end)
	if err != nil {
		return failure(err)
	}
	rows := []map[string]string{}
	for _, d := range list {
		rows = append(rows, map[string]string{"id": d.ID, "deletedDate": d.At.Format(restTime)})
	}
	return jsonReply(http.StatusOK, map[string]any{"deletedRecords": rows, "earliestDateAvailable": earliest.Format(restTime), "latestDateCovered": covered.Format(restTime)})
}

func readTime(text string) (t time.Time, err error) {
	for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700"} {
		if t, err = time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return t, err
}
