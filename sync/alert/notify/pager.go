package notify

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/incident/pagerduty"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/secret"
	"github.com/desksync/desksync/sync/alert"
)

// pager makes and resolves incidents of PagerDuty, by its Events API v2.
type pager struct {
	key    secret.Text
	config *url.URL
	client *http.Client
}

func newPager(c Channel, opt Options) (alert.Notifier, error) {
	config := &url.URL{Scheme: pagerduty.Scheme, Host: cmp.Or(c.Host, "events.pagerduty.com") + ":443", Path: "/" + c.Secret.Reveal()}
	if err := new(pagerduty.Service).Initialize(config, nil); err != nil {
		return nil, failed(fault.Invalid, err, c.Secret)
	}
	return pager{key: c.Secret, config: config, client: &http.Client{Timeout: 15 * time.Second, Transport: events{base: opt.Base}}}, nil
}

// Send makes, repeats or resolves the incident of each part: its key is the condition's.
func (p pager) Send(ctx context.Context, m alert.Message) error {
	for i := range m.Parts {
		one := m
		one.Parts = m.Parts[i : i+1]
		if err := p.send(ctx, &one); err != nil {
			return err
		}
	}
	return nil
}

func (p pager) send(ctx context.Context, m *alert.Message) error {
	service := new(pagerduty.Service)
	service.SetHTTPClient(p.client)
	if err := service.Initialize(p.config, nil); err != nil {
		return failed(fault.Invalid, err, p.key)
	}
	part := &m.Parts[0]
	details, err := json.Marshal(map[string]any{"text": m.Text(), "condition": part.Condition})
	if err != nil {
		return failed(fault.Invalid, err)
	}
	params := types.Params{
		"action": action(part), "dedup_key": dedupKey(part.Condition.Key), "severity": part.Condition.Severity.String(),
		"source": cmp.Or(part.Condition.Target, "desksync"), "client": "desksync", "details": string(details),
	}
	err = bounded(ctx, func() error { return service.SendWithContext(ctx, m.Title(), &params) })
	if answer, ok := errors.AsType[*fault.Error](err); ok {
		return failed(fault.Unknown, answer, p.key)
	}
	if err != nil {
		return failed(kindOf(err), err, p.key)
	}
	return nil
}

// longestKey is what PagerDuty takes of a dedup_key, in bytes to be safe.
const longestKey = 255

// dedupKey names the incident of a condition. The end of one that is too long, as that of
// a product with a long name, becomes a digest.
func dedupKey(key string) string {
	key = "desksync/" + key
	if len(key) <= longestKey {
		return key
	}
	digest := sha256.Sum256([]byte(key))
	return strings.ToValidUTF8(key[:longestKey-33], "") + "/" + hex.EncodeToString(digest[:16])
}

// action is what an event does to the incident. One that is never over is resolved by
// who was called.
func action(p *alert.Part) string {
	if p.Event == alert.Ended {
		return "resolve"
	}
	return "trigger"
}
