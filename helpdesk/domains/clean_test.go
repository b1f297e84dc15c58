package domains_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/desksync/desksync/helpdesk/domains"
	"github.com/desksync/desksync/internal/fault"
)

var builtIn domains.Rules

func TestCleanAccepts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"a plain name is itself":                         {"acme.com", "acme.com"},
		"case is folded":                                 {"AcMe.COM", "acme.com"},
		"space and a new line around it go":              {" \tacme.com\r\n", "acme.com"},
		"a no-break space around it goes":                {"\u00a0acme.com\u00a0", "acme.com"},
		"a byte order mark goes":                         {"\ufeffacme.com", "acme.com"},
		"quotes and brackets go":                         {`<"acme.com">`, "acme.com"},
		"typographic quotes go":                          {"“acme.com”", "acme.com"},
		"a dot at the end goes":                          {"acme.com.", "acme.com"},
		"an at sign before it goes":                      {"@acme.com", "acme.com"},
		"a web address gives its host":                   {"https://www.Acme.com:8443/about?x=1#top", "acme.com"},
		"a host with a path and no scheme":               {"acme.com/about", "acme.com"},
		"a scheme may be in capitals":                    {"HTTP://acme.com", "acme.com"},
		"a scheme may be missing its name":               {"//acme.com", "acme.com"},
		"a Windows share is read as a path":              {`acme.com\share`, "acme.com"},
		"a port goes":                                    {"acme.com:443", "acme.com"},
		"www goes":                                       {"www.acme.com", "acme.com"},
		"www goes as often as it stands there":           {"www.www.acme.com", "acme.com"},
		"www stays where nothing would":                  {"www.example", "www.example"},
		"a name that starts with www stays":              {"wwwacme.com", "wwwacme.com"},
		"a wildcard means the name below which it is":    {"*.acme.com", "acme.com"},
		"a dot before it means the same":                 {".acme.com", "acme.com"},
		"a subdomain is a name of its own":               {"eu.acme.com", "eu.acme.com"},
		"an umlaut takes its lookup form":                {"Bücher.example", "xn--bcher-kva.example"},
		"a decomposed umlaut is the same name":           {"Bu\u0308cher.example", "xn--bcher-kva.example"},
		"the lookup form is itself":                      {"XN--bcher-kva.example", "xn--bcher-kva.example"},
		"a sharp s is not ss":                            {"straße.example", "xn--strae-oqa.example"},
		"full-width letters and dots are ordinary ones":  {"ａｃｍｅ。ｃｏｍ", "acme.com"},
		"a name in Chinese":                              {"例子.中国", "xn--fsqu00a.xn--fiqs8s"},
		"a name in Arabic":                               {"مثال.إختبار", "xn--mgbh0fb.xn--kgbechtv"},
		"a name below a registry's suffix":               {"acme.co.uk", "acme.co.uk"},
		"a name below a wildcard suffix":                 {"acme.gov.ck", "acme.gov.ck"},
		"an exception to a wildcard suffix":              {"www.ck", "www.ck"},
		"a name below a private suffix":                  {"acme.github.io", "acme.github.io"},
		"a top-level domain that nobody lists":           {"acetomato.zy", "acetomato.zy"},
		"an internal name":                               {"mail.acme.internal", "mail.acme.internal"},
		"digits in a name":                               {"3m.com", "3m.com"},
		"a label of digits only":                         {"163.example", "163.example"},
		"a name that ends like a provider's":             {"notgmail.com", "notgmail.com"},
		"a name below a private suffix that gives mail":  {"acme.za.com", "acme.za.com"},
		"a name of 63 characters":                        {strings.Repeat("a", 63) + ".com", strings.Repeat("a", 63) + ".com"},
		"two hyphens side by side":                       {"a--b.com", "a--b.com"},
		"user and password of an address are no address": {"https://acme.com/@jane", "acme.com"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := builtIn.Clean(tt.text)
			if err != nil || got != tt.want {
				t.Errorf("Clean(%q) = %q, %v; want %q", tt.text, got, err, tt.want)
			}
		})
	}
}

func TestCleanRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text   string
		reason domains.Reason
		says   string
	}{
		"nothing":                                   {"", domains.Blank, "write a name such as acme.com"},
		"space only":                                {" \t ", domains.Blank, "there is no domain"},
		"a path only":                               {"https:///about", domains.Blank, "there is no domain"},
		"one person's address":                      {"jane@acme.com", domains.Address, `write "acme.com" if everyone there belongs`},
		"one person's address as a link":            {"mailto:jane@acme.com?subject=x", domains.Address, "one person's address"},
		"a web address with a user":                 {"https://jane:secret@acme.com/", domains.Address, "does not speak for the domain"},
		"an IPv4 address":                           {"10.0.0.1", domains.IP, "is an IP address"},
		"an IPv4 address with a port":               {"http://10.0.0.1:8080/x", domains.IP, "is an IP address"},
		"an IPv4 address in full-width digits":      {"１０.０.０.１", domains.IP, "is an IP address"},
		"an IPv6 address":                           {"2001:db8::1", domains.IP, "is an IP address"},
		"an IPv6 address with a port":               {"https://[2001:db8::1]:443/", domains.IP, "is an IP address"},
		"a short form of an address":                {"127.1", domains.NotDomain, "it ends in a number"},
		"a single label":                            {"localhost", domains.SingleLabel, "single label"},
		"a top-level domain":                        {"com", domains.SingleLabel, "single label"},
		"www and a single label":                    {"www", domains.SingleLabel, "single label"},
		"a registry's suffix":                       {"co.uk", domains.Registry, "rule co.uk of the ICANN section"},
		"a registry's suffix behind www":            {"www.co.uk", domains.Registry, "such as acme.co.uk"},
		"a registry's suffix by a wildcard":         {"gov.ck", domains.Registry, "rule *.ck of the ICANN section"},
		"a registry's suffix in another script":     {"公司.cn", domains.Registry, "rule xn--55qx5d.cn"},
		"a private suffix":                          {"github.io", domains.PrivateSuffix, "rule github.io of the private section"},
		"a provider":                                {"gmail.com", domains.FreeMail, "free-mail provider gmail.com"},
		"a provider in capitals, as a link":         {"https://www.GMail.com/", domains.FreeMail, "free-mail provider gmail.com"},
		"a name below a provider":                   {"acme.gmail.com", domains.FreeMail, "free-mail provider gmail.com"},
		"a provider from the hand-kept list":        {"tutanota.com", domains.FreeMail, "allowed domains in the configuration"},
		"a provider with a registry of two parts":   {"yahoo.co.uk", domains.FreeMail, "yahoo.co.uk"},
		"an underscore":                             {"acme_corp.com", domains.NotDomain, `it has the character '_'`},
		"a space inside":                            {"acme corp.com", domains.NotDomain, `it has the character ' '`},
		"a quote inside":                            {"a'; drop table x.com", domains.NotDomain, `it has the character`},
		"two dots":                                  {"acme..com", domains.NotDomain, "nothing between two dots"},
		"two dots at the end":                       {"acme.com..", domains.NotDomain, "nothing between two dots"},
		"a hyphen at the start of a label":          {"-acme.com", domains.NotDomain, "is not a domain"},
		"a hyphen at the end of a label":            {"acme-.com", domains.NotDomain, "is not a domain"},
		"hyphens in the third and fourth place":     {"ab--cd.com", domains.NotDomain, "is not a domain"},
		"a broken lookup form":                      {"xn--a.com", domains.NotDomain, "is not a domain"},
		"directions mixed in a label":               {"مثالa.com", domains.NotDomain, "is not a domain"},
		"a label that is too long":                  {strings.Repeat("a", 64) + ".com", domains.NotDomain, "has 64 characters, and a part has at most 63"},
		"a name that is too long":                   {strings.Repeat("a.", 130) + "com", domains.NotDomain, "a name has at most 253"},
		"a name that is too long in its other form": {strings.Repeat("ü", 60) + "x" + strings.Repeat("ß", 40) + ".com", domains.NotDomain, "at most 63"},
		"a text of a megabyte":                      {strings.Repeat("ü", 1<<19) + ".com", domains.NotDomain, "it has 1048580 characters"},
		"a sentence":                                {"none yet, ask Jane", domains.NotDomain, "it has the character"},
		"bytes that are no text":                    {"acme\xff.com", domains.NotDomain, "not UTF-8 text"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := builtIn.Clean(tt.text)
			var refusal *domains.Refusal
			if !errors.As(err, &refusal) || refusal.Reason != tt.reason || got != "" {
				t.Fatalf("Clean(%q) = %q, %v; want a refusal for %q", tt.text, got, err, tt.reason)
			}
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("Clean(%q) says %q; want it to say %q", tt.text, err, tt.says)
			}
			if k := fault.KindOf(err); k != fault.Invalid {
				t.Errorf("Clean(%q) has the kind %v; want invalid", tt.text, k)
			}
		})
	}
}

