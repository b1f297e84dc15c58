package secret

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/desksync/desksync/internal/fault"
)

// maxFile is the most bytes a secret file may have; a private key needs four thousand.
const maxFile = 64 << 10

// Source is where secrets come from; the zero Source is this process.
type Source struct {
	Dir    string                      // relative file: paths start here
	Lookup func(string) (string, bool) // nil: os.LookupEnv
}

// variable is ${NAME}; $${ stands for ${ itself.
var variable = regexp.MustCompile(`\$?\$\{[^}]*\}?`)

var name = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Resolve returns what value stands for: each ${NAME} is replaced by that
// environment variable ($${ stands for ${ itself), and file:PATH by the file's
// content without its last line end and the mark of UTF-8 that some editors put before
// it. Anything else is the secret itself. Errors name variables and paths, never words.
func (s Source) Resolve(value string) (Text, error) {
	words, err := s.Expand(value)
	if err != nil {
		return Text{}, err
	}
	path, ok := strings.CutPrefix(words, "file:")
	if !ok {
		return New(words), nil
	}
	return s.read(path)
}

// Expand replaces the ${NAME} of a value that is not secret, such as an address.
func (s Source) Expand(value string) (string, error) {
	var errs []error
	out := variable.ReplaceAllStringFunc(value, func(m string) string {
		words, err := s.variable(m)
		if err != nil {
			errs = append(errs, err)
		}
		return words
	})
	if len(errs) > 0 {
		return "", fault.New("secret.resolve", fault.Invalid, errors.Join(errs...))
	}
	return out, nil
}

func (s Source) variable(m string) (string, error) {
	if escaped, ok := strings.CutPrefix(m, "$$"); ok {
		return "$" + escaped, nil
	}
	key, closed := strings.CutSuffix(m[2:], "}")
	if !closed || !name.MatchString(key) {
		return "", errors.New("a variable is written ${NAME}, with letters, digits and _; write $${ for the two characters themselves")
	}
	look := s.Lookup
	if look == nil {
		look = os.LookupEnv
	}
	switch words, ok := look(key); {
	case !ok:
		return "", fmt.Errorf("the environment variable %s is not set; set it, or name a file with file:PATH", key)
	case words == "":
		return "", fmt.Errorf("the environment variable %s is empty", key)
	default:
		return words, nil
	}
}

// read returns a file's words. Everyone may read it, as in most containers; a file
// that everyone may write is refused.
func (s Source) read(path string) (Text, error) {
	if path == "" {
		return Text{}, refused("file: names no file; write file:PATH")
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.Dir, path)
	}
	body, err := contents(path)
	if err != nil {
		return Text{}, err
	}
	body = bytes.TrimPrefix(body, []byte("\uFEFF"))
	words := bytes.TrimSuffix(bytes.TrimSuffix(body, []byte("\n")), []byte("\r"))
	if len(words) == 0 {
		return Text{}, refused("the secret file %s is empty", path)
	}
	return New(string(words)), nil
}

func contents(path string) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, refused("the secret file %s does not exist", path)
	}
	if err != nil {
		return nil, refused("this user may not read the secret file %s: %w", path, errors.Unwrap(err))
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, refused("the secret file %s cannot be looked at: %w", path, errors.Unwrap(err))
	}
	if err := usable(path, info.Mode()); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, refused("the secret file %s cannot be read: %w", path, errors.Unwrap(err))
	}
	if len(body) > maxFile {
		return nil, refused("the secret file %s has more than %d bytes; is it the right one?", path, maxFile)
	}
	return body, nil
}

func usable(path string, mode fs.FileMode) error {
	if mode.IsDir() {
		return refused("the secret file %s is a folder", path)
	}
	if mode.IsRegular() && mode.Perm()&0o002 != 0 {
		return refused("every user of this machine may change the secret file %s; close it with: chmod o-w %s", path, path)
	}
	return nil
}

func refused(format string, args ...any) error {
	return fault.New("secret.resolve", fault.Invalid, fmt.Errorf(format, args...))
}
