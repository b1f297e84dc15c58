package salesforce

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// The states of a job (Bulk API 2.0 guide, Get Information About a Query Job).
const (
	uploadComplete = "UploadComplete"
	inProgress     = "InProgress"
	jobComplete    = "JobComplete"
	jobFailed      = "Failed"
	jobAborted     = "Aborted"
)

// jobLife is how long results are kept.
const jobLife = 7 * 24 * time.Hour

// job is a Bulk 2.0 query job.
type job struct {
	id, query, operation, version string
	user                          string
	delimiter, lineEnding         string
	plan                          *org.Plan
	state, message                string
	made, stamp                   time.Time
	polls                         int
	sheet                         sheet
}

// jobInfo is a job as the API shows it. The first answer leaves out what is known later.
type jobInfo struct {
	ID              string      `json:"id"`
	Operation       string      `json:"operation"`
	Object          string      `json:"object"`
	CreatedByID     string      `json:"createdById"`
	CreatedDate     string      `json:"createdDate"`
	SystemModstamp  string      `json:"systemModstamp"`
	State           string      `json:"state"`
	ConcurrencyMode string      `json:"concurrencyMode"`
	ContentType     string      `json:"contentType"`
	APIVersion      json.Number `json:"apiVersion"`
	JobType         string      `json:"jobType,omitempty"`
	LineEnding      string      `json:"lineEnding"`
	ColumnDelimiter string      `json:"columnDelimiter"`
	Processed       *int        `json:"numberRecordsProcessed,omitempty"`
	Retries         *int        `json:"retries,omitempty"`
	Took            *int        `json:"totalProcessingTime,omitempty"`
	PKChunking      *bool       `json:"isPkChunkingSupported,omitempty"`
	ErrorMessage    string      `json:"errorMessage,omitempty"`
}

func (s *Server) bulk(q *request) reply {
	if len(q.rest) < 2 || q.rest[1] != "query" || q.number() < 47 {
		return notFound()
	}
	if len(q.rest) == 2 {
		if bad := q.allow(http.MethodGet, http.MethodPost); bad != nil {
			return *bad
		}
		if q.method == http.MethodPost {
			return s.createJob(q)
		}
		return s.listJobs()
	}
	s.forgetJobs()
	i := slices.IndexFunc(s.jobs, func(j *job) bool { return j.id == q.rest[2] || j.id[:15] == q.rest[2] })
	if i < 0 {
		return notFound()
	}
	switch strings.Join(q.rest[3:], "/") {
	case "":
		return s.oneJob(q, s.jobs[i])
	case "results":
		return s.results(q, s.jobs[i])
	case "resultPages":
		return s.resultPages(q, s.jobs[i])
	}
	return notFound()
}

func (s *Server) forgetJobs() {
	now := s.world.Now()
	s.jobs = slices.DeleteFunc(s.jobs, func(j *job) bool { return now.Sub(j.made) >= jobLife })
}

func (s *Server) listJobs() reply {
	// jobs of the first Bulk API stand in the same list (Get Information About All Query Jobs)
	list := []any{map[string]any{"id": org.ID("750", 0), "operation": "query", "object": "Account", "state": "Closed", "jobType": "Classic", "apiVersion": json.Number("45.0")}}
	for _, j := range slices.Backward(s.jobs) {
		list = append(list, j.info(true))
	}
	return jsonReply(http.StatusOK, map[string]any{"done": true, "nextRecordsUrl": nil, "records": list})
}

// oneJob shows a job, which moves on with each look at it; aborts it; deletes it.
func (s *Server) oneJob(q *request, j *job) reply {
	if bad := q.allow(http.MethodGet, http.MethodPatch, http.MethodDelete); bad != nil {
		return *bad
	}
	over := j.state == jobComplete || j.state == jobFailed || j.state == jobAborted
	switch q.method {
	case http.MethodPatch:
		var in struct{ State string }
		if bad := q.decode(&in, true); bad != nil {
			return *bad
		}
		if in.State != jobAborted || over {
			return fail(http.StatusBadRequest, "API_ERROR", fmt.Sprintf("Transition from %s to %s is not allowed.", j.state, in.State))
		}
		j.state, j.stamp = jobAborted, s.world.Now()
		return jsonReply(http.StatusOK, j.info(true))
	case http.MethodDelete:
		if !over {
			return fail(http.StatusBadRequest, "API_ERROR", "Cannot delete a job in state "+j.state)
		}
		s.jobs = slices.DeleteFunc(s.jobs, func(x *job) bool { return x == j })
		return reply{status: http.StatusNoContent}
	}
	s.advance(j)
	return jsonReply(http.StatusOK, j.info(true))
}

// advance moves a job on by one poll.
func (s *Server) advance(j *job) {
	if j.state != uploadComplete && j.state != inProgress {
		return
	}
	j.polls++
	j.stamp = s.world.Now()
	switch {
	case j.polls <= s.settings.BulkQueued:
		return
	case j.polls <= s.settings.BulkQueued+s.settings.BulkRunning:
		j.state = inProgress
		return
	}
	if f := s.jobFault(j.query); f != nil {
		j.state, j.message = jobFailed, f.Text
		if f.Kind == faultJobAborts {
			j.state = jobAborted
		}
		return
	}
	j.state, j.sheet = jobComplete, s.fillSheet(j)
}

func (j *job) info(later bool) jobInfo {
	out := jobInfo{
		ID: j.id, Operation: j.operation, Object: j.plan.Object.Name, CreatedByID: j.user, CreatedDate: j.made.Format(restTime), SystemModstamp: j.stamp.Format(restTime),
		State: j.state, ConcurrencyMode: "Parallel", ContentType: "CSV", LineEnding: j.lineEnding, ColumnDelimiter: j.delimiter, ErrorMessage: j.message,
	}
	out.APIVersion = json.Number(j.version) // a number that keeps its fraction: 62.0
	if later {
		processed, retries, took, chunked := j.sheet.rows(), 0, int(j.stamp.Sub(j.made).Milliseconds()), true
		out.JobType, out.Processed, out.Retries, out.Took, out.PKChunking = "V2Query", &processed, &retries, &took, &chunked
	}
	return out
}
