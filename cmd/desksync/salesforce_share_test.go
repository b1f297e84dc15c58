package main

import (
	"net/http"
	"strings"
	"testing"
)

// TestTheShareIsKeptByAllCommandsTogether spends the share with whatever command asks
// Salesforce something, most of which are no runs.
func TestTheShareIsKeptByAllCommandsTogether(t *testing.T) {
	t.Parallel()
	o := newOwnOrg(t).with("SOURCE", "daily_share: 10%")
	o.account("Acme", nil)
	o.admin(http.MethodPatch, "settings", []byte(`{"api_limit": 400}`), nil)
	spent := func() (n int) {
		for _, r := range o.box.Requests() {
			if strings.HasPrefix(r.Path, "/services/data/") {
				n++
			}
		}
		return n
	}
	commands := [][]string{{"source", "describe"}, {"diff", "--full"}, {"validate", "--online"}, {"diff"}}
	refused := 0
	for i := range 5 * len(commands) {
		before := spent()
		_, out, errs := withFile(t, o.dir, o.file, o.box.InstanceURL, commands[i%len(commands)]...)
		if strings.Contains(out+errs, "of the 40 calls that daily_share allows it in 24 hours") {
			refused++
		} else if refused > 0 {
			t.Errorf("%v goes on with %d calls made:\n%s%s", commands[i%len(commands)], before, out, errs)
		}
	}
	if n := spent(); refused < len(commands) || n != 40 {
		t.Errorf("%d calls were made, and %d commands refused; the share is 40", n, refused)
	}
}
