package zendesk

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestBehaviour14FieldsAreMadeReadChangedAndDeleted(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{NoFields: true})
	id := r.org(`{"name":"Acme"}`)
	r.want(200, "GET", "organizations/"+id, "").has("organization.organization_fields", map[string]any{})
	f := r.want(201, "POST", "organization_fields", `{"organization_field":{"type":"dropdown","key":"tier","title":"Tier","custom_field_options":[{"name":"Gold","value":"t_gold"},{"name":"Free","value":"t_free"}]}}`).
		has("organization_field.position", 9999).has("organization_field.description", "Tier").has("organization_field.active", true).
		has("organization_field.custom_field_options.0.raw_name", "Gold")
	at := "organization_fields/" + f.id("organization_field.id")
	r.want(200, "GET", at, "").has("organization_field.position", 1)
	r.want(200, "GET", "organization_fields/tier", "").has("organization_field.title", "Tier")
	r.want(200, "GET", "organizations/"+id, "").has("organization.organization_fields", map[string]any{"tier": nil})
	a := r.want(200, "PUT", at, `{"organization_field":{"key":"other","type":"text","title":"Level"}}`).
		has("organization_field.key", "tier").has("organization_field.type", "dropdown").has("organization_field.title", "Level")
	if a.header.Get("X-Zendesk-Api-Warn") == "" {
		t.Error("no warning about the key")
	}
	for body, code := range map[string]string{
		`{"type":"text","key":"tier","title":"x"}`: "DuplicateValue", `{"type":"text","key":"with space","title":"x"}`: "InvalidValue",
		`{"type":"text","key":"123","title":"x"}`: "InvalidValue", `{"type":"text","key":"k"}`: "BlankValue", `{"type":"text","title":"x"}`: "BlankValue",
		`{"type":"money","key":"k","title":"x"}`: "InvalidValue",
	} {
		if got := r.want(422, "POST", "organization_fields", `{"organization_field":`+body+`}`); !strings.Contains(got.text, code) {
			t.Errorf("%s: %s, want %s", body, got.text, code)
		}
	}
	second := r.want(201, "POST", "organization_fields", `{"organization_field":{"type":"regexp","key":"code","title":"Code","regexp_for_validation":"[A-Z]+"}}`).id("organization_field.id")
	r.want(200, "PUT", "organization_fields/reorder", `{"organization_field_ids":[`+second+`,`+f.id("organization_field.id")+`]}`)
	if got := r.want(200, "GET", "organization_fields", "").all("organization_fields", "key"); got != "code,tier" {
		t.Errorf("order: %s", got)
	}
	r.want(422, "PUT", "organizations/"+id, `{"organization":{"organization_fields":{"code":"a"}}}`)
	r.want(200, "PUT", "organizations/"+id, `{"organization":{"organization_fields":{"code":"AB","tier":"t_gold"}}}`)
	r.want(204, "DELETE", at, "")
	r.want(404, "GET", at, "")
	r.want(200, "GET", "organizations/"+id, "").has("organization.organization_fields", map[string]any{"code": "AB"}).has("organization.tags", []any{"t_gold"})
}

func TestBehaviour14OptionsThatAreLeftOutGo(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{NoFields: true})
	f := r.want(201, "POST", "organization_fields", `{"organization_field":{"type":"multiselect","key":"products","title":"Products","custom_field_options":[{"name":"A","value":"a"},{"name":"B","value":"b"}]}}`)
	id := r.org(`{"name":"Acme","organization_fields":{"products":["a","b"]}}`)
	r.want(200, "GET", "organizations/"+id, "").has("organization.tags", []any{"a", "b"})
	r.want(200, "PUT", "organization_fields/products", `{"organization_field":{"custom_field_options":[{"id":`+f.id("organization_field.custom_field_options.1.id")+`,"name":"Bee","value":"b"},{"id":null,"name":"C","value":"c"}]}}`).
		has("organization_field.custom_field_options.0.id", f.at("organization_field.custom_field_options.1.id")).has("organization_field.custom_field_options.1.value", "c")
	r.want(200, "GET", "organizations/"+id, "").has("organization.organization_fields.products", []any{"b"}).has("organization.tags", []any{"b"})
	r.want(200, "PUT", "organization_fields/products", `{"organization_field":{"active":false}}`)
	r.want(200, "GET", "organizations/"+id, "").has("organization.organization_fields", map[string]any{})
}

