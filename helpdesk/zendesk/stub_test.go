package zendesk

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/secret"
)

// reply is one scripted answer: exact bytes, written by hand from the reference.
type reply struct {
	status int // 0: 200
	header string
	body   string
	lost   bool // the connection breaks instead
}

// stub plays replies by what is asked: of each list one after another, the last one from
// then on. What is not in the script fails the test. Time passes only while somebody
// sleeps.
type stub struct {
	t      *testing.T
	mu     sync.Mutex
	now    time.Time
	script map[string][]reply
	seen   []string
	bodies map[string][]string
	heads  []http.Header
	waits  []time.Duration
	notes  []Note
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const (
	tokens    = "POST /oauth/tokens"
	fields    = "GET organization_fields?page[size]=100"
	orgTicks  = "POST organizations/create_many"
	orgBatch  = "PUT organizations/update_many"
	userTicks = "POST users/create_many"
	hushed    = "hush-hush-token"

	noFields = `{"organization_fields":[],"meta":{"has_more":false,"after_cursor":null,"before_cursor":null},"links":{"prev":null,"next":null}}`
	aTier    = `{"organization_fields":[
{"id":75,"type":"dropdown","key":"tier","title":"Tier","active":true,"custom_field_options":[{"id":1,"name":"Gold","raw_name":"Gold","value":"tier_gold"},{"id":2,"name":"Silver","raw_name":"Silver","value":"tier_silver"}]},
{"id":76,"type":"checkbox","key":"vip","title":"VIP","active":true,"tag":"is_vip"},
{"id":77,"type":"text","key":"old","title":"Old","active":false},
{"id":78,"type":"lookup","key":"partner","title":"Partner","active":true,"relationship_target_type":"zen:organization"}],
"meta":{"has_more":false,"after_cursor":"eyJv","before_cursor":"eyJv"},"links":{"prev":null,"next":"https://x"}}`
)

// start begins a stub with a login and no custom fields; more is added by the test.
func start(t *testing.T, more map[string][]reply) *stub {
	t.Helper()
	s := &stub{t: t, now: noon, bodies: map[string][]string{}, script: map[string][]reply{
		tokens: {{body: `{"access_token":"` + hushed + `","token_type":"bearer","scope":"read write"}`}},
		fields: {{body: noFields}},
	}}
	for k, v := range more {
		s.script[k] = v
	}
	return s
}

// script is a request as scripts name it.
func script(r *http.Request) string {
	key := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/api/v2/")
	q := r.URL.Query()
	var parts []string
	for name := range q {
		parts = append(parts, name+"="+q.Get(name))
	}
	slices.Sort(parts)
	if len(parts) > 0 {
		key += "?" + strings.Join(parts, "&")
	}
	return key
}

func (s *stub) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	key := script(r)
	s.seen, s.heads = append(s.seen, key), append(s.heads, r.Header.Clone())
	s.bodies[key] = append(s.bodies[key], string(body))
	list := s.script[key]
	if len(list) > 1 {
		s.script[key] = list[1:]
	}
	if len(list) == 0 {
		s.t.Errorf("not in the script: %s %s", key, body)
		list = []reply{{status: 418}}
	}
	if list[0].lost {
		return nil, io.ErrUnexpectedEOF
	}
	return list[0].play(r, s.now), nil
}

func (p reply) play(r *http.Request, now time.Time) *http.Response {
	resp := &http.Response{StatusCode: max(p.status, 200), Header: http.Header{}, Body: io.NopCloser(bytes.NewReader([]byte(p.body))), Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	resp.Header.Set("Content-Type", "application/json; charset=UTF-8")
	resp.Header.Set("Date", now.Format(http.TimeFormat))
	for line := range strings.SplitSeq(p.header, "\n") {
		if k, v, ok := strings.Cut(line, ": "); ok {
			resp.Header.Add(k, v)
		}
	}
	return resp
}

func (s *stub) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *stub) sleep(ctx context.Context, d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waits, s.now = append(s.waits, d), s.now.Add(d)
	return ctx.Err()
}

