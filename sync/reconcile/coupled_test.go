package reconcile_test

import (
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
)

// TestATagThatAFieldBringsIsDecidedByTheField: a rule for tags that yields it is told so
// once, and what else it yields is written.
func TestATagThatAFieldBringsIsDecidedByTheField(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.desk = helpdesktest.NewFake(helpdesktest.FakeOptions{Capabilities: func(c *helpdesk.Capabilities) {
			c.Specs[helpdesk.Organization] = append(c.Specs[helpdesk.Organization], helpdesk.Spec{Name: "field:vip", Type: helpdesk.Bool, Tag: "vip"})
		}})
		w.rules.tags = `["vip", "own"]`
		rep := w.run()
		if rep.Findings != 1 {
			w.Errorf("%d findings", rep.Findings)
		}
		w.says("the tag vip comes and goes with the field vip of support")
		w.holds("A1", "tag:vip", "")
		w.holds("A1", "tag:own", "true")
		w.quiet()
	})
}
