package domains

import (
	"fmt"
	"net/mail"
	"strings"
	"unicode"
)

// maxLocal is the longest local part, in bytes: RFC 5321 section 4.5.3.1.1.
const maxLocal = 64

// EmailDomain returns the domain of an e-mail address in the form that Clean
// gives claims, "www." kept. It takes "jane@acme.com" and "Jane <jane@acme.com>".
// Free-mail providers and suffixes are not refused here: nobody can claim them.
func EmailDomain(address string) (string, error) {
	addr := strings.TrimSpace(address)
	if strings.HasSuffix(addr, ">") {
		parsed, err := mail.ParseAddress(addr)
		if err != nil {
			return "", notEmail(address, strings.TrimPrefix(err.Error(), "mail: "))
		}
		addr = parsed.Address
	}
	at := strings.LastIndexByte(addr, '@')
	if at < 0 {
		return "", notEmail(address, `it has no "@"`)
	}
	if why := localFault(addr[:at]); why != "" {
		return "", notEmail(address, why)
	}
	return mailHost(address, addr[at+1:])
}

func mailHost(address, host string) (string, error) {
	if host == "" {
		return "", notEmail(address, `nothing stands after the "@"`)
	}
	if isIP(host) {
		return "", notEmail(address, "it ends in an IP address")
	}
	name, why := lookup(host)
	if why != "" {
		return "", notEmail(address, "in the domain, "+why)
	}
	switch reason, why := shape(name); reason {
	case 0:
		return name, nil
	case IP:
		return "", notEmail(address, "it ends in an IP address")
	case SingleLabel:
		return "", notEmail(address, "its domain has no dot")
	default:
		return "", notEmail(address, "in the domain, "+why)
	}
}

// localFault says what is wrong with the part before the "@"; "" if nothing is.
// A part in quotes may hold anything but control characters.
func localFault(local string) string {
	quoted := len(local) > 1 && local[0] == '"' && local[len(local)-1] == '"'
	switch {
	case local == "":
		return `nothing stands before the "@"`
	case len(local) > maxLocal:
		return fmt.Sprintf(`%d characters stand before the "@", and an address has at most %d there`, len(local), maxLocal)
	case !quoted && (local[0] == '.' || local[len(local)-1] == '.' || strings.Contains(local, "..")):
		return `a dot stands at an edge or twice before the "@"`
	}
	for _, c := range local {
		if unicode.IsControl(c) || !quoted && (unicode.IsSpace(c) || strings.ContainsRune(`@,;:<>()[]\"`, c)) {
			return fmt.Sprintf(`it has the character %q before the "@"`, c)
		}
	}
	return ""
}

func notEmail(address, why string) error {
	return refuse(address, "", NotAddress, why)
}
