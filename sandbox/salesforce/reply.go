package salesforce

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// reply is an answer before it goes over the wire.
type reply struct {
	status int
	kind   string // content type
	body   []byte
	header map[string]string
}

const jsonKind = "application/json;charset=UTF-8"

func jsonReply(status int, body any) reply {
	text, err := encode(body)
	if err != nil {
		return reply{status: http.StatusInternalServerError, kind: "text/plain", body: []byte(err.Error())}
	}
	return reply{status: status, kind: jsonKind, body: text}
}

// encode writes JSON as Salesforce does: < and & stay as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// apiError is one entry of the array that refusals of the REST API are.
type apiError struct {
	Message   string   `json:"message"`
	ErrorCode string   `json:"errorCode"`
	Fields    []string `json:"fields,omitempty"`
}

func fail(status int, code, message string) reply {
	return jsonReply(status, []apiError{{Message: message, ErrorCode: code}})
}

// failure answers with a refusal of the organization.
func failure(err error) reply {
	e, ok := errors.AsType[*org.Error](err)
	if !ok {
		return fail(http.StatusInternalServerError, "UNKNOWN_EXCEPTION", err.Error())
	}
	return jsonReply(statusOf(e.Code), []apiError{{e.Message, e.Code, e.Fields}})
}

func statusOf(code string) int {
	switch code {
	case "NOT_FOUND", "ENTITY_IS_DELETED":
		return http.StatusNotFound
	case "DUPLICATE_EXTERNAL_ID":
		return http.StatusMultipleChoices
	case "INSUFFICIENT_ACCESS_OR_READONLY":
		return http.StatusForbidden
	}
	return http.StatusBadRequest
}

func notFound() reply { return failure(org.NotFound()) }

func badSession() reply {
	return fail(http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid")
}

func (r reply) failed() bool { return r.status >= 400 }

func (r reply) with(key, value string) reply {
	if r.header == nil {
		r.header = map[string]string{}
	}
	r.header[key] = value
	return r
}
