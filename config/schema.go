package config

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schema []byte

// Schema returns the JSON schema of the configuration file, for editors and for
// `desksync schema`.
func Schema() []byte { return slices.Clone(schema) }
