package crmgen

import (
	"fmt"
	"strconv"

	"github.com/desksync/desksync/internal/day"
)

// Charge is one row of the subscriptions file.
type Charge struct {
	ID, Account, Product string
	Quantity             int
	Start, End           day.Day
	Status               string
	ARR                  int
}

// chargeAt makes charge j.
func (g *generator) chargeAt(j int) Charge {
	i := g.ownerOf(j, g.totals.Charges)
	c := Charge{
		ID: id(chargePrefix, j), Account: id(accountPrefix, i), Product: g.product(i, j), Status: "Active",
		Quantity: 5 + g.n(useQuantity, j, 400), Start: g.opt.Day - day.Day(1+g.n(useStart, j, 300)),
	}
	c.End = c.Start + 364 + day.Day(365*g.n(useLength, j, 3))
	if g.odd(g.opt.Odd.Expired, useExpired, i) {
		c.End = g.opt.Day - day.Day(30+g.n(useLength, j, 700))
		c.Start = c.End - 364
	}
	c.ARR = c.Quantity * (48 + 12*g.n(useProduct, i, 100))
	return c
}

// product is the account's product; with several plans, each charge has its own.
func (g *generator) product(i, j int) string {
	if g.odd(g.opt.Odd.UnknownProducts, useUnknown, j) {
		return "Ultimate (SaaS) " + strconv.Itoa(g.opt.Day.Time().Year()+1)
	}
	n := g.n(useProduct, i, len(g.opt.Products))
	if from, _ := g.children(i, g.totals.Charges); j > from && g.odd(g.opt.Odd.SeveralPlans, useSeveral, i) {
		n += 1 + g.n(useSecond, j, len(g.opt.Products))
	}
	return g.opt.Products[n%len(g.opt.Products)]
}

func (g *generator) charge(b []byte, j int) []byte { return g.chargeAt(j).append(b) }

func (c Charge) append(b []byte) []byte {
	return cells(b, c.ID, c.Account, c.Product, strconv.Itoa(c.Quantity), c.Start.String(), c.End.String(), c.Status, decimal(c.ARR))
}

// parseCharge reads a row of the subscriptions file.
func parseCharge(row []string) (Charge, error) {
	if len(row) != 8 {
		return Charge{}, fmt.Errorf("crmgen: a charge has 8 cells, not %d", len(row))
	}
	c := Charge{ID: row[0], Account: row[1], Product: row[2], Status: row[6]}
	arr, err := strconv.ParseFloat(row[7], 64)
	if err != nil {
		return c, err
	}
	c.ARR = int(arr)
	if c.Quantity, err = strconv.Atoi(row[3]); err != nil {
		return c, err
	}
	if c.Start, err = day.Parse(row[4]); err != nil {
		return c, err
	}
	c.End, err = day.Parse(row[5])
	return c, err
}
