package helpdesktest_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/internal/fault"
)

var errTest = fault.New("test", fault.Unavailable, errors.New("the line is cut"))

func orgs(keys ...string) []helpdesk.Change {
	var out []helpdesk.Change
	for _, k := range keys {
		out = append(out, helpdesk.Change{
			ID: k, Op: helpdesk.Create, Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: k},
			Deltas: []helpdesk.Delta{{Field: helpdesk.Name, Want: helpdesk.TextOf("Name " + k)}},
		})
	}
	return out
}

// run applies changes and returns the outcomes in order, and the error that ended it.
func run(t *testing.T, f *helpdesktest.Fake, changes []helpdesk.Change) (out []helpdesk.Outcome, failed error) {
	t.Helper()
	for o, err := range f.Apply(t.Context(), slices.Values(changes)) {
		if err != nil {
			return out, err
		}
		out = append(out, o)
	}
	return out, nil
}

func on(key string) func(helpdesktest.Request) bool {
	return func(r helpdesktest.Request) bool { return r.Ref.Key == key }
}

func TestAFaultStrikesWhereItIsTold(t *testing.T) {
	t.Parallel()
	f := helpdesktest.NewFake(helpdesktest.FakeOptions{})
	f.Inject(helpdesktest.Fault{On: on("B"), Times: 1, Err: errTest})
	out, err := run(t, f, orgs("A", "B", "C"))
	if err != nil || len(out) != 3 || out[1].State != helpdesk.Failed || !errors.Is(out[1].Err, errTest) || out[2].State != helpdesk.Applied {
		t.Fatalf("got %+v %v, want only B failed", out, err)
	}
	if out, err = run(t, f, orgs("B")); err != nil || out[0].State != helpdesk.Applied {
		t.Errorf("the second time: %+v %v, want it applied", out, err)
	}
}

func TestALostReplyLeavesTheWrite(t *testing.T) {
	t.Parallel()
	f := helpdesktest.NewFake(helpdesktest.FakeOptions{})
	f.Inject(helpdesktest.Fault{On: on("B"), Err: errTest, After: true, Stop: true})
	out, err := run(t, f, orgs("A", "B", "C"))
	if !errors.Is(err, errTest) || len(out) != 1 {
		t.Errorf("got %+v %v, want A and then the error", out, err)
	}
	if held := f.Held(helpdesk.Organization); len(held) != 2 {
		t.Errorf("the fake holds %v, want A and B", held)
	}
	if n := len(f.Writes()); n != 2 {
		t.Errorf("the log has %d writes, want 2", n)
	}
}

func TestWorkInTheBackgroundIsAskedForAgain(t *testing.T) {
	t.Parallel()
	f := helpdesktest.NewFake(helpdesktest.FakeOptions{Background: true})
	f.Inject(helpdesktest.Fault{On: on("B"), Err: errTest, After: true, Stop: true})
	out, err := run(t, f, orgs("A", "B"))
	if !errors.Is(err, errTest) || len(out) != 2 || out[1].State != helpdesk.Sent || out[1].Token == "" {
		t.Fatalf("got %+v %v, want both sent and then the error", out, err)
	}
	f.Heal()
	for o, err := range f.Settle(t.Context(), append(out, helpdesk.Outcome{ChangeID: "X", Token: "long ago"})) {
		if want := map[bool]helpdesk.State{true: helpdesk.Failed, false: helpdesk.Applied}[o.ChangeID == "X"]; err != nil || o.State != want {
			t.Errorf("settling %s gave %+v %v, want %s", o.ChangeID, o, err, want)
		}
	}
}

func TestReadingFailsOnDemandAndIsLogged(t *testing.T) {
	t.Parallel()
	f := helpdesktest.NewFake(helpdesktest.FakeOptions{})
	f.Inject(helpdesktest.Fault{On: func(r helpdesktest.Request) bool { return !r.Writes() }, Times: 4, Err: errTest})
	_, describe := f.Describe(t.Context())
	_, get := f.Get(t.Context(), helpdesk.User, []string{"x"})
	_, count := f.OpenTickets(t.Context(), nil)
	var list error
	for _, list = range f.Objects(t.Context(), helpdesk.User, "") { // the error is what is wanted
	}
	for what, err := range map[string]error{"describe": describe, "get": get, "tickets": count, "objects": list} {
		if !errors.Is(err, errTest) {
			t.Errorf("%s: %v, want the fault", what, err)
		}
	}
	if _, err := f.Describe(t.Context()); err != nil || len(f.Log()) != 5 || len(f.Writes()) != 0 {
		t.Errorf("then %v, log %+v; want five readings and no write", err, f.Log())
	}
}

func TestBatchesAreCounted(t *testing.T) { // acceptance 47
	t.Parallel()
	f := helpdesktest.NewFake(helpdesktest.FakeOptions{})
	var changes []helpdesk.Change
	for i := range 2100 {
		changes = append(changes, orgs(string(rune('A'+i%26))+string(rune('0'+i/26)))...)
	}
	if _, err := run(t, f, changes); err != nil || f.Batches() != 21 {
		t.Errorf("2,100 changes in batches of 100 took %d calls (%v), want 21", f.Batches(), err)
	}
}
