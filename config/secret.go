package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Secret is a text that may hold ${VARIABLES}, or file:NAME for the content of a
// file. It is looked up when it is used and not before, and prints as ***.
type Secret struct{ text string }

// UnmarshalText keeps the text as it is written, and refuses half a variable.
func (s *Secret) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		return errors.New("is empty; give it a value, ${VARIABLE} or file:NAME")
	}
	if err := wellFormed(string(b)); err != nil {
		return err
	}
	s.text = string(b)
	return nil
}

// String never gives the text away.
func (s Secret) String() string {
	if s.text == "" {
		return ""
	}
	return "***"
}

// GoString never gives the text away.
func (s Secret) GoString() string { return s.String() }

// MarshalText never gives the text away.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// IsZero reports whether nothing was given.
func (s Secret) IsZero() bool { return s.text == "" }

// Path is a file or folder, relative to the configuration file; it may hold
// ${VARIABLES}.
type Path string

// UnmarshalText refuses half a variable.
func (p *Path) UnmarshalText(b []byte) error {
	if strings.TrimSpace(string(b)) == "" {
		return errors.New("is empty; give it the name of a file, or remove the line")
	}
	if err := wellFormed(string(b)); err != nil {
		return err
	}
	*p = Path(b)
	return nil
}

var variable = regexp.MustCompile(`\$\{([^}]*)\}?`)

var variableName = regexp.MustCompile(`^\$\{[A-Za-z_][A-Za-z0-9_]*\}$`)

func wellFormed(s string) error {
	for _, v := range variable.FindAllString(s, -1) {
		if !variableName.MatchString(v) {
			return fmt.Errorf("%s is not a variable; write ${NAME} with letters, digits and _", v)
		}
	}
	return nil
}

// expand puts in the variables, and names the first that is not set.
func expand(s string, env func(string) (string, bool)) (string, error) {
	var unset string
	out := variable.ReplaceAllStringFunc(s, func(v string) string {
		value, ok := env(strings.Trim(v, "${}"))
		if !ok && unset == "" {
			unset = strings.Trim(v, "${}")
		}
		return value
	})
	if unset != "" {
		return "", fmt.Errorf("the environment variable %s is not set; export %s=… before starting desksync", unset, unset)
	}
	return out, nil
}

// lookup gives the text of a secret; dir is where file: begins.
func (s Secret) lookup(dir string, env func(string) (string, bool)) (string, error) {
	text, err := expand(s.text, env)
	if err != nil {
		return "", err
	}
	name, ok := strings.CutPrefix(text, "file:")
	if !ok {
		return text, nil
	}
	b, err := os.ReadFile(beside(dir, name))
	if err != nil {
		return "", fmt.Errorf("%w; create the file, or correct the name behind file:", err)
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

func beside(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}