func TestARefusalIsOneShortSentence(t *testing.T) {
	t.Parallel()
	for _, text := range []string{strings.Repeat("ü ", 300), "a\nb", "gmail.com\n", "\x1b[31m.com", "github.io"} {
		_, err := builtIn.Clean(text)
		if err == nil || len(err.Error()) > 450 || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("Clean(%q) says %v; want one short line", text, err)
		}
	}
}

func TestConfiguredRules(t *testing.T) {
	t.Parallel()
	rules, err := domains.New(domains.Options{
		FreeMail: []string{"Kundenpost.example", "mail.cox.com"},
		Allowed:  []string{"cox.com", "github.io", "www.hey.com"},
		Own:      []string{"Helpdesk.example", "corp"},
	})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	tests := map[string]struct {
		text   string
		reason domains.Reason // 0: accepted
	}{
		"a provider of the configuration is refused":        {"kundenpost.example", domains.FreeMail},
		"and what stands below it":                          {"a.kundenpost.example", domains.FreeMail},
		"an allowed provider is accepted":                   {"cox.com", 0},
		"and what stands below it too":                      {"eu.cox.com", 0},
		"a provider below an exception is refused":          {"mail.cox.com", domains.FreeMail},
		"an allowed private suffix is accepted":             {"github.io", 0},
		"an exception is cleaned as any name":               {"hey.com", 0},
		"the built-in list still holds":                     {"gmail.com", domains.FreeMail},
		"other private suffixes are still refused":          {"gitlab.io", domains.PrivateSuffix},
		"a registry's suffix is refused under these rules":  {"co.uk", domains.Registry},
		"a name that only ends like an exception's is free": {"notcox.com", 0},
		"our own name is refused":                           {"https://www.helpdesk.example", domains.Own},
		"a name below our own is somebody's":                {"acme.helpdesk.example", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := rules.Clean(tt.text)
			if got := reasonOf(err); got != tt.reason {
				t.Errorf("Clean(%q): %v; want reason %q", tt.text, err, tt.reason)
			}
		})
	}
}

func TestNewReportsEveryFault(t *testing.T) {
	t.Parallel()
	_, err := domains.New(domains.Options{
		FreeMail: []string{"acme_corp.com", "both.example"},
		Allowed:  []string{"co.uk", "10.0.0.1", "both.example", "ours.example"},
		Own:      []string{"acme,com", "ours.example"},
	})
	if err == nil {
		t.Fatal("New accepted wrong names")
	}
	for _, want := range []string{"free mail: ", "acme_corp.com", "allowed: ", "10.0.0.1", "co.uk is a public suffix", "both.example is listed both", "own: ", "acme,com", "ours.example is listed both"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("New says %q; want it to say %q", err, want)
		}
	}
}

func reasonOf(err error) domains.Reason {
	refusal, ok := errors.AsType[*domains.Refusal](err)
	if !ok {
		return 0
	}
	return refusal.Reason
}
