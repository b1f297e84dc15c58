package salesforce

import (
	"net/http"
	"strings"

	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// sobjects serves the objects and their records.
func (s *Server) sobjects(q *request) reply {
	parts := q.rest[1:]
	if len(parts) == 0 {
		if bad := q.allow(http.MethodGet, http.MethodHead); bad != nil {
			return *bad
		}
		return s.describeGlobal(q)
	}
	o, ok := s.world.Object(parts[0])
	if !ok {
		return notFound()
	}
	switch {
	case len(parts) == 1:
		return s.objectRoot(q, o)
	case len(parts) == 2 && parts[1] == "describe":
		if bad := q.allow(http.MethodGet, http.MethodHead); bad != nil {
			return *bad
		}
		return jsonReply(http.StatusOK, s.describe(q, o))
	case len(parts) == 2 && (parts[1] == "updated" || parts[1] == "deleted"):
		return s.replicate(q, o, parts[1])
	case len(parts) == 2:
		return s.row(q, o, parts[1])
	case len(parts) == 3:
		return s.externalRow(q, o, parts[1], parts[2])
	}
	return notFound()
}

func (s *Server) describeGlobal(q *request) reply {
	var list []map[string]any
	for _, o := range s.world.Objects() {
		list = append(list, s.summary(q, o))
	}
	return jsonReply(http.StatusOK, map[string]any{"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": list})
}

// summary is what describe says of an object without its fields.
func (s *Server) summary(q *request, o *org.Object) map[string]any {
	path := q.base() + "/sobjects/" + o.Name
	return map[string]any{
		"name": o.Name, "label": o.Label, "labelPlural": o.Plural, "keyPrefix": o.Prefix, "custom": org.Custom(o.Name),
		"queryable": true, "retrieveable": true, "searchable": !o.Fixed, "replicateable": !o.Fixed, "createable": !o.Fixed, "updateable": !o.Fixed,
		"deletable": !o.Fixed && o.Name != "User", "undeletable": !o.Fixed && !o.NoBin && o.Name != "User", "mergeable": o.Merges,
		"layoutable": !o.Fixed, "triggerable": !o.Fixed, "activateable": false, "customSetting": false, "deprecatedAndHidden": false, "feedEnabled": false,
		"urls": map[string]string{"sobject": path, "describe": path + "/describe", "rowTemplate": path + "/{ID}"},
	}
}

func (s *Server) describe(q *request, o *org.Object) map[string]any {
	out := s.summary(q, o)
	fields := []map[string]any{}
	for _, f := range s.world.Fields(o) {
		fields = append(fields, describeField(f))
	}
	children := []map[string]any{}
	for _, c := range s.world.Children(o) {
		children = append(children, map[string]any{"childSObject": c.Object, "field": c.Field, "relationshipName": c.Name, "cascadeDelete": c.Object != o.Name, "deprecatedAndHidden": false, "restrictedDelete": false})
	}
	out["fields"], out["childRelationships"], out["recordTypeInfos"] = fields, children, s.recordTypes(q, o)
	return out
}

func describeField(f *org.Field) map[string]any {
	formula, compound, relation := any(nil), any(nil), any(nil)
	if f.Formula != "" {
		formula = f.Formula
	}
	if f.Compound != "" {
		compound = f.Compound
	}
	refers := []string{}
	if f.RefersTo != "" {
		refers, relation = []string{f.RefersTo}, f.Relation
	}
	picks := []map[string]any{}
	for _, v := range f.Picks {
		picks = append(picks, map[string]any{"active": true, "defaultValue": false, "label": v, "validFor": nil, "value": v})
	}
	return map[string]any{
		"name": f.Name, "label": f.Label, "type": f.Type, "soapType": soapType(f), "length": f.Length, "byteLength": 3 * f.Length, "precision": f.Precision, "scale": f.Scale,
		"digits": digits(f), "nillable": !f.Required && f.Type != "boolean" && f.Type != "id", "calculated": f.Calculated(), "calculatedFormula": formula, "filterable": f.Filterable(),
		"sortable": f.Sortable(), "groupable": f.Sortable() && f.Type != "datetime", "custom": org.Custom(f.Name), "createable": f.Writable(), "updateable": f.Writable() && !f.Fixed,
		"referenceTo": refers, "relationshipName": relation, "compoundFieldName": compound, "picklistValues": picks, "externalId": f.External, "unique": f.External,
		"idLookup": f.External || f.Type == "id", "caseSensitive": f.Case, "restrictedPicklist": len(f.Picks) > 0 && org.Custom(f.Name), "defaultValue": f.Default,
		"defaultedOnCreate": f.Default != nil, "deprecatedAndHidden": false, "nameField": f.Name == "Name", "permissionable": !f.Required && !f.ReadOnly,
	}
}

func digits(f *org.Field) int {
	if f.Type == "int" {
		return f.Precision
	}
	return 0
}

func soapType(f *org.Field) string {
	switch f.Type {
	case "id", "reference":
		return "tns:ID"
	case "boolean", "int", "double", "date":
		return "xsd:" + f.Type
	case "currency", "percent":
		return "xsd:double"
	case "datetime":
		return "xsd:dateTime"
	case "address":
		return "urn:address"
	}
	return "xsd:string"
}

func (s *Server) recordTypes(q *request, o *org.Object) []map[string]any {
	info := func(name, developer, id string, master bool) map[string]any {
		return map[string]any{
			"active": true, "available": true, "defaultRecordTypeMapping": master, "developerName": developer, "master": master, "name": name, "recordTypeId": id,
			"urls": map[string]string{"layout": q.base() + "/sobjects/" + o.Name + "/describe/layouts/" + id},
		}
	}
	out := []map[string]any{}
	plan, err := s.world.Plan("SELECT Name, DeveloperName, Id FROM RecordType WHERE SobjectType = '"+o.Name+"'", false)
	if err != nil || strings.HasSuffix(o.Name, "__c") {
		return out
	}
	for _, n := range plan.Run() {
		v := plan.Values(n)
		name, _ := v[0].(string)
		developer, _ := v[1].(string)
		id, _ := v[2].(string)
		out = append(out, info(name, developer, id, false))
	}
	return append(out, info("Master", "Master", "012000000000000AAA", true))
}
