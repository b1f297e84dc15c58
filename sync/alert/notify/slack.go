package notify

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/slack"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/httpx"
	"github.com/desksync/desksync/internal/secret"
	"github.com/desksync/desksync/sync/alert"
)

// slackHook is a Slack channel behind an incoming webhook. The library writes the message;
// it does not say what is answered to it.
type slackHook struct {
	url    secret.Text
	client *httpx.Client
}

const slackBase = "https://hooks.slack.com/services/"

func newSlack(c Channel, opt Options) (alert.Notifier, error) {
	token, ok := strings.CutPrefix(c.URL.Reveal(), slackBase)
	if !ok {
		return nil, invalid("the address of a Slack webhook begins with %s; copy it from the app's page Incoming Webhooks", slackBase)
	}
	config := &url.URL{Scheme: slack.Scheme, Host: "webhook", User: url.UserPassword("hook", strings.ReplaceAll(token, "/", "-"))}
	if err := new(slack.Service).Initialize(config, nil); err != nil {
		return nil, failed(fault.Invalid, err, c.URL)
	}
	return slackHook{url: c.URL, client: client("Slack", opt)}, nil
}

// Send posts the message. A refusal says why in its body: "no_service", say.
func (s slackHook) Send(ctx context.Context, m alert.Message) error {
	paragraphs := strings.ReplaceAll(slackText(m.Text()), "\n\n", "\n") // a line becomes an attachment, also an empty one
	body, err := json.Marshal(slack.CreateJSONPayload(&slack.Config{Channel: "webhook", Title: slackText(m.Title()), Color: colors[m.Severity()]}, paragraphs))
	if err != nil {
		return failed(fault.Invalid, err)
	}
	answer, err := post(ctx, s.client, s.url, body, nil)
	if refused, ok := errors.AsType[*fault.Error](err); ok && len(answer) > 0 {
		refused.Err = errors.New(redact(refused.Err.Error()+": "+clip(string(answer)), s.url))
	}
	return err
}

// slackText escapes what Slack reads as markup: a customer's name must not call everyone.
func slackText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// colors of the border beside a message.
var colors = map[alert.Severity]string{alert.Info: "#3b82f6", alert.Warning: "#f59e0b", alert.Critical: "#dc2626"}
