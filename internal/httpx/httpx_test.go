package httpx_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/httpx"
)

// sleeper remembers waits instead of waiting.
type sleeper struct {
	mu    sync.Mutex
	waits []time.Duration
}

func (s *sleeper) sleep(_ context.Context, d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waits = append(s.waits, d)
	return nil
}

// steps answers request n with step n, and the last step from then on.
type steps struct {
	mu   sync.Mutex
	seen []string
	do   []http.HandlerFunc
}

func (s *steps) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	n := min(len(s.seen), len(s.do)-1)
	s.seen = append(s.seen, r.Method+" "+r.URL.Path+" "+string(body))
	s.mu.Unlock()
	s.do[n](w, r)
}

// asked returns what was asked so far.
func (s *steps) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	}
}

func hangUp(_ http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }

// serve starts a server of steps and a client whose waits are remembered.
func serve(t *testing.T, opt httpx.Options, do ...http.HandlerFunc) (*httpx.Client, *steps, *sleeper, string) {
	t.Helper()
	s, z := &steps{do: do}, &sleeper{}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	if opt.Sleep == nil {
		opt.Sleep = z.sleep
	}
	opt.Random = func() float64 { return 1 }
	opt.Now = func() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }
	opt.Service = "Salesforce"
	return httpx.New(opt), s, z, server.URL
}

func request(t *testing.T, ctx context.Context, method, url, body string) *http.Request { //nolint:revive // t first, as in all helpers
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func TestDoAsksAgainWhereItIsSafe(t *testing.T) {
	t.Parallel()
	ok := status(200)
	tests := map[string]struct {
		method string
		marked bool
		once   bool
		opt    httpx.Options
		do     []http.HandlerFunc
		status int // 0: an error
		asked  int
		waits  []time.Duration
	}{
		"answered at once":                     {method: "GET", do: []http.HandlerFunc{ok}, status: 200, asked: 1},
		"busy twice":                           {method: "GET", do: []http.HandlerFunc{status(503), status(500), ok}, status: 200, asked: 3, waits: []time.Duration{time.Second, 2 * time.Second}},
		"the connection breaks":                {method: "GET", do: []http.HandlerFunc{hangUp, ok}, status: 200, asked: 2, waits: []time.Duration{time.Second}},
		"a delete may be repeated":             {method: "DELETE", do: []http.HandlerFunc{status(502), ok}, status: 200, asked: 2, waits: []time.Duration{time.Second}},
		"a post may not":                       {method: "POST", do: []http.HandlerFunc{status(503), ok}, status: 503, asked: 1},
		"a post whose reply is lost may not":   {method: "POST", do: []http.HandlerFunc{hangUp, ok}, asked: 1},
		"unless it is marked":                  {method: "POST", marked: true, do: []http.HandlerFunc{hangUp, ok}, status: 200, asked: 2, waits: []time.Duration{time.Second}},
		"what shall be sent once is":           {method: "PUT", once: true, do: []http.HandlerFunc{status(429, "Retry-After", "1"), ok}, status: 429, asked: 1},
		"also if its reply is lost":            {method: "DELETE", once: true, do: []http.HandlerFunc{hangUp, ok}, asked: 1},
		"what is wrong stays wrong":            {method: "GET", do: []http.HandlerFunc{status(400), ok}, status: 400, asked: 1},
		"420 is not asked again by default":    {method: "GET", do: []http.HandlerFunc{status(420), ok}, status: 420, asked: 1},
		"but where the service uses it":        {method: "GET", opt: httpx.Options{Retry: func(c int) bool { return c == 420 }}, do: []http.HandlerFunc{status(420), ok}, status: 200, asked: 2, waits: []time.Duration{time.Second}},
		"seconds to wait":                      {method: "GET", do: []http.HandlerFunc{status(429, "Retry-After", "17"), ok}, status: 200, asked: 2, waits: []time.Duration{17 * time.Second}},
		"a date to wait for":                   {method: "GET", do: []http.HandlerFunc{status(503, "Retry-After", "Sat, 21 Nov 2026 12:00:30 GMT"), ok}, status: 200, asked: 2, waits: []time.Duration{30 * time.Second}},
		"too long to wait for":                 {method: "GET", do: []http.HandlerFunc{status(429, "Retry-After", "3600"), ok}, status: 429, asked: 1},
		"a wait nobody can read is passed by":  {method: "GET", do: []http.HandlerFunc{status(429, "Retry-After", "soon"), ok}, status: 200, asked: 2, waits: []time.Duration{time.Second}},
		"busy for ever: the answer is the end": {method: "GET", opt: httpx.Options{Tries: 3}, do: []http.HandlerFunc{status(503)}, status: 503, asked: 3, waits: []time.Duration{time.Second, 2 * time.Second}},
		"waits grow to the longest":            {method: "GET", opt: httpx.Options{Tries: 5, MaxWait: 3 * time.Second}, do: []http.HandlerFunc{hangUp}, asked: 5, waits: []time.Duration{1e9, 2e9, 3e9, 3e9}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s, z, url := serve(t, tt.opt, tt.do...)
			ctx := t.Context()
			if tt.marked {
				ctx = httpx.Repeatable(ctx)
			}
			if tt.once {
				ctx = httpx.Once(ctx)
			}
			resp, err := c.Do(request(t, ctx, tt.method, url+"/a", "words"))
			if err == nil {
				defer resp.Body.Close()
			}
			if tt.status == 0 {
				if fault.KindOf(err) != fault.Unavailable {
					t.Errorf("Do = %v, want unavailable", err)
				}
			} else if err != nil || resp.StatusCode != tt.status {
				t.Fatalf("Do = %v, %v; want status %d", resp, err, tt.status)
			}
			if len(s.asked()) != tt.asked || !slices.Equal(z.waits, tt.waits) {
				t.Errorf("asked %d times with waits %v, want %d and %v", len(s.asked()), z.waits, tt.asked, tt.waits)
			}
			for _, got := range s.asked() {
				if got != tt.method+" /a words" {
					t.Errorf("the server saw %q", got)
				}
			}
		})
	}
}

