package journal

import (
	"errors"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/fault"
)

// TestMachinesWhoseClocksAreApartTakeNoLockFromEachOther: by the server's clock the first
// holder lives; by that of a machine which is ten minutes ahead its lease would be over.
func TestMachinesWhoseClocksAreApartTakeNoLockFromEachOther(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ server, taken bool }{"the server's clock": {true, false}, "each machine's clock": {false, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn := ready.Postgres(t)
			open := func(ahead time.Duration) *Journal {
				j, err := Open(t.Context(), dsn, Options{Now: func() time.Time { return time.Now().Add(ahead) }, Dead: nobodyDies, ServerClock: tt.server})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = j.Close() })
				return j
			}
			first, second := open(0), open(10*time.Minute)
			begin := func(j *Journal, holder string) (Run, error) {
				pipe, err := j.Pipeline(t.Context(), "customers", "crm", "support")
				if err != nil {
					t.Fatal(err)
				}
				return j.Begin(t.Context(), RunSpec{Pipeline: pipe.ID, Target: "support", Mode: Reconcile, Holder: holder})
			}
			run, err := begin(first, "one")
			if err != nil {
				t.Fatal(err)
			}
			_, err = begin(second, "two")
			if _, busy := errors.AsType[*Locked](err); busy == tt.taken {
				t.Errorf("the second begins with %v, want it to take the lock: %v", err, tt.taken)
			}
			if err := first.Beat(t.Context(), run); (fault.KindOf(err) == fault.Raced) != tt.taken {
				t.Errorf("the first beats with %v, want it to have lost the lock: %v", err, tt.taken)
			}
		})
	}
}
