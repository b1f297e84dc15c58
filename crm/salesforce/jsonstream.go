package salesforce

import (
	"errors"
	"fmt"
	"io"
)

const (
	streamBuffer = 64 << 10
	maxValue     = 32 << 20 // one record; Salesforce's largest, of long text areas, have some MiB
)

// jsonStream reads JSON value by value from a reader, holding one value at a time.
type jsonStream struct {
	src io.Reader
	buf []byte
	pos int
	eof bool
}

func newStream(src io.Reader) *jsonStream {
	return &jsonStream{src: src, buf: make([]byte, 0, streamBuffer)}
}

// fill reads on behind the unread rest. At the end of the input it is an error: every
// caller wants more.
func (in *jsonStream) fill() error {
	if in.eof {
		return fmt.Errorf("%w: it ends before its end", errShape)
	}
	if in.pos > 0 {
		in.buf = in.buf[:copy(in.buf, in.buf[in.pos:])]
		in.pos = 0
	}
	if len(in.buf) == cap(in.buf) {
		if len(in.buf) >= maxValue {
			return fmt.Errorf("%w: a record has more than %d MiB", errShape, maxValue>>20)
		}
		in.buf = append(make([]byte, 0, 2*cap(in.buf)), in.buf...)
	}
	for range 100 {
		n, err := in.src.Read(in.buf[len(in.buf):cap(in.buf)])
		in.buf = in.buf[:len(in.buf)+n]
		if errors.Is(err, io.EOF) {
			in.eof = true
			if n == 0 {
				return fmt.Errorf("%w: it ends before its end", errShape)
			}
			return nil
		}
		if err != nil || n > 0 {
			return err
		}
	}
	return io.ErrNoProgress
}

// peek returns the next byte that is no space.
func (in *jsonStream) peek() (byte, error) {
	for {
		for in.pos < len(in.buf) {
			if c := in.buf[in.pos]; c != ' ' && c != '\n' && c != '\r' && c != '\t' {
				return c, nil
			}
			in.pos++
		}
		if err := in.fill(); err != nil {
			return 0, err
		}
	}
}

func (in *jsonStream) want(c byte) error {
	got, err := in.peek()
	if err != nil {
		return err
	}
	if got != c {
		return fmt.Errorf("%w: %q stands where %q is due", errShape, got, c)
	}
	in.pos++
	return nil
}

// separator passes the comma before an element, or the sign that ends them.
func (in *jsonStream) separator(closing byte, first bool) (end bool, err error) {
	c, err := in.peek()
	if err != nil {
		return false, err
	}
	switch {
	case c == closing:
		in.pos++
		return true, nil
	case first:
		return false, nil
	}
	return false, in.want(',')
}

// list passes a list; element reads each of its elements.
func (in *jsonStream) list(element func() error) error {
	return in.elements('[', ']', element)
}

// object passes an object; field reads the value of each of its keys.
func (in *jsonStream) object(field func(key string) error) error {
	return in.elements('{', '}', func() error {
		key, err := in.key()
		if err != nil {
			return err
		}
		return field(key)
	})
}

func (in *jsonStream) elements(opening, closing byte, element func() error) error {
	if err := in.want(opening); err != nil {
		return err
	}
	for first := true; ; first = false {
		end, err := in.separator(closing, first)
		if err != nil || end {
			return err
		}
		if err := element(); err != nil {
			return err
		}
	}
}

// value returns the next value as it is written.
func (in *jsonStream) value() (string, error) {
	if _, err := in.peek(); err != nil {
		return "", err
	}
	for {
		n, err := extent(in.buf[in.pos:])
		if err != nil {
			return "", err
		}
		if n > 0 {
			text := string(in.buf[in.pos : in.pos+n])
			in.pos += n
			return text, nil
		}
		if err := in.fill(); err != nil {
			return "", err
		}
	}
}

// end makes sure that nothing follows, and that the body ended as it should.
func (in *jsonStream) end() error {
	for {
		for _, c := range in.buf[in.pos:] {
			if c != ' ' && c != '\n' && c != '\r' && c != '\t' {
				return fmt.Errorf("%w: something follows it", errShape)
			}
		}
		in.pos = len(in.buf)
		if in.eof {
			return nil
		}
		if err := in.fill(); err != nil && !in.eof {
			return err
		}
	}
}

// extent returns how many bytes the value at the beginning of b takes; 0 if b ends
// before it does. It looks at quotes and brackets only: who takes the value apart
// checks the rest.
func extent[T string | []byte](b T) (int, error) {
	switch b[0] {
	case '"':
		return quoted(b, 0), nil
	case '{', '[':
		return bracketed(b), nil
	case ',', ':', '}', ']':
		return 0, fmt.Errorf("%w: %q stands where a value is due", errShape, b[0])
	}
	for i := range len(b) {
		switch b[i] {
		case ',', '}', ']', ' ', '\n', '\r', '\t':
			return i, nil
		}
	}
	return 0, nil
}

// quoted returns the position behind the string that begins at from, or 0.
func quoted[T string | []byte](b T, from int) int {
	for i := from + 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

func bracketed[T string | []byte](b T) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			n := quoted(b, i)
			if n == 0 {
				return 0
			}
			i = n - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}
