package zendesk

import (
	"encoding/json"
	"net/http"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// reply is an answer before it goes over the wire.
type reply struct {
	status int
	kind   string // content type
	body   []byte
	header [][2]string
}

const jsonKind = "application/json; charset=utf-8"

func jsonReply(status int, body any) reply {
	text, err := json.Marshal(body)
	if err != nil {
		return plain(http.StatusInternalServerError, err.Error())
	}
	return reply{status: status, kind: jsonKind, body: text}
}

func ok(body any) reply { return jsonReply(http.StatusOK, body) }

func plain(status int, text string) reply {
	return reply{status: status, kind: "text/plain; charset=utf-8", body: []byte(text)}
}

func noContent() reply { return reply{status: http.StatusNoContent} }

func (r reply) with(key, value string) reply {
	r.header = append(r.header[:len(r.header):len(r.header)], [2]string{key, value})
	return r
}

// textError is the envelope whose error is a text (reference §3).
type textError struct {
	Error       string `json:"error"`
	Description string `json:"description,omitempty"`
}

// titled is the envelope whose error is an object.
func titled(title, message string) map[string]any {
	return map[string]any{"error": map[string]string{"title": title, "message": message}}
}

// coded is the envelope with a list of errors.
func coded(code, title string) map[string]any {
	return map[string]any{"errors": []map[string]string{{"code": code, "title": title}}}
}

func notFound() reply {
	return jsonReply(http.StatusNotFound, textError{"RecordNotFound", "Not found"})
}

func noEndpoint() reply {
	return jsonReply(http.StatusNotFound, textError{"InvalidEndpoint", "Not found"})
}

func invalidAttribute(name string) reply {
	return jsonReply(http.StatusBadRequest, titled("Invalid attribute", "You passed an invalid value for the "+name+" attribute. Invalid parameter: "+name+" must be valid"))
}

func parameterMissing(name string) reply {
	return jsonReply(http.StatusBadRequest, titled("Invalid attribute", "You passed an invalid value for the "+name+" attribute. Parameter "+name+" is required"))
}

// tooMany has the double space of the recordings.
func tooMany(most int) reply {
	return tooManyValues(most, "Parameter  cannot specify more than "+itoa(int64(most))+" values")
}

// tooManyUsers is tooMany as batches of users say it.
func tooManyUsers() reply {
	return tooManyValues(maxItems, "Maximum "+itoa(maxItems)+" users may be created per call")
}

func tooManyValues(most int, text string) reply {
	return jsonReply(http.StatusBadRequest, map[string]any{"error": "TooManyValues", "description": text, "max_count": most})
}

func noAccess() reply {
	return jsonReply(http.StatusForbidden, titled("Forbidden", "You do not have access to this page. Please contact the account owner of this help desk for further help."))
}

// refused answers with a refusal of the account.
func refused(p *account.Problem) reply {
	switch p.Kind {
	case account.NotFound:
		return notFound()
	case account.BadValue:
		return invalidAttribute(p.Text)
	}
	type line struct {
		Description string `json:"description"`
		Error       string `json:"error,omitempty"`
	}
	details := map[string][]line{}
	for _, d := range p.Details {
		text := d.Label + ": " + d.Text
		if d.Code == "BlankValue" {
			text = d.Label + " " + d.Text
		}
		details[d.Field] = append(details[d.Field], line{text, d.Code})
	}
	return jsonReply(http.StatusUnprocessableEntity, map[string]any{"error": "RecordInvalid", "description": "Record validation errors", "details": details})
}
