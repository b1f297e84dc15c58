package domains

import (
	"fmt"

	"github.com/desksync/desksync/internal/fault"
)

// Reason says why a name cannot be claimed.
type Reason uint8

// The reasons.
const (
	Blank         Reason = iota + 1 // there is no name
	Address                         // one person's e-mail address
	NotDomain                       // not a domain name
	IP                              // an IP address
	SingleLabel                     // no dot: localhost, acme
	Registry                        // a public suffix, ICANN section: co.uk
	PrivateSuffix                   // a public suffix, private section: github.io
	FreeMail                        // a free-mail provider, or a name below one
	Own                             // of the helpdesk's own people
)

var reasonNames = [...]string{
	Blank: "blank", Address: "address", NotDomain: "not a domain", IP: "ip address", SingleLabel: "single label",
	Registry: "public suffix", PrivateSuffix: "private suffix", FreeMail: "free mail", Own: "own",
}

// String returns the reason's name as lists show it.
func (r Reason) String() string {
	if int(r) < len(reasonNames) && reasonNames[r] != "" {
		return reasonNames[r]
	}
	return "unknown"
}

// Refusal is the error of Clean. It carries fault.Invalid, and
// its text is one sentence for whoever typed the name.
type Refusal struct {
	Input  string // as it was given
	Domain string // the name found in it, as far as there is one
	Reason Reason
	Detail string // the fault in the name, the rule of the public suffix list, or the provider
}

func refuse(input, domain string, reason Reason, detail string) *Refusal {
	return &Refusal{input, domain, reason, detail}
}

// Error says what was refused, why, and what to do.
func (r *Refusal) Error() string {
	in := quote(r.Input)
	switch r.Reason {
	case Blank:
		return fmt.Sprintf("there is no domain in %s; write a name such as acme.com", in)
	case Address:
		return fmt.Sprintf("%s is one person's address and does not speak for the domain; write %s if everyone there belongs to the organization", in, quote(r.Domain))
	case IP:
		return fmt.Sprintf("%s is an IP address, and no mail domain is one; write the name, such as acme.com", in)
	case SingleLabel:
		return fmt.Sprintf("%s is a single label and names no company; write the whole domain, such as acme.com", in)
	case Registry:
		return fmt.Sprintf("%s is a public suffix (rule %s of the ICANN section) under which anybody registers names; write the company's own name below it, such as acme.%s", in, r.Detail, r.Domain)
	case PrivateSuffix:
		return fmt.Sprintf("%s is a public suffix (rule %s of the private section) under which strangers get names; write the customer's own name below it, such as acme.%s, or add %s to the allowed domains in the configuration if the customer owns it", in, r.Detail, r.Domain, r.Domain)
	case FreeMail:
		return fmt.Sprintf("%s belongs to the free-mail provider %s, where anybody gets an address; use the customer's own domain, or add %s to the allowed domains in the configuration if the customer owns it", in, r.Detail, r.Domain)
	case Own:
		return fmt.Sprintf("%s is a mail domain of the helpdesk's own people, who would all be taken for this customer's; correct the claim, or remove %s from the target's own_domains if it is not yours", in, r.Domain)
	}
	return fmt.Sprintf("%s is not a domain: %s; write a name such as acme.com", in, r.Detail)
}

// As lets errors.As, and so fault.KindOf, see a refusal as invalid input.
func (r *Refusal) As(target any) bool {
	f, ok := target.(**fault.Error)
	if ok {
		*f = fault.New("domains.clean", fault.Invalid, r)
	}
	return ok
}

// quote shows text of any length and content on one line.
func quote(text string) string {
	const most = 60
	n := 0
	for i := range text {
		if n == most {
			return fmt.Sprintf("%q…", text[:i])
		}
		n++
	}
	return fmt.Sprintf("%q", text)
}
