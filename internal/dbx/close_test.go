package dbx_test

import (
	"context"
	"testing"

	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/dbx/dbtest"
)

// TestWhoLostItsServerCloses without an error: a daemon that is asked to stop has
// connections from before a restart of the server that it never used again.
func TestWhoLostItsServerCloses(t *testing.T) {
	t.Parallel()
	server, err := dbtest.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop(context.Background()) })
	db, err := dbx.Open(t.Context(), server.DSN)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}
