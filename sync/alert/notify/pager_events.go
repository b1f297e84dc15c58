package notify

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/desksync/desksync/internal/httpx"
)

// events gives what the library posts the form of the Events API v2: it puts the details
// where version 1 had them, and nobody would see them. What is refused it says with its kind.
type events struct{ base http.RoundTripper } // nil: the network

// RoundTrip implements http.RoundTripper.
func (e events) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := detailed(r)
	if err != nil {
		return nil, err
	}
	posted, err := http.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	posted.Header = r.Header.Clone()
	resp, err := cmp.Or(e.base, http.DefaultTransport).RoundTrip(posted)
	if err != nil || resp.StatusCode/100 == 2 {
		return resp, err
	}
	return nil, refusal(resp)
}

// detailed is the event that a request posts, with its details under payload.custom_details.
func detailed(r *http.Request) ([]byte, error) {
	defer func() { _ = r.Body.Close() }()
	var event, payload map[string]json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(event["payload"], &payload); err != nil {
		return nil, err
	}
	payload["custom_details"] = event["details"]
	delete(event, "details")
	inner, err := json.Marshal(payload)
	if err != nil {
		return nil, err
	}
	event["payload"] = inner
	return json.Marshal(event)
}

// refusal is what PagerDuty says of an event that it does not take.
func refusal(resp *http.Response) error {
	e := httpx.StatusError(resp, timeOfHeader(resp))
	var says struct {
		Message string
		Errors  []string
	}
	if json.Unmarshal(httpx.ErrorBody(resp), &says) == nil && says.Message != "" {
		e.Err = fmt.Errorf("%w: %s", e.Err, strings.Join(append([]string{says.Message}, says.Errors...), ": "))
	}
	return e
}
