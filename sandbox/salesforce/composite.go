package salesforce

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// Composite calls hold up to 25 parts, of which up to 5 query (REST guide, Composite).
const (
	maxParts   = 25
	maxQueries = 5
)

func (s *Server) composite(q *request) reply {
	switch strings.Join(q.rest[1:], "/") {
	case "":
		return s.compositeGraph(q)
	case "batch":
		return s.batch(q)
	case "sobjects":
		return s.collection(q)
	}
	if len(q.rest) == 3 && q.rest[1] == "sobjects" {
		return s.retrieve(q, q.rest[2])
	}
	return notFound()
}

type part struct {
	Method      string            `json:"method"`
	URL         string            `json:"url"`
	ReferenceID string            `json:"referenceId"`
	Body        json.RawMessage   `json:"body"`
	Headers     map[string]string `json:"httpHeaders"`
}

type partResult struct {
	Body        json.RawMessage   `json:"body"`
	Headers     map[string]string `json:"httpHeaders"`
	Status      int               `json:"httpStatusCode"`
	ReferenceID string            `json:"referenceId"`
}

// compositeGraph runs parts that may refer to the answers of earlier ones. All of it is
// one call and one transaction.
func (s *Server) compositeGraph(q *request) reply {
	if bad := q.allow(http.MethodPost); bad != nil {
		return *bad
	}
	var in struct {
		AllOrNone bool   `json:"allOrNone"`
		Collate   bool   `json:"collateSubrequests"`
		Parts     []part `json:"compositeRequest"`
	}
	if bad := q.decode(&in, true); bad != nil {
		return *bad
	}
	if bad := checkParts(in.Parts); bad != nil {
		return *bad
	}
	q.tx = s.world.Begin(q.user)
	var results []partResult
	failed := false
	for _, p := range in.Parts {
		a := s.runPart(q, p, results)
		failed = failed || a.failed()
		results = append(results, resultOf(p, a))
	}
	if failed && in.AllOrNone {
		q.tx.Rollback()
		halt(results)
	}
	return jsonReply(http.StatusOK, map[string]any{"compositeResponse": results})
}

func checkParts(parts []part) *reply {
	bad := func(code, text string) *reply { r := fail(http.StatusBadRequest, code, text); return &r }
	seen, queries := map[string]bool{}, 0
	for _, p := range parts {
		if strings.Contains(p.URL, "/query") || strings.Contains(p.URL, "/composite/sobjects") {
			queries++
		}
		if p.ReferenceID == "" || seen[p.ReferenceID] {
			return bad("INVALID_INPUT", "referenceId is missing or not unique: "+p.ReferenceID)
		}
		seen[p.ReferenceID] = true
	}
	switch {
	case len(parts) == 0:
		return bad("INVALID_INPUT", "compositeRequest is empty")
	case len(parts) > maxParts:
		return bad("LIMIT_EXCEEDED", "a composite request holds at most "+strconv.Itoa(maxParts)+" subrequests")
	case queries > maxQueries:
		return bad("LIMIT_EXCEEDED", "a composite request holds at most "+strconv.Itoa(maxQueries)+" query or collection subrequests")
	}
	return nil
}

func (s *Server) runPart(q *request, p part, before []partResult) reply {
	address, body, missing := fillPart(p, before)
	if missing != "" {
		return halted(missing)
	}
	rest, ok := strings.CutPrefix(address, q.base()+"/")
	if !ok || strings.HasPrefix(rest, "composite") && !strings.HasPrefix(rest, "composite/sobjects") || strings.HasPrefix(rest, "jobs") {
		return fail(http.StatusBadRequest, "INVALID_INPUT", "the url of a subrequest is a path of the same API version: "+p.URL)
	}
	sub, err := q.sub(p.Method, address)
	if err != nil {
		return fail(http.StatusBadRequest, "INVALID_INPUT", err.Error())
	}
	for k, v := range p.Headers {
		sub.header.Set(k, v)
	}
	sub.body = []byte(body)
	return s.resource(sub, strings.TrimPrefix(sub.path, q.base()+"/"))
}

func resultOf(p part, a reply) partResult {
	r := partResult{Body: a.body, Status: a.status, ReferenceID: p.ReferenceID, Headers: map[string]string{}}
	if len(a.body) == 0 {
		r.Body = json.RawMessage("null")
	}
	if place := a.header["Location"]; place != "" {
		r.Headers["Location"] = place
	}
	return r
}

// halt replaces the answers of parts that went well, and were taken back.
func halt(results []partResult) {
	text, _ := encode([]apiError{{Message: "The transaction was rolled back since another operation in the same transaction failed.", ErrorCode: "PROCESSING_HALTED"}}) // plain text
	for i, r := range results {
		if r.Status < 400 {
			results[i].Body, results[i].Status, results[i].Headers = text, http.StatusBadRequest, map[string]string{}
		}
	}
}

// batch runs parts that know nothing of each other; each counts as a call (REST guide,
// Composite Batch).
func (s *Server) batch(q *request) reply {
	if bad := q.allow(http.MethodPost); bad != nil {
		return *bad
	}
	var in struct {
		Halt  bool `json:"haltOnError"`
		Parts []struct {
			Method string          `json:"method"`
			URL    string          `json:"url"`
			Body   json.RawMessage `json:"richInput"`
		} `json:"batchRequests"`
	}
	if bad := q.decode(&in, true); bad != nil {
		return *bad
	}
	if len(in.Parts) == 0 || len(in.Parts) > maxParts {
		return fail(http.StatusBadRequest, "LIMIT_EXCEEDED", "a batch holds 1 to "+strconv.Itoa(maxParts)+" subrequests")
	}
	type result struct {
		Status int             `json:"statusCode"`
		Result json.RawMessage `json:"result"`
	}
	var results []result
	failed := false
	for _, p := range in.Parts {
		a := fail(http.StatusPreconditionFailed, "BATCH_PROCESSING_HALTED", "Batch processing halted per request")
		if !failed || !in.Halt {
			a = s.runPart(q, part{Method: p.Method, URL: "/services/data/" + strings.TrimPrefix(p.URL, "/services/data/"), Body: p.Body}, nil)
			s.calls.add(s.world.Now(), 1)
		}
		failed = failed || a.failed()
		results = append(results, result{a.status, resultOf(part{}, a).Body})
	}
	s.calls.add(s.world.Now(), -1) // the call that carried them
	return jsonReply(http.StatusOK, map[string]any{"hasErrors": failed, "results": results})
}

// errorOf is the refusal of one record in a collection.
func errorOf(err error) rowError {
	a := rowError{StatusCode: "UNKNOWN_EXCEPTION", Message: err.Error(), Fields: []string{}}
	if e := new(org.Error); asError(err, &e) {
		a = rowError{e.Code, e.Message, append([]string{}, e.Fields...)}
	}
	return a
}
