// Package sla decides what a customer is entitled to: from charges, the plan
// catalogue, its order, grace and overrides to the plan, its SLA tags and the
// first policy that matches. It knows no CRM and no helpdesk, does no I/O and
// reads no clock: the day is an argument, and every result says how long it holds.
package sla

import "github.com/desksync/desksync/internal/day"

// None is the SLA of plans that grant none.
const None = "none"

// PlanField is the Override.Field that acts on the plan.
const PlanField = "plan"

// Plan is one row of the catalogue. The order of the rows is the ranking, best first.
type Plan struct {
	Name     string
	SLA      string   // name of a policy; empty or none: no policy, and no tag unless Tag is set
	Tag      string   // empty: the name, if there is an SLA
	Products []string // exact names of the products that grant it
	Flag     bool     // stands beside the order: it brings its tag and is never the plan itself
	Line     int      // in the configuration
	Index    int      // place in the catalogue from 0; set by New
}

// Policy is a named promise. Policies have an order, and the first that matches wins.
type Policy struct {
	Name   string
	Filter Filter
	Line   int
}

// Filter says which tickets a policy takes. Empty lists do not restrict; without
// Any and All a policy asks for a tag of the plans whose SLA it is.
type Filter struct {
	Any, All, None    []string // tags
	Forms, NotForms   []string
	Stages, NotStages []string
}

// Charge is one subscription row.
type Charge struct {
	ID, Product string
	Quantity    float64
	Start, End  day.Day // inclusive; zero: open
	Status      string
	ARR         float64
}

// Override is a reviewed, dated exception for one account.
type Override struct {
	Account     string
	Field       string // PlanField, or the name of a mapped field
	Value       string
	Reason      string
	Author      string
	Source      string  // "overrides.yaml:12" or "decision 14"
	From, Until day.Day // inclusive; zero: open
}

// Acts reports whether the override holds on a day.
func (o Override) Acts(on day.Day) bool {
	return (o.From == 0 || on >= o.From) && (o.Until == 0 || on <= o.Until)
}

// Next returns the first day after on which the clock starts or ends the
// override; 0 if it never does.
func (o Override) Next(on day.Day) day.Day {
	if o.From > on {
		return o.From
	}
	if o.Until != 0 && o.Until >= on {
		return o.Until + 1
	}
	return 0
}

// Grant is a plan that an active charge gives.
type Grant struct {
	Plan    *Plan
	Charge  Charge
	InGrace bool // the charge has ended and counts a little longer
}

// Result is what charges entitle to on one day.
type Result struct {
	Plan     string   // best active plan; the expired plan; "" while nothing has begun
	Rank     int      // place of Plan in the order, 1 is best; 0 without a plan
	Policy   string   // first policy that Tags match; "" none
	Expired  bool     // charges have begun, and none that the catalogue knows is active
	Tags     []string // SLA tags of Plans, sorted
	Plans    []string // plans in force, best first; flags last
	Active   []Grant  // what active charges give, best first, whatever an override says of it
	Products []string // products of Active, sorted
	Unknown  []Charge // active, of products in no row
	Seats    float64  // largest quantity over Active

	// Expiration is the latest end over all charges, known or not; 0 if one of them is
	// open or there is none.
	Expiration day.Day

	Override *Override // the override, when it acted
	Next     day.Day   // the next day on which the clock alone changes this result; 0: never
}

// Ticket is what policies look at.
type Ticket struct {
	Tags        []string
	Form, Stage string
}

// Problem is a fault of the catalogue: where, what and what to do.
type Problem struct {
	Path string // such as plans[3].sla
	Line int
	Msg  string
	Fix  string
}

// Config is what New makes rules of.
type Config struct {
	Plans     []Plan // best first
	Policies  []Policy
	GraceDays int      // days that a charge counts after its end
	Inactive  []string // statuses that count for nothing, in any case; nil: DefaultInactive
	Expired   string   // name of the plan of those whose charges are over; empty: "expired"
}
