//go:build !counted

package dbx

import "database/sql/driver"

// counted is where a build with the tag counted counts statements; any other does not.
func counted(c driver.Connector) driver.Connector { return c }
