package zendesk

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// Webhook is where events go.
type Webhook struct {
	URL    string   `json:"url"`    // on this machine
	Secret string   `json:"secret"` // that signs
	Events []string `json:"events"` // without zen:event-type:; none is all
}

// delivery is one event on its way to one webhook.
type delivery struct {
	hook  *Webhook
	body  []byte
	stamp string
	tries int
}

// Hook lets events go to a webhook from now on.
func (s *Sandbox) Hook(h Webhook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook(h)
}

func (s *Sandbox) hook(h Webhook) {
	s.hooks = append(s.hooks, &h)
	s.account.Listen(true)
}

// post puts what happened into the outbox.
func (s *Sandbox) post() {
	for _, e := range s.account.Events() {
		body, err := json.Marshal(envelope(e))
		if err != nil {
			continue // texts, numbers and times always have a JSON
		}
		for _, h := range s.hooks {
			if len(h.Events) == 0 || slices.Contains(h.Events, e.Type) {
				s.outbox = append(s.outbox, delivery{hook: h, body: body, stamp: e.Time.Format("2006-01-02T15:04:05Z")})
			}
		}
	}
	if len(s.outbox) > 0 {
		select {
		case s.wake <- struct{}{}:
		default: // whoever sends knows already
		}
	}
}

// envelope is an event as it is sent: ids in it are texts (reference §11).
func envelope(e account.Event) map[string]any {
	o := e.Organization
	detail := map[string]any{
		"id": itoa(o.ID), "name": o.Name, "external_id": orNull(o.ExternalID), "group_id": itoa(o.GroupID), "shared_tickets": o.SharedTickets,
		"shared_comments": o.SharedComments, "created_at": stamp(o.Created), "updated_at": stamp(o.Updated),
	}
	subject := "zen:organization:" + itoa(o.ID)
	extra := e.Extra
	if e.User != 0 {
		subject, detail = "zen:user:"+itoa(e.User), map[string]any{"id": itoa(e.User)}
		extra = map[string]any{"organization_id": itoa(o.ID)}
	}
	if extra == nil {
		extra = map[string]any{}
	}
	return map[string]any{
		"type": "zen:event-type:" + e.Type, "account_id": 1_099_511_627_777, "id": fmt.Sprintf("00000000-0000-4000-8000-%012d", e.Number), "subject": subject,
		"time": e.Time.Format("2006-01-02T15:04:05Z"), "zendesk_event_version": "2022-06-20", "detail": detail, "event": extra,
	}
}

// maxTries is how often a delivery is tried.
const maxTries = 3

// Deliver sends what is in the outbox, and says how many deliveries arrived. Those that did
// not are kept for the next time, up to three tries.
func (s *Sandbox) Deliver(ctx context.Context, client *http.Client) (int, error) {
	s.mu.Lock()
	s.account.Advance()
	s.post()
	todo := s.outbox
	s.outbox = nil
	s.mu.Unlock()
	arrived := 0
	for i, d := range todo {
		if err := ctx.Err(); err != nil {
			s.keep(todo[i:])
			return arrived, err
		}
		if d.send(ctx, client) {
			arrived++
		} else if d.tries++; d.tries < maxTries {
			s.keep([]delivery{d})
		}
	}
	return arrived, nil
}

func (s *Sandbox) keep(list []delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outbox = append(s.outbox, list...)
}

// send posts an event; false where it did not arrive.
func (d delivery) send(ctx context.Context, client *http.Client) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.hook.URL, bytes.NewReader(d.body))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(d.hook.Secret))
	_, _ = mac.Write(append([]byte(d.stamp), d.body...)) // to memory
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Zendesk-Webhook-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	req.Header.Set("X-Zendesk-Webhook-Signature-Timestamp", d.stamp)
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close() // nothing of it is read
	return resp.StatusCode < 300
}
