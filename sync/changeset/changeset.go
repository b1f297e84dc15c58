// Package changeset decides what to change. It compares what the rules want, what
// the target has and what desksync last wrote there, and turns the differences
// into changes with a cause, an origin and, where somebody must decide, a hold. It
// guards, undoes and renders what it decided, and it does nothing else: no clock,
// no network, no logging. The same input always gives the same changeset.
package changeset

import (
	"iter"
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// LinkField is the pseudo-field of the delta that ties an existing object to its
// account: its want is the object's key.
const LinkField = "link"

// Comparer compares objects under the rules of one pipeline. It is safe for
// concurrent use.
type Comparer struct {
	caps  helpdesk.Capabilities
	kinds map[helpdesk.Kind]*kind
}

// kind is what New worked out once about one kind of object.
type kind struct {
	shape     helpdesk.Shape
	zeroEmpty map[string]bool           // fields whose false and 0 are empty
	origins   map[*helpdesk.Rule]string // what Delta.Origin says of each rule
	owned     map[string]*helpdesk.Rule // full names of owned family members
	prefixes  []string                  // of the families, for the lookup by name
	level     []string                  // fields that hold the plan
	common    Policies                  // what all rules agree on, for the object as a whole
}

// New returns a comparer for what a target can do and the rules name. A kind
// without a shape is one that no rule names: everything last written there is let go.
func New(caps helpdesk.Capabilities, shapes map[helpdesk.Kind]helpdesk.Shape) *Comparer {
	c := &Comparer{caps: caps, kinds: map[helpdesk.Kind]*kind{}}
	for _, k := range []helpdesk.Kind{helpdesk.Organization, helpdesk.User, helpdesk.Membership} {
		c.kinds[k] = newKind(shapes[k], caps.Specs[k])
	}
	return c
}

func newKind(s helpdesk.Shape, specs []helpdesk.Spec) *kind {
	k := &kind{shape: s, zeroEmpty: map[string]bool{}, origins: map[*helpdesk.Rule]string{}, owned: map[string]*helpdesk.Rule{}}
	k.common = agreed(s)
	for _, spec := range specs {
		if spec.ZeroIsEmpty {
			k.zeroEmpty[spec.Name] = true
		}
	}
	for name, r := range s.Fields {
		k.origins[r] = originOf(r)
		if r != nil && r.Level {
			k.level = append(k.level, name)
		}
	}
	for prefix, f := range s.Families {
		k.origins[f.Rule] = originOf(f.Rule)
		k.prefixes = append(k.prefixes, prefix)
		for _, name := range f.Owned {
			k.owned[prefix+name] = f.Rule
		}
	}
	return k
}

// family returns the family a field belongs to, by prefix.
func (k *kind) family(field string) (helpdesk.Family, bool) {
	for _, p := range k.prefixes {
		if strings.HasPrefix(field, p) {
			return k.shape.Families[p], true
		}
	}
	return helpdesk.Family{}, false
}

// rule returns the rule that speaks for a field; nil if none does.
func (k *kind) rule(field string) *helpdesk.Rule {
	if r, ok := k.shape.Fields[field]; ok {
		return r
	}
	f, _ := k.family(field)
	return f.Rule
}

// origin returns what a delta says about where its value comes from.
func (k *kind) origin(r *helpdesk.Rule) string {
	if o, ok := k.origins[r]; ok {
		return o
	}
	return originOf(r)
}

func originOf(r *helpdesk.Rule) string {
	switch {
	case r == nil:
		return ""
	case r.Path == "":
		return r.Origin
	case r.Origin == "":
		return "rule " + r.Path
	default:
		return r.Origin + " by rule " + r.Path
	}
}

// agreed returns the policies that all rules share; where they differ, none.
func agreed(s helpdesk.Shape) Policies {
	var out Policies
	first := true
	for r := range rules(s) {
		own := Policies{r.OnFound, r.OnDrift, r.OnClash}
		if first {
			out, first = own, false
			continue
		}
		out = Policies{both(out.OnFound, own.OnFound), both(out.OnDrift, own.OnDrift), both(out.OnClash, own.OnClash)}
	}
	return out
}

func both(a, b helpdesk.Policy) helpdesk.Policy {
	if a == b {
		return a
	}
	return helpdesk.PolicyUnset
}

// rules yields the rules that may write.
func rules(s helpdesk.Shape) iter.Seq[*helpdesk.Rule] {
	return func(yield func(*helpdesk.Rule) bool) {
		for _, r := range s.Fields {
			if r != nil && r.Owner != helpdesk.OwnerHelpdesk && !yield(r) {
				return
			}
		}
		for _, f := range s.Families {
			if f.Rule != nil && !yield(f.Rule) {
				return
			}
		}
	}
}
