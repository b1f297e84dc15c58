package loopback

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestListenRefusesAddressesOthersCanReach(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "[::]:0", "nonsense"} {
		if s, err := Listen(t.Context(), "127.0.0.1:0", address); err == nil {
			_ = s.Close()
			t.Errorf("it listens on %q", address)
		}
	}
}

func TestOnlyRefusesOtherNames(t *testing.T) {
	t.Parallel()
	h := Only(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for host, want := range map[string]int{"127.0.0.1:8471": 200, "localhost": 200, "[::1]:80": 200, "evil.example": 403, "evil.example:8471": 403} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s: %d, want %d", host, w.Code, want)
		}
	}
}
