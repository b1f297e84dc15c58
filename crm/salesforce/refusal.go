package salesforce

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/desksync/desksync/internal/fault"
)

// refusal is a login that was refused, with all that helps to say why.
type refusal struct {
	status         int
	code, text     string // error and error_description, the latter in small letters
	auth           Auth
	host, audience string
	loginHost      bool
	skew           time.Duration // our clock minus theirs
	heard          bool          // the answer said what their clock is
}

// farthest is how far ahead an assertion may end (OAuth 2.0 JWT Bearer Flow for
// Server-to-Server Integration).
const farthest = 3 * time.Minute

// clockIsToBlame reports that ours is so far from theirs that no assertion of ours is valid
// there: it ends too far ahead, or is over. Their Date is cut to seconds and on its way for
// a moment, so that ours looks a little later than it is.
func (r refusal) clockIsToBlame() bool {
	const moment = 5 * time.Second
	return r.skew >= farthest-lifetime || r.skew <= moment-lifetime
}

// explain says what was refused and what to do. The codes are those of OAuth 2.0
// (RFC 6749, section 5.2) and of Salesforce's page "OAuth Authorization Errors".
func (r refusal) explain() (fault.Kind, string) {
	said := fmt.Sprintf("%s refused the login (%s): ", r.host, r.shownCode())
	switch {
	case strings.Contains(r.text, "login rate exceeded"):
		return fault.Throttled, said + "too many logins of this user within the hour; wait, and look for another program that logs in all the time"
	case r.code == "invalid_grant":
		return fault.Denied, said + r.grant()
	case r.code == "invalid_client_id":
		return fault.Denied, said + "it knows no app with this client_id; copy the consumer key of the External Client App again, and note that a new one takes ten minutes to be known"
	case r.code == "invalid_client" && r.auth.Type == ClientCredentials:
		return fault.Denied, said + "client_id or client_secret is wrong; copy both from the External Client App again"
	case r.code == "invalid_client":
		return fault.Denied, said + "the app does not take our signature; upload the certificate that belongs to private_key to the External Client App"
	case r.code == "invalid_app_access":
		return fault.Denied, said + "the user may not use this app; add the user's profile or permission set to the app's policies"
	case r.code == "inactive_user", strings.Contains(r.text, "inactive user"):
		return fault.Denied, said + "the integration user is inactive or frozen; activate " + r.user() + " in Setup, Users"
	case r.code == "unsupported_grant_type" && r.loginHost, r.auth.Type == ClientCredentials && r.loginHost:
		return fault.Denied, said + "client credentials work at the organization's own address only; write login_url: https://YOUR-DOMAIN.my.salesforce.com"
	case r.code == "unsupported_grant_type", r.code == "unauthorized_client":
		return fault.Denied, said + "the app does not allow this way to log in (" + r.auth.Type + "); enable it in the External Client App's OAuth settings"
	case r.code == "" && r.status == http.StatusNotFound:
		return fault.Invalid, said + "there is no login at this address; check login_url"
	}
	return fault.Denied, said + "look it up in Setup, Login History, of " + r.user() + ", and check login_url and auth"
}

// grant explains the code that stands for half of all reasons.
func (r refusal) grant() string {
	switch {
	case strings.Contains(r.text, "hasn't approved"), strings.Contains(r.text, "not approved"):
		return r.user() + " is not approved for the app; set Permitted Users to \"Admin approved users are pre-authorized\" and add the user's permission set"
	case strings.Contains(r.text, "audience"):
		return fmt.Sprintf("the audience %s is not this kind of organization's; write auth.audience: %s", r.audience, otherAudience(r.audience))
	case r.auth.Type == JWT && r.clockIsToBlame():
		return fmt.Sprintf("this machine's clock is %s, and a login is valid for three minutes; set the clock (NTP)", r.offBy())
	case strings.Contains(r.text, "invalid assertion") && r.heard:
		return "our signature is not the app's, and this machine's clock is right; upload the certificate that belongs to private_key to the External Client App, or name the key that belongs to its certificate"
	case strings.Contains(r.text, "expired"), strings.Contains(r.text, "invalid assertion"):
		return "the login was out of date when it came; compare this machine's clock with the real time (NTP), and private_key with the app's certificate"
	case strings.Contains(r.text, "not supported on this domain"):
		return "this way to log in works at the organization's own address only; write login_url: https://YOUR-DOMAIN.my.salesforce.com"
	case strings.Contains(r.text, "no client credentials user"):
		return "the app has no user to run as; name one under Client Credentials Flow in the External Client App's policies"
	}
	if r.auth.Type == ClientCredentials {
		return "check that the user whom the app runs as is active and may log in from this address, and that login_url is the address of the app's organization"
	}
	return fmt.Sprintf("check that auth.username (%s) exists here, may log in from this address, and belongs to the organization of login_url", r.user())
}

func (r refusal) offBy() string {
	if r.skew < 0 {
		return (-r.skew).Round(time.Second).String() + " behind Salesforce's"
	}
	return r.skew.Round(time.Second).String() + " ahead of Salesforce's"
}

func (r refusal) user() string {
	if r.auth.Username == "" {
		return "the app's user"
	}
	return r.auth.Username
}

// shownCode is the code if it looks like one: the reply is foreign text.
func (r refusal) shownCode() string {
	for _, c := range r.code {
		if c != '_' && (c < 'a' || c > 'z') {
			return fmt.Sprintf("status %d", r.status)
		}
	}
	if r.code == "" || len(r.code) > 40 {
		return fmt.Sprintf("status %d", r.status)
	}
	return r.code
}

func otherAudience(a string) string {
	if a == SandboxAudience {
		return ProductionAudience
	}
	return SandboxAudience
}
