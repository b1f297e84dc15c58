package org

import "strings"

// What follows makes fields of a kind; chained methods say what is special.

func newField(kind, name string) *Field {
	return &Field{Name: name, Type: kind, Label: label(name)}
}

// label reads a name aloud: Account_Risk_Level__c is Account Risk Level.
func label(name string) string {
	name = strings.TrimSuffix(strings.TrimPrefix(name, "Zuora__"), "__c")
	var b strings.Builder
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' && name[i-1] >= 'a' && name[i-1] <= 'z' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return strings.ReplaceAll(b.String(), "_", " ")
}

func text(name string, length int) *Field {
	f := newField("string", name)
	f.Length = length
	return f
}

func long(name string, length int) *Field {
	f := text(name, length)
	f.Type = "textarea"
	return f
}

func typed(kind, name string, length int) *Field {
	f := text(name, length)
	f.Type = kind
	return f
}

func number(kind, name string, precision, scale int) *Field {
	f := newField(kind, name)
	f.Precision, f.Scale = precision, scale
	return f
}

func checkbox(name string) *Field {
	f := newField("boolean", name)
	f.Default = false
	return f
}

func pick(name string, values ...string) *Field {
	f := newField("picklist", name)
	f.Length, f.Picks = 255, values
	return f
}

func multipick(name string, values ...string) *Field {
	f := pick(name, values...)
	f.Type, f.Length = "multipicklist", 4099
	return f
}

func lookup(name, to, relation string) *Field {
	f := newField("reference", name)
	f.Length, f.RefersTo, f.Relation = 18, to, relation
	return f
}

func (f *Field) required() *Field { f.Required = true; return f }

func (f *Field) readonly() *Field { f.ReadOnly = true; return f }

func (f *Field) fixed() *Field { f.Fixed = true; return f }

func (f *Field) external() *Field { f.External = true; return f }

func (f *Field) in(feature Feature) *Field { f.Feature = feature; return f }

func (f *Field) part(of string) *Field { f.Compound = of; return f }

func (f *Field) standard(v any) *Field { f.Default = v; return f }

// from says what seeded records hold.
func (f *Field) from(seed func(s *seeder, n int, h uint64) any) *Field { f.seed = seed; return f }

// formula says what the field computes whenever it is read.
func (f *Field) formula(text string, compute func(v view, r rec) any) *Field {
	f.Formula, f.compute, f.ReadOnly = text, compute, true
	return f
}

// compound says from what the field is put together; to describe that is no formula.
func (f *Field) compound(compute func(v view, r rec) any) *Field {
	f.compute, f.ReadOnly = compute, true
	return f
}

// child names the way back from the parent, and how the seeded children are found.
func (f *Field) child(relation string, back func(s *seeder, parent int) []int) *Field {
	f.Children, f.back = relation, back
	return f
}
