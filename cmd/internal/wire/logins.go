package wire

import (
	"fmt"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/helpdesk/zendesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/sync/alert"
)

// logins are those of the pipeline's source and target whose last day is known: the file
// names it, or the vendor does.
func (w *Pipeline) logins() (out []alert.Login) {
	if s := w.File.Sources.Get(w.Config.From); s != nil && s.Auth != nil && s.Auth.Ends != 0 {
		out = append(out, alert.Login{Of: "source " + w.Config.From, Ends: s.Auth.Ends, Renew: renew("sources", w.Config.From)})
	}
	t := w.File.Targets.Get(w.Config.To)
	if t == nil || t.Auth == nil {
		return out
	}
	login := alert.Login{Of: "target " + w.Config.To, Ends: t.Auth.Ends, Renew: renew("targets", w.Config.To)}
	if last, how := vendorsEnd(t.Auth); last != 0 && (login.Ends == 0 || last < login.Ends) {
		login.Ends, login.Renew = last, how
	}
	if login.Ends != 0 {
		out = append(out, login)
	}
	return out
}

func renew(section, name string) string {
	return fmt.Sprintf("Renew it, and write its new last day at %s.%s.auth.ends.", section, name)
}

// vendorsEnd is the day on which Zendesk ends every login of this kind, and what to use
// instead; 0: it ends none.
func vendorsEnd(a *config.ZendeskAuth) (last day.Day, instead string) {
	if a.Type != "api_token" {
		return 0, ""
	}
	return zendesk.TokensEnd, "Zendesk switches off all API tokens: " + zendesk.InsteadOfToken + "."
}
