package salesforce

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/secret"
)

// reply is one scripted answer: exact bytes, written by hand from the reference.
type reply struct {
	status int // 0: 200
	header string
	body   string
	cut    int  // above 0: the connection breaks after so many bytes of the body
	gzip   bool // packed, and cut then counts packed bytes
}

// stub plays replies by what is asked: of each list one after another, the last one
// from then on. What is not in the script fails the test.
type stub struct {
	t      *testing.T
	server *httptest.Server
	mu     sync.Mutex
	script map[string][]reply
	seen   []string
	heads  []http.Header
	bodies []string
	waits  []time.Duration
	onCall func(string)
}

const version = "/services/data/v62.0/"

// asked is a request as scripts name it: GET query SELECT Id FROM Account.
func asked(r *http.Request) string {
	path := strings.TrimPrefix(r.URL.Path, version)
	if q := r.URL.Query().Get("q"); q != "" {
		return r.Method + " " + path + " " + q
	}
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	return r.Method + " " + path
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	key := asked(r)
	if s.onCall != nil {
		s.onCall(key)
	}
	s.mu.Lock()
	s.seen, s.heads, s.bodies = append(s.seen, key), append(s.heads, r.Header.Clone()), append(s.bodies, string(body))
	list := s.script[key]
	if len(list) > 1 {
		s.script[key] = list[1:]
	}
	s.mu.Unlock()
	if len(list) == 0 {
		s.t.Errorf("not in the script: %s", key)
		w.WriteHeader(http.StatusTeapot)
		return
	}
	list[0].play(w)
}

func (r reply) play(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.Header().Set("Date", noon.Format(http.TimeFormat))
	w.Header().Set("Sforce-Limit-Info", "api-usage=18/100000")
	for line := range strings.SplitSeq(r.header, "\n") {
		if k, v, ok := strings.Cut(line, ": "); ok {
			w.Header().Set(k, v)
		}
	}
	body := []byte(r.body)
	if r.gzip {
		w.Header().Set("Content-Encoding", "gzip")
		body = packed(body)
	}
	w.WriteHeader(max(r.status, 200))
	if r.cut > 0 {
		_, _ = w.Write(body[:min(r.cut, len(body))])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(body)
}

func packed(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

// wasAsked checks how often some things were asked.
func (s *stub) wasAsked(want map[string]int) {
	s.t.Helper()
	for key, n := range want {
		if s.times(key) != n {
			s.t.Errorf("%s was asked %d times, want %d", key, s.times(key), n)
		}
	}
}

// failedAs checks that a read that had to fail did so, with a text, and yielded nothing.
func failedAs(t *testing.T, list []string, rep crm.Report, err error, kind fault.Kind, text string) {
	t.Helper()
	if fault.KindOf(err) != kind || !strings.Contains(err.Error(), text) || rep.Complete || len(list) != 0 {
		t.Fatalf("Records = %q, %+v, %v; want %s with %q and no rows", list, rep, err, kind, text)
	}
}

// times returns how often something was asked.
func (s *stub) times(key string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, k := range s.seen {
		if k == key {
			n++
		}
	}
	return n
}

func (s *stub) sleep(ctx context.Context, d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waits = append(s.waits, d)
	return ctx.Err()
}

const (
	logins  = "POST /services/oauth2/token"
	hushed  = "00Dxx0000001gER!AQ4AQhush"
	orgID   = "00Dxx0000001gEREAY"
	account = `{"name":"Account","queryable":true,"fields":[
{"name":"Id","type":"id","referenceTo":[],"relationshipName":null},
{"name":"Name","type":"string"},{"name":"Type","type":"picklist"},{"name":"AnnualRevenue","type":"currency"},{"name":"NumberOfEmployees","type":"int"},
{"name":"Active__c","type":"boolean"},{"name":"Since__c","type":"date"},{"name":"Stamp__c","type":"datetime"},
{"name":"Regions__c","type":"multipicklist"},{"name":"CARR_This_Account__c","type":"currency"},{"name":"BillingAddress","type":"address"},
{"name":"ParentId","type":"reference","referenceTo":["Account"],"relationshipName":"Parent"},
{"name":"OwnerId","type":"reference","referenceTo":["User"],"relationshipName":"Owner"}]}`
	user    = `{"name":"User","queryable":true,"fields":[{"name":"Id","type":"id"},{"name":"Name","type":"string"},{"name":"IsActive","type":"boolean"},{"name":"ManagerId","type":"reference","referenceTo":["User"],"relationshipName":"Manager"}]}`
	contact = `{"name":"Contact","queryable":true,"fields":[{"name":"Id","type":"id"},{"name":"AccountId","type":"reference","referenceTo":["Account"],"relationshipName":"Account"},{"name":"Email","type":"email"},{"name":"LastName","type":"string"}]}`

	notFound = `[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]`
	expired  = `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`

	id1, id2, id3 = "001xx000003DGb1AAG", "001xx000003DGb2AAG", "001xx000003DGb3AAG"
)

// start begins a stub with a login and the describes; more is added by the test.
func start(t *testing.T, more map[string][]reply) *stub {
	t.Helper()
	s := &stub{t: t}
	s.server = httptest.NewServer(s)
	t.Cleanup(s.server.Close)
	s.script = map[string][]reply{
		logins:                                         {{body: `{"access_token":"` + hushed + `","scope":"api id","instance_url":"` + s.server.URL + `","id":"https://login.salesforce.com/id/00Dxx0000001gEREAY/005xx000001SwiUAAS","token_type":"Bearer"}`}},
		"GET sobjects/Account/describe":                {{body: account}},
		"GET sobjects/Contact/describe":                {{body: contact}},
		"GET sobjects/User/describe":                   {{body: user}},
		"GET sobjects/AccountContactRelation/describe": {{status: 404, body: notFound}},
		"GET sobjects/AccountTeamMember/describe":      {{status: 404, body: notFound}},
	}
	for k, v := range more {
		s.script[k] = v
	}
	return s
}

var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil
	}
	return key
})

