package domains_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/desksync/desksync/helpdesk/domains"
)

func TestTenWithoutAnOrganizationAndOneInAnother(t *testing.T) {
	t.Parallel()
	var users []domains.User
	for n := range 10 {
		users = append(users, domains.User{Email: fmt.Sprintf("user%d@acetomato.zy", n)})
	}
	users = append(users,
		domains.User{Email: "other@acetomato.zy", Organizations: []string{"42"}},
		domains.User{Email: "member@acetomato.zy", Organizations: []string{"42", "119"}},
		domains.User{Email: "stranger@example.com"},
	)
	got := domains.Concerned("acetomato.zy", "119", slices.Values(users), nil)
	if len(got.Free) != 10 || len(got.Elsewhere) != 1 || got.Elsewhere[0].Email != "other@acetomato.zy" {
		t.Errorf("Concerned = %d free, elsewhere %v; want 10 free and other@acetomato.zy elsewhere", len(got.Free), got.Elsewhere)
	}
}

func TestConcerned(t *testing.T) {
	t.Parallel()
	others := domains.NewIndex(domains.Nobody, []domains.Claim{
		{Domain: "eu.acme.com", ID: "2", Name: "Acme Europe"},
		{Domain: "com.example", ID: "3", Name: "Example"},
		{Domain: "acme.com", ID: "4", Name: "Acme of old"},
	})
	tests := map[string]struct {
		user            domains.User
		free, elsewhere bool
	}{
		"someone without an organization is proposed":                   {domains.User{Email: "a@acme.com"}, true, false},
		"case does not matter":                                          {domains.User{Email: "A@ACME.COM"}, true, false},
		"someone at a subdomain too":                                    {domains.User{Email: "a@us.acme.com"}, true, false},
		"someone in another organization is listed apart":               {domains.User{Email: "a@acme.com", Organizations: []string{"9"}}, false, true},
		"a member is not concerned":                                     {domains.User{Email: "a@acme.com", Organizations: []string{"9", "1"}}, false, false},
		"whom a longer domain of another organization has is not":       {domains.User{Email: "a@eu.acme.com"}, false, false},
		"someone elsewhere is not":                                      {domains.User{Email: "a@acme.net"}, false, false},
		"someone at a name that ends alike is not":                      {domains.User{Email: "a@notacme.com"}, false, false},
		"an address that is none is not":                                {domains.User{Email: "acme.com"}, false, false},
		"the same domain on another organization does not hide anybody": {domains.User{Email: "b@acme.com"}, true, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := domains.Concerned("acme.com", "1", slices.Values([]domains.User{tt.user}), others)
			if (len(got.Free) == 1) != tt.free || (len(got.Elsewhere) == 1) != tt.elsewhere {
				t.Errorf("Concerned(%v) = %+v; want free %v, elsewhere %v", tt.user, got, tt.free, tt.elsewhere)
			}
		})
	}
}
