package journal

import "github.com/desksync/desksync/internal/day"

// Pipeline is one source into one target under one mapping.
type Pipeline struct {
	ID     int64
	Name   string
	Source string  // name of the source in the configuration
	Target string  // name of the target in the configuration
	Digest string  // mapping digest of the last sealed run; empty before the first
	Day    day.Day // day of the last sealed run
}

// What a binding is about.
const (
	SourceSide = "source"
	TargetSide = "target"
)
