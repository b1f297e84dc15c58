package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/teams"

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
	if _, err := teams.ConfigFromWebhookURL(*u); err != nil {
		return nil, failed(fault.Invalid, err, c.URL)
	}
	return connector{url: c.URL, client: client("Teams", opt)}, nil
}

// connector is a channel of Teams behind a connector's webhook. The library does not look
// at what it answers, which is where it says that a message came to nothing.
type connector struct {
	url    secret.Text
	client *httpx.Client
}

// Send posts the message.
func (t connector) Send(ctx context.Context, m alert.Message) error {
	body, err := json.Marshal(messageCard(&m))
	if err != nil {
		return failed(fault.Invalid, err)
	}
	answer, err := post(ctx, t.client, t.url, body, nil)
	if err != nil {
		return err
	}
	return ofConnector(answer, t.url)
}

// messageCard is the message as connectors take it.
func messageCard(m *alert.Message) map[string]any {
	var sections []map[string]any
	for line := range strings.SplitSeq(plainMarkdown(m.Text()), "\n") {
		sections = append(sections, map[string]any{"text": line})
	}
	title := plainMarkdown(m.Title())
	return map[string]any{
		"@type": "MessageCard", "@context": "http://schema.org/extensions", "summary": title, "title": title, "markdown": true,
		"themeColor": strings.TrimPrefix(colors[m.Severity()], "#"), "sections": sections,
	}
}

// teamsStatus is what Teams told a connector, which answers 200 all the same.
var teamsStatus = regexp.MustCompile(`HTTP error (\d{3})`)

// ofConnector is what the answer of a connector means: a number is how many messages went
// out, and anything else says why none did (MicrosoftDocs/msteams-docs, issue 9064).
func ofConnector(answer []byte, url secret.Text) error {
	text := clip(string(answer))
	if n, err := strconv.ParseUint(text, 10, 31); err == nil && n > 0 {
		return nil
	}
	kind := fault.Unavailable
	if m := teamsStatus.FindStringSubmatch(text); m != nil {
		code, _ := strconv.Atoi(m[1])
		kind = httpx.KindOf(code)
	}
	return failed(kind, fmt.Errorf("the connector took the message and did not deliver it: %s", text), url)
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
	_, err = post(ctx, t.client, t.url, body, nil)
	return err
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

// post sends JSON once and returns what is answered; every status of success is one.
func post(ctx context.Context, c *httpx.Client, to secret.Text, body []byte, header http.Header) ([]byte, error) {
	req, err := http.NewRequestWithContext(httpx.Once(ctx), http.MethodPost, to.Reveal(), bytes.NewReader(body))
	if err != nil {
		return nil, failed(fault.Invalid, err, to)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.Do(req)
	if err != nil {
		return nil, failed(fault.Unknown, unavailable(err), to)
	}
	defer func() { _ = resp.Body.Close() }()
	answer := httpx.ErrorBody(resp) // to its end: the connection is used again
	if resp.StatusCode/100 == 2 {
		return answer, nil
	}
	status := *httpx.StatusError(resp, timeOfHeader(resp))
	return answer, failed(fault.Unknown, &status, to)
}

// clip bounds what somebody else put into words.
func clip(s string) string {
	const most = 200
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
