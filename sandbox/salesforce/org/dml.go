package org

import (
	"maps"
	"slices"
	"strings"
)

// Create adds a record and says its id. Values are JSON, decoded with UseNumber.
func (tx *Tx) Create(object string, values map[string]any) (string, error) {
	o, ok := tx.w.Object(object)
	if !ok || o.Fixed {
		return "", NotSupported(object)
	}
	clean, err := tx.clean(o, values, true)
	if err != nil {
		return "", err
	}
	if err := missing(o, clean); err != nil {
		return "", err
	}
	if err := tx.unique(o, clean, ""); err != nil {
		return "", err
	}
	r := tx.insert(tx.w.table(o.Name), clean)
	tx.moved(r, nil)
	return r.id(), nil
}

// missing names the required fields that have no value.
func missing(o *Object, clean map[string]any) error {
	var names []string
	for _, f := range o.Fields {
		if f.Required && clean[f.Name] == nil {
			names = append(names, f.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	e := refuse("REQUIRED_FIELD_MISSING", "Required fields are missing: [%s]", strings.Join(names, ", "))
	e.Fields = names
	return e
}

// clean checks what a client wants to write.
func (tx *Tx) clean(o *Object, values map[string]any, creating bool) (map[string]any, error) {
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		f, ok := tx.w.Field(o, name)
		switch {
		case name == "attributes":
			continue
		case !ok:
			return nil, refuse("INVALID_FIELD", "No such column '%s' on sobject of type %s", name, o.Name)
		case !f.Writable() || f.Fixed && !creating:
			return nil, f.blame(refuse("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: %s. Please check the security settings of this field and verify that it is read/write for your profile or permission set.", f.Name))
		}
		v, err := tx.convert(f, values[name])
		if err != nil {
			return nil, err
		}
		if v == nil && f.Required {
			return nil, f.blame(refuse("REQUIRED_FIELD_MISSING", "Required fields are missing: [%s]", f.Name))
		}
		out[f.Name] = v
	}
	return out, nil
}

// unique refuses an external id that another record has.
func (tx *Tx) unique(o *Object, clean map[string]any, self string) error {
	for name, v := range clean {
		if f := o.field(name); f.External && v != nil {
			for _, r := range tx.holding(o, f, v) {
				if r.id() != self {
					return f.blame(refuse("DUPLICATE_VALUE", "duplicate value found: %s duplicates value on record with id: %s", name, r.id()[:15]))
				}
			}
		}
	}
	return nil
}

// holding finds the live records with a value in a field; letter case does not count.
func (tx *Tx) holding(o *Object, f *Field, value any) []rec {
	v, t := tx.newest(), tx.w.table(o.Name)
	want, _ := value.(string)
	var out []rec
	for n := range t.count {
		r := rec{t, n}
		if have, ok := v.get(r, f).(string); ok && strings.EqualFold(have, want) && v.state(r) == live {
			out = append(out, r)
		}
	}
	return out
}

// Update changes fields of a record.
func (tx *Tx) Update(object, id string, values map[string]any) error {
	r, err := tx.live(object, id)
	if err != nil {
		return err
	}
	clean, err := tx.clean(r.t.obj, values, false)
	if err != nil {
		return err
	}
	if err := tx.unique(r.t.obj, clean, r.id()); err != nil {
		return err
	}
	before := tx.newest().path(r, "Id")
	if r.t.obj.Name == "Contact" {
		before = tx.newest().path(r, "AccountId")
	}
	tx.set(r, clean)
	tx.moved(r, before)
	return nil
}

// live finds a record that can be changed.
func (tx *Tx) live(object, id string) (rec, error) {
	o, ok := tx.w.Object(object)
	if !ok {
		return rec{}, NotSupported(object)
	}
	full, ok := fullID(id)
	if !ok {
		return rec{}, &Error{Code: "MALFORMED_ID", Message: o.Name + " ID: id value of incorrect type: " + id, Fields: []string{"Id"}}
	}
	r, ok := tx.w.table(o.Name).find(full)
	if !ok {
		return r, NotFound()
	}
	switch tx.newest().state(r) {
	case live:
		return r, nil
	case binned:
		return r, refuse("ENTITY_IS_DELETED", "entity is deleted")
	}
	return r, NotFound()
}

// Upsert updates the record with this external id, or creates it. created says which.
func (tx *Tx) Upsert(object, field, value string, values map[string]any) (id string, created bool, err error) {
	r, err := tx.external(object, field, value)
	if e, ok := err.(*Error); ok && e.Code == "NOT_FOUND" && e.Message != NotFound().Message { //nolint:errorlint // made one line above
		all := maps.Clone(values)
		if all == nil {
			all = map[string]any{}
		}
		all[field] = value
		id, err := tx.Create(object, all)
		return id, true, err
	}
	if err != nil {
		return "", false, err
	}
	return r.id(), false, tx.Update(object, r.id(), values)
}

// external finds a record by external id; the error of one that nobody has is
// NOT_FOUND with a text of its own.
func (tx *Tx) external(object, field, value string) (rec, error) {
	o, ok := tx.w.Object(object)
	if !ok {
		return rec{}, NotSupported(object)
	}
	f, ok := tx.w.Field(o, field)
	if !ok || !f.External {
		return rec{}, NotFound()
	}
	found := tx.holding(o, f, value)
	switch len(found) {
	case 0:
		return rec{}, refuse("NOT_FOUND", "Provided external ID field does not exist or is not accessible: %s", field)
	case 1:
		return found[0], nil
	}
	return rec{}, refuse("DUPLICATE_EXTERNAL_ID", "%s: more than one record found for external id field", field)
}

// ByExternal finds the id of the record that has a value in an external id field.
func (w *World) ByExternal(object, field, value string) (string, error) {
	r, err := (&Tx{w: w}).external(object, field, value)
	if err != nil {
		return "", err
	}
	return r.id(), nil
}
