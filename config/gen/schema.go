package main

import (
	"encoding/json"
	"reflect"
	"slices"

	"github.com/invopop/jsonschema"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/config/casefile"
	"github.com/desksync/desksync/internal/day"
)

// module is where the comments of the types are looked up; the generator runs in
// the repository's root.
const module = "github.com/desksync/desksync"

// schemaID is the address under which editors know the schemas.
const schemaID = "https://raw.githubusercontent.com/desksync/desksync/main/"

func reflector() (*jsonschema.Reflector, error) {
	r := &jsonschema.Reflector{
		FieldNameTag: "yaml", RequiredFromJSONSchemaTags: true, ExpandedStruct: true, Anonymous: true, Mapper: scalar,
	}
	return r, r.AddGoComments(module, "config", jsonschema.WithFullComment())
}

// schemaOf renders the schema of a value's type.
func schemaOf(name, title string, v any) ([]byte, error) {
	r, err := reflector()
	if err != nil {
		return nil, err
	}
	s := r.Reflect(v)
	s.ID, s.Title = jsonschema.ID(schemaID+name), title
	for name, def := range s.Definitions {
		def.Description = "" // who uses it says what it is for
		s.Definitions[name] = united(name, def)
	}
	s.Description = ""
	if _, ok := v.(*config.File); ok {
		s.PatternProperties = map[string]*jsonschema.Schema{"^x-": {Description: "A place for YAML anchors; desksync does not read it."}}
	}
	b, err := json.MarshalIndent(s, "", "  ")
	return append(b, '\n'), err
}

var text = &jsonschema.Schema{Type: "string", MinLength: new(uint64(1))}

func pattern(p string) *jsonschema.Schema { return &jsonschema.Schema{Type: "string", Pattern: p} }

func anyOf(s ...*jsonschema.Schema) *jsonschema.Schema { return &jsonschema.Schema{AnyOf: s} }

func oneWordOf(words ...any) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Enum: words}
}

// object is a mapping of two keys, both of which it must have.
func object(key1 string, value1 *jsonschema.Schema, key2 string, value2 *jsonschema.Schema) *jsonschema.Schema {
	properties := jsonschema.NewProperties()
	properties.Set(key1, value1)
	properties.Set(key2, value2)
	return &jsonschema.Schema{Type: "object", Properties: properties, Required: []string{key1, key2}, AdditionalProperties: jsonschema.FalseSchema}
}

var (
	number     = &jsonschema.Schema{Type: "number"}
	boolean    = &jsonschema.Schema{Type: "boolean"}
	expression = anyOf(text, boolean, number)
	literal    = anyOf(&jsonschema.Schema{Type: "string"}, boolean, number)
	share      = pattern(`^[0-9.]+ *%$`)
	calendar   = pattern(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	rate       = &jsonschema.Schema{Type: "number", ExclusiveMinimum: "0"}
	datedRate  = object("from", calendar, "rate", rate)
	span       = pattern(`^([0-9]+y([0-9]+w)?([0-9]+d)?|[0-9]+w([0-9]+d)?|[0-9]+d)$`)
)

// scalars are the types with a form of their own.
var scalars = map[reflect.Type]*jsonschema.Schema{
	reflect.TypeFor[config.Expr]():       expression,
	reflect.TypeFor[config.Literal]():    literal,
	reflect.TypeFor[config.Secret]():     text,
	reflect.TypeFor[config.Path]():       text,
	reflect.TypeFor[config.Span]():       span,
	reflect.TypeFor[config.Wait]():       pattern(`^(never|[0-9]+w([0-9]+d)?|[0-9]+d)$`),
	reflect.TypeFor[config.Minutes]():    pattern(`^[0-9]+[mh]$`),
	reflect.TypeFor[config.Clock]():      pattern(`^([01][0-9]|2[0-3]):[0-5][0-9]$`),
	reflect.TypeFor[config.Share]():      share,
	reflect.TypeFor[config.Amount]():     anyOf(&jsonschema.Schema{Type: "number", Minimum: "0"}, pattern(`^[0-9._]+[kM]?$`)),
	reflect.TypeFor[config.Rate]():       rate,
	reflect.TypeFor[config.Rates]():      anyOf(rate, &jsonschema.Schema{Type: "array", MinItems: new(uint64(1)), Items: datedRate}),
	reflect.TypeFor[config.Currency]():   pattern(`^[A-Z]{3}$`),
	reflect.TypeFor[config.ColumnType](): oneWordOf("text", "number", "currency", "checkbox", "date", "multi"),
	reflect.TypeFor[config.IDList]():     anyOf(&jsonschema.Schema{Type: "array", Items: text}, pattern(`^file:.+$`)),
	reflect.TypeFor[day.Day]():           calendar,
	reflect.TypeFor[casefile.Says]():     anyOf(text, &jsonschema.Schema{Type: "array", Items: text}),
	reflect.TypeFor[casefile.Cause]():    oneWordOf("new", "found", "moved", "drifted", "clashed", "withdrawn", "let go", "undone", "gone", "linked"),
	reflect.TypeFor[casefile.Fact](): {
		Description: "Any single value, or a list of them.",
		AnyOf:       []*jsonschema.Schema{literal, {Type: "null"}, {Type: "array", Items: literal}},
	},
	reflect.TypeFor[casefile.Written](): anyOf(&jsonschema.Schema{Const: "all"}, &jsonschema.Schema{Type: "object"}),
}

// scalar returns a fresh copy: the reflector writes descriptions into it.
func scalar(t reflect.Type) *jsonschema.Schema {
	s, ok := scalars[t]
	if !ok {
		return nil
	}
	c := *s
	return &c
}

// short are the forms that a definition may also be written in.
var short = map[string][]*jsonschema.Schema{
	"FieldRule": {expression},
	"Groups":    {expression},
	"Journal":   {text},
	"Limit":     {oneWordOf("off"), {Type: "integer", Minimum: "0"}, share},
	"SLAPolicy": {text},
	"Option":    {text},
	"Item":      {text},
}

// needs are the keys that only one type of a definition requires.
var needs = map[string][]struct{ typ, key string }{"Source": {{"csv", "dir"}, {"salesforce", "auth"}}}

// typed is a mapping whose type is this one.
func typed(name string) *jsonschema.Schema {
	properties := jsonschema.NewProperties()
	properties.Set("type", &jsonschema.Schema{Const: name})
	return &jsonschema.Schema{Properties: properties}
}

// united adds the short forms to a definition, and what its types require.
func united(name string, def *jsonschema.Schema) *jsonschema.Schema {
	forms, ok := short[name]
	for _, n := range needs[name] {
		def.AllOf = append(def.AllOf, &jsonschema.Schema{If: typed(n.typ), Then: &jsonschema.Schema{Required: []string{n.key}}})
	}
	if !ok {
		return def
	}
	return &jsonschema.Schema{AnyOf: append(slices.Clone(forms), def)}
}
