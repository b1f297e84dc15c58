package zendesk

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// batch is the body of a create_many with names from a prefix.
func batch(n int, prefix string) string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"name":"%s %d","external_id":"%s-%d"}`, prefix, i, prefix, i)
	}
	return `{"organizations":[` + strings.Join(rows, ",") + `]}`
}

func TestBehaviour08JobsAdvanceWithTheClock(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	a := r.want(200, "POST", "organizations/create_many", batch(100, "Acme")).
		has("job_status.status", "queued").has("job_status.progress", nil).has("job_status.results", nil).has("job_status.total", 100).
		has("job_status.message", nil).has("job_status.job_type", "Bulk Create Organization")
	id := a.at("job_status.id").(string)
	if !strings.HasPrefix(id, "V3-") || len(id) != 35 {
		t.Errorf("id %q", id)
	}
	job := "job_statuses/" + id
	r.want(200, "GET", "organizations/count", "").has("count.value", 0)
	r.pass(750 * time.Millisecond) // half a second in the queue, 25 ms an item
	r.want(200, "GET", job, "").has("job_status.status", "working").has("job_status.progress", 10).
		has("job_status.message", "Creating organization #10").has("job_status.results", nil)
	r.want(200, "GET", "organizations/count", "").has("count.value", 10)
	r.pass(2249 * time.Millisecond)
	r.want(200, "GET", job, "").has("job_status.status", "working")
	r.pass(time.Millisecond)
	done := r.want(200, "GET", job, "").has("job_status.status", "completed").has("job_status.progress", 100).
		has("job_status.message", "Completed at 2026-11-21 10:00:03 +0000").has("job_status.results.0.status", "Created")
	for i := range 100 {
		n, _ := done.at(fmt.Sprint("job_status.results.", i, ".id")).(float64)
		got := r.want(200, "GET", fmt.Sprintf("organizations/%.0f", n), "")
		got.has("organization.name", fmt.Sprint("Acme ", i)) // results stand in the order of the request
	}
	if _, indexed := done.at("job_status.results.0").(map[string]any)["index"]; indexed {
		t.Error("a created item has an index")
	}
	r.want(200, "GET", "job_statuses/show_many?ids="+id+",V3-nope", "").has("job_statuses.0.id", id).has("count", 1)
	r.want(200, "GET", "job_statuses?page[size]=5", "").has("job_statuses.0.id", id).has("meta.has_more", false)
}

func TestBehaviour08ItemsFailOneByOneAndTheJobIsCompleted(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	r.done("POST", "organizations/create_many", batch(50, "Acme"))
	var ids []string
	for i := range 50 {
		ids = append(ids, r.want(200, "GET", fmt.Sprint("organizations/search?external_id=Acme-", i), "").id("organizations.0.id"))
	}
	items := `{"id":` + strings.Join(ids, `,"name":"One"},{"id":`) + `,"name":"One"}`
	done := r.done("PUT", "organizations/update_many", `{"organizations":[`+items+`,{"id":7,"name":"Nobody"}]}`)
	done.has("job_status.status", "completed").has("job_status.progress", 51).
		has("job_status.results.0", map[string]any{"action": "update", "id": idNumber(ids[0]), "status": "Updated", "success": true}).
		has("job_status.results.1", map[string]any{"index": 1.0, "error": "OrganizationUpdateFailed", "id": idNumber(ids[1]), "details": "Name:  One has already been taken"})
	if n := strings.Count(done.text, "OrganizationUpdateFailed"); n != 49 {
		t.Errorf("%d items failed, want 49", n)
	}
	done.has("job_status.results.50.error", "RecordNotFound")
	r.done("POST", "organizations/create_many", `{"organizations":[{"name":"New"},{"name":"NEW"},{"name":""}]}`).
		has("job_status.results.1", map[string]any{"index": 1.0, "error": "OrganizationCreateFailed", "details": "Name:  NEW has already been taken"}).
		has("job_status.results.2.error", "OrganizationCreateFailed").has("job_status.results.0.status", "Created")
}

func TestBehaviour08UpdateManyByIDsChangesAllAlike(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	one, two := r.org(`{"name":"One"}`), r.org(`{"name":"Two"}`)
	done := r.done("PUT", "organizations/update_many?ids="+one+","+two, `{"organization":{"tags":["all"]}}`)
	done.has("job_status.total", 2).has("job_status.job_type", "Bulk Update Organization")
	r.want(200, "GET", "organizations/"+two, "").has("organization.tags", []any{"all"})
	r.done("DELETE", "organizations/destroy_many?ids="+one+","+two, "").
		has("job_status.results.1", map[string]any{"action": "delete", "id": idNumber(two), "status": "Deleted", "success": true}).
		has("job_status.job_type", "Bulk Delete Organization")
	r.want(200, "GET", "organizations/count", "").has("count.value", 0)
}

func TestBehaviour08MoreThanAHundredItemsAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{BulkUserImport: true})
	ids := strings.TrimSuffix(strings.Repeat("1,", 101), ",")
	for call, body := range map[string]string{
		"POST organizations/create_many":                  batch(101, "x"),
		"PUT organizations/update_many":                   batch(101, "x"),
		"PUT organizations/update_many?ids=" + ids:        `{"organization":{"notes":"n"}}`,
		"DELETE organizations/destroy_many?ids=" + ids:    "",
		"GET organizations/show_many?ids=" + ids:          "",
		"GET job_statuses/show_many?ids=" + ids:           "",
		"POST organization_memberships/create_many":       strings.Replace(batch(101, "x"), "organizations", "organization_memberships", 1),
		"GET organizations/show_many?external_ids=" + ids: "",
	} {
		method, path, _ := strings.Cut(call, " ")
		r.want(400, method, path, body).has("error", "TooManyValues").has("max_count", 100).has("description", "Parameter  cannot specify more than 100 values")
	}
	r.want(400, "POST", "users/create_many", strings.Replace(batch(101, "x"), "organizations", "users", 1)).has("error", "TooManyValues").
		has("max_count", 100).has("description", "Maximum 100 users may be created per call")
}

func TestBehaviour08JobsAreForgottenAfterADay(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	id := r.done("POST", "organizations/create_many", batch(1, "x")).at("job_status.id").(string)
	r.pass(24*time.Hour - time.Minute)
	r.want(200, "GET", "job_statuses/"+id, "")
	r.pass(time.Second)
	r.want(404, "GET", "job_statuses/"+id, "").has("error", "RecordNotFound")
}

func TestBehaviour08ThirtyJobsAtOnceAreTheMost(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	var first string
	for i := range 30 {
		a := r.want(200, "POST", "organizations/create_many", batch(100, fmt.Sprint("b", i)))
		if i == 0 {
			first = a.at("job_status.id").(string)
		}
		if got, want := a.header.Get("Zendesk-Ratelimit-Inflight-Jobs"), fmt.Sprintf("total=30; remaining=%d; resets=1", 29-i); got != want {
			t.Errorf("header %q, want %q", got, want)
		}
	}
	a := r.want(429, "POST", "organizations/create_many", batch(1, "late")).has("error", "TooManyJobs").has("current_job_ids.0", first).
		has("description", "Too many OrganizationBulkCreateJob jobs are currently queued or running. Try again later.")
	if n := len(a.at("current_job_ids").([]any)); n != 30 || a.header.Get("Retry-After") == "" {
		t.Errorf("%d ids, Retry-After %q", n, a.header.Get("Retry-After"))
	}
	r.pass(3 * time.Second)
	r.want(200, "POST", "organizations/create_many", batch(1, "late"))
}

func TestBehaviour08LatencyIsConfigured(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	r.rules(func(a *account.Rules) { a.QueueSeconds, a.UpdateSeconds = 10, 1 })
	id := r.org(`{"name":"x"}`)
	job := "job_statuses/" + r.want(200, "PUT", "organizations/update_many?ids="+id, `{"organization":{"notes":"n"}}`).at("job_status.id").(string)
	r.pass(10 * time.Second)
	r.want(200, "GET", job, "").has("job_status.status", "working")
	r.pass(time.Second)
	r.want(200, "GET", job, "").has("job_status.status", "completed")
}

func TestBehaviour08JobsFailAreKilledAndVanish(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	arm := func(f Fault) {
		if _, err := r.box.Arm(f); err != nil {
			t.Fatal(err)
		}
	}
	arm(Fault{Kind: FaultJobFails, Path: "create_many"})
	r.done("POST", "organizations/create_many", batch(5, "a")).has("job_status.status", "failed").has("job_status.results", nil)
	r.want(200, "GET", "organizations/count", "").has("count.value", 0)
	arm(Fault{Kind: FaultJobKills, Path: "create_many", Items: 3})
	killed := r.done("POST", "organizations/create_many", batch(5, "a")).has("job_status.status", "killed")
	if n := len(killed.at("job_status.results").([]any)); n != 3 {
		t.Errorf("%d results, want 3", n)
	}
	r.want(200, "GET", "organizations/count", "").has("count.value", 3)
	arm(Fault{Kind: FaultJobGone, Path: "create_many"})
	id := r.want(200, "POST", "organizations/create_many", batch(5, "b")).at("job_status.id").(string)
	r.want(http.StatusNotFound, "GET", "job_statuses/"+id, "")
	r.pass(time.Minute)
	r.want(200, "GET", "organizations/count", "").has("count.value", 8)
}
