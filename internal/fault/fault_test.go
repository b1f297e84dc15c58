package fault_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/desksync/desksync/internal/fault"
)

func TestErrorSaysOperationRecordKindAndCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("status 401 Unauthorized")
	tests := map[string]struct {
		err  *fault.Error
		want string
	}{
		"everything": {&fault.Error{Op: "zendesk.apply", Kind: fault.Denied, Ref: "organization/0015g00000Aa1XYAAZ", Err: cause}, "zendesk.apply organization/0015g00000Aa1XYAAZ: denied: status 401 Unauthorized"},
		"no record":  {fault.New("dbx.open", fault.NotFound, cause), "dbx.open: not found: status 401 Unauthorized"},
		"no kind":    {fault.New("dbx.open", fault.Unknown, cause), "dbx.open: status 401 Unauthorized"},
		"no cause":   {fault.New("dbx.open", fault.Raced, nil), "dbx.open: raced"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.err.Error(); got != tt.want {
				t.Errorf("Error() = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	inner := fault.New("inner", fault.Throttled, io.EOF)
	tests := map[string]struct {
		err  error
		want fault.Kind
	}{
		"nothing":        {nil, fault.Unknown},
		"a plain error":  {io.EOF, fault.Unknown},
		"a fault":        {inner, fault.Throttled},
		"wrapped":        {fmt.Errorf("more: %w", inner), fault.Throttled},
		"joined":         {errors.Join(io.EOF, inner), fault.Throttled},
		"the outer wins": {fault.New("outer", fault.Denied, inner), fault.Denied},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := fault.KindOf(tt.err); got != tt.want {
				t.Errorf("KindOf(%v) = %v, want %v", tt.err, got, tt.want)
			}
		})
	}
}

func TestCauseIsFound(t *testing.T) {
	t.Parallel()
	if err := error(fault.New("csvfile.read", fault.Invalid, io.ErrUnexpectedEOF)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("errors.Is(%v, io.ErrUnexpectedEOF) = false", err)
	}
}

func TestEveryKindHasItsOwnName(t *testing.T) {
	t.Parallel()
	seen := map[string]fault.Kind{}
	for k := fault.Unknown; k <= fault.Unsafe; k++ {
		name := k.String()
		if other, twice := seen[name]; name == "" || twice {
			t.Errorf("kinds %d and %d are both called %q", other, k, name)
		}
		seen[name] = k
	}
	if got := (fault.Unsafe + 1).String(); got != "unknown" {
		t.Errorf("a kind of the future is called %q, want unknown", got)
	}
}

func TestPlainIsForPeople(t *testing.T) {
	t.Parallel()
	spent := fault.New("salesforce.budget", fault.Throttled, errors.New("the share is spent"))
	tests := map[string]struct {
		err  error
		want string
	}{
		"none":             {nil, ""},
		"a plain error":    {io.EOF, "EOF"},
		"a fault":          {spent, "the share is spent"},
		"where":            {fmt.Errorf("crm: %w", spent), "crm: the share is spent"},
		"behind the fault": {fmt.Errorf("%w, and more", spent), "the share is spent"},
		"joined":           {errors.Join(fmt.Errorf("crm: %w", spent), io.EOF), "crm: the share is spent\nEOF"},
		"joined and same":  {errors.Join(spent, fmt.Errorf("crm: %w", io.EOF), spent), "the share is spent\ncrm: EOF"},
		"one fact":         {errors.Join(lost("reset by peer"), spent, fmt.Errorf("later: %w", lost("refused"))), "connection lost: reset by peer\nthe share is spent"},
		"without a cause":  {fault.New("dbx.open", fault.Raced, nil), "dbx.open: raced"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := fault.Plain(tt.err); got != tt.want {
				t.Errorf("Plain(%v) = %q, want %q", tt.err, got, tt.want)
			}
		})
	}
}

// lost is how it failed that a connection was lost.
type lost string

func (l lost) Error() string { return "connection lost: " + string(l) }
func (lost) Gist() string    { return "connection lost" }

func TestClipLeavesRoomForTheSentence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", strings.Repeat("ü", 40): strings.Repeat("ü", 40), strings.Repeat("ü", 41): strings.Repeat("ü", 40) + "…"} {
		if got := fault.Clip(text); got != want {
			t.Errorf("Clip(%q) = %q, want %q", text, got, want)
		}
	}
}