func testPEM() secret.Text {
	return secret.New(string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(testKey())})))
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// source connects to the stub; change may alter the options.
func (s *stub) source(change func(*Options)) *Source {
	s.t.Helper()
	opt := Options{
		LoginURL: s.server.URL, Sleep: s.sleep, Now: func() time.Time { return noon }, TempDir: s.t.TempDir(),
		Auth: Auth{Type: ClientCredentials, ClientID: "3MVG9app", Secret: func() (secret.Text, error) { return secret.New("hush"), nil }},
	}
	if change != nil {
		change(&opt)
	}
	src, err := New(opt)
	if err != nil {
		s.t.Fatal(err)
	}
	return src
}

// readAll reads a role and renders its records: account/id parent [values].
func readAll(ctx context.Context, src *Source, q crm.Query) (list []string, rep crm.Report, err error) {
	for rec, e := range src.Records(ctx, q, &rep) {
		if e != nil {
			return list, rep, e
		}
		list = append(list, fmt.Sprintf("%s/%s %s %q", rec.Account, rec.ID, rec.Parent, rec.Values))
	}
	return list, rep, nil
}

func counted(n int) reply {
	return reply{body: fmt.Sprintf(`{"totalSize":%d,"done":true,"records":[]}`, n)}
}

// named is a record of an account with a name and no parent.
func named(id, name string) string {
	return fmt.Sprintf(`{"attributes":{"type":"Account","url":"/services/data/v62.0/sobjects/Account/%s"},"Id":"%s","ParentId":null,"Name":%q}`, id, id, name)
}

func pageOf(total int, next string, records ...string) string {
	more := `"done":true`
	if next != "" {
		more = `"done":false,"nextRecordsUrl":"` + next + `"`
	}
	return fmt.Sprintf(`{"totalSize":%d,%s,"records":[%s]}`, total, more, strings.Join(records, ","))
}

const (
	countAccounts = "GET query SELECT COUNT() FROM Account"
	readNames     = "GET query SELECT Id, ParentId, Name FROM Account"
	more2000      = version + "query/01gxx0000004CAyAAM-2000"
	getMore       = "GET query/01gxx0000004CAyAAM-2000"
)

var names = crm.Query{Role: crm.Account, Columns: []string{"Name"}}