func TestBehaviour15TheFirstPolicyThatMatchesWins(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{NoFields: true})
	acme := r.org(`{"name":"Acme","tags":["gold"]}`)
	ann := r.user(`{"name":"Ann","organization_id":` + acme + `}`)
	policy := func(title, filter string) string {
		return r.want(201, "POST", "slas/policies", `{"sla_policy":{"title":"`+title+`","filter":`+filter+`,"policy_metrics":[{"priority":"high","metric":"first_reply_time","target":60}]}}`).id("sla_policy.id")
	}
	anyone := policy("Any", `{"all":[],"any":[]}`)
	gold := policy("Gold", `{"all":[{"field":"current_tags","operator":"includes","value":"gold platinum"}],"any":[]}`)
	own := policy("Own", `{"all":[{"field":"organization_id","operator":"is","value":`+acme+`}],"any":[{"field":"current_tags","operator":"not_includes","value":"gold"}]}`)
	ticket := r.want(201, "POST", "tickets", `{"ticket":{"requester_id":`+ann+`,"tags":["mine"]}}`).has("ticket.organization_id", idNumber(acme)).
		has("ticket.tags", []any{"mine", "gold"}).id("ticket.id")
	r.gets(ticket, anyone)
	r.want(200, "PUT", "slas/policies/reorder", `{"sla_policy_ids":[`+own+`,`+gold+`,`+anyone+`]}`)
	if got := r.want(200, "GET", "slas/policies", "").all("sla_policies", "title"); got != "Own,Gold,Any" {
		t.Errorf("order: %s", got)
	}
	r.gets(ticket, anyone) // until it is written again
	r.want(200, "PUT", "tickets/"+ticket, `{"ticket":{"status":"open"}}`)
	r.gets(ticket, gold)
	r.want(200, "PUT", "organizations/"+acme, `{"organization":{"tags":["silver"]}}`)
	r.want(200, "GET", "tickets/"+ticket, "").has("ticket.tags", []any{"mine", "gold"})
	fresh := r.want(201, "POST", "tickets", `{"ticket":{"requester_id":`+ann+`}}`).has("ticket.tags", []any{"silver"}).id("ticket.id")
	r.gets(fresh, own)
	r.want(200, "PUT", "slas/policies/"+own, `{"sla_policy":{"title":"Mine"}}`).has("sla_policy.title", "Mine").has("sla_policy.policy_metrics.0.target", 60)
	r.want(204, "DELETE", "slas/policies/"+own, "")
	r.want(404, "GET", "slas/policies/"+own, "")
	r.want(200, "GET", "slas/policies/definitions", "").has("definitions.all.0.value", "current_tags")
	r.want(200, "PUT", "tickets/"+fresh, `{"ticket":{"status":"closed"}}`)
	r.want(422, "PUT", "tickets/"+fresh, `{"ticket":{"status":"open"}}`)
	r.want(200, "GET", "organizations/"+acme+"/tickets", "").has("count", 2)
}

// gets asks the admin API which policy a ticket got.
func (r *rig) gets(ticket, policy string) {
	r.t.Helper()
	for _, row := range r.admin("GET", "/sandbox/tickets", "").body.([]any) {
		if row := row.(map[string]any); fmt.Sprint(row["ID"]) == ticket && row["Policy"] != idNumber(policy) {
			r.t.Errorf("ticket %s got policy %.0f (%v), want %s", ticket, row["Policy"], row["PolicyTitle"], policy)
		}
	}
}

// admin calls the admin API.
func (r *rig) admin(method, path, body string) *answer {
	r.t.Helper()
	req := httptest.NewRequestWithContext(r.t.Context(), method, "http://127.0.0.1:8471"+path, strings.NewReader(body))
	if strings.HasPrefix(path, "/page/") {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	r.box.AdminHandler().ServeHTTP(w, req)
	a := &answer{t: r.t, call: method + " " + path, status: w.Code, header: w.Header(), text: w.Body.String()}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(w.Body.Bytes(), &a.body); err != nil {
			r.t.Fatal(err)
		}
	}
	return a
}

func TestBehaviour15PoliciesAreForPlansThatHaveThem(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]Options{"team": {Plan: Team}, "switched off": {NoSLA: true}} {
		r := newRig(t, opt)
		for _, path := range []string{"slas/policies", "slas/policies/1", "slas/policies/definitions"} {
			if a := r.call("GET", path, ""); a.status != 403 {
				t.Errorf("%s: %s: %d", name, path, a.status)
			}
		}
	}
	if n := newRig(t, Options{Organizations: 1}).want(200, "GET", "slas/policies", "").all("sla_policies", "title"); strings.Count(n, ",") != 2 {
		t.Errorf("policies to begin with: %s", n)
	}
}

// inbox is a webhook's other end.
type inbox struct {
	mu     sync.Mutex
	refuse int
	got    []map[string]any
	bad    []string
}

