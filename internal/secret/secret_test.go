package secret_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/rs/zerolog"

	"github.com/desksync/desksync/internal/secret"
)

const words = "hush-hush"

// login stands for any configuration that holds a secret.
type login struct {
	User     string
	Password secret.Text
	hidden   secret.Text
}

func TestNothingShowsTheWords(t *testing.T) {
	t.Parallel()
	text := secret.New(words)
	l := login{User: "sync", Password: text, hidden: text}
	shown := map[string]func() (string, error){
		"json":         func() (string, error) { b, err := json.Marshal(l); return string(b), err },
		"json pointer": func() (string, error) { b, err := json.Marshal(&text); return string(b), err },
		"json key":     func() (string, error) { b, err := json.Marshal(map[secret.Text]int{text: 1}); return string(b), err },
		"xml":          func() (string, error) { b, err := xml.Marshal(l); return string(b), err },
		"yaml":         func() (string, error) { b, err := yaml.Marshal(l); return string(b), err },
		"slog": func() (string, error) {
			var b bytes.Buffer
			slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "login", l, "password", text)
			return b.String(), nil
		},
		"zerolog": func() (string, error) {
			var b bytes.Buffer
			log := zerolog.New(&b)
			log.Info().Interface("login", l).Any("password", text).Stringer("text", text).Send()
			return b.String(), nil
		},
		"error": func() (string, error) { return fmt.Errorf("login %v: %w", l, fmt.Errorf("%s", text)).Error(), nil },
	}
	for _, verb := range strings.Split("%v %+v %#v %s %q %x %X %d %t %p %T %10.3s %-20v", " ") {
		shown["text "+verb] = func() (string, error) { return fmt.Sprintf(verb, text), nil }
		shown["pointer "+verb] = func() (string, error) { return fmt.Sprintf(verb, &text), nil }
		shown["struct "+verb] = func() (string, error) { return fmt.Sprintf(verb, l), nil }
	}
	for name, show := range shown {
		got, err := show()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(strings.ToLower(got), "hush") || strings.Contains(strings.ToLower(got), fmt.Sprintf("%x", words)) {
			t.Errorf("%s shows the words: %s", name, got)
		}
	}
}

func TestTheMaskIsShown(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"%v", "%s", "%q", "%#v", "%x"} {
		if got := fmt.Sprintf(format, secret.New(words)); got != "***" {
			t.Errorf("Sprintf(%s) = %s, want ***", format, got)
		}
		if got := fmt.Sprintf(format, secret.Text{}); got != "" {
			t.Errorf("Sprintf(%s) of nothing = %s, want nothing", format, got)
		}
	}
	if b, err := json.Marshal(login{Password: secret.New(words)}); string(b) != `{"User":"","Password":"***"}` {
		t.Errorf("Marshal = %s, %v", b, err)
	}
}

func TestWordsComeBackOnDemand(t *testing.T) {
	t.Parallel()
	var l login
	if err := yaml.Unmarshal([]byte("password: "+words), &l); err != nil || l.Password.Reveal() != words {
		t.Errorf("Unmarshal: %q, %v, want %q", l.Password.Reveal(), err, words)
	}
	if l.hidden.Reveal() != "" || !l.hidden.Empty() || l.Password.Empty() {
		t.Error("the zero Text is not empty, or the other one is")
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		a, b secret.Text
		want bool
	}{
		"same words":      {secret.New("a"), secret.New("a"), true},
		"other words":     {secret.New("a"), secret.New("b"), false},
		"longer words":    {secret.New("a"), secret.New("aa"), false},
		"nothing, twice":  {secret.Text{}, secret.New(""), true},
		"nothing and one": {secret.Text{}, secret.New("a"), false},
	}
	for name, tt := range tests {
		if got := tt.a.Equal(tt.b); got != tt.want {
			t.Errorf("%s: Equal = %v, want %v", name, got, tt.want)
		}
	}
}
