package zendesk

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

func TestEachEnvelopeIsUnderstood(t *testing.T) {
	t.Parallel()
	const scopes = `{"error":"Forbidden","description":"You are missing the following required scopes: read"}`
	tests := map[string]struct {
		reply reply
		kind  fault.Kind
		text  string
	}{
		"a scope is missing":   {reply{status: 403, body: scopes}, fault.Denied, "required scopes: read; give the OAuth client that scope"},
		"not an admin":         {reply{status: 403, body: `{"error":{"title":"Forbidden","message":"You do not have access to this page. Please contact the account owner of this help desk for further help."}}`}, fault.Denied, "must be an admin"},
		"not there":            {reply{status: 404, body: `{"error":"RecordNotFound","description":"Not found"}`}, fault.NotFound, "no longer there"},
		"no such place":        {reply{status: 404, body: `{"error":"InvalidEndpoint","description":"Not found"}`}, fault.Unsupported, "this account does not have this"},
		"too many values":      {reply{status: 400, body: `{"error":"TooManyValues","description":"Parameter  cannot specify more than 100 values","max_count":100}`}, fault.Invalid, "TooManyValues, Parameter cannot specify"},
		"a bad parameter":      {reply{status: 400, body: `{"error":{"title":"Invalid attribute","message":"You passed an invalid value for the page attribute. Invalid parameter"}}`}, fault.Invalid, "Invalid attribute"},
		"too deep":             {reply{status: 400, body: `{"errors":[{"code":"InvalidPaginationDepth","title":"Invalid pagination depth"}]}`}, fault.Invalid, "InvalidPaginationDepth"},
		"a collision":          {reply{status: 409, body: "Requester creation collision - please try again"}, fault.Raced, "collision"},
		"a duplicate":          {reply{status: 422, body: `{"error":"RecordInvalid","description":"Record validation errors","details":{"name":[{"description":"Name: Acme has already been taken","error":"DuplicateValue"}]}}`}, fault.Raced, "name: Name: Acme has already been taken"},
		"blank":                {reply{status: 422, body: `{"error":"RecordInvalid","description":"Record validation errors","details":{"base":[{"description":"Organization cannot be blank","error":"BlankValue"}]}}`}, fault.Invalid, "correct the value"},
		"details of a string":  {reply{status: 422, body: `{"error":"RecordInvalid","description":"Record validation errors","details":"Name: bad"}`}, fault.Invalid, "RecordInvalid, Record validation errors"},
		"throttled, as text":   {reply{status: 429, header: "Retry-After: 3600", body: "Number of allowed API requests per minute exceeded"}, fault.Throttled, "lower rate_share"},
		"throttled at an edge": {reply{status: 429, header: "Retry-After: 3600", body: `{"detail":"Rate limited by Zendesk edge protection","status":"429","title":"Automated response"}`}, fault.Throttled, "edge holds this machine back"},
		"down":                 {reply{status: 503, header: "Retry-After: 3600", body: "<html>maintenance</html>"}, fault.Unavailable, "status.zendesk.com"},
		"not JSON":             {reply{body: "<html>proxy</html>"}, fault.Unavailable, "a proxy may stand between"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, map[string][]reply{showA: {tt.reply}})
			err := ask(t, s.target(nil))
			if fault.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.text) || !strings.Contains(err.Error(), "organizations/show_many") {
				t.Errorf("Get = %v, want %s with %q", err, tt.kind, tt.text)
			}
		})
	}
}

func TestWhatZendeskWarnsOfIsTold(t *testing.T) {
	t.Parallel()
	s := start(t, map[string][]reply{showA: {{header: `x-zendesk-api-warn: Removed restricted keys ["organization.id"] from parameters`, body: `{"organizations":[]}`}}})
	if err := ask(t, s.target(nil)); err != nil {
		t.Fatal(err)
	}
	if len(s.notes) != 1 || s.notes[0].Event != "warned" || !strings.Contains(s.notes[0].Text, "organization.id") {
		t.Errorf("the notes are %v", s.notes)
	}
}

func TestRetryAfterIsWaitedForToTheSecond(t *testing.T) {
	t.Parallel()
	busy := reply{status: 429, header: "Retry-After: 37", body: `{"errors":[{"code":"TooManyRequests","title":"Too many requests to update"}]}`}
	s := start(t, map[string][]reply{
		showA:                {busy, orgsJSON()},
		"POST organizations": {busy, {status: 201, body: `{"organization":` + orgJSON(5, "001A", "A", "") + `}`}},
	})
	target := s.target(nil)
	if err := ask(t, target); err != nil || s.Now().Sub(noon) != 37*time.Second {
		t.Errorf("Get = %v after %s, want success after 37s", err, s.Now().Sub(noon))
	}
	got := run(t, target, orgChange(helpdesk.Create, "001A", "", "name", nil, "A"))
	if o := got["create001A"]; o.State != helpdesk.Applied || o.TargetID != "5" || s.Now().Sub(noon) != 74*time.Second {
		t.Errorf("a create that was held back ends as %+v after %s, want it applied after 74s", o, s.Now().Sub(noon))
	}
}

func FuzzParseFailure(f *testing.F) {
	for _, s := range []string{"", "{}", `{"error":"A","details":{"a":[{"description":"b","error":"DuplicateValue"}]}}`, `{"error":{"title":"a"}}`, `{"errors":[{}]}`, "text", `{"error":[1]}`, "\xff\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		x := parseFailure(b)
		x.status = http.StatusTeapot
		if len(x.code) > 1300 || len(x.text) > 1300 || !strings.HasPrefix(x.Error(), "status 418") || strings.ContainsAny(x.code, "\n\r") {
			t.Errorf("%q reads as %+v", b, x)
		}
	})
}
