package salesforce

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// sheet is the result of a job as it stays: the header row, and where each row ends.
type sheet struct {
	header []byte
	body   []byte
	ends   []int
}

func (t sheet) rows() int { return len(t.ends) }

// part are count rows from number first on.
func (t sheet) part(first, count int) []byte {
	from := 0
	if first > 0 {
		from = t.ends[first-1]
	}
	to := from
	if count > 0 {
		to = t.ends[first+count-1]
	}
	return append(bytes.Clone(t.header), t.body[from:to]...)
}

// fillSheet runs the query of a job. The service reads in pieces by primary key, so the
// order is undefined: here it is shuffled, in the same way each time. ORDER BY switches
// that off (Bulk API 2.0 guide, SOQL Considerations).
func (s *Server) fillSheet(j *job) sheet {
	numbers := j.plan.Run()
	if !j.plan.Ordered() {
		r := rand.New(rand.NewPCG(s.opt.Seed, uint64(len(numbers)))) //nolint:gosec // not for secrets
		r.Shuffle(len(numbers), func(a, b int) { numbers[a], numbers[b] = numbers[b], numbers[a] })
	}
	w := rowWriter{delimiter: delimiters()[j.delimiter], end: map[string]string{"LF": "\n", "CRLF": "\r\n"}[j.lineEnding]}
	var names []string
	for _, c := range j.plan.Columns {
		names = append(names, c.Name)
	}
	w.row(names)
	t := sheet{header: bytes.Clone(w.b.Bytes())}
	w.b.Reset()
	for _, n := range numbers {
		w.row(texts(j.plan, n))
		t.ends = append(t.ends, w.b.Len())
	}
	t.body = w.b.Bytes()
	return t
}

// rowWriter quotes every field, as the service does.
type rowWriter struct {
	b         bytes.Buffer
	delimiter byte
	end       string
}

func (w *rowWriter) row(cells []string) {
	for i, c := range cells {
		if i > 0 {
			w.b.WriteByte(w.delimiter)
		}
		w.b.WriteString(`"` + strings.ReplaceAll(c, `"`, `""`) + `"`)
	}
	w.b.WriteString(w.end)
}

func texts(p *org.Plan, n int) []string {
	values := p.Values(n)
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = csvText(p.Columns[i].Field, v)
	}
	return out
}

// csvText writes a value for Bulk: times end in Z, nothing is empty.
func csvText(f *org.Field, v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case float64:
		return numberText(f, x)
	case time.Time:
		return x.Format("2006-01-02T15:04:05.000Z")
	}
	return fmt.Sprint(v)
}
