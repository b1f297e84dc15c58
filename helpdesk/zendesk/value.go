package zendesk

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

// valueOf reads what a custom field holds; what does not fit its type is shown as it is.
func valueOf(s helpdesk.Spec, raw json.RawMessage) helpdesk.Value {
	text := plain(raw)
	switch s.Type {
	case helpdesk.Bool:
		return flag(text == "true")
	case helpdesk.Text:
		return helpdesk.TextOf(text)
	case helpdesk.Date:
		text, _, _ = strings.Cut(text, "T") // 2026-11-04T00:00:00+00:00
	}
	v, err := helpdesk.Parse(s.Type, text)
	if err != nil {
		return helpdesk.TextOf(text)
	}
	return v
}

// plain is a JSON value as text: strings without their quotes, lists by commas, null
// as nothing.
func plain(raw json.RawMessage) string {
	var s string
	var list []json.RawMessage
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return ""
	case raw[0] == '"' && json.Unmarshal(raw, &s) == nil:
		return s
	case raw[0] == '[' && json.Unmarshal(raw, &list) == nil:
		parts := make([]string, len(list))
		for i := range list {
			parts[i] = plain(list[i])
		}
		slices.Sort(parts)
		return strings.Join(parts, ", ")
	default:
		return string(raw)
	}
}

// wire is a value as a custom field takes it: null clears.
func wire(v helpdesk.Value) any {
	switch v.Type() {
	case helpdesk.Empty, helpdesk.Nothing:
		return nil
	case helpdesk.Bool, helpdesk.Integer, helpdesk.Decimal:
		return json.RawMessage(v.Text())
	default:
		return v.Text()
	}
}

// fits checks a value against its field.
func fits(s helpdesk.Spec, v helpdesk.Value) error {
	switch {
	case s.ReadOnly:
		return unsupported("%s is shown and cannot be written", s.Name)
	case v.IsEmpty() || v == helpdesk.None:
		return nil
	case v.Type() != s.Type:
		return wrong("%s is a %s; it cannot take the %s %q", s.Name, s.Type, v.Type(), clip(v.Text()))
	case !plainText(v.Text()):
		return wrong("%s holds bytes that are not text", s.Name)
	case s.MaxLen > 0 && utf8.RuneCountInString(v.Text()) > s.MaxLen:
		return wrong("%s takes %d characters, not %d", s.Name, s.MaxLen, utf8.RuneCountInString(v.Text()))
	case strings.ContainsAny(v.Text(), s.Bars):
		return wrong("%s cannot have any of %s in it", s.Name, s.Bars)
	case s.Type == helpdesk.Choice && !offers(s, v.Text()):
		return wrong("%s does not offer %q; add the option (desksync target prepare) or correct the rule", s.Name, clip(v.Text()))
	}
	return nil
}

func offers(s helpdesk.Spec, value string) bool {
	return slices.ContainsFunc(s.Choices, func(o helpdesk.Option) bool { return o.Value == value })
}

func plainText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

func wrong(format string, args ...any) error {
	return fault.New("zendesk.apply", fault.Invalid, fmt.Errorf(format, args...))
}

func unsupported(format string, args ...any) error {
	return fault.New("zendesk.apply", fault.Unsupported, fmt.Errorf(format, args...))
}

func notFound(text string) error {
	return fault.New("zendesk.apply", fault.NotFound, errors.New(text))
}

func raced(format string, args ...any) error {
	return fault.New("zendesk.apply", fault.Raced, fmt.Errorf(format, args...))
}

func unsafe(format string, args ...any) error {
	return fault.New("zendesk.apply", fault.Unsafe, fmt.Errorf(format, args...))
}
