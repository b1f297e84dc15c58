package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
)

// job is a Bulk 2.0 query job: Bulk API 2.0 Developer Guide, "Get Information About a
// Query Job".
type job struct {
	ID      string `json:"id"`
	State   string `json:"state"`
	Rows    int    `json:"numberRecordsProcessed"`
	Message string `json:"errorMessage"` // not documented for queries, and yet sometimes there
}

const (
	longestPoll = 30 * time.Second
	longestJob  = 2 * time.Hour // a query phase is tried 15 times for two minutes each, and jobs wait in line
	farewell    = 10 * time.Second
)

// bulk reads a statement by a Bulk job. The job is deleted at the end, however it ends.
func (s *Source) bulk(ctx context.Context, p *plan, to sink) error {
	j, err := s.createJob(ctx, p)
	if err != nil {
		return s.badQuery(p, err)
	}
	id, ended := j.ID, false
	defer func() { s.dropJob(ctx, id, ended) }()
	if j, err = s.await(ctx, j); err != nil {
		return err
	}
	ended = true
	if err := s.jobFailure(p, j); err != nil {
		return err
	}
	rows, err := s.results(ctx, p, j, to)
	if err == nil && rows != j.Rows {
		err = fault.New("salesforce.bulk", fault.Unavailable, fmt.Errorf("the Bulk job %s of %s processed %s rows and its results have %s: a part is missing, and nothing of it was used; try again", j.ID, p.statement.object, crm.Count(j.Rows), crm.Count(rows)))
	}
	return err
}

func (s *Source) createJob(ctx context.Context, p *plan) (job, error) {
	body, err := json.Marshal(map[string]string{
		"operation": p.resource, "query": p.statement.text, "contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF",
	})
	if err != nil {
		return job{}, err
	}
	var j job
	if err := s.exchange(ctx, call{method: http.MethodPost, path: "jobs/query", body: body}, &j); err != nil {
		return j, err
	}
	if _, err := crm.ParseID(j.ID); err != nil {
		return j, fault.New("salesforce.bulk", fault.Unavailable, fmt.Errorf("%s took the Bulk job and gave it no id; try again", s.opt.Name))
	}
	return j, nil
}

// await polls a job until it has ended: after 1, 2, 4 … up to 30 seconds.
func (s *Source) await(ctx context.Context, j job) (job, error) {
	id := j.ID
	for wait, waited := time.Second, time.Duration(0); !j.ended(); wait = min(2*wait, longestPoll) {
		if waited >= longestJob {
			return j, fault.New("salesforce.bulk", fault.Unavailable, fmt.Errorf("the Bulk job %s has not ended after %s (%s): it was aborted; narrow where, or look at Setup, Bulk Data Load Jobs", id, waited, clip(j.State)))
		}
		if err := s.opt.Sleep(ctx, wait); err != nil {
			return j, err
		}
		waited += wait
		j = job{}
		if err := s.get(ctx, "jobs/query/"+id, &j); err != nil {
			return j, err
		}
		j.ID = id
	}
	return j, nil
}

func (j job) ended() bool {
	return j.State == "JobComplete" || j.State == "Failed" || j.State == "Aborted"
}

// jobFailure is the error of a job that did not complete, message or not.
func (s *Source) jobFailure(p *plan, j job) error {
	if j.State == "JobComplete" {
		return nil
	}
	said := "without saying why"
	if j.Message != "" {
		said = "and says: " + clip(j.Message)
	}
	kind, fix := fault.Unavailable, "look at Setup, Bulk Data Load Jobs, and try again"
	switch text := strings.ToUpper(j.Message); {
	case j.State == "Aborted":
		fix = "somebody stopped it in Setup, Bulk Data Load Jobs; ask who, and try again"
	case strings.Contains(text, "TIMEOUT"), strings.Contains(text, "RUNNING FOR TOO LONG"):
		fix = "narrow where of " + p.statement.object + " to an indexed field"
	case strings.Contains(text, "UNABLE_TO_LOCK_ROW"):
		fix = "somebody else holds the rows; try again later"
	case strings.Contains(text, "INVALID_FIELD"), strings.Contains(text, "NO SUCH COLUMN"), strings.Contains(text, "MALFORMED_QUERY"):
		kind, fix = fault.Invalid, "correct where or soql of "+p.statement.object+", or give the user field-level read access"
	case j.Message == "":
		fix = "the query may take too long: narrow where of " + p.statement.object + "; or look at Setup, Bulk Data Load Jobs, and try again"
	}
	return fault.New("salesforce.bulk", kind, fmt.Errorf("the Bulk job %s of %s ended as %s %s: nothing was read; %s", j.ID, p.statement.object, j.State, said, fix))
}

// results reads all pages of a job and returns how many rows they have.
func (s *Source) results(ctx context.Context, p *plan, j job, to sink) (int, error) {
	total, locator := 0, ""
	for {
		rows, next, err := s.resultPage(ctx, p, j, locator, to)
		if err != nil {
			return total, err
		}
		total += rows
		switch next {
		case lastPage:
			return total, nil
		case "", locator:
			return total, fault.New("salesforce.bulk", fault.Unavailable, fmt.Errorf("a page of the Bulk job %s does not say where the next one is (header Sforce-Locator): the read is not complete and was dropped; try again, and look for a proxy that removes headers", j.ID))
		}
		locator = next
	}
}

// lastPage is the locator of the last page, in so many letters: Bulk API 2.0, "Get
// Results for a Query Job".
const lastPage = "null"

// resultPage reads one page, again if it breaks: results stay the same while the job
// lives.
func (s *Source) resultPage(ctx context.Context, p *plan, j job, locator string, to sink) (rows int, next string, err error) {
	path := "jobs/query/" + j.ID + "/results"
	if locator != "" {
		path += "?locator=" + url.QueryEscape(locator)
	}
	err = s.persist(call{method: http.MethodGet, path: path}, to.mark(), func() (_ bool, err error) {
		rows, next, err = s.readResults(ctx, p, path, to)
		return broken(ctx, err), err
	})
	return rows, next, err
}

func (s *Source) readResults(ctx context.Context, p *plan, path string, to sink) (int, string, error) {
	resp, err := s.do(ctx, call{method: http.MethodGet, path: path, accept: "text/csv"})
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	next := resp.Header.Get("Sforce-Locator")
	if resp.StatusCode == http.StatusNoContent {
		if next == "" {
			next = lastPage
		}
		return 0, next, nil
	}
	rows, err := readCSV(resp.Body, p.statement.columns, to.add)
	if err != nil {
		return rows, next, err
	}
	promised, err := strconv.Atoi(resp.Header.Get("Sforce-NumberOfRecords"))
	if (err != nil && rows > 0) || (err == nil && promised != rows) {
		return rows, next, fmt.Errorf("%w: it has %s rows, and its header Sforce-NumberOfRecords says %q", errShape, crm.Count(rows), clip(resp.Header.Get("Sforce-NumberOfRecords")))
	}
	return rows, next, nil
}

// dropJob takes a job off the organization's list; one that still runs is aborted
// first. It goes on when ctx has ended, for a few seconds; a job that stays lapses
// after seven days.
func (s *Source) dropJob(ctx context.Context, id string, ended bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	path := "jobs/query/" + id
	var err error
	if !ended {
		err = s.exchange(ctx, call{method: http.MethodPatch, path: path, body: []byte(`{"state":"Aborted"}`)}, nil)
	}
	_ = errors.Join(err, s.exchange(ctx, call{method: http.MethodDelete, path: path}, nil))
}
