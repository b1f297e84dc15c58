package helpdesk

// Family says which rule speaks for the fields behind a prefix, such as "tag:",
// whose names are data and not configuration.
type Family struct {
	Rule  *Rule    // origin and policies of every field of the family
	Owned []string // names without the prefix that are ours to judge even if never written
}

// Shape is what the rules of a pipeline name on one kind of object. A field that
// stands in neither map is not ours, or is no longer.
type Shape struct {
	Fields   map[string]*Rule  // by field name, such as "name" or "field:aar"
	Families map[string]Family // by prefix, such as "tag:"
}
