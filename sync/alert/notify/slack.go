package notify

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/slack"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/secret"
	"github.com/desksync/desksync/sync/alert"
)

// slackHook is a Slack channel behind an incoming webhook.
type slackHook struct {
	url    secret.Text
	config *url.URL
}

const slackBase = "https://hooks.slack.com/services/"

func newSlack(c Channel) (alert.Notifier, error) {
	token, ok := strings.CutPrefix(c.URL.Reveal(), slackBase)
	if !ok {
		return nil, invalid("the address of a Slack webhook begins with %s; copy it from the app's page Incoming Webhooks", slackBase)
	}
	s := slackHook{url: c.URL, config: &url.URL{Scheme: slack.Scheme, Host: "webhook", User: url.UserPassword("hook", strings.ReplaceAll(token, "/", "-"))}}
	if err := new(slack.Service).Initialize(s.config, nil); err != nil {
		return nil, failed(fault.Invalid, err, c.URL)
	}
	return s, nil
}

// Send posts the message. A service is made for each: the library keeps the title in it.
func (s slackHook) Send(ctx context.Context, m alert.Message) error {
	service := new(slack.Service)
	if err := service.Initialize(s.config, nil); err != nil {
		return failed(fault.Invalid, err, s.url)
	}
	params := types.Params{"title": slackText(m.Title()), "color": colors[m.Severity()]}
	err := bounded(ctx, func() error { return service.Send(slackText(m.Text()), &params) })
	switch {
	case err == nil:
		return nil
	case errors.Is(err, slack.ErrWebhookResponseFailure) && slices.ContainsFunc(slackRefusals, func(code string) bool { return strings.Contains(err.Error(), code) }):
		return failed(fault.Invalid, err, s.url)
	default:
		return failed(kindOf(err), err, s.url)
	}
}

// slackRefusals are the answers of incoming webhooks that no second try changes; Slack's
// page "Sending messages using incoming webhooks", section "Handling errors", lists them.
var slackRefusals = []string{
	"invalid_payload", "user_not_found", "channel_not_found", "channel_is_archived", "action_prohibited", "posting_to_general_channel_denied",
	"no_service", "no_team", "team_disabled", "invalid_token", "no_active_hooks",
}

// slackText escapes what Slack reads as markup: a customer's name must not call everyone.
func slackText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// colors of the border beside a message.
var colors = map[alert.Severity]string{alert.Info: "#3b82f6", alert.Warning: "#f59e0b", alert.Critical: "#dc2626"}