func TestRedirectsStayOnTheHost(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the other host was asked") }))
	t.Cleanup(elsewhere.Close)
	c, s, _, url := serve(t, httpx.Options{}, status(302, "Location", elsewhere.URL+"/steal"))
	_, err := c.Do(request(t, t.Context(), "GET", url+"/a", "")) //nolint:bodyclose // an error
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "redirect to another host") {
		t.Errorf("Do = %v, want invalid", err)
	}
	if len(s.asked()) != 1 {
		t.Errorf("asked %v, want once", s.asked())
	}
	c, _, _, url = serve(t, httpx.Options{}, status(302, "Location", "/b"), status(200))
	resp, err := c.Do(request(t, t.Context(), "GET", url+"/a", ""))
	if err != nil || resp.StatusCode != 200 || resp.Request.URL.Path != "/b" {
		t.Fatalf("Do = %v, %v, want /b", resp, err)
	}
	_ = resp.Body.Close()
}

func TestErrorsTellNoSecrets(t *testing.T) {
	t.Parallel()
	c, _, _, url := serve(t, httpx.Options{Tries: 1}, hangUp)
	_, err := c.Do(request(t, t.Context(), "GET", strings.Replace(url, "http://", "http://user:hush@", 1)+"/query?q=hush", "")) //nolint:bodyclose // an error
	if err == nil || strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), "Salesforce did not answer GET "+url+"/query: EOF; check the network") {
		t.Errorf("Do = %v", err)
	}
	resp := &http.Response{StatusCode: 403, Header: http.Header{}, Request: request(t, t.Context(), "GET", url+"/query?q=hush", "")}
	if e := httpx.StatusError(resp, time.Now()); strings.Contains(e.Error(), "hush") || e.Kind != fault.Denied {
		t.Errorf("StatusError = %v", e)
	}
}

func TestABodyCutShortIsAnError(t *testing.T) {
	t.Parallel()
	tests := map[string]http.HandlerFunc{
		"with a length": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
		},
		"in chunks": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		},
		"in gzip": func(w http.ResponseWriter, _ *http.Request) {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, _ = io.WriteString(z, strings.Repeat("half", 9000))
			_ = z.Close()
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(b.Bytes()[:b.Len()/2])
		},
	}
	for name, do := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _, _, url := serve(t, httpx.Options{}, do)
			resp, err := c.Do(request(t, t.Context(), "GET", url, ""))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			_, err = io.ReadAll(resp.Body)
			if fault.KindOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "a reply of Salesforce ended before its end") {
				t.Errorf("ReadAll = %v, want unavailable", err)
			}
		})
	}
}

