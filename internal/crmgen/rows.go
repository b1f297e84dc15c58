package crmgen

import (
	"strconv"
	"strings"

	"github.com/desksync/desksync/internal/day"
)

const (
	accountHeader = "Id,Account_ID_18__c,Name,Type,ParentId,CARR_This_Account__c,CurrencyIsoCode,Number_of_Licenses_This_Account__c," +
		"Ultimate_Parent_Sales_Segment_Employees__c,Account_Owner_Calc__c,Technical_Account_Manager_Name__c,Solutions_Architect_Lookup__r.Name," +
		"Account_Demographics_Geo__c,Account_Demographics_Region__c,Restricted_Account__c,Account_Risk_Level__c,Support_Hold__c," +
		"Manual_Support_Upgrade__c,Support_Instance__c,Email_Domains__c,Partner_Type__c,Partner_Track__c,Partners_Partner_Status__c," +
		"BillingStreet,BillingCity,BillingCountry,SystemModstamp"
	contactHeader  = "Id,AccountId,Email,FirstName,LastName,Name,Title,Inactive_Contact__c,Role__c"
	chargeHeader   = "Id,Account__c,Product__c,Quantity__c,Start__c,End__c,Status__c,ARR__c"
	relationHeader = "Id,AccountId,ContactId,IsActive,Roles"
)

// Prefixes of ids by object.
const (
	accountPrefix, contactPrefix, chargePrefix, relationPrefix = "001", "003", "a2B", "07k"
)

// ownerOf is the account of child j when there are n of them: children are spread
// evenly, so that the children of an account are neighbours.
func (g *generator) ownerOf(j, n int) int { return j * g.totals.Accounts / n }

// children is the range of numbers of an account's children.
func (g *generator) children(i, n int) (from, to int) {
	a := g.totals.Accounts
	return (i*n + a - 1) / a, ((i+1)*n + a - 1) / a
}

func (g *generator) account(b []byte, i int) []byte {
	arr, seats, over := g.sums(i)
	key := id(accountPrefix, i)
	kind := kindOf(over, g.odd(g.opt.Odd.Partners, useType, i))
	partner := [3]string{}
	if kind == "Partner" {
		partner = [3]string{"Channel", g.pick(usePartner, i, []string{"Open", "Select", "Technology"}), g.pick(useOther, i, []string{"Authorized", "Authorized", "Former"})}
	}
	b = cells(b, key, key, g.name(i), kind, g.parent(i), decimal(arr), g.pick(useCurrency, i, []string{"USD", "USD", "EUR", "GBP"}), strconv.Itoa(seats),
		g.pick(useSegment, i, []string{"Large", "Mid-Market", "SMB", "PubSec", ""}), g.staff(useOwner, i), g.staff(useManager, i), g.staff(useArchitect, i),
		g.pick(useGeo, i, []string{"AMER", "EMEA", "APJ", "JAPAN", ""}), g.pick(useGeo, i, []string{"US East", "DACH", "ANZ", "APJ", "EMEA"}),
		g.rare(useRestricted, i, 500, "Restricted Party", "Review", ""), g.rare(useRisk, i, 100, "At Risk - Escalated", "At Risk", "Low"),
		strconv.FormatBool(g.odd(g.opt.Odd.Holds, useHold, i)), strconv.FormatBool(g.n(useUpgrade, i, 400) == 0), "global-support",
		g.domains(i), partner[0], partner[1], partner[2], g.street(i), g.pick(useFirst, i, []string{"Berlin", "Austin, TX", "São Paulo", "東京"}), "", stamp(g.opt.Day-day.Day(g.n(useStart, i, 900))))
	return b
}

func kindOf(over, partner bool) string {
	switch {
	case partner:
		return "Partner"
	case over:
		return "Former Customer"
	default:
		return "Customer"
	}
}

// sums gathers what an account's charges make of it.
func (g *generator) sums(i int) (arr, seats int, over bool) {
	from, to := g.children(i, g.totals.Charges)
	over = true
	for j := from; j < to; j++ {
		c := g.chargeAt(j)
		if c.End >= g.opt.Day {
			arr += c.ARR
			seats = max(seats, c.Quantity)
			over = false
		}
	}
	return arr, seats, over
}

// parent is an account before this one, for one in ten: no cycles.
func (g *generator) parent(i int) string {
	if i == 0 || g.n(useParent, i, 10) != 0 {
		return ""
	}
	return id(accountPrefix, i-1-g.n(useParent, -i, min(i, 50)))
}

func (g *generator) staff(u use, i int) string {
	if u != useOwner && g.n(u, -i, 3) == 0 {
		return ""
	}
	return g.pick(u, i, first) + " " + g.pick(u, i+1, second)
}

// rare is the first value once in n records, the second as often, else the third.
func (g *generator) rare(u use, i, n int, a, b, usual string) string {
	switch g.n(u, i, n) {
	case 0:
		return a
	case 1:
		return b
	default:
		return usual
	}
}

func (g *generator) street(i int) string {
	street := strconv.Itoa(g.n(useStreet, i, 900)+1) + " " + g.pick(useStreet, -i, leads) + " Street"
	if g.n(useStreet, i, 3) == 0 {
		street = "c/o \"" + g.pick(useStreet, i+1, second) + "\"\n" + street + ",\nSuite " + strconv.Itoa(i%40)
	}
	return street
}

func (g *generator) contact(b []byte, j int) []byte {
	given, family := g.person(j)
	return cells(b, id(contactPrefix, j), id(accountPrefix, g.ownerOf(j, g.totals.Contacts)), g.email(j), given, family, given+" "+family,
		g.pick(useTitle, j, []string{"CTO", "Head of IT", "Developer", "Buyer, EMEA", ""}), strconv.FormatBool(g.n(useInactive, j, 50) == 0),
		g.pick(useRole, j, []string{"Gitlab Admin", "Gitlab Admin;Billing", "Billing", ""}))
}

// relation gives a contact a further account: the one behind its own.
func (g *generator) relation(b []byte, k int) []byte {
	j := k * g.totals.Contacts / g.totals.Relations
	other := (g.ownerOf(j, g.totals.Contacts) + 1) % g.totals.Accounts
	return cells(b, id(relationPrefix, k), id(accountPrefix, other), id(contactPrefix, j), "true", "Consultant;Buyer")
}

// cells appends one row, quoting where a cell asks for it.
func cells(b []byte, list ...string) []byte {
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		if !strings.ContainsAny(s, ",\"\n\r") {
			b = append(b, s...)
			continue
		}
		b = append(b, '"')
		b = append(b, strings.ReplaceAll(s, `"`, `""`)...)
		b = append(b, '"')
	}
	return b
}

// decimal writes money as Salesforce does: 4800.0, and 3.0E7 where it grows long.
func decimal(n int) string {
	if n >= 10_000_000 && n%100_000 == 0 {
		return strconv.FormatFloat(float64(n), 'E', -1, 64)
	}
	return strconv.Itoa(n) + ".0"
}

func stamp(d day.Day) string { return d.String() + "T08:15:00.000Z" }
