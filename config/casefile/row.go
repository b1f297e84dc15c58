package casefile

import (
	"strings"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/config/strict"
)

// CRM is what the CRM holds. Besides the columns of the CRM a row may use the
// plain names id, account, parent and contact, and a subscription product,
// quantity, start, end, status and arr, for the columns that the configuration
// names for them.
type CRM struct {
	// Accounts.
	Accounts []Row `yaml:"accounts"`
	// Contacts.
	Contacts []Row `yaml:"contacts"`
	// Subscriptions, one row per charge.
	Subscriptions []Row `yaml:"subscriptions"`
	// Further accounts of contacts.
	Relations []Row `yaml:"relations"`
	// Members of account teams.
	Team []Row `yaml:"team"`
	// What one unit of a currency is worth in the base currency, as the CRM says; looked at where money.rates_from names the source.
	Rates config.Map[config.Rate] `yaml:"rates"`
	// Ids of accounts that the CRM says it deleted or merged away.
	Deleted []string `yaml:"deleted"`
	// Whether the read was complete; then what is missing is lost.
	Complete bool `yaml:"complete" jsonschema:"default=true"`
}

// Row is one record of the CRM, columns in the order of the file.
type Row struct {
	Values config.Map[Fact]
	Line   int
}

// JSONSchemaAlias is what the row looks like in the file.
func (Row) JSONSchemaAlias() any { return map[string]Fact{} }

// Get returns a column, and whether the row gives it.
func (r Row) Get(column string) (Fact, bool) {
	if f := r.Values.Get(column); f != nil {
		return *f, true
	}
	return Fact{}, false
}

// DecodeYAML reads the columns.
func (r *Row) DecodeYAML(n strict.Node) {
	n.Into(&r.Values)
	r.Line, _ = n.Place()
}

// Fact is a value as a case states it: text, a number, true or false, or nothing.
// A list is text separated by ";", as the CRM writes it.
type Fact struct {
	Text string
	Kind strict.Kind
	Line int
}

// IsNull reports whether the case says that there is nothing.
func (f Fact) IsNull() bool { return f.Kind == strict.Null }

// DecodeYAML takes any single value, or a list of them.
func (f *Fact) DecodeYAML(n strict.Node) {
	f.Kind = n.Kind()
	f.Line, _ = n.Place()
	switch f.Kind {
	case strict.Mapping:
		n.Wrong("a single value, or a list of them")
	case strict.Sequence:
		var parts []string
		for _, item := range n.Items() {
			if !item.Scalar() {
				item.Wrong("a single value")
			}
			parts = append(parts, item.Text())
		}
		f.Text = strings.Join(parts, ";")
	default:
		f.Text = n.Text()
	}
}
