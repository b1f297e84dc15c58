package pack_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/desksync/desksync/internal/pack"
)

func TestWhatIsPackedIsRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, n := rapid.String().Draw(t, "s"), rapid.Uint64().Draw(t, "n")
		list := rapid.SliceOf(rapid.String()).Draw(t, "list")
		r := pack.Read(pack.Strings(pack.Uint(pack.String(nil, s), n), list))
		if gs, gn, gl := r.String(), r.Uint(), r.Strings(nil); gs != s || gn != n || !slices.Equal(gl, list) {
			t.Fatalf("read %q %d %q, want %q %d %q", gs, gn, gl, s, n, list)
		}
		if !r.Done() || r.Err() != nil {
			t.Fatalf("after the last: done %v, %v", r.Done(), r.Err())
		}
	})
}

func TestEveryCutIsNoticed(t *testing.T) {
	t.Parallel()
	whole := pack.Strings(pack.Uint(pack.String(nil, "Acme"), 300), []string{"gold", strings.Repeat("x", 200)})
	for n := range whole {
		r := pack.Read(whole[:n])
		_, _, _ = r.String(), r.Uint(), r.Strings(nil)
		if !errors.Is(r.Err(), pack.ErrShort) {
			t.Errorf("%d of %d bytes: %v, want ErrShort", n, len(whole), r.Err())
		}
	}
}

func TestDamageIsNoticed(t *testing.T) {
	t.Parallel()
	tests := map[string][]byte{
		"a length beyond the end":     {200, 1, 'a'},
		"a length beyond all memory":  {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1},
		"a number that never ends":    slices.Repeat([]byte{0x80}, 20),
		"a list longer than its rest": {100, 0, 0},
	}
	for name, b := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := pack.Read(b)
			if list := r.Strings([]string{"before"}); len(list) > 3 || !errors.Is(r.Err(), pack.ErrShort) {
				t.Errorf("Strings(% x) = %q, %v, want ErrShort", b, list, r.Err())
			}
			if s := r.String(); s != "" || r.Uint() != 0 || !errors.Is(r.Err(), pack.ErrShort) {
				t.Errorf("after the fault: %q, %v, want nothing, for ever", s, r.Err())
			}
		})
	}
}

func TestStringsAppendsToWhatItIsGiven(t *testing.T) {
	t.Parallel()
	r := pack.Read(pack.Strings(nil, []string{"b", "c"}))
	if got := r.Strings([]string{"a"}); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("Strings = %q", got)
	}
}

func TestLargestNumber(t *testing.T) {
	t.Parallel()
	b := pack.Uint(nil, math.MaxUint64)
	if r := pack.Read(b); r.Uint() != math.MaxUint64 || r.Err() != nil {
		t.Errorf("Uint(% x): %v", b, r.Err())
	}
	b[len(b)-1]++
	if r := pack.Read(b); r.Uint() != 0 || !errors.Is(r.Err(), pack.ErrShort) {
		t.Errorf("Uint(% x), one bit too many: %v, want ErrShort", b, r.Err())
	}
}

// FuzzRead reads damaged rows in every order: no panic, no memory beyond what the
// bytes can hold, and what was read without a fault packs to the same meaning.
func FuzzRead(f *testing.F) {
	f.Add([]byte(nil), []byte("sul"))
	f.Add(pack.Strings(pack.Uint(pack.String(nil, "Acme"), 300), []string{"gold"}), []byte("sul"))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, []byte("ul"))
	f.Fuzz(func(t *testing.T, b, order []byte) {
		r := pack.Read(b)
		var again []byte
		for _, c := range order {
			again = readOne(t, r, c, len(b), again)
		}
		if r.Err() == nil && r.Done() && len(again) > len(b) {
			t.Errorf("% x packs again to % x", b, again)
		}
	})
}

func readOne(t *testing.T, r *pack.Reader, what byte, size int, again []byte) []byte {
	t.Helper()
	switch what % 3 {
	case 0:
		return pack.Uint(again, r.Uint())
	case 1:
		return pack.String(again, r.String())
	}
	list := r.Strings(nil)
	if len(list) > size {
		t.Fatalf("%d strings from %d bytes", len(list), size)
	}
	return pack.Strings(again, list)
}

func BenchmarkRead(b *testing.B) {
	row := pack.Strings(nil, slices.Repeat([]string{"Jason Enterprises"}, 25))
	into := make([]string, 0, 25)
	b.ReportAllocs()
	for b.Loop() {
		into = pack.Read(row).Strings(into[:0])
	}
}
