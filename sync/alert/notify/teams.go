package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/teams"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/httpx"
	"github.com/desksync/desksync/internal/secret"
	"github.com/desksync/desksync/sync/alert"
)

// newTeams tells the two kinds of webhooks apart by their address: those of connectors,
// which the library knows, and those of Workflows, which take a card.
func newTeams(c Channel, opt Options) (alert.Notifier, error) {
	u, err := url.Parse(c.URL.Reveal())
	if err != nil || u.Scheme != "https" {
		return nil, invalid("the address of a Teams webhook begins with https://; copy it from the workflow, or from the channel's connector")
	}
	if !strings.HasSuffix(u.Hostname(), ".webhook.office.com") {
		return workflow{url: c.URL, client: client("Teams", opt)}, nil
	}
	config, err := teams.ConfigFromWebhookURL(*u)
	if err != nil {
		return nil, failed(fault.Invalid, err, c.URL)
	}
	return connector{url: c.URL, config: config.GetURL()}, nil
}

// connector is a channel of Teams behind a connector's webhook.
type connector struct {
	url    secret.Text
	config *url.URL
}

// Send posts the message.
func (t connector) Send(ctx context.Context, m alert.Message) error {
	service := new(teams.Service)
	if err := service.Initialize(t.config, nil); err != nil {
		return failed(fault.Invalid, err, t.url)
	}
	params := types.Params{"title": plainMarkdown(m.Title()), "color": strings.TrimPrefix(colors[m.Severity()], "#")}
	if err := bounded(ctx, func() error { return service.Send(plainMarkdown(m.Text()), &params) }); err != nil {
		return failed(kindOf(err), err, t.url)
	}
	return nil
}

// workflow is a channel or chat of Teams behind the webhook of a workflow.
type workflow struct {
	url    secret.Text
	client *httpx.Client
}

// Send posts the message as an adaptive card.
func (t workflow) Send(ctx context.Context, m alert.Message) error {
	body, err := json.Marshal(card(&m))
	if err != nil {
		return failed(fault.Invalid, err)
	}
	return post(ctx, t.client, t.url, body, nil)
}

// card is the message as the workflow "Post to a channel when a webhook request is
// received" takes it.
func card(m *alert.Message) map[string]any {
	blocks := []map[string]any{{"type": "TextBlock", "text": plainMarkdown(m.Title()), "weight": "bolder", "wrap": true}}
	for paragraph := range strings.SplitSeq(m.Text(), "\n\n") {
		blocks = append(blocks, map[string]any{"type": "TextBlock", "text": plainMarkdown(paragraph), "wrap": true})
	}
	content := map[string]any{"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "body": blocks}
	return map[string]any{
		"type": "message", "attachments": []map[string]any{{"contentType": "application/vnd.microsoft.card.adaptive", "content": content}},
	}
}

// plainMarkdown keeps signs that Teams reads as markup from acting.
func plainMarkdown(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, "`", "\\`", `<`, `&lt;`, `>`, `&gt;`).Replace(s)
}

// post sends JSON once; every status of success is one.
func post(ctx context.Context, c *httpx.Client, to secret.Text, body []byte, header http.Header) error {
	req, err := http.NewRequestWithContext(httpx.Once(ctx), http.MethodPost, to.Reveal(), bytes.NewReader(body))
	if err != nil {
		return failed(fault.Invalid, err, to)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.Do(req)
	if err != nil {
		return failed(fault.Unknown, unavailable(err), to)
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, httpx.MaxErrorBody)) // lets the connection be used again
	if resp.StatusCode/100 != 2 {
		status := *httpx.StatusError(resp, timeOfHeader(resp))
		return failed(fault.Unknown, &status, to)
	}
	return nil
}
