package dbx

import (
	"testing"

	sqlite3 "modernc.org/sqlite/lib"
)

func TestWhatADiskDoesToSQLiteHasARemedy(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		code int
		want means
	}{
		"no page more":                       {sqlite3.SQLITE_FULL, diskFull},
		"no room for the index of the log":   {4874, diskFull},
		"no room while a page was written":   {sqlite3.SQLITE_IOERR_WRITE, diskFull},
		"a disk that cannot be read":         {sqlite3.SQLITE_IOERR_READ, failing},
		"a disk that does not keep its word": {sqlite3.SQLITE_IOERR_FSYNC, failing},
	}
	for name, tt := range tests {
		if got := sqliteMeans(tt.code); got != tt.want || got.remedy == "" {
			t.Errorf("%s: %d means %+v, want %+v", name, tt.code, got, tt.want)
		}
	}
}
