package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/httpx"
	"github.com/desksync/desksync/internal/secret"
	"github.com/desksync/desksync/sync/alert"
)

// The headers of a webhook; docs/alerts.md says how a receiver checks them.
const (
	HeaderDelivery  = "Desksync-Delivery"  // the message's id, the same each time it is sent
	HeaderTimestamp = "Desksync-Timestamp" // seconds since 1970, of this attempt
	HeaderSignature = "Desksync-Signature" // v1= and the signature
)

// webhook posts messages as JSON and signs them.
type webhook struct {
	url, secret secret.Text
	client      *httpx.Client
	now         func() time.Time
}

func newWebhook(c Channel, opt Options) (alert.Notifier, error) {
	u, err := url.Parse(c.URL.Reveal())
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, invalid("the address of a webhook begins with https:// or http://")
	}
	if c.Secret.Empty() {
		return nil, invalid("a webhook needs a secret, so that its receiver can tell who sent it")
	}
	return webhook{url: c.URL, secret: c.Secret, client: client("the webhook", opt), now: opt.Now}, nil
}

// payload is what a receiver gets.
type payload struct {
	alert.Message
	Severity alert.Severity `json:"severity"`
	Title    string         `json:"title"`
	Text     string         `json:"text"`
}

// Send posts the message.
func (w webhook) Send(ctx context.Context, m alert.Message) error {
	body, err := json.Marshal(payload{Message: m, Severity: m.Severity(), Title: m.Title(), Text: m.Text()})
	if err != nil {
		return failed(fault.Invalid, err)
	}
	at := strconv.FormatInt(w.now().Unix(), 10)
	_, err = post(ctx, w.client, w.url, body, http.Header{
		HeaderDelivery: {m.ID}, HeaderTimestamp: {at}, HeaderSignature: {Sign(w.secret, at, body)},
	})
	return err
}

// Sign returns the signature of a body sent at a time: HMAC-SHA256 under the secret over
// the timestamp as it stands in its header, a full stop and the body, in hexadecimal
// behind "v1=".
func Sign(key secret.Text, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}

// unavailable gives a time that ran out the kind of what cannot be reached.
func unavailable(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.New("notify.send", fault.Unavailable, errors.New("no answer in time"))
	}
	return err
}

// timeOfHeader is the receiver's own time, by which its Retry-After counts.
func timeOfHeader(resp *http.Response) time.Time {
	at, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return at
}
