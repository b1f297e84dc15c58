package wire

import (
	"testing"
	"time"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/internal/secret"
)

func TestTheLookbackReachesTheSource(t *testing.T) {
	t.Parallel()
	c := &config.Source{LoginURL: "https://acme.my.salesforce.com", Auth: &config.SalesforceAuth{Type: "jwt"}, Overlap: 30}
	opt, err := salesforceOptions("crm", c, secret.Source{})
	if err != nil || opt.Overlap != 30*time.Minute {
		t.Errorf("Overlap = %s, %v; want 30m", opt.Overlap, err)
	}
}
