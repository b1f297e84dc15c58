package zendesk

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

// verb says what a change under way does, as its token carries it.
type verb string

// The verbs.
const (
	created verb = "c" // an organization or a user: the result names it
	updated verb = "u"
	joins   verb = "m" // a membership, called by both ends
	leaves  verb = "d" // a membership that ends, called by both ends
	rider   verb = "r" // a membership that comes with a new user
	merged  verb = "g" // a merge, not a job
)

// token is what is needed to ask again what became of a change: the job, the place in
// it, and what the object is called.
type token struct {
	verb verb
	job  string
	at   int
	id   string // of the object; rider: of its organization
}

func (t token) String() string {
	return string(t.verb) + " " + t.job + " " + strconv.Itoa(t.at) + " " + t.id
}

// parseToken reads what String wrote.
func parseToken(text string) (token, error) {
	p := strings.Split(text, " ")
	if len(p) != 4 {
		return token{}, errors.New("it is no token of this target")
	}
	at, err := strconv.Atoi(p[2])
	if err != nil || at < 0 || at >= perJob || p[1] == "" || !strings.Contains("cumdrg", p[0]) || len(p[0]) != 1 {
		return token{}, errors.New("it is no token of this target")
	}
	return token{verb(p[0]), p[1], at, p[3]}, nil
}

func verbOf(l lane) verb {
	switch l {
	case orgCreate, userCreate:
		return created
	case memberCreate:
		return joins
	case memberRemove:
		return leaves
	default:
		return updated
	}
}

// settleMost is how long Settle waits for jobs that are still at work.
const settleMost = 10 * time.Minute

// Settle implements helpdesk.Settler. What Zendesk knows nothing of any more, or refused
// in a way that has to be looked at, is unknown: read it back.
func (t *Target) Settle(ctx context.Context, sent []helpdesk.Outcome) iter.Seq2[helpdesk.Outcome, error] {
	return func(yield func(helpdesk.Outcome, error) bool) {
		open := map[string][]asked{}
		for _, o := range sent {
			tok, err := parseToken(o.Token)
			switch {
			case err != nil:
				if !yield(unheard(o, err), nil) {
					return
				}
			case tok.verb == merged:
				if !yield(t.settleMerge(ctx, o, tok), nil) {
					return
				}
			default:
				open[tok.job] = append(open[tok.job], asked{o, tok})
			}
		}
		if err := t.settleJobs(ctx, open, yield); err != nil {
			yield(helpdesk.Outcome{}, wrap(ctx, "zendesk.settle", err))
		}
	}
}

// asked is an outcome that is asked about again.
type asked struct {
	helpdesk.Outcome
	token
}

func unheard(o helpdesk.Outcome, why error) helpdesk.Outcome {
	return helpdesk.Outcome{ChangeID: o.ChangeID, State: helpdesk.Failed, TargetID: o.TargetID, Err: fault.New("zendesk.settle", fault.Unknown, fmt.Errorf("%w; read the object back", why))}
}

func (t *Target) settleMerge(ctx context.Context, o helpdesk.Outcome, tok token) helpdesk.Outcome {
	if err := t.followMerge(ctx, tok.job); err != nil {
		return unheard(o, err)
	}
	return helpdesk.Outcome{ChangeID: o.ChangeID, State: helpdesk.Applied, TargetID: tok.id}
}

// settleJobs asks about jobs until all are at their ends, or for long enough.
func (t *Target) settleJobs(ctx context.Context, open map[string][]asked, yield func(helpdesk.Outcome, error) bool) error {
	wait, waited := firstLook, time.Duration(0)
	for len(open) > 0 {
		ids := make([]string, 0, len(open))
		for id := range open {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		for part := range slices.Chunk(ids, perJob) {
			stands, err := t.jobs(ctx, part)
			if err != nil {
				return err
			}
			for _, id := range part {
				s := stands[id]
				if s != nil && !s.over() {
					continue
				}
				for _, o := range open[id] {
					if !yield(o.after(s), nil) {
						return nil
					}
				}
				delete(open, id)
			}
		}
		if len(open) == 0 || waited >= settleMost {
			return nil
		}
		if err := t.opt.Sleep(ctx, wait); err != nil {
			return err
		}
		waited, wait = waited+wait, min(wait+wait/2, longLook)
	}
	return nil
}

// after is the last word on a change once its job is at its end; nil: nobody knows it.
func (a asked) after(s *jobStatus) helpdesk.Outcome {
	if s == nil {
		return unheard(a.Outcome, errors.New("the job "+clip(a.job)+" is not known any more"))
	}
	r := s.results(perJob)[a.at]
	switch {
	case r == nil:
		return unheard(a.Outcome, errors.New("the job "+clip(a.job)+" says nothing about it"))
	case a.verb == leaves && fault.KindOf(r.failed()) == fault.NotFound:
		return helpdesk.Outcome{ChangeID: a.ChangeID, State: helpdesk.Applied, TargetID: a.id} // nothing was left to end
	case r.failed() != nil && a.verb != updated:
		return unheard(a.Outcome, r.failed()) // it may be there already, from an earlier try
	case r.failed() != nil:
		return helpdesk.Outcome{ChangeID: a.ChangeID, State: helpdesk.Failed, TargetID: a.id, Err: r.failed()}
	}
	id := a.id
	switch a.verb {
	case created:
		id = idText(r.id())
	case rider:
		id = memberID(r.id(), idOf(a.id))
	}
	return helpdesk.Outcome{ChangeID: a.ChangeID, State: helpdesk.Applied, TargetID: id}
}
