package org

import "strings"

// Object is a kind of record, as describe shows it.
type Object struct {
	Name, Label, Plural, Prefix string
	Feature                     Feature // without which it does not exist
	Fields                      []*Field
	Fixed                       bool // no record is made or deleted through the API
	Merges                      bool
	NoBin                       bool // deleted records leave at once
	Team                        bool // child rows that a merge or a delete takes along

	count  func(s *seeder) int
	exists func(s *seeder, n int) bool // nil: all seeded records do
	byName map[string]*Field
}

// Field is one field of an object. What describe says beyond this follows from it.
type Field struct {
	Name, Label, Type        string
	Length, Precision, Scale int
	Required                 bool // on create
	ReadOnly                 bool
	Fixed                    bool // can be set on create only
	Formula                  string
	RefersTo, Relation       string // object, and the name of the way there
	Children                 string // the way back: the name of the child relationship
	Picks                    []string
	Loose                    bool // a picklist that takes other values as well
	External                 bool
	Case                     bool // letter case counts
	Default                  any  // of a record that was created without it
	Compound                 string
	Feature                  Feature

	salt    uint64
	seed    func(s *seeder, n int, h uint64) any
	compute func(v view, r rec) any // formulas and compound fields
	back    func(s *seeder, parent int) []int
}

// Custom says whether people of the organization added the field or object; __pc is a
// custom field of contacts as person accounts show it.
func Custom(name string) bool {
	return strings.HasSuffix(name, "__c") || strings.HasSuffix(name, "__pc")
}

// Filterable says whether the field may stand in WHERE: long text and addresses may not.
func (f *Field) Filterable() bool {
	return f.Type != "address" && (f.Type != "textarea" || f.Length <= 255)
}

// Sortable says whether the field may stand in ORDER BY.
func (f *Field) Sortable() bool { return f.Filterable() && f.Type != "multipicklist" }

// LongText says whether pages of it are small (REST guide, Query Options Header).
func (f *Field) LongText() bool { return f.Type == "textarea" && f.Length > 255 }

// Writable says whether a client may set it.
func (f *Field) Writable() bool { return !f.ReadOnly && f.compute == nil && f.Type != "id" }

// Calculated says whether it is a formula.
func (f *Field) Calculated() bool { return f.Formula != "" }

func (f *Field) text() bool {
	switch f.Type {
	case "string", "textarea", "email", "phone", "url", "picklist", "multipicklist", "combobox":
		return true
	}
	return false
}

func (o *Object) index() {
	o.byName = map[string]*Field{}
	for _, f := range o.Fields {
		f.salt = salt(o.Name + "." + f.Name)
		o.byName[strings.ToLower(f.Name)] = f
	}
}

// field finds one by name, whatever its letter case; nil where there is none.
func (o *Object) field(name string) *Field { return o.byName[strings.ToLower(name)] }

// Object finds an object that this organization has and the login may see.
func (w *World) Object(name string) (*Object, bool) {
	t := w.tables[strings.ToLower(name)]
	if t == nil || w.Settings.Off[t.obj.Feature] || w.Settings.Hidden[strings.ToLower(name)] {
		return nil, false
	}
	return t.obj, true
}

// Knows says whether there is such an object, or a field such as Account.Industry, be it
// hidden or of a feature that is off.
func (w *World) Knows(name string) bool {
	object, field, ofField := strings.Cut(name, ".")
	t := w.table(object)
	return t != nil && (!ofField || t.obj.field(field) != nil)
}

// Objects lists those objects.
func (w *World) Objects() []*Object {
	var out []*Object
	for _, t := range w.order {
		if o, ok := w.Object(t.obj.Name); ok {
			out = append(out, o)
		}
	}
	return out
}

// Field finds a field that this organization has and the login may see.
func (w *World) Field(o *Object, name string) (*Field, bool) {
	f := o.field(name)
	if f == nil || w.Settings.Off[f.Feature] || w.Settings.Hidden[strings.ToLower(o.Name+"."+f.Name)] {
		return nil, false
	}
	if _, ok := w.Object(f.RefersTo); f.RefersTo != "" && !ok {
		return nil, false
	}
	return f, true
}

// Fields lists those fields of an object.
func (w *World) Fields(o *Object) []*Field {
	var out []*Field
	for _, f := range o.Fields {
		if _, ok := w.Field(o, f.Name); ok {
			out = append(out, f)
		}
	}
	return out
}

// Child is a way from an object to its children.
type Child struct{ Object, Field, Name string }

// Children lists the ways that can be seen.
func (w *World) Children(o *Object) []Child {
	var out []Child
	for _, l := range w.table(o.Name).links {
		if _, ok := w.Object(l.from.obj.Name); ok {
			out = append(out, Child{l.from.obj.Name, l.field.Name, l.field.Children})
		}
	}
	return out
}
