package mapping

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/near"
)

// Money says how amounts become comparable.
type Money struct {
	Base   string            // the currency of what is written; empty: amounts stay as they are
	Rates  map[string][]Rate // what a currency is worth, by day; a currency that stands here is not asked for elsewhere
	Column string            // the column with a record's currency; empty: all are in Base
	Source bool              `json:",omitempty"` // what the source says counts for all other currencies
	Dated  bool              `json:",omitempty"` // what it says of the day, not what it says of every day
}

// Rate is what one unit of a currency is in base currency from a day on.
type Rate struct {
	From  day.Day // 0: ever since
	Value float64
}

// Always is a rate that does not depend on the day.
func Always(value float64) []Rate { return []Rate{{Value: value}} }

// worth is what a currency is worth on the day at hand.
type worth struct {
	rate   float64 // 0: nobody says
	origin string  // who says so, in one clause; empty for a rate of every day
	next   day.Day // when that changes; 0: never
}

// NeedsRates reports whether results depend on what the source says of currencies:
// With has to be given that.
func (m *Mapper) NeedsRates() bool { return m.spec.Money.Source && len(m.currencyAt) > 0 }

// With returns the mapper with what the source says that currencies are worth on the
// day of a run. Its digest is another one if and only if a rate that counts is.
func (m *Mapper) With(rates []crm.Rate, said day.Day) *Mapper {
	if !m.NeedsRates() {
		return m
	}
	c := *m
	c.said = said
	c.told, c.currencies = map[string]crm.Rate{}, slices.Collect(maps.Keys(m.spec.Money.Rates))
	for _, r := range rates {
		if _, ours := m.spec.Money.Rates[r.Currency]; !ours {
			c.told[r.Currency] = r
			c.currencies = append(c.currencies, r.Currency)
		}
	}
	slices.Sort(c.currencies)
	c.rated = c.ratedDigest()
	return &c
}

func (m *Mapper) ratedDigest() string {
	var b strings.Builder
	b.WriteString(m.digest)
	for _, code := range m.currencies {
		if r, ok := m.told[code]; ok {
			b.WriteString("|" + code + " " + strconv.FormatFloat(r.Value, 'g', -1, 64))
		}
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:16])
}

// worthOf says what a currency is worth on a day.
func (m *Mapper) worthOf(code string, on day.Day) worth {
	list, ours := m.spec.Money.Rates[code]
	if !ours {
		r := m.told[code]
		return worth{rate: r.Value, origin: r.Origin}
	}
	var out worth
	for _, r := range list {
		if r.From > on {
			out.next = r.From
			break
		}
		out = worth{rate: r.Value}
		if r.From != 0 {
			out.origin = "money.rates." + code + " from " + r.From.String()
		}
	}
	return out
}

// rate returns what one unit of a record's currency is in base currency today.
func (w *Worker) rate(r *crm.Record) (float64, error) {
	code := w.m.currency(r)
	if code == "" || code == w.m.spec.Money.Base {
		return 1, nil
	}
	x, known := w.worth[code]
	if !known {
		x = w.m.worthOf(code, w.today)
		w.worth[strings.Clone(code)] = x
	}
	w.boundary(x.next)
	if x.rate == 0 {
		return 0, w.m.noRate(code)
	}
	return x.rate, nil
}

// currency returns the currency of a record; "" where amounts are not converted.
func (m *Mapper) currency(r *crm.Record) string {
	if m.spec.Money.Base == "" {
		return ""
	}
	i, ok := m.currencyAt[r.Role]
	if !ok || i >= len(r.Values) {
		return ""
	}
	return r.Values[i]
}

func (m *Mapper) noRate(code string) error {
	if list, ours := m.spec.Money.Rates[code]; ours && len(list) > 0 {
		return fmt.Errorf("the currency %s has no rate to %s before %s, when the first one under money.rates begins; add an earlier one", code, m.spec.Money.Base, list[0].From)
	}
	whose := ""
	if m.spec.Money.Source {
		whose = ", and the source has none either"
	}
	return fmt.Errorf("the currency %s has no rate to %s%s%s; add it under money.rates", code, m.spec.Money.Base, whose, near.Meant(code, m.currencies))
}

// cents is how many parts of a unit an amount is rounded to, and slack the share of an
// amount by which binary numbers may miss a half of them: a few units of the last place.
const (
	cents = 100
	slack = 1 + 0x1p-50
)

// exchange converts an amount, to the cent, halves away from zero; what is in base
// currency already keeps every digit.
func exchange(amount, rate float64) float64 {
	if rate == 1 {
		return amount
	}
	return math.Round(amount*rate*cents*slack) / cents
}

// badRates reports what is no rate, and rates of one currency that begin on one day.
func (s Money) badRates() []Problem {
	var out []Problem
	for code, list := range s.Rates {
		path := "money.rates." + code
		for i, r := range list {
			if !(r.Value > 0) || math.IsInf(r.Value, 0) {
				out = append(out, Problem{Path: path, Msg: fmt.Sprintf("the rate %v is not above 0", r.Value), Fix: "write what one " + code + " is in " + s.Base})
			}
			if i > 0 && r.From <= list[i-1].From {
				out = append(out, Problem{Path: path, Msg: "two rates begin on " + r.From.String() + ", or stand in no order", Fix: "write one rate for each day, the earliest first"})
			}
		}
	}
	slices.SortFunc(out, func(a, b Problem) int { return cmp.Compare(a.Path, b.Path) })
	return out
}

// moves reports whether a rate depends on the day.
func (s Money) moves() bool {
	for _, list := range s.Rates {
		if len(list) > 1 || len(list) == 1 && list[0].From != 0 {
			return true
		}
	}
	return false
}
