package wire

import "fmt"

// Mistake is an error of the configuration: who wrote it can mend it, and nobody else.
type Mistake struct{ error }

// Unwrap is what is wrong.
func (m *Mistake) Unwrap() error { return m.error }

func mistaken(format string, args ...any) error { return &Mistake{fmt.Errorf(format, args...)} }
