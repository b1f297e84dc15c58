package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/config"
)

func (a *app) readyCommand() *cobra.Command {
	var listen string
	c := &cobra.Command{
		Use:   "ready",
		Short: "Ask the daemon of this machine whether it can make runs",
		Long: "Asks the daemon of this machine what its page /readyz says, and prints it: for health checks where no other program is at hand, as in the image.\n" +
			"It ends with 0 if the daemon is ready, and with 1 if not.\n\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.ready(cmd.Context(), listen) },
	}
	c.Flags().StringVar(&listen, "listen", "", "`address` that the daemon was started with, instead of the file's")
	return c
}

// patience is how long a daemon may take to say whether it is ready.
const patience = 5 * time.Second

func (a *app) ready(ctx context.Context, listen string) error {
	if listen == "" {
		file, err := config.Read(a.config)
		if err != nil {
			return err
		}
		listen = file.Serve.Listen
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+reachable(listen)+"/readyz", nil)
	if err != nil {
		return usage("%q is no address: %v", listen, err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("no daemon answers at %s: %w", listen, err)
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<16))
	_ = res.Body.Close()
	if err != nil {
		return fmt.Errorf("the daemon at %s: %w", listen, err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the daemon is not ready: %s", strings.TrimSpace(string(text)))
	}
	a.say("%s", strings.TrimSpace(string(text)))
	return nil
}

// reachable is where a daemon that listens at an address answers on its own machine.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
