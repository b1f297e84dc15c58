package salesforce

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"

	"github.com/desksync/desksync/sandbox/salesforce/org"
	"github.com/desksync/desksync/sandbox/salesforce/soql"
)

func delimiters() map[string]byte {
	return map[string]byte{"COMMA": ',', "SEMICOLON": ';', "TAB": '\t', "PIPE": '|', "CARET": '^', "BACKQUOTE": '`'}
}

// createJob starts a query job (Bulk API 2.0 guide, Create a Query Job).
func (s *Server) createJob(q *request) reply {
	var in struct {
		Operation, Query, ContentType, ColumnDelimiter, LineEnding string
	}
	if bad := q.decode(&in, true); bad != nil {
		return *bad
	}
	in.ContentType, in.ColumnDelimiter, in.LineEnding = cmp.Or(in.ContentType, "CSV"), cmp.Or(in.ColumnDelimiter, "COMMA"), cmp.Or(in.LineEnding, "LF")
	switch {
	case in.Operation != "query" && in.Operation != "queryAll":
		return fail(http.StatusBadRequest, "INVALIDJOB", "operation is query or queryAll: "+in.Operation)
	case in.ContentType != "CSV" || delimiters()[in.ColumnDelimiter] == 0 || !slices.Contains([]string{"LF", "CRLF"}, in.LineEnding):
		return fail(http.StatusBadRequest, "INVALIDJOB", "contentType, columnDelimiter or lineEnding is not known")
	}
	now := s.world.Now()
	if s.jobsMade.used(now) >= s.settings.BulkLimit {
		return fail(http.StatusBadRequest, "LIMIT_EXCEEDED", fmt.Sprintf("Max bulk v2 query jobs (%d) per 24 hrs has been reached", s.settings.BulkLimit))
	}
	plan, err := s.world.Plan(in.Query, in.Operation == "queryAll")
	if err == nil {
		err = bulkable(plan, in.Query)
	}
	if err != nil {
		return failure(err)
	}
	s.jobsMade.add(now, 1)
	j := &job{
		id: org.ID("750", s.next()), query: in.Query, operation: in.Operation, version: q.version, user: q.user, delimiter: in.ColumnDelimiter,
		lineEnding: in.LineEnding, plan: plan, state: uploadComplete, made: now, stamp: now,
	}
	s.jobs = append(s.jobs, j)
	return jsonReply(http.StatusOK, j.info(false))
}

// bulkable refuses what Bulk cannot do (Bulk API 2.0 guide, SOQL Considerations).
func bulkable(p *org.Plan, text string) error {
	q, err := soql.Parse(text)
	if err != nil {
		return err
	}
	switch {
	case p.Count:
		return &org.Error{Code: "API_ERROR", Message: "Aggregate queries are not supported in Bulk Query"}
	case p.Subs > 0:
		return &org.Error{Code: "API_ERROR", Message: "Nested queries are not supported in Bulk Query"}
	case q.Offset > 0:
		return &org.Error{Code: "API_ERROR", Message: "OFFSET is not supported in Bulk Query"}
	}
	for _, c := range p.Columns {
		if c.Field.Type == "address" {
			return &org.Error{Code: "API_ERROR", Message: "Selecting compound data not supported in Bulk Query"}
		}
	}
	return nil
}
