package main

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
)

// journalName names the database of the journal among those of a configuration.
const journalName = "journal"

// storeName stands before the name of a target whose database is meant.
const storeName = "store-"

// rewrite points a configuration at an export and at new databases, and leaves all
// rules as they are. dsn is asked for the journal and once for every sqldesk target.
func rewrite(text []byte, data string, dsn func(name string) (string, error)) ([]byte, error) {
	var file yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(text, &file, yaml.UseOrderedMap()); err != nil {
		return nil, err
	}
	if err := rewriteJournal(file, dsn); err != nil {
		return nil, err
	}
	csv := yaml.MapSlice{{Key: "dir", Value: data}}
	if rewriteEach(file, "sources", "csv", func(string) (yaml.MapSlice, error) { return csv, nil }) == 0 {
		return nil, errors.New("no source of type csv is there to be measured")
	}
	var err error
	n := rewriteEach(file, "targets", "sqldesk", func(name string) (yaml.MapSlice, error) {
		d, derr := dsn(storeName + name)
		err = errors.Join(err, derr)
		return yaml.MapSlice{{Key: "database", Value: d}}, derr
	})
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, errors.New("no target of type sqldesk is there to be measured")
	}
	return yaml.Marshal(file)
}

// targetOf returns the target of a pipeline.
func targetOf(text []byte, pipeline string) (string, error) {
	var file struct {
		Pipelines map[string]struct{ To string }
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return "", err
	}
	p, ok := file.Pipelines[pipeline]
	if !ok {
		return "", fmt.Errorf("it has no pipeline %s; name one with -pipeline", pipeline)
	}
	return p.To, nil
}

// rewriteJournal sets the journal, which is written as its DSN or as a mapping.
func rewriteJournal(file yaml.MapSlice, dsn func(string) (string, error)) error {
	for i := range file {
		if file[i].Key != journalName {
			continue
		}
		d, err := dsn(journalName)
		if m, ok := file[i].Value.(yaml.MapSlice); ok {
			file[i].Value = set(m, "dsn", d)
		} else {
			file[i].Value = d
		}
		return err
	}
	return errors.New("it has no journal")
}

// rewriteEach sets keys in every entry of a section that is of one type, and
// returns how many there were.
func rewriteEach(file yaml.MapSlice, section, kind string, values func(name string) (yaml.MapSlice, error)) int {
	n := 0
	for i := range file {
		entries, ok := file[i].Value.(yaml.MapSlice)
		if file[i].Key != section || !ok {
			continue
		}
		for j := range entries {
			entry, ok := entries[j].Value.(yaml.MapSlice)
			if !ok || get(entry, "type") != kind {
				continue
			}
			n++
			add, err := values(fmt.Sprint(entries[j].Key))
			if err != nil {
				return n
			}
			for _, item := range add {
				entry = set(entry, item.Key, item.Value)
			}
			entries[j].Value = entry
		}
	}
	return n
}

func get(m yaml.MapSlice, key any) any {
	for _, item := range m {
		if item.Key == key {
			return item.Value
		}
	}
	return nil
}

func set(m yaml.MapSlice, key, value any) yaml.MapSlice {
	for i := range m {
		if m[i].Key == key {
			m[i].Value = value
			return m
		}
	}
	return append(m, yaml.MapItem{Key: key, Value: value})
}
