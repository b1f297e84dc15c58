package salesforce

import (
	"bytes"
	"errors"
	"net/http"
	"strings"

	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// maxCollection is how many records a collection holds (REST guide, sObject Collections).
const maxCollection = 200

func asError(err error, to **org.Error) bool { return errors.As(err, to) }

// collection creates, updates or deletes up to 200 records in one transaction.
func (s *Server) collection(q *request) reply {
	if bad := q.allow(http.MethodPost, http.MethodPatch, http.MethodDelete); bad != nil {
		return *bad
	}
	if q.method == http.MethodDelete {
		ids := strings.Split(q.query.Get("ids"), ",")
		return s.each(q, len(ids), q.query.Get("allOrNone") == "true", func(tx *org.Tx, i int) (string, error) {
			return ids[i], tx.DeleteByID(ids[i])
		})
	}
	var in struct {
		AllOrNone bool             `json:"allOrNone"`
		Records   []map[string]any `json:"records"`
	}
	if bad := q.decode(&in, true); bad != nil {
		return *bad
	}
	return s.each(q, len(in.Records), in.AllOrNone, func(tx *org.Tx, i int) (string, error) {
		return save(tx, q.method, in.Records[i])
	})
}

// save writes one record of a collection, whose type stands in its attributes.
func save(tx *org.Tx, method string, record map[string]any) (string, error) {
	attributes, _ := record["attributes"].(map[string]any)
	object, _ := attributes["type"].(string)
	values, id := map[string]any{}, ""
	for name, v := range record {
		if strings.EqualFold(name, "id") {
			id, _ = v.(string)
		} else {
			values[name] = v
		}
	}
	if method == http.MethodPatch {
		return id, tx.Update(object, id, values)
	}
	return tx.Create(object, values)
}

// each runs a change per record. A record that fails leaves no trace; with allOrNone
// nothing does.
func (s *Server) each(q *request, n int, allOrNone bool, change func(tx *org.Tx, i int) (string, error)) reply {
	if n == 0 || n > maxCollection {
		return fail(http.StatusBadRequest, "EXCEEDED_MAX_SIZE_REQUEST", "record limit reached. cannot submit more than 200 records in this call")
	}
	tx := q.tx
	if tx == nil {
		tx = s.world.Begin(q.user)
	}
	mark := tx.Mark()
	out := make([]saved, n)
	failed := false
	for i := range n {
		before := tx.Mark()
		id, err := change(tx, i)
		if err == nil {
			out[i] = saved{ID: id, Success: true, Errors: []rowError{}}
			continue
		}
		tx.RollbackTo(before)
		failed, out[i] = true, saved{Errors: []rowError{errorOf(err)}}
	}
	if failed && allOrNone {
		tx.RollbackTo(mark)
		for i := range out {
			if out[i].Success {
				out[i] = saved{Errors: []rowError{{"ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back because not all records were valid and the request was using AllOrNone header", []string{}}}}
			}
		}
	}
	return jsonReply(http.StatusOK, out)
}

// retrieve reads records by id; one that is not there is null.
func (s *Server) retrieve(q *request, object string) reply {
	if bad := q.allow(http.MethodPost); bad != nil {
		return *bad
	}
	var in struct {
		IDs    []string `json:"ids"`
		Fields []string `json:"fields"`
	}
	if bad := q.decode(&in, true); bad != nil {
		return *bad
	}
	p := &printer{s: s, q: q, b: &bytes.Buffer{}}
	p.b.WriteByte('[')
	for i, id := range in.IDs {
		if i > 0 {
			p.b.WriteByte(',')
		}
		r, err := s.world.Get(object, id, in.Fields)
		var e *org.Error
		switch {
		case err == nil:
			p.record(r)
		case asError(err, &e) && statusOf(e.Code) == http.StatusNotFound:
			p.b.WriteString("null")
		default:
			return failure(err)
		}
	}
	p.b.WriteByte(']')
	return reply{status: http.StatusOK, kind: jsonKind, body: p.b.Bytes()}
}
