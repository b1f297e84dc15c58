package salesforce

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// printer writes records as JSON. Child records count toward the page (SOAP guide,
// Changing the Batch Size in Queries).
type printer struct {
	s    *Server
	q    *request
	b    *bytes.Buffer
	left int // records that still fit the page
}

// records writes as many as fit, and says how many that were. A page that may hold any
// holds at least one.
func (p *printer) records(plan *org.Plan, numbers []int) int {
	done := 0
	for p.left > 0 && done < len(numbers) {
		if done > 0 {
			p.b.WriteByte(',')
		}
		p.left--
		p.record(plan.Record(numbers[done]))
		done++
	}
	return done
}

func (p *printer) record(r org.Record) {
	p.b.WriteString(`{"attributes":{"type":"` + r.Type + `","url":"` + p.q.base() + `/sobjects/` + r.Type + `/` + r.ID + `"}`)
	for _, c := range r.Cells {
		p.b.WriteString(`,"` + c.Name + `":`)
		p.cell(c)
	}
	p.b.WriteByte('}')
}

func (p *printer) cell(c org.Cell) {
	switch {
	case c.Parent != nil:
		p.record(*c.Parent)
	case c.Children != nil:
		p.children(c.Children)
	default:
		p.b.Write(jsonValue(c.Field, c.Value))
	}
}

// children writes what a sub-query found; what does not fit has a cursor of its own.
func (p *printer) children(list *org.Children) {
	c := p.s.open(list.Plan, list.Numbers, pageSize(p.q, list.Plan))
	fits := p.cut(list.Numbers)
	inner := printer{s: p.s, q: p.q, b: &bytes.Buffer{}, left: len(fits)}
	done := inner.records(list.Plan, fits)
	p.left -= done
	p.b.Write(p.s.envelope(p.q, c, done, inner.b.Bytes()))
}

// restTime is how REST writes times: the offset without a colon.
const restTime = "2006-01-02T15:04:05.000-0700"

func jsonValue(f *org.Field, v any) []byte {
	switch x := v.(type) {
	case float64:
		return []byte(numberText(f, x))
	case time.Time:
		return []byte(`"` + x.Format(restTime) + `"`)
	}
	text, err := encode(v)
	if err != nil {
		return []byte("null")
	}
	return text
}

// numberText writes int fields bare and others as Java does: with .0, and with an
// exponent from ten million on.
func numberText(f *org.Field, x float64) string {
	if f.Type == "int" {
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	if x >= 1e7 || x <= -1e7 {
		text := strconv.FormatFloat(x, 'E', -1, 64)
		mantissa, exponent, _ := strings.Cut(text, "E+")
		if !strings.Contains(mantissa, ".") {
			mantissa += ".0"
		}
		return mantissa + "E" + strings.TrimPrefix(exponent, "0")
	}
	text := strconv.FormatFloat(x, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}
