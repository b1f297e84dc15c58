package helpdesk

import "time"

// Capabilities is what a target can do, as found when connected.
type Capabilities struct {
	Account        string                 // identity of the helpdesk account; another one is refused until rebind
	Ops            map[Kind][]Op          // operations per kind; a missing kind is not supported at all
	Specs          map[Kind][]Spec        // fields per kind; custom fields with their "field:" prefix
	Batch          int                    // changes per call
	Shard          int                    // changes that Apply may have in hand at once, where it works on many calls side by side: it takes more as it has room, and its feed shows what it wrote; 0: it is given few, call by call
	PerMinute      int                    // calls per minute this process may make; 0: no limit
	Incremental    map[Kind]bool          // can list what changed since a cursor
	ListEvery      map[Kind]time.Duration // how old the last full listing may be: of a kind that is dear to list and has no feed it is trusted until then, and one that has a feed is listed again, for what the feed did not show; missing: a kind without a feed is listed at each run, one with a feed once
	Start          map[Kind]Cursor        // a place in the feed before everything: from there the feed shows all there is, in fewer calls than a full listing; missing: it does not reach that far
	UniqueNames    bool                   // no two organizations of one folded name
	MultiOrg       bool                   // a user may be in several organizations
	MaxMemberships int                    // organizations per user; 0: no limit
	Families       []string               // prefixes it takes on organizations: "tag:", "domain:", "group:"
}

// Spec describes one field of a kind.
type Spec struct {
	Name        string
	Title       string `json:"-"` // what people see, where a field is to be made; decides nothing
	Type        Type
	MaxLen      int      // characters; 0: no limit
	Bars        string   // characters that it takes from nobody
	Choices     []Option // dropdown options
	Tag         string   // checkbox: the tag it brings when set
	ZeroIsEmpty bool     // cannot tell false or 0 from unset
	ReadOnly    bool
}

// Option is one option of a dropdown; the value is also a tag where the vendor
// couples them.
type Option struct {
	Value string
	Label string
	Tag   string
}

// Spec returns the description of a field, and whether the target offers it.
func (c Capabilities) Spec(k Kind, field string) (Spec, bool) {
	for _, s := range c.Specs[k] {
		if s.Name == field {
			return s, true
		}
	}
	return Spec{}, false
}

// Coupled are the tags that the options of dropdowns and the checkboxes of a kind bring by
// themselves, with their fields.
func (c Capabilities) Coupled(k Kind) map[string]string {
	out := map[string]string{}
	for _, spec := range c.Specs[k] {
		out[spec.Tag] = spec.Name
		for _, o := range spec.Choices {
			out[o.Tag] = spec.Name
		}
	}
	delete(out, "")
	return out
}

// Can reports whether the target offers an operation on a kind.
func (c Capabilities) Can(k Kind, op Op) bool {
	for _, o := range c.Ops[k] {
		if o == op {
			return true
		}
	}
	return false
}