func (b *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse > 0 {
		b.refuse--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	body, _ := io.ReadAll(r.Body)
	mac := hmac.New(sha256.New, []byte("s3cret"))
	_, _ = mac.Write([]byte(r.Header.Get("X-Zendesk-Webhook-Signature-Timestamp") + string(body)))
	if r.Header.Get("X-Zendesk-Webhook-Signature") != base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
		b.bad = append(b.bad, string(body))
	}
	var e map[string]any
	_ = json.Unmarshal(body, &e)
	b.got = append(b.got, e)
}

func (b *inbox) types() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, e := range b.got {
		out = append(out, strings.TrimPrefix(fmt.Sprint(e["type"]), "zen:event-type:"))
	}
	return strings.Join(out, " ")
}

func TestBehaviour16WebhooksTellOfSixEventsSigned(t *testing.T) {
	t.Parallel()
	r, in := newRig(t, Options{}), &inbox{}
	server := httptest.NewServer(in)
	t.Cleanup(server.Close)
	r.box.Hook(Webhook{URL: server.URL, Secret: "s3cret"})
	id := r.org(`{"name":"Acme"}`)
	r.want(200, "PUT", "organizations/"+id, `{"organization":{"name":"ACME","external_id":"001"}}`)
	r.want(200, "PUT", "organizations/"+id, `{"organization":{"domain_names":["x.example"],"notes":"n","details":"d","shared_tickets":true}}`) // no events
	r.want(200, "PUT", "organizations/"+id, `{"organization":{"organization_fields":{"plan":"plan_gold"}}}`)
	r.want(204, "DELETE", "organizations/"+id, "")
	if n, err := r.box.Deliver(t.Context(), server.Client()); err != nil || n != 6 {
		t.Fatalf("%d deliveries, %v", n, err)
	}
	want := "organization.created organization.name_changed organization.external_id_changed organization.tags_changed organization.custom_field_changed organization.deleted"
	if in.types() != want || len(in.bad) > 0 {
		t.Errorf("got %s, badly signed %v", in.types(), in.bad)
	}
	renamed := &answer{t: t, call: "event", body: in.got[1]}
	renamed.has("subject", "zen:organization:"+id).has("detail.id", id).has("detail.group_id", "0").has("event.current", "ACME").has("event.previous", "Acme").
		has("zendesk_event_version", "2022-06-20").has("time", "2026-11-21T10:00:00Z")
}

func TestBehaviour16DeliveriesAreTriedThreeTimes(t *testing.T) {
	t.Parallel()
	r, in := newRig(t, Options{}), &inbox{refuse: 2}
	server := httptest.NewServer(in)
	t.Cleanup(server.Close)
	if a := r.admin("POST", "/sandbox/webhooks", `{"url":"https://hooks.example/x","secret":"s3cret"}`); a.status != 400 {
		t.Errorf("an address elsewhere: %d", a.status)
	}
	if a := r.admin("POST", "/sandbox/webhooks", `{"url":"`+server.URL+`","secret":"s3cret","events":["organization.created"]}`); a.status != 200 {
		t.Fatal(a.text)
	}
	r.want(200, "PUT", "organizations/"+r.org(`{"name":"Acme"}`), `{"organization":{"name":"Other"}}`)
	for i, want := range []int{0, 0, 1, 0} {
		if n, err := r.box.Deliver(t.Context(), server.Client()); err != nil || n != want {
			t.Errorf("try %d: %d deliveries, %v", i, n, err)
		}
	}
	if in.types() != "organization.created" {
		t.Errorf("got %s", in.types())
	}
	in.refuse = 3
	r.org(`{"name":"Never told"}`)
	for i := range 5 {
		if n, err := r.box.Deliver(t.Context(), server.Client()); err != nil || n != 0 {
			t.Errorf("try %d of one that is refused three times: %d deliveries, %v", i, n, err)
		}
	}
}

