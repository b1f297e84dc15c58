package zendesk

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/desksync/desksync/internal/httpx"
)

// quota is what an answer says of one limit.
type quota struct {
	name   string // of an endpoint's own limit; empty: the account's
	total  int    // negative: not said
	left   int    // negative: not said
	resets time.Duration
}

// Spellings of the account's limit: today's, and that of recordings up to 2024.
var (
	totals = []string{"X-Rate-Limit", "Ratelimit-Limit", "Rate-Limit"}
	lefts  = []string{"X-Rate-Limit-Remaining", "Ratelimit-Remaining", "Rate-Limit-Remaining"}
	resets = []string{"Ratelimit-Reset", "Rate-Limit-Reset"}
)

// account reads the account's own limit.
func account(h http.Header) quota {
	return quota{total: first(h, totals), left: first(h, lefts), resets: seconds(first(h, resets))}
}

// first returns the first of these headers that is a number; -1 if there is none.
func first(h http.Header, names []string) int {
	for _, name := range names {
		if n := number(h.Get(name)); n >= 0 {
			return n
		}
	}
	return -1
}

func number(s string) int {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 31)
	if err != nil {
		return -1
	}
	return int(n)
}

func seconds(n int) time.Duration { return time.Duration(max(n, 0)) * time.Second }

// endpoints reads the limits that endpoints have of their own, in both spellings:
// "Zendesk-RateLimit-incremental-exports: total=10; remaining=9; resets=41".
func endpoints(h http.Header) []quota {
	var out []quota
	for name, values := range h {
		low := strings.ToLower(name)
		bucket, ok := strings.CutPrefix(low, "zendesk-ratelimit-")
		if !ok {
			bucket, ok = strings.CutPrefix(low, "zendesk-rate-limit-")
		}
		if ok && len(values) > 0 {
			out = append(out, parseQuota(bucket, values[0]))
		}
	}
	return out
}

func parseQuota(name, text string) quota {
	q := quota{name: name, total: -1, left: -1}
	for part := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == ';' || c == ',' || c == ' ' }) {
		key, value, _ := strings.Cut(part, "=")
		switch n := number(value); key {
		case "total":
			q.total = n
		case "remaining":
			q.left = n
		case "resets":
			q.resets = seconds(n)
		}
	}
	return q
}

// inflight is the limit that counts jobs under way, not calls.
const inflight = "inflight-jobs"

// observe takes over what an answer says of the limits.
func (p *pace) observe(resp *http.Response) {
	req := resp.Request
	if req == nil || req.URL.Path == tokenPath {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now, own := p.now(), false
	if q := account(resp.Header); q.total > 0 || q.left >= 0 {
		if q.total > 0 && p.fixed == 0 && q.total != p.limit {
			p.setLimit(q.total)
		}
		if q.left >= 0 {
			p.left, p.heard = q.left, now
		}
		if q.left == 0 && q.resets > 0 {
			p.block("", now.Add(q.resets))
		}
	}
	for _, q := range endpoints(resp.Header) {
		if q.name == "incremental-exports" && q.total > 0 {
			p.exports.most = part(p.share, q.total)
		}
		if q.left == 0 && q.name != inflight {
			own = true
			p.block(placeOf(req), now.Add(q.resets))
		}
	}
	wait, told := httpx.RetryAfter(resp.Header, now)
	if !told || resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		return
	}
	if own || isExport(req) || isJob(req) || isOne(req.URL.Path) {
		p.block(placeOf(req), now.Add(wait))
	} else {
		p.block("", now.Add(wait))
	}
}

// isJob recognises a call that starts a background job.
func isJob(req *http.Request) bool {
	return req.Method != http.MethodGet && strings.HasSuffix(req.URL.Path, "_many")
}

// isOne recognises the address of one object: what is refused there is often a limit of
// that object alone. The account's own limit shows in its headers.
func isOne(path string) bool {
	last := path[strings.LastIndexByte(path, '/')+1:]
	return last != "" && strings.Trim(last, "0123456789") == ""
}

// block holds back a place, or everything, until then.
func (p *pace) block(place string, until time.Time) {
	for k, at := range p.blocked {
		if !at.After(p.now()) {
			delete(p.blocked, k)
		}
	}
	if until.After(p.blocked[place]) {
		p.blocked[place] = until
	}
}
