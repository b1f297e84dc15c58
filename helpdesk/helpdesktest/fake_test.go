package helpdesktest_test

import (
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
)

func harness(opt helpdesktest.FakeOptions) helpdesktest.Harness {
	return helpdesktest.Harness{
		New: func(*testing.T) helpdesk.Target { return helpdesktest.NewFake(opt) },
		Edit: func(t *testing.T, target helpdesk.Target, k helpdesk.Kind, id, field string, v helpdesk.Value) {
			if !target.(*helpdesktest.Fake).Edit(k, id, field, v) {
				t.Fatalf("no %s %s to edit", k, id)
			}
		},
		Remove: func(_ *testing.T, target helpdesk.Target, k helpdesk.Kind, id string) {
			target.(*helpdesktest.Fake).Remove(k, id)
		},
		Stranger: func(_ *testing.T, target helpdesk.Target, name string) string {
			return target.(*helpdesktest.Fake).Put(helpdesk.Object{Ref: helpdesk.Ref{Kind: helpdesk.Organization}, Fields: helpdesk.Fields{{Name: helpdesk.Name, Value: helpdesk.TextOf(name)}}})
		},
	}
}

func TestTheFakeObeysTheLaws(t *testing.T) {
	t.Parallel()
	tests := map[string]helpdesktest.FakeOptions{
		"everything":        {},
		"in the background": {Background: true},
		"one organization":  {Capabilities: func(c *helpdesk.Capabilities) { c.MultiOrg, c.MaxMemberships = false, 1 }},
		"in full only":      {Capabilities: func(c *helpdesk.Capabilities) { c.Incremental = nil }},
		"without domains":   {Capabilities: func(c *helpdesk.Capabilities) { c.Families = []string{helpdesk.TagPrefix} }},
		"organizations only": {Capabilities: func(c *helpdesk.Capabilities) {
			c.Ops = map[helpdesk.Kind][]helpdesk.Op{helpdesk.Organization: {helpdesk.Create, helpdesk.Update}}
		}},
	}
	for name, opt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			helpdesktest.Run(t, harness(opt))
		})
	}
}
