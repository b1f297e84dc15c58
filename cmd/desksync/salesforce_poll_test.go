package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestAPollAsksForChangesAlone: each command is a process of its own, and does not ask
// again what the login can see; until a full read, or an answer that shows that this
// changed.
func TestAPollAsksForChangesAlone(t *testing.T) {
	t.Parallel()
	o := newOwnOrg(t)
	o.account("Acme", nil)
	describes := func(asked []string) (n int) {
		for _, a := range asked {
			if strings.HasSuffix(a, "/describe") {
				n++
			}
		}
		return n
	}
	o.run(exitOK, "reconcile", "--yes")
	first := o.asked()
	if describes(first) < 4 {
		t.Fatalf("the first read asked %q", first)
	}
	for range 2 {
		out := o.run(exitOK, "diff")
		// The account is as new as the overlap is long, so its whole row is asked for.
		want := []string{"/services/oauth2/token", "/services/data/v62.0/composite", "/services/data/v62.0/queryAll"}
		if got := o.asked(); !slices.Equal(got, want) || !strings.Contains(out, "what changed since") {
			t.Errorf("a poll asked %q, want %q:\n%s", got, want, out)
		}
	}
	o.run(exitOK, "diff", "--full")
	if n := describes(o.asked()); n != describes(first) {
		t.Errorf("a full read described %d objects, want all %d: it trusts no earlier process", n, describes(first))
	}
	o.admin(http.MethodPatch, "settings", []byte(`{"hidden": ["Account.CARR_This_Account__c"]}`), nil)
	if out := o.run(exitFailed, "diff"); !strings.Contains(out, "Account: the integration user can see CARR_This_Account__c no longer") {
		t.Errorf("a field is hidden, and it says:\n%s", out)
	}
	o.asked()
	if code, out, errs := withFile(t, o.dir, o.file, o.box.InstanceURL, "diff"); code != exitUsage || describes(o.asked()) != describes(first) || !strings.Contains(errs, "account has no field CARR_This_Account__c that the source's login can see; correct the name, or give the integration user field-level read access") {
		t.Errorf("code %d, and the objects were not described again:\n%s%s", code, out, errs)
	}
	o.admin(http.MethodPatch, "settings", []byte(`{"hidden": []}`), nil)
	o.run(exitOK, "diff")
	o.asked()
	o.file += "# a comment\n"
	o.run(exitOK, "diff")
	if n := describes(o.asked()); n != describes(first) {
		t.Errorf("with another file %d objects were described, want %d", n, describes(first))
	}
}

// TestAPermissionThatIsGivenBack: what a full read no longer saw is not remembered for the
// next run, which would refuse the rules after the field is shown again.
func TestAPermissionThatIsGivenBack(t *testing.T) {
	t.Parallel()
	o := newOwnOrg(t)
	o.account("Acme", nil)
	o.run(exitOK, "reconcile", "--yes")
	o.admin(http.MethodPatch, "settings", []byte(`{"hidden": ["Account.CARR_This_Account__c"]}`), nil)
	if out := o.run(exitOK, "reconcile", "--yes", "--full"); !strings.Contains(out, "the login no longer sees the account column CARR_This_Account__c") {
		t.Errorf("a field was hidden, and a full read says:\n%s", out)
	}
	o.admin(http.MethodPatch, "settings", []byte(`{"hidden": []}`), nil)
	o.run(exitOK, "reconcile", "--yes")
}
