package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// receive starts a receiver of webhooks on this machine: VARIABLE becomes its address,
// and FILE gets what arrives, a line each, with whether the signature under SECRET is
// right. While the file NAME.down exists it answers 503.
func receive(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: receive VARIABLE FILE SECRET")
	}
	file := ts.MkAbs(args[1])
	var mu sync.Mutex
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if _, err := os.Stat(file + ".down"); err == nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		mac := hmac.New(sha256.New, []byte(args[2]))
		mac.Write([]byte(r.Header.Get("Desksync-Timestamp") + "." + body.String()))
		signed := r.Header.Get("Desksync-Signature") == "v1="+hex.EncodeToString(mac.Sum(nil))
		f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err == nil {
			_, _ = fmt.Fprintf(f, "signed=%v %s\n", signed, body.String())
			_ = f.Close()
		}
	}))
	ts.Defer(s.Close)
	ts.Setenv(args[0], s.URL+"/hook")
	ts.Check(os.WriteFile(file, nil, 0o600))
}
