// Package domains decides which domain names an organization may claim, and who has
// one that several claim. It cleans what people type, refuses what belongs to
// everybody and settles ties. It does no I/O, reads no clock and keeps no state but
// the list of free-mail providers that is built into it.
package domains

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Options are what the configuration adds to the built-in lists. Names are
// cleaned when New reads them; a name stands for itself and all below it.
type Options struct {
	FreeMail []string // further free-mail providers
	Allowed  []string // exceptions: free-mail providers and private suffixes that a customer owns
	Own      []string // mail domains of the helpdesk's own people; each stands for itself alone
}

// Rules say which names may be claimed. The zero Rules hold the built-in lists
// and no exception. Rules are safe for concurrent use.
type Rules struct {
	free, allowed, own map[string]struct{}
}

// New reads the options. The error reports every name in them that is wrong, one
// on a line; an exception for a registry's suffix is one.
func New(opt Options) (*Rules, error) {
	free, errFree := nameSet("free mail", opt.FreeMail, parse)
	allowed, errAllowed := nameSet("allowed", opt.Allowed, parse)
	own, errOwn := nameSet("own", opt.Own, parseOwn)
	errs := []error{errFree, errAllowed, errOwn}
	for _, name := range slices.Sorted(maps.Keys(allowed)) {
		if _, both := free[name]; both {
			errs = append(errs, fmt.Errorf("%s is listed both as free mail and as allowed; keep one of the two", name))
		}
		if _, both := own[name]; both {
			errs = append(errs, fmt.Errorf("%s is listed both as your own and as allowed for customers; keep one of the two", name))
		}
		if s, is := suffixOf(name); is && s.icann {
			errs = append(errs, fmt.Errorf("allowed: %s is a public suffix of a registry (rule %s) and can never belong to one organization; remove it", name, s.rule))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &Rules{free, allowed, own}, nil
}

// Clean returns the one form of a domain name under which claims are compared:
// lower case, IDNA lookup form, no dot at the end. It forgives what surrounds a
// name in practice (see host) and a leading "www."; the error is a *Refusal that
// says why an organization cannot claim the name and what to do.
func (r *Rules) Clean(text string) (string, error) {
	name, err := parse(text)
	if err != nil {
		return "", err
	}
	if err := r.check(text, name); err != nil {
		return "", err
	}
	return name, nil
}

// parse returns the domain name in text, and does not ask whose it may be.
func parse(text string) (string, error) {
	h, local := host(text)
	switch {
	case h == "":
		return "", refuse(text, "", Blank, "")
	case local:
		return "", refuse(text, h, Address, "")
	case isIP(h):
		return "", refuse(text, h, IP, "")
	}
	name, why := lookup(h)
	if why != "" {
		return "", refuse(text, "", NotDomain, why)
	}
	name = withoutWWW(name)
	if reason, why := shape(name); reason != 0 {
		return "", refuse(text, name, reason, why)
	}
	return name, nil
}

// parseOwn takes a single label too: mail within a company may have one.
func parseOwn(text string) (string, error) {
	name, err := parse(text)
	if refusal, ok := errors.AsType[*Refusal](err); ok && refusal.Reason == SingleLabel {
		return refusal.Domain, nil
	}
	return name, err
}

// check refuses our own names and those that belong to everybody. The nearest entry
// decides, so that an exception below a provider, or a provider below an exception,
// holds.
func (r *Rules) check(text, name string) error {
	if r != nil && has(r.own, name) {
		return refuse(text, name, Own, "")
	}
	s, is := suffixOf(name)
	if is && !r.allows(name) {
		return refuse(text, name, s.reason(), s.rule)
	}
	for part := range suffixes(name) {
		if !is && part == s.name {
			return nil
		}
		if r.allows(part) {
			return nil
		}
		if r.provides(part) {
			return refuse(text, name, FreeMail, part)
		}
	}
	return nil
}

func (r *Rules) allows(name string) bool { return r != nil && has(r.allowed, name) }

func (r *Rules) provides(name string) bool { return isFreeMail(name) || r != nil && has(r.free, name) }

func has(set map[string]struct{}, name string) bool {
	_, ok := set[name]
	return ok
}

// withoutWWW drops a leading "www." as long as more than one label remains:
// www.acme.com is acme.com, and www.example is itself.
func withoutWWW(name string) string {
	for {
		rest, ok := strings.CutPrefix(name, "www.")
		if !ok || strings.IndexByte(rest, '.') < 0 {
			return name
		}
		name = rest
	}
}

func nameSet(list string, names []string, parse func(string) (string, error)) (map[string]struct{}, error) {
	set := make(map[string]struct{}, len(names))
	var errs []error
	for _, text := range names {
		name, err := parse(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", list, err))
			continue
		}
		set[name] = struct{}{}
	}
	return set, errors.Join(errs...)
}
