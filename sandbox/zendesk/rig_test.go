package zendesk

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// rig is a sandbox on a clock of its own, and someone who calls it.
type rig struct {
	t   *testing.T
	box *Sandbox

	mu   sync.Mutex
	time time.Time
	auth string
}

func newRig(t *testing.T, opt Options) *rig {
	t.Helper()
	r := &rig{t: t, time: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC), auth: basic(AdminEmail)}
	opt.Now = r.now
	r.box = New(opt)
	return r
}

func basic(email string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(email+"/token:"+APIToken))
}

func (r *rig) now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.time
}

// pass lets time go by.
func (r *rig) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.time = r.time.Add(d)
}

// answer is what came back.
type answer struct {
	t      *testing.T
	call   string
	status int
	header http.Header
	text   string
	body   any
}

// raw makes any call, and says if the connection was cut.
func (r *rig) raw(method, path, body, kind string) (*answer, error) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, "https://acme.zendesk.com"+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if r.auth != "" {
		req.Header.Set("Authorization", r.auth)
	}
	if body != "" {
		req.Header.Set("Content-Type", kind)
	}
	resp, err := (&http.Client{Transport: r.box}).Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	a := &answer{t: r.t, call: method + " " + path, status: resp.StatusCode, header: resp.Header, text: string(text)}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(text, &a.body); err != nil {
			r.t.Fatalf("%s: %v: %s", a.call, err, text)
		}
	}
	return a, nil
}

// call makes a call of the API, with JSON where there is a body.
func (r *rig) call(method, path, body string) *answer {
	r.t.Helper()
	a, err := r.raw(method, "/api/v2/"+path, body, "application/json")
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

// want is call, with the status it must have.
func (r *rig) want(status int, method, path, body string) *answer {
	r.t.Helper()
	a := r.call(method, path, body)
	if a.status != status {
		r.t.Fatalf("%s: %d, want %d: %s", a.call, a.status, status, a.text)
	}
	return a
}

// at is what stands in the reply under a path such as organizations.0.name.
func (a *answer) at(path string) any {
	v := a.body
	for _, part := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			i := 0
			if _, err := fmt.Sscan(part, &i); err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// has compares what stands under a path.
func (a *answer) has(path string, want any) *answer {
	a.t.Helper()
	if n, is := want.(int); is {
		want = float64(n)
	}
	if got := a.at(path); !reflect.DeepEqual(got, want) {
		a.t.Errorf("%s: %s is %#v, want %#v in %s", a.call, path, got, want, a.text)
	}
	return a
}

// all are the values of one key of all rows of a list.
func (a *answer) all(list, key string) string {
	rows, _ := a.at(list).([]any)
	out := []string{}
	for _, row := range rows {
		v, _ := row.(map[string]any)[key].(string)
		if n, is := row.(map[string]any)[key].(float64); is {
			v = fmt.Sprintf("%.0f", n)
		}
		out = append(out, v)
	}
	return strings.Join(out, ",")
}

func (a *answer) id(path string) string {
	a.t.Helper()
	n, is := a.at(path).(float64)
	if !is {
		a.t.Fatalf("%s: no %s in %s", a.call, path, a.text)
	}
	return fmt.Sprintf("%.0f", n)
}

func (r *rig) org(body string) (id string) {
	r.t.Helper()
	return r.want(201, "POST", "organizations", `{"organization":`+body+`}`).id("organization.id")
}

func (r *rig) user(body string) (id string) {
	r.t.Helper()
	return r.want(201, "POST", "users", `{"user":`+body+`}`).id("user.id")
}

func (r *rig) join(user, organization string) (id string) {
	r.t.Helper()
	body := `{"organization_membership":{"user_id":` + user + `,"organization_id":` + organization + `}}`
	return r.want(201, "POST", "organization_memberships", body).id("organization_membership.id")
}

// done waits for a job that a call queued, and returns it.
func (r *rig) done(method, path, body string) *answer {
	r.t.Helper()
	id := r.want(200, method, path, body).at("job_status.id").(string)
	r.pass(time.Minute)
	return r.want(200, "GET", "job_statuses/"+id, "")
}

func (r *rig) rules(change func(*account.Rules)) {
	r.box.Set(func(s *Settings) { change(&s.Rules) })
}