func TestGzipIsUnpacked(t *testing.T) {
	t.Parallel()
	c, _, _, url := serve(t, httpx.Options{}, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" || r.Header.Get("User-Agent") != "desksync" {
			t.Errorf("header = %v", r.Header)
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, "whole")
		_ = z.Close()
	})
	resp, err := c.Do(request(t, t.Context(), "GET", url, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, err := io.ReadAll(resp.Body); err != nil || string(b) != "whole" {
		t.Errorf("ReadAll = %q, %v", b, err)
	}
}

func TestASilentBodyEnds(t *testing.T) {
	t.Parallel()
	c, _, _, url := serve(t, httpx.Options{Idle: 20 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	resp, err := c.Do(request(t, t.Context(), "GET", url, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if string(got) != "half" || fault.KindOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "nothing came for too long") {
		t.Errorf("ReadAll = %q, %v", got, err)
	}
}

func TestTheContextEndsEverything(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c, s, _, url := serve(t, httpx.Options{Sleep: func(ctx context.Context, _ time.Duration) error { cancel(); return ctx.Err() }}, status(503))
	_, err := c.Do(request(t, ctx, "GET", url, "")) //nolint:bodyclose // an error
	if !errors.Is(err, context.Canceled) || len(s.asked()) != 1 {
		t.Errorf("Do = %v after %d requests, want canceled after 1", err, len(s.asked()))
	}
}

func TestBeforeAndObserve(t *testing.T) {
	t.Parallel()
	spent := fault.New("test.before", fault.Throttled, errors.New("the share is spent"))
	asked, seen := 0, []int{}
	opt := httpx.Options{
		Before: func(*http.Request) error {
			if asked++; asked > 2 {
				return spent
			}
			return nil
		},
		Observe: func(r *http.Response) { seen = append(seen, r.StatusCode) },
	}
	c, s, _, url := serve(t, opt, status(503))
	_, err := c.Do(request(t, t.Context(), "GET", url, "")) //nolint:bodyclose // an error
	if !errors.Is(err, spent) || len(s.asked()) != 2 || !slices.Equal(seen, []int{503, 503}) {
		t.Errorf("Do = %v after %d requests, observed %v", err, len(s.asked()), seen)
	}
}

func TestAClosedPortIsUnavailable(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	_, err = httpx.New(httpx.Options{Tries: 1}).Do(request(t, t.Context(), "GET", "http://"+l.Addr().String()+"/x", "")) //nolint:bodyclose // an error
	if fault.KindOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "check the network and the address") {
		t.Errorf("Do = %v", err)
	}
}

func TestAnUnknownCertificateIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(status(200))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	z := &sleeper{}
	_, err := httpx.New(httpx.Options{Sleep: z.sleep}).Do(request(t, t.Context(), "GET", server.URL, "")) //nolint:bodyclose // an error
	if fault.KindOf(err) != fault.Denied || len(z.waits) != 0 || !strings.Contains(err.Error(), "who signed its certificate") {
		t.Errorf("Do = %v after waits %v", err, z.waits)
	}
}

func TestErrorBodiesAreCapped(t *testing.T) {
	t.Parallel()
	resp := &http.Response{Body: io.NopCloser(io.LimitReader(zeros{}, 1<<40))}
	if b := httpx.ErrorBody(resp); len(b) != httpx.MaxErrorBody {
		t.Errorf("ErrorBody read %d bytes, want %d", len(b), httpx.MaxErrorBody)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"", "0", "120", "-1", "99999999999999999999", "Sat, 21 Nov 2026 12:00:30 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", "soon"} {
		f.Add(s)
	}
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := httpx.RetryAfter(http.Header{"Retry-After": {s}}, now)
		if d < 0 || d > 366*24*time.Hour || !ok && d != 0 {
			t.Errorf("RetryAfter(%q) = %v, %v", s, d, ok)
		}
	})
}

func ExampleKindOf() {
	fmt.Println(httpx.KindOf(429), httpx.KindOf(401), httpx.KindOf(404), httpx.KindOf(503), httpx.KindOf(400))
	// Output: throttled denied not found unavailable invalid
}