// times returns how often something was asked.
func (s *stub) times(key string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.seen {
		if k == key {
			n++
		}
	}
	return n
}

// sent returns the only body that was sent there.
func (s *stub) sent(key string) string {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.bodies[key]) != 1 {
		s.t.Fatalf("%s was asked %d times, want once: %q", key, len(s.bodies[key]), s.bodies[key])
	}
	return s.bodies[key][0]
}

func (s *stub) target(change func(*Options)) *Target {
	s.t.Helper()
	o := Options{
		BaseURL: "https://x.zendesk.com", MultiOrg: true, Share: 1, Now: s.Now, Sleep: s.sleep, Base: s,
		Auth: Auth{ClientID: "desksync", Secret: func() (secret.Text, error) { return secret.New("hush-secret"), nil }},
		Log:  func(_ context.Context, n Note) { s.mu.Lock(); defer s.mu.Unlock(); s.notes = append(s.notes, n) },
	}
	if change != nil {
		change(&o)
	}
	t, err := New(o)
	if err != nil {
		s.t.Fatal(err)
	}
	return t
}

// run applies changes and returns the last outcome of each.
func run(t *testing.T, target *Target, changes ...helpdesk.Change) map[string]helpdesk.Outcome {
	t.Helper()
	out := map[string]helpdesk.Outcome{}
	for o, err := range target.Apply(t.Context(), slices.Values(changes)) {
		if err != nil {
			t.Fatal(err)
		}
		out[o.ChangeID] = o
	}
	return out
}

// writes builds deltas of names, old and new values in turn.
func writes(list ...any) (out []helpdesk.Delta) {
	for i := 0; i+2 < len(list); i += 3 {
		out = append(out, helpdesk.Delta{Field: fmt.Sprint(list[i]), Have: asValue(list[i+1]), Want: asValue(list[i+2])})
	}
	return out
}

func asValue(v any) helpdesk.Value {
	switch x := v.(type) {
	case string:
		return helpdesk.TextOf(x)
	case bool:
		return helpdesk.BoolOf(x)
	case helpdesk.Value:
		return x
	default:
		return helpdesk.Value{}
	}
}

func orgChange(op helpdesk.Op, key, id string, list ...any) helpdesk.Change {
	return helpdesk.Change{ID: string(op) + key, Op: op, Ref: orgRef(key), TargetID: id, Name: key, Deltas: writes(list...)}
}

func userChange(op helpdesk.Op, key, id string, list ...any) helpdesk.Change {
	return helpdesk.Change{ID: string(op) + key, Op: op, Ref: userRef(key), TargetID: id, Name: key, Deltas: writes(list...)}
}

func queued(id string) reply {
	return reply{body: `{"job_status":{"id":"` + id + `","job_type":"Bulk Create Organization","url":"https://x.zendesk.com/api/v2/job_statuses/` + id + `.json","total":2,"progress":null,"status":"queued","message":null,"results":null}}`}
}

func finished(id, results string) reply {
	return reply{body: `{"job_statuses":[{"id":"` + id + `","status":"completed","message":"Completed at 2026-11-21 12:00:03 +0000","results":` + results + `}]}`}
}

// orgJSON is an organization as Zendesk shows it.
func orgJSON(id int64, external, name, more string) string {
	ext := "null"
	if external != "" {
		ext = `"` + external + `"`
	}
	if more != "" {
		more = "," + more
	}
	return fmt.Sprintf(`{"url":"https://x.zendesk.com/api/v2/organizations/%d.json","id":%d,"name":%q,"external_id":%s,"updated_at":"2026-11-21T11:00:00Z"%s}`, id, id, name, ext, more)
}

func orgsJSON(list ...string) reply {
	return reply{body: `{"organizations":[` + strings.Join(list, ",") + `],"next_page":null,"previous_page":null,"count":` + fmt.Sprint(len(list)) + `}`}
}

func usersJSON(list ...string) reply {
	return reply{body: `{"users":[` + strings.Join(list, ",") + `],"next_page":null,"previous_page":null,"count":` + fmt.Sprint(len(list)) + `}`}
}
