package crmgen

import (
	"strconv"
	"strings"
)

var (
	leads = strings.Fields(`Ace Amber Apex Arrow Atlas Aurora Azure Bay Beacon Birch Blue Bolt Brick Bright Bronze Cedar Chalk Cinder
		Civic Clear Cliff Cloud Cobalt Copper Coral Crane Crest Crown Crystal Delta Dove Drift Dune Eagle Earth East Echo Elm Ember
		Falcon Fern Field First Flint Forest Fox Frost Gale Garnet Glen Globe Grand Granite Green Harbor Hawk Hazel Helix High
		Hill Horizon Iron Island Ivory Jade Juniper Keystone Lake Laurel Light Lime Lotus Lunar Maple Marble Meadow Metro Mill
		Mint Moon Moss Nimbus North Oak Ocean Olive Onyx Opal Orchid Otter Pacific Pearl Pine Pioneer Polar Prairie Quartz
		Raven Red Ridge River Rock Rowan Ruby Sage Sand Sierra Silver Sky Slate Solar South Spring Star Stone Summit Sun`)
	things = strings.Fields(`Analytics Aviation Bakery Bank Biotech Books Brewing Build Cargo Care Chemicals Clinic Coffee
		Components Controls Dairy Data Dental Design Devices Digital Dynamics Education Electric Energy Engineering Farms Films
		Finance Foods Freight Games Gardens Glass Grain Health Hotels Imaging Industries Instruments Insurance Irrigation
		Kitchens Labs Law Lighting Logistics Machines Marine Markets Materials Media Medical Metals Mining Mobility Motors
		Museum Music Networks Optics Packaging Paper Parks Partners Pharma Plastics Power Press Printing Rail Records
		Research Retail Robotics Salt Schools Science Security Seeds Sensors Shipping Software Steel Storage Studios Supply
		Systems Telecom Textiles Tools Tomato Towers Toys Trade Transit Travel Turbines University Ventures Vision Water`)
	forms  = strings.Fields(`Inc. LLC Ltd GmbH AG BV SAS Oy AB plc Corp. Group`)
	first  = strings.Fields(`Ann Bo Carla Dan Edna Femi Gita Hugo Ines Jörg Kofi Lena Mei Noor Olga Pablo Qi Rosa Sven Tove Uwe Vera Wim Xenia Yuki Zoë`)
	second = strings.Fields(`Abe Berg Costa D'Cruz Eriksen Frank García Hall Ito Jones Khan Lee Müller Nkosi Ortiz Park Quinn Rossi Silva Tanaka Ueda Vogel Wang Young Źródło`)
)

// ascii is what Jörg and Źródło are in an e-mail address.
var ascii = strings.NewReplacer("ö", "o", "ë", "e", "í", "i", "ü", "u", "Ź", "Z", "ó", "o", "ł", "l", "'", "")

// plainName is a name that no other account has.
func plainName(i int) string {
	combinations := len(leads) * len(things) * len(forms)
	lead, thing, form := nameParts(i)
	name := lead + " " + thing
	if round := i / combinations; round > 0 {
		name += " " + strconv.Itoa(round+1)
	}
	return name + " " + form
}

// nameParts walks through all combinations once before one comes back.
func nameParts(i int) (lead, thing, form string) {
	combinations := len(leads) * len(things) * len(forms)
	const step = 1_000_003 // a prime, so that neighbours get unlike names
	i = i % combinations * step % combinations
	return leads[i%len(leads)], things[i/len(leads)%len(things)], forms[i/len(leads)/len(things)]
}

// name is the account's name; 3 in 100 are of the ugly sort that forms, spreadsheets
// and databases stumble over.
func (g *generator) name(i int) string {
	if i > 0 && g.odd(g.opt.Odd.DuplicateNames, useDuplicate, i) {
		i--
	}
	name := plainName(i)
	if g.odd(g.opt.Odd.LongNames, useLong, i) {
		return name + strings.Repeat(" and Sons", 33)[:300-len(name)]
	}
	if g.odd(0.03, useUgly, i) {
		return ugly(name, g.n(useName, i, 10))
	}
	return name
}

func ugly(name string, how int) string {
	lead, rest, _ := strings.Cut(name, " ")
	return [...]string{
		`The "` + lead + `" ` + rest,
		lead + ", " + rest + ", Singapore",
		"=" + name,
		"🚀 " + name + " 👩‍💻",
		"Łódź " + name + " – Straße & Söhne",
		"株式会社 " + name,
		"شركة " + name,
		name + `'; DROP TABLE "organization"; --`,
		"<b>" + name + "</b> {{account.name}}",
		name + strings.Repeat(" Holding", 28)[:255-len(name)-30],
	}[how]
}

// domain is a domain that no other account has.
func domain(i int) string {
	lead, thing, _ := nameParts(i)
	return strings.ToLower(lead+thing) + "-" + strconv.FormatInt(int64(i), 36) + ".example"
}

// domains are the account's domains, as a multi-select column holds them.
func (g *generator) domains(i int) string {
	all := domain(i)
	if g.n(useDomain, i, 8) == 0 {
		all += ";" + strings.TrimSuffix(domain(i), ".example") + "-mail.example"
	}
	if i > 0 && g.odd(g.opt.Odd.SharedDomains, useShared, i) {
		all += ";" + domain(i-1)
	}
	return all
}

// person is the name of contact j.
func (g *generator) person(j int) (given, family string) {
	return g.pick(useFirst, j, first), g.pick(useLast, j, second)
}

// email is an address that no other contact has, unless SharedEmails says so.
func (g *generator) email(j int) string {
	step := int(g.opt.Contacts) + 2 // a contact of another account
	if j >= step && g.odd(g.opt.Odd.SharedEmails, useEmail, j) {
		j -= step
	}
	given, family := g.person(j)
	return strings.ToLower(ascii.Replace(given+"."+family)) + "." + strconv.FormatInt(int64(j), 36) + "@" + domain(g.ownerOf(j, g.totals.Contacts))
}