func TestBehaviour16AListeningSandboxSendsByItself(t *testing.T) {
	t.Parallel()
	arrived := make(chan string, 9)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { arrived <- r.Header.Get("X-Zendesk-Webhook-Signature") }))
	t.Cleanup(hook.Close)
	box, err := Start(t.Context(), Addresses{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	box.Hook(Webhook{URL: hook.URL})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, box.URL+"/api/v2/organizations", strings.NewReader(`{"organization":{"name":"x"}}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", basic(AdminEmail))
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != 201 {
		t.Fatalf("%v %+v", err, resp)
	}
	_ = resp.Body.Close()
	if <-arrived == "" {
		t.Error("no signature")
	}
}

func TestBehaviour17AddressesIDsAndHeaders(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{Organizations: 1})
	a := r.want(201, "POST", "organizations", `{"organization":{"name":"Acme"}}`)
	id := a.id("organization.id")
	a.has("organization.url", "https://acme.zendesk.com/api/v2/organizations/"+id+".json")
	if idNumber(id) <= 1<<40 {
		t.Errorf("id %s is not above 2^40", id)
	}
	if got := a.header.Get("Location"); got != "https://acme.zendesk.com/api/v2/organizations/"+id+".json" {
		t.Errorf("Location %q", got)
	}
	b := r.want(200, "GET", "organizations/"+id+".json", "")
	if !strings.HasPrefix(b.header.Get("Etag"), `W/"`) || b.header.Get("X-Request-Id") == "" || b.header.Get("X-Zendesk-Api-Version") != "v2" {
		t.Errorf("headers: %v", b.header)
	}
	if b.header.Get("X-Request-Id") == a.header.Get("X-Request-Id") {
		t.Error("two calls have one request id")
	}
	r.box.Set(func(s *Settings) { s.URLsWithJSON = false })
	r.want(200, "GET", "organizations/"+id, "").has("organization.url", "https://acme.zendesk.com/api/v2/organizations/"+id)
	keys := []string{"url", "id", "name", "shared_tickets", "shared_comments", "external_id", "created_at", "updated_at", "domain_names", "details", "notes", "group_id", "tags", "organization_fields"}
	last := -1
	for _, key := range keys { // in the order of the recordings
		at := strings.Index(b.text, `"`+key+`":`)
		if at <= last {
			t.Errorf("%s stands at %d, after %d", key, at, last)
		}
		last = at
	}
}

func TestTheLogCountsWhatItForgot(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{Kept: 3, PerMinute: 5})
	r.org(`{"name":"Acme"}`)
	r.done("POST", "organizations/create_many", batch(7, "x"))
	for range 6 {
		r.call("GET", "organizations", "")
	}
	if n := len(r.box.Requests()); n != 3 {
		t.Errorf("%d calls are kept, want 3", n)
	}
	got := r.box.Stats()
	if got.Calls != 9 || got.Writes != 2 || got.Jobs != 1 || got.Throttled != 2 || got.ByRoute["POST organizations/create_many"] != 1 ||
		got.Items["POST organizations/create_many"] != 7 || got.ByStatus[429] != 2 || got.ByRoute["GET organizations"] != 6 {
		t.Errorf("stats: %+v", got)
	}
	r.box.Forget()
	if got := r.box.Stats(); got.Calls != 0 || len(r.box.Requests()) != 0 {
		t.Errorf("after Forget: %+v", got)
	}
}

func TestTheAdminAPIChangesWhatAPersonWould(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{Organizations: 30})
	id := r.org(`{"name":"Acme"}`)
	for _, act := range []string{
		`{"do":"update","id":` + id + `,"fields":{"notes":"by hand"}}`, `{"do":"add_tags","id":` + id + `,"tags":["new"]}`,
		`{"do":"touch","id":7000000000101,"count":20,"fields":{"notes":"all"}}`, `{"do":"create","kind":"user","fields":{"name":"U"}}`,
	} {
		if a := r.admin("POST", "/sandbox/do", act); a.status != 200 {
			t.Errorf("%s: %s", act, a.text)
		}
	}
	r.want(200, "GET", "organizations/"+id, "").has("organization.notes", "by hand").has("organization.tags", []any{"new"})
	r.want(200, "GET", "organizations/7000000000120", "").has("organization.notes", "all")
	r.want(200, "GET", "organizations/7000000000121", "").has("organization.notes", nil)
	for _, act := range []string{`{"do":"fly","id":` + id + `}`, `{"do":"delete","id":1}`, `{"do":"update","id":` + id + `,"fields":{"name":""}}`, `{"dew":1}`, `{`} {
		if a := r.admin("POST", "/sandbox/do", act); a.status != 400 {
			t.Errorf("%s: %d", act, a.status)
		}
	}
	calls := r.box.Stats().Calls
	r.admin("PATCH", "/sandbox/settings", `{"per_minute":50,"multi_organizations":true}`).has("per_minute", 50).has("plan", "enterprise").has("multi_organizations", true)
	for _, bad := range []string{`{"per_minute":0}`, `{"plan":"gold"}`, `{"perminute":5}`, `{"job_queue_seconds":-1}`} {
		if a := r.admin("PATCH", "/sandbox/settings", bad); a.status != 400 {
			t.Errorf("%s: %d", bad, a.status)
		}
	}
	r.admin("POST", "/sandbox/faults", `{"kind":"edge_429","count":-1}`)
	r.admin("GET", "/sandbox/faults", "").has("0.kind", "edge_429")
	r.want(429, "GET", "organizations", "")
	r.admin("DELETE", "/sandbox/faults", "")
	r.admin("GET", "/sandbox/state", "").has("counts.organizations", 31).has("calls", calls+1).has("plan", "enterprise")
	r.admin("GET", "/sandbox/stats", "").has("throttled", 1)
	r.admin("POST", "/sandbox/reset", "")
	r.admin("GET", "/sandbox/state", "").has("counts.organizations", 30).has("calls", 0)
}

