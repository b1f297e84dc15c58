package zendesk

import (
	"math"
	"net/http"
	"time"
)

// window counts calls from the first one on, until it is over.
type window struct {
	ends time.Time
	used int
}

// limits are the windows there are, by what they count.
type limits map[string]*window

// limitState is a limit as a call found it.
type limitState struct {
	name      string // empty: the account's
	total     int
	remaining int
	resets    int // seconds, rounded up
}

// take counts one call; false where the limit was reached before.
func (l limits) take(key string, total int, per time.Duration, now time.Time) (limitState, bool) {
	if len(l) > 20_000 {
		l.sweep(now)
	}
	w := l[key]
	if w == nil || !now.Before(w.ends) {
		w = &window{ends: now.Add(per)}
		l[key] = w
	}
	within := w.used < total
	if within {
		w.used++
	}
	left := w.ends.Sub(now).Seconds()
	return limitState{total: total, remaining: max(0, total-w.used), resets: max(1, int(math.Ceil(left)))}, within
}

func (l limits) sweep(now time.Time) {
	for key, w := range l {
		if !now.Before(w.ends) {
			delete(l, key)
		}
	}
}

// headers shows a limit as the vendor does: the account's in two families, others under
// their own name.
func (l limitState) headers(a reply, old bool) reply {
	family, named := "ratelimit-", "zendesk-ratelimit-"
	if old {
		family, named = "rate-limit-", "zendesk-rate-limit-"
	}
	total, remaining, resets := itoa(int64(l.total)), itoa(int64(l.remaining)), itoa(int64(l.resets))
	if l.name != "" {
		return a.with(named+l.name, "total="+total+"; remaining="+remaining+"; resets="+resets)
	}
	a = a.with("X-Rate-Limit", total).with("X-Rate-Limit-Remaining", remaining)
	return a.with(family+"limit", total).with(family+"remaining", remaining).with(family+"reset", resets)
}

func (s *Sandbox) accountLimit(c *call) (reply, bool) {
	state, within := s.limits.take("account", s.settings.PerMinute, time.Minute, s.account.At())
	c.limits = append(c.limits, state)
	if within {
		return reply{}, false
	}
	return over(plain(http.StatusTooManyRequests, "Number of allowed API requests per minute exceeded"), state), true
}

func over(a reply, l limitState) reply { return a.with("Retry-After", itoa(int64(l.resets))) }

// endpointLimits are those below the account's (reference §4).
func (s *Sandbox) endpointLimits(c *call) (reply, bool) {
	for _, l := range c.route.limits {
		key, text := l.name, exceeded(l.what)
		if l.perID {
			key += ":" + c.ids[0]
			text = coded("TooManyRequests", "Too many requests to "+l.what)
		}
		total := l.total
		if l.name == exports.name && s.settings.HighVolume {
			total = 30
		}
		state, within := s.limits.take(key, total, l.per, s.account.At())
		state.name = l.name
		c.limits = append(c.limits, state)
		if !within {
			return over(jsonReply(http.StatusTooManyRequests, text), state), true
		}
	}
	return reply{}, false
}

func exceeded(what string) any {
	return textError{"APIRateLimitExceeded", "Number of allowed " + what + " API requests per minute exceeded"}
}

// limit is one of an endpoint.
type limit struct {
	name  string
	total int
	per   time.Duration
	perID bool // counted for each id of the path
	what  string
}

// The limits below the account's.
var (
	exports    = limit{"incremental-exports", 10, time.Minute, false, "incremental export"}
	perOrg     = limit{"per-organization-updates", 5, time.Minute, true, "update"}
	perUser    = limit{"per-user-updates", 5, time.Minute, true, "update"}
	userWrites = limit{"user-updates", 1, time.Second, false, "user update"}
)
