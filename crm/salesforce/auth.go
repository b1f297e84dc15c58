package salesforce

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/secret"
)

// What Auth.Type can be.
const (
	JWT               = "jwt"                // a signed assertion; no secret leaves this machine
	ClientCredentials = "client_credentials" // a secret; only at the organization's My Domain
)

// Audiences of a JWT, by the kind of organization.
const (
	ProductionAudience = "https://login.salesforce.com"
	SandboxAudience    = "https://test.salesforce.com"
)

// lifetime of an assertion: Salesforce takes none that ends more than three minutes
// ahead (OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration), and clocks differ.
const lifetime = 150 * time.Second

// Auth says who logs in. Key and Secret are asked at every login, so that a changed
// file is read again.
type Auth struct {
	Type     string                      // JWT (default) or ClientCredentials
	ClientID string                      // consumer key of the External Client App
	Username string                      // JWT: the integration user
	Audience string                      // JWT: default by the host of the login address
	Key      func() (secret.Text, error) // JWT: the private key, PEM
	Secret   func() (secret.Text, error) // client credentials: the consumer secret
}

// form is the body of the token request.
func (a Auth) form(login *url.URL, now time.Time) (url.Values, error) {
	if a.Type == ClientCredentials {
		words, err := a.Secret()
		if err != nil {
			return nil, err
		}
		return url.Values{"grant_type": {"client_credentials"}, "client_id": {a.ClientID}, "client_secret": {words.Reveal()}}, nil
	}
	assertion, err := a.assertion(login, now)
	if err != nil {
		return nil, err
	}
	return url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}}, nil
}

// assertion is signed with RS256, the only algorithm that Salesforce takes.
func (a Auth) assertion(login *url.URL, now time.Time) (string, error) {
	words, err := a.Key()
	if err != nil {
		return "", err
	}
	key, err := privateKey(words)
	if err != nil {
		return "", err
	}
	claims := jwt.MapClaims{"iss": a.ClientID, "sub": a.Username, "aud": a.audience(login), "exp": now.Add(lifetime).Unix()}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(key)
	if err != nil {
		return "", fault.New("salesforce.login", fault.Invalid, errors.New("the private key cannot sign: it is too short or damaged; make one with 2,048 bits or more"))
	}
	return signed, nil
}

// privateKey reads PKCS 1 or PKCS 8. What the parser says of a key is not repeated:
// it may quote the key.
func privateKey(words secret.Text) (*rsa.PrivateKey, error) {
	text := words.Reveal()
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, `\n`, "\n") // as environments carry it
	}
	key, err := jwt.ParseRSAPrivateKeyFromPEM([]byte(text))
	if err == nil {
		return key, nil
	}
	what := "is not an RSA key in PEM form"
	switch {
	case strings.Contains(text, "ENCRYPTED"):
		what = "is locked with a passphrase, which nobody can type here"
	case strings.Contains(text, "CERTIFICATE"), strings.Contains(text, "PUBLIC KEY"):
		what = "is the public half; Salesforce gets the certificate, desksync the private key"
	case strings.Contains(text, "EC PRIVATE KEY"):
		what = "is for elliptic curves, and Salesforce takes RS256 only"
	}
	return nil, fault.New("salesforce.login", fault.Invalid, fmt.Errorf("the private key %s; write private_key: file:PATH with the output of: openssl genrsa 2048", what))
}

// audience is the login host of the kind of organization, whatever host is asked.
func (a Auth) audience(login *url.URL) string {
	if a.Audience != "" {
		return a.Audience
	}
	if isSandbox(login.Hostname()) {
		return SandboxAudience
	}
	return ProductionAudience
}

// isSandbox recognises the hosts of sandboxes: the login host, and My Domains such as
// acme--uat.sandbox.my.salesforce.com (My Domain URL Formats).
func isSandbox(host string) bool {
	host = strings.ToLower(host)
	name, rest, _ := strings.Cut(host, ".")
	return host == "test.salesforce.com" || strings.Contains(name, "--") && strings.HasSuffix(rest, "my.salesforce.com")
}

// isLoginHost reports a host that serves every organization, and so takes no client
// credentials.
func isLoginHost(host string) bool {
	host = strings.ToLower(host)
	return host == "login.salesforce.com" || host == "test.salesforce.com"
}

// check says what is missing before anything is asked.
func (a Auth) check(login *url.URL) error {
	switch {
	case a.Type != JWT && a.Type != ClientCredentials:
		return fmt.Errorf("auth.type: %q is not one of %s or %s", a.Type, JWT, ClientCredentials)
	case a.ClientID == "":
		return errors.New("auth.client_id is required: the consumer key of the External Client App")
	case a.Type == JWT && a.Username == "":
		return errors.New("auth.username is required: the integration user's name")
	case a.Type == JWT && a.Key == nil:
		return errors.New("auth.private_key is required: file:PATH of the key whose certificate the app knows")
	case a.Type == ClientCredentials && a.Secret == nil:
		return errors.New("auth.client_secret is required: the consumer secret of the External Client App")
	case a.Type == ClientCredentials && isLoginHost(login.Hostname()):
		return fmt.Errorf("login_url: %s takes no client credentials; write the organization's My Domain, such as https://acme.my.salesforce.com", login.Host)
	}
	return nil
}

// address reads a base address: https, no path, no words of a login in it. Plain HTTP
// is for this machine only, where nobody listens on the way.
func address(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(text, "/"))
	switch {
	case err != nil || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.User != nil:
		return nil, errors.New("is not an address such as https://acme.my.salesforce.com")
	case u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())):
		return nil, fmt.Errorf("begins with %s; a login goes over https only", u.Scheme)
	}
	return u, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