func TestTheAdminAPIRefusesOtherSites(t *testing.T) {
	t.Parallel()
	box := New(Options{})
	for name, change := range map[string]func(*http.Request){
		"another name": func(r *http.Request) { r.Host = "evil.example" },
		"another site": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1/sandbox/reset", nil)
		change(r)
		w := httptest.NewRecorder()
		box.AdminHandler().ServeHTTP(w, r)
		if w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

func TestThePageShowsAndChanges(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{Organizations: 50})
	id := r.org(`{"name":"<script>alert(1)</script>"}`)
	r.want(200, "POST", "organizations/create_many", batch(2, "x"))
	page := r.admin("GET", "/", "").text
	for _, want := range []string{"&lt;script&gt;alert(1)", "Bulk Create Organization", "queued", "51", "admin@sandbox.example", "edge_429", "organizations/create_many", "of 700"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "<script") {
		t.Error("the page runs a name")
	}
	for form, said := range map[string]string{
		"organization?do=update&key=plan&value=plan_gold&id=" + id: "done", "organization?do=add_tags&value=t&id=" + id: "done",
		"organization?do=update&key=name&value=&id=" + id: "Name:", "fault?kind=edge_429&path=count": "done", "fault?kind=x": "kind is one of",
		"settings?json={\"per_minute\":9}": "done", "nonsense?": "no such form",
	} {
		what, body, _ := strings.Cut(form, "?")
		a := r.admin("POST", "/page/"+what, body)
		if to := a.header.Get("Location"); a.status != 303 || !strings.Contains(to, url.QueryEscape(said)) {
			t.Errorf("%s: %d %s, want %s", form, a.status, to, said)
		}
	}
	a := r.want(200, "GET", "organizations/"+id, "").has("organization.organization_fields.plan", "plan_gold")
	if tags := a.at("organization.tags").([]any); !slices.Contains(tags, any("t")) || a.header.Get("X-Rate-Limit") != "9" {
		t.Errorf("tags %v, limit %s", tags, a.header.Get("X-Rate-Limit"))
	}
	r.want(429, "GET", "organizations/count", "")
	r.admin("POST", "/page/organization", "do=delete&id="+id)
	r.want(404, "GET", "organizations/"+id, "")
}

func TestOverAConnectionTheReplyIsLostToo(t *testing.T) {
	t.Parallel()
	box := New(Options{})
	server := httptest.NewServer(box.Handler())
	t.Cleanup(server.Close)
	if _, err := box.Arm(Fault{Kind: FaultLost}); err != nil {
		t.Fatal(err)
	}
	post := func(ctx context.Context) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+"/api/v2/organizations", strings.NewReader(`{"organization":{"name":"x"}}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", basic(AdminEmail))
		req.Header.Set("Content-Type", "application/json")
		return server.Client().Do(req)
	}
	if resp, err := post(t.Context()); err == nil {
		_ = resp.Body.Close()
		t.Fatalf("an answer: %d", resp.StatusCode)
	}
	resp, err := post(t.Context())
	if err != nil || resp.StatusCode != 422 {
		t.Fatalf("the name is not taken: %v %+v", err, resp)
	}
	_ = resp.Body.Close()
}

func TestOneSeedMakesTheSameRecordsOfAnyNumber(t *testing.T) {
	t.Parallel()
	names := func(opt Options) string {
		return newRig(t, opt).want(200, "GET", "organizations?page[size]=40", "").all("organizations", "name")
	}
	if a, b := names(Options{Seed: 3, Organizations: 40}), names(Options{Seed: 3, Organizations: 4000}); a != b {
		t.Errorf("%s\nand\n%s", a, b)
	}
	if names(Options{Seed: 3, Organizations: 40}) == names(Options{Seed: 4, Organizations: 40}) {
		t.Error("two seeds make the same")
	}
	r := newRig(t, Options{Organizations: 2000})
	r.pass(time.Minute)
	r.want(200, "GET", "users/count", "").has("count.value", 4802)
	r.want(200, "GET", "organization_fields", "").has("count", 6)
}
