package domains_test

import (
	"strings"
	"testing"

	"github.com/desksync/desksync/helpdesk/domains"
)

func TestEmailDomain(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ address, want string }{
		"an address":                                {"jane@acme.com", "acme.com"},
		"case is folded":                            {"Jane@ACME.Com", "acme.com"},
		"space around it goes":                      {" jane@acme.com\r\n", "acme.com"},
		"a name before it":                          {"Jane Doe <jane@acme.com>", "acme.com"},
		"a plus address":                            {"jane+support@acme.com", "acme.com"},
		"an apostrophe":                             {"o'neil@acme.com", "acme.com"},
		"an at sign in quotes":                      {`"jane@home"@acme.com`, "acme.com"},
		"a local part in another script":            {"ユーザー@acme.com", "acme.com"},
		"a domain in another script":                {"jane@bücher.example", "xn--bcher-kva.example"},
		"a dot at the end":                          {"jane@acme.com.", "acme.com"},
		"www is part of a mail domain":              {"jane@www.acme.com", "www.acme.com"},
		"a free-mail provider is a domain too":      {"jane@gmail.com", "gmail.com"},
		"a top-level domain that nobody knows":      {"jane@acme.internal", "acme.internal"},
		"the longest local part, of 64 characters":  {strings.Repeat("j", 64) + "@acme.com", "acme.com"},
		"the address of a robot with an underscore": {"no_reply@acme.com", "acme.com"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := domains.EmailDomain(tt.address)
			if err != nil || got != tt.want {
				t.Errorf("EmailDomain(%q) = %q, %v; want %q", tt.address, got, err, tt.want)
			}
		})
	}
}

func TestEmailDomainRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ address, says string }{
		"nothing":                      {"", `it has no "@"`},
		"a name":                       {"Jane Doe", `it has no "@"`},
		"a domain":                     {"acme.com", `it has no "@"`},
		"nothing before the at":        {"@acme.com", `nothing stands before the "@"`},
		"nothing after the at":         {"jane@", `nothing stands after the "@"`},
		"two at signs":                 {"jane@home@acme.com", `it has the character '@'`},
		"two addresses":                {"jane@acme.com, joe@acme.com", `it has the character`},
		"a space":                      {"jane doe@acme.com", `it has the character ' '`},
		"a control character":          {"jane\x00@acme.com", "it has the character"},
		"a new line in quotes":         {"\"ja\nne\"@acme.com", "it has the character"},
		"two dots":                     {"jane..doe@acme.com", "a dot stands"},
		"a long local part":            {strings.Repeat("j", 65) + "@acme.com", "65 characters stand"},
		"an IP address":                {"jane@10.0.0.1", "ends in an IP address"},
		"an IP address in brackets":    {"jane@[10.0.0.1]", "ends in an IP address"},
		"an IPv6 address in brackets":  {"jane@[2001:db8::1]", "ends in an IP address"},
		"a machine of ours":            {"root@localhost", "its domain has no dot"},
		"an underscore in the domain":  {"jane@acme_corp.com", "in the domain, it has the character '_'"},
		"two dots in the domain":       {"jane@acme..com", "in the domain, it has nothing between two dots"},
		"a name with a broken address": {"Jane <jane@@acme.com>", "is not an e-mail address"},
		"a bracket that never opens":   {"jane@acme.com>", "is not an e-mail address"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := domains.EmailDomain(tt.address)
			if got != "" || reasonOf(err) != domains.NotAddress || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("EmailDomain(%q) = %q, %v; want an error that says %q", tt.address, got, err, tt.says)
			}
		})
	}
}
