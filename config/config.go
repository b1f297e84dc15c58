// Package config is the configuration file: its shape, what is wrong with it and
// where. Every fault is reported at once, each with file, line, column and remedy.
// It opens no database, reads no CRM and compiles no expression: who does finds
// the place of every value here and reports in the same form.
package config

import (
	"iter"

	"github.com/desksync/desksync/config/strict"
)

// Version is the version of the file format that this program reads.
const Version = 1

// File is one configuration file.
type File struct {
	// Version of this file's format. A file from a newer desksync is refused.
	Version int `yaml:"version" jsonschema:"required,enum=1"`
	// Where desksync keeps what it read, wrote and was told: its own database, apart from the helpdesk store.
	Journal Journal `yaml:"journal" jsonschema:"required"`
	// Where accounts, contacts and subscriptions come from, by a name of your own.
	Sources Map[Source] `yaml:"sources" jsonschema:"required"`
	// The helpdesks that are kept true, by a name of your own.
	Targets Map[Target] `yaml:"targets" jsonschema:"required"`
	// The plan catalogue, best plan first: this order is the ranking.
	Plans []Plan `yaml:"plans"`
	// How long a charge still counts after its last day, such as 15d; that day included.
	Grace Span `yaml:"grace" jsonschema:"default=0d"`
	// The SLA policies in order; the first whose filter matches wins.
	SLAPolicies []SLAPolicy `yaml:"sla_policies"`
	// Which columns of a subscription row say what, for every pipeline that does not say so itself.
	Subscriptions *Subscriptions `yaml:"subscriptions"`
	// In which currency sums are made, and at which rates.
	Money *Money `yaml:"money"`
	// What is added to, and excepted from, the built-in lists of e-mail domains that nobody may claim.
	Domains DomainLists `yaml:"domains"`
	// File of reviewed, dated exceptions for single accounts.
	Overrides Path `yaml:"overrides"`
	// What the daemon `desksync serve` does beside its schedules.
	Serve Serve `yaml:"serve"`
	// Who is told what, and when not; nobody is told anything if left out.
	Alerts *Alerts `yaml:"alerts"`
	// The pipelines, each from one source to one target, by a name of your own.
	Pipelines Map[Pipeline] `yaml:"pipelines" jsonschema:"required"`

	doc *strict.Document
}

// Journal says where desksync keeps its own records, written as the database's
// name or in full.
type Journal struct {
	// sqlite:FILE, or postgres://… with sslmode stated.
	DSN Secret `yaml:"dsn" jsonschema:"required"`
	// How long finished runs with their changes, closed items and ended decisions are kept, such as 3y; 0d keeps them for ever. The audit is always kept.
	Keep Span `yaml:"keep" jsonschema:"default=400d"`
}

// Serve is the daemon.
type Serve struct {
	// Address of its pages for health checks. They need no login: leave it on this machine, or where only your own machines reach it.
	Listen string `yaml:"listen" jsonschema:"default=127.0.0.1:8460"`
	// How many passes it makes at once, of different pipelines.
	Passes int `yaml:"passes" jsonschema:"minimum=1,default=4"`
	// Collector of OpenTelemetry that is sent a trace of each pass, such as http://127.0.0.1:4318. Left out, OTEL_EXPORTER_OTLP_ENDPOINT names it; without both nothing is traced. A change takes a new start.
	Traces string `yaml:"traces"`
}

// DomainLists change which e-mail domains an organization may claim. A name stands
// for itself and all below it.
type DomainLists struct {
	// Further free-mail providers, whose domains nobody may claim.
	FreeMail []string `yaml:"free_mail"`
	// Free-mail providers and private suffixes that a customer really owns.
	Allowed []string `yaml:"allowed"`
}

// Map is a YAML mapping whose keys are names of the user's own, in file order.
type Map[T any] []Item[T]

// Item is one entry of a Map.
type Item[T any] struct {
	Name  string
	Value T
}

// JSONSchemaAlias is what the map looks like in the file.
func (Map[T]) JSONSchemaAlias() any { return map[string]T{} }

// Get returns the entry of a name, or nil.
func (m Map[T]) Get(name string) *T {
	for i := range m {
		if m[i].Name == name {
			return &m[i].Value
		}
	}
	return nil
}

// Names lists the names in file order.
func (m Map[T]) Names() []string {
	out := make([]string, len(m))
	for i := range m {
		out[i] = m[i].Name
	}
	return out
}

// All yields names and entries in file order.
func (m Map[T]) All() iter.Seq2[string, *T] {
	return func(yield func(string, *T) bool) {
		for i := range m {
			if !yield(m[i].Name, &m[i].Value) {
				return
			}
		}
	}
}

// Expr is an expression and where it stands; the zero Expr is none. Its fields
// are those of mapping.Expr, so that one converts to the other.
type Expr struct {
	Text, Path   string
	Line, Column int
}

// IsZero reports whether no expression was given.
func (e Expr) IsZero() bool { return e.Text == "" }
