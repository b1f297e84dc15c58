package salesforce

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/fault"
)

var _ crm.Rates = (*Source)(nil)

// What is asked for rates: Object Reference, "CurrencyType" and "DatedConversionRate".
// An inactive currency is one that nobody can choose any more: records keep it, and
// Salesforce goes on converting them.
func currencyTypes() statement {
	return write("CurrencyType", []string{"IsoCode", "ConversionRate", "IsCorporate", "IsActive"}, "")
}

func datedRates(on day.Day) statement {
	return write("DatedConversionRate", []string{"IsoCode", "ConversionRate", "StartDate"}, fmt.Sprintf("StartDate <= %[1]s AND (NextStartDate = null OR NextStartDate > %[1]s)", on))
}

// conversion is a row of either object: how much of a currency one unit of the
// corporate currency is.
type conversion struct {
	Code      string
	Rate      string
	Corporate bool
	Active    bool
	Start     string

	units float64 // Rate, read
}

// Rates implements crm.Rates. Salesforce itself converts amounts of accounts and of most
// objects by the rates of CurrencyType; it uses dated rates for opportunities and what
// belongs to them alone (Salesforce Help, "About Advanced Currency Management").
func (s *Source) Rates(ctx context.Context, q crm.RateQuery) ([]crm.Rate, error) {
	list, err := s.conversions(ctx, currencyTypes(), "shows the integration user no CurrencyType, as organizations of one currency have none: leave money.rates_from out, or let the user see it")
	if err != nil {
		return nil, err
	}
	book := book{object: "CurrencyType", rows: list}
	if book.corporate, err = corporateOf(list); err != nil {
		return nil, s.badRates("%s: %w", s.opt.Name, err)
	}
	if q.Dated {
		dated, err := s.conversions(ctx, datedRates(q.Day), "has no dated exchange rates: write money.rates_from: source, or turn on Advanced Currency Management in Salesforce")
		if err != nil {
			return nil, err
		}
		book.object, book.rows = "DatedConversionRate", newest(dated)
	}
	rates, err := book.in(q.Base)
	if err != nil {
		return nil, s.badRates("%s: %w", s.opt.Name, err)
	}
	return rates, nil
}

func (s *Source) badRates(format string, args ...any) error {
	return fault.New("salesforce.rates", fault.Invalid, fmt.Errorf(format, args...))
}

// conversions reads all rows of an object.
func (s *Source) conversions(ctx context.Context, st statement, absent string) ([]conversion, error) {
	p, rows := &plan{resource: "query", statement: st}, conversions{columns: st.columns}
	err := anew(ctx, st.object, func(*bool) error {
		rows.list = nil
		first, err := s.firstPage(ctx, p, &rows)
		if err != nil {
			return err
		}
		return s.whole(ctx, p, first, &rows)
	})
	switch {
	case hasCode(err, "INVALID_TYPE"):
		return nil, s.badRates("%s %s", s.opt.Name, absent)
	case err != nil:
		return nil, wrap(ctx, err)
	}
	for i := range rows.list {
		c := &rows.list[i]
		c.units, err = strconv.ParseFloat(c.Rate, 64)
		if err != nil || !(c.units > 0) || math.IsInf(c.units, 0) {
			return nil, s.badRates("%s says in %s that %s has the rate %q, which is not a number above 0; correct it in Salesforce", s.opt.Name, st.object, c.Code, c.Rate)
		}
	}
	return rows.list, nil
}

// conversions takes rows of either object.
type conversions struct {
	columns []string
	list    []conversion
}

func (r *conversions) add(cells []string) error {
	at := func(name string) string { return cellAt(cells, indexFold(r.columns, name)) }
	r.list = append(r.list, conversion{
		Code: at("IsoCode"), Rate: at("ConversionRate"), Corporate: at("IsCorporate") == "true", Active: at("IsActive") == "true", Start: at("StartDate"),
	})
	return nil
}

func (r *conversions) mark() func() {
	had := len(r.list)
	return func() { r.list = r.list[:had] }
}

// corporateOf is the currency in which all rates are told: one unit of it is one.
func corporateOf(list []conversion) (string, error) {
	var found []string
	for _, c := range list {
		if !c.Corporate {
			continue
		}
		if found = append(found, c.Code); c.units != 1 {
			return "", fmt.Errorf("CurrencyType says that 1 %s, the corporate currency, is %s of itself; correct it in Salesforce", c.Code, c.Rate)
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("CurrencyType has %d corporate currencies (%s) instead of one; correct it in Salesforce", len(found), strings.Join(found, ", "))
	}
	return found[0], nil
}

// newest keeps, of each currency, the rate that began last.
func newest(list []conversion) []conversion {
	last := map[string]conversion{}
	for _, c := range list {
		if was, ok := last[c.Code]; !ok || was.Start < c.Start {
			last[c.Code] = c
		}
	}
	return slices.Collect(maps.Values(last))
}

// book is what one object says on one day.
type book struct {
	object    string
	corporate string
	rows      []conversion
}

// in tells what one unit of each currency is in base. One unit of the corporate currency
// is so many of base and so many of the other: the quotient is the rate.
func (b book) in(base string) ([]crm.Rate, error) {
	if !slices.ContainsFunc(b.rows, func(c conversion) bool { return c.Code == b.corporate }) {
		b.rows = append(b.rows, conversion{Code: b.corporate, units: 1, Active: true})
	}
	at := slices.IndexFunc(b.rows, func(c conversion) bool { return c.Code == base })
	if at < 0 {
		return nil, fmt.Errorf("%s has no rate of %s, which money.base names; name a currency of the organization, or write money.rates", b.object, base)
	}
	per := b.rows[at].units
	var out []crm.Rate
	for _, c := range b.rows {
		if c.Code != base {
			out = append(out, crm.Rate{Currency: c.Code, Value: per / c.units, Origin: b.origin(c, base, per)})
		}
	}
	slices.SortFunc(out, func(x, y crm.Rate) int { return cmp.Compare(x.Currency, y.Currency) })
	return out, b.unique(out)
}

func (b book) unique(rates []crm.Rate) error {
	for i := 1; i < len(rates); i++ {
		if rates[i].Currency == rates[i-1].Currency {
			return errors.New(b.object + " has two rates of " + rates[i].Currency + "; correct it in Salesforce")
		}
	}
	return nil
}

// origin is what Salesforce says, in its own direction.
func (b book) origin(c conversion, base string, per float64) string {
	text := b.object
	if from, err := day.Parse(c.Start); c.Start != "" && err == nil {
		text += " from " + from.String()
	}
	if text += ": 1 " + b.corporate + " is "; c.Code != b.corporate {
		text += plainNumber(c.units) + " " + c.Code
		if base != b.corporate {
			text += " and "
		}
	}
	if base != b.corporate {
		text += plainNumber(per) + " " + base
	}
	if b.object == "CurrencyType" && !c.Active {
		text += " (inactive)"
	}
	return text
}

func plainNumber(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
