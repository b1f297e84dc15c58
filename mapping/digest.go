package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sla"
)

// digestVersion changes when the code comes to other results from the same rules.
const digestVersion = 2

// MarshalJSON renders the text of a rule only: where it stands decides nothing.
func (e Expr) MarshalJSON() ([]byte, error) { return json.Marshal(e.Text) }

// digest hashes everything that decides results.
func (c *compilation) digest() string {
	plans := c.m.rules.Plans()
	rows := make([]sla.Plan, len(plans))
	for i, p := range plans {
		p.Line = 0
		rows[i] = p
	}
	policies := make([]sla.Policy, len(c.m.rules.Policies()))
	for i, p := range c.m.rules.Policies() {
		p.Line = 0
		policies[i] = p
	}
	b, err := json.Marshal([]any{
		digestVersion, c.spec, rows, policies, c.m.rules.GraceDays(), c.m.rules.Expired(), c.m.rules.Inactive(), c.m.columns, c.types(),
		c.caps.Specs[helpdesk.Organization], c.caps.Specs[helpdesk.User], c.caps.Specs[helpdesk.Membership], c.caps.MultiOrg,
	})
	if err != nil {
		return "" // plain data always renders
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// types lists the types of the columns that are read, in the order of the slots.
func (c *compilation) types() []string {
	var out []string
	for _, s := range c.list {
		out = append(out, s.key, string(rune('0'+s.typ)))
	}
	return out
}
