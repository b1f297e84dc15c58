package salesforce

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
)

// What objects have besides, where changes can be told.
const (
	stampFields    = `{"name":"SystemModstamp","type":"datetime","filterable":true},{"name":"IsDeleted","type":"boolean","filterable":true},{"name":"CreatedDate","type":"datetime","filterable":true},`
	stampedContact = `{"name":"Contact","queryable":true,"fields":[{"name":"Id","type":"id"},` + stampFields + `{"name":"AccountId","type":"reference","referenceTo":["Account"],"relationshipName":"Account"},{"name":"Email","type":"email"},{"name":"LastName","type":"string"}]}`
	compositeCall  = "POST composite"

	describeAccount = "GET sobjects/Account/describe"
)

var (
	stampedAccount = strings.Replace(account, `"fields":[`, `"fields":[`+stampFields+`{"name":"MasterRecordId","type":"reference","referenceTo":["Account"],"relationshipName":"MasterRecord"},`, 1)
	mails          = crm.Query{Role: crm.Contact, Columns: []string{"Email"}}
	wholeAccount   = "SELECT Id, ParentId, Name, IsDeleted, CreatedDate, MasterRecordId FROM Account WHERE "
	wholeContact   = "SELECT Id, AccountId, Email, IsDeleted, CreatedDate FROM Contact WHERE "
	changedSince   = "SystemModstamp >= 2026-11-21T11:45:00Z"
	pollAccounts   = "GET queryAll " + wholeAccount + changedSince
	pollContacts   = "GET queryAll " + wholeContact + changedSince
	readBefore     = noon.Add(-5 * time.Minute)
)

const (
	c1, c2, c3, c4 = "003xx000004TmiQAAS", "003xx000004TmiRAAS", "003xx000004TmiSAAS", "003xx000004TmiTAAS"
	longAgo        = "2020-01-01T00:00:00.000+0000"
)

// startDelta is a stub whose objects tell their changes.
func startDelta(t *testing.T, more map[string][]reply) *stub {
	t.Helper()
	s := start(t, map[string][]reply{"GET sobjects/Account/describe": {{body: stampedAccount}}, "GET sobjects/Contact/describe": {{body: stampedContact}}})
	for k, v := range more {
		s.script[k] = slices.Clone(v)
	}
	return s
}

// since is a delta that goes on from a read of the same query.
func since(t *testing.T, src *Source, q crm.Query, from time.Time) crm.Delta {
	t.Helper()
	p, err := src.plan(t.Context(), q, fresh)
	if err != nil {
		t.Fatal(err)
	}
	return crm.Delta{Query: q, Since: place{from, from.Add(time.Second), p.digest(&src.opt)}.String()}
}

// sinceBefore is since for several queries, from readBefore.
func sinceBefore(t *testing.T, src *Source, list ...crm.Query) []crm.Delta {
	t.Helper()
	var out []crm.Delta
	for _, q := range list {
		out = append(out, since(t, src, q, readBefore))
	}
	return out
}

// changesOf reads deltas and renders what they show.
func changesOf(ctx context.Context, src *Source, deltas []crm.Delta) (list []string, reps []crm.Report, err error) {
	reps = make([]crm.Report, len(deltas))
	for c, e := range src.Changes(ctx, deltas, reps) {
		if e != nil {
			return list, reps, e
		}
		text := fmt.Sprintf("%s/%s", c.Account, c.ID)
		switch c.Gone {
		case crm.Deleted:
			text += " deleted"
		case crm.Left:
			text += " left"
		default:
			text += fmt.Sprintf(" %s %q", c.Parent, c.Values)
		}
		if c.Into != "" {
			text += " into " + c.Into
		}
		if c.Made {
			text += " made"
		}
		list = append(list, text)
	}
	return list, reps, nil
}

func accountRow(id, name, rest string) string {
	row := fmt.Sprintf(`{"attributes":{"type":"Account"},"Id":"%s","ParentId":null,"Name":%q,"IsDeleted":false,"CreatedDate":"%s","MasterRecordId":null}`, id, name, longAgo)
	for edit := range strings.SplitSeq(rest, "; ") {
		if old, with, ok := strings.Cut(edit, " -> "); ok {
			row = strings.Replace(row, old, with, 1)
		}
	}
	return row
}

func contactRow(id, account, mail string) string {
	return fmt.Sprintf(`{"attributes":{"type":"Contact"},"Id":"%s","AccountId":%s,"Email":"%s","IsDeleted":false,"CreatedDate":"%s"}`, id, orNull(account), mail, longAgo)
}

func orNull(id string) string {
	if id == "" {
		return "null"
	}
	return `"` + id + `"`
}

// composed is the answer of a composite call to parts: pages, or refusals.
func composed(bodies ...string) reply {
	var parts []string
	for i, body := range bodies {
		status := 200
		if strings.HasPrefix(body, "[") {
			status = 400
		}
		parts = append(parts, fmt.Sprintf(`{"body":%s,"httpHeaders":{},"httpStatusCode":%d,"referenceId":"q%d"}`, body, status, i))
	}
	return reply{body: `{"compositeResponse":[` + strings.Join(parts, ",") + `]}`}
}

// queriesOf are the queries of a composite call.
func queriesOf(t *testing.T, body string) (list []string) {
	t.Helper()
	var in struct {
		AllOrNone *bool `json:"allOrNone"`
		Parts     []struct{ Method, URL, ReferenceID string }
	}
	if err := json.Unmarshal([]byte(strings.Replace(body, "compositeRequest", "Parts", 1)), &in); err != nil || in.AllOrNone == nil || *in.AllOrNone {
		t.Fatalf("composite %s: %v", body, err)
	}
	for i, p := range in.Parts {
		u, err := url.Parse(p.URL)
		if err != nil || p.Method != "GET" || p.ReferenceID != reference(i) || !strings.HasPrefix(u.Path, version) {
			t.Fatalf("part %+v: %v", p, err)
		}
		list = append(list, "GET "+strings.TrimPrefix(u.Path, version)+" "+u.Query().Get("q"))
	}
	return list
}

// composites are the queries of each composite call so far.
func (s *stub) composites() (list [][]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, key := range s.seen {
		if key == compositeCall {
			list = append(list, queriesOf(s.t, s.bodies[i]))
		}
	}
	return list
}
