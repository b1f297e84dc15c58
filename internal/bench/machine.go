package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/desksync/desksync/internal/dbx"
)

// Machine is what the figures were measured on and with.
type Machine struct {
	CPU      string `json:"cpu"`
	Cores    int    `json:"cores"`
	Memory   int64  `json:"memory_bytes"`
	Go       string `json:"go"`
	SQLite   string `json:"sqlite"`
	Postgres string `json:"postgres"`
	Accounts int    `json:"accounts"`
	Runs     int    `json:"runs"`
	Own      int64  `json:"own_peak_bytes"` // of this program: no child can measure less
	At       string `json:"at"`
}

// String is the head of the table.
func (m Machine) String() string {
	return fmt.Sprintf(`machine    %s, %d cores, %s
go         %s
databases  SQLite %s; PostgreSQL %s
data       %s accounts, median of %d; measured %s
`+"memory     peak of the process by rusage; this program itself took %s, below which none shows",
		m.CPU, m.Cores, format(float64(m.Memory), Bytes), m.Go, m.SQLite, m.Postgres,
		thousands(float64(m.Accounts)), m.Runs, m.At, format(float64(m.Own), Bytes))
}

func (b *Bench) machine(ctx context.Context) Machine {
	return Machine{
		CPU: cpuModel(ctx), Cores: runtime.NumCPU(), Memory: memory(ctx),
		Go:     fmt.Sprintf("%s %s/%s, CGO_ENABLED=0", runtime.Version(), runtime.GOOS, runtime.GOARCH),
		SQLite: ask(ctx, "sqlite:"+filepath.Join(b.work, "version.db"), "SELECT sqlite_version()"), Postgres: b.pg.version,
		Accounts: b.accounts, Runs: b.runs, Own: ownPeak(),
		At: b.now().UTC().Format("2006-01-02 15:04 MST"),
	}
}

func cpuModel(ctx context.Context) string {
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if name := entry(string(text), "model name"); name != "" {
			return name
		}
	}
	return sysctl(ctx, "machdep.cpu.brand_string")
}

func memory(ctx context.Context) int64 {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		n, _ := strconv.ParseInt(sysctl(ctx, "hw.memsize"), 10, 64)
		return n
	}
	kib, _, _ := strings.Cut(entry(string(text), "MemTotal"), " ")
	n, _ := strconv.ParseInt(kib, 10, 64)
	return n * 1024
}

// entry returns the value of the first "key : value" line.
func entry(text, key string) string {
	for line := range strings.Lines(text) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func sysctl(ctx context.Context, name string) string {
	out, err := exec.CommandContext(ctx, "sysctl", "-n", name).Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// ask returns the one text that a query gives, or what went wrong.
func ask(ctx context.Context, dsn, query string) string {
	db, err := dbx.Open(ctx, dsn)
	if err != nil {
		return "unknown (" + err.Error() + ")"
	}
	defer func() { _ = db.Close() }()
	var text string
	if err := db.GetContext(ctx, &text, query); err != nil {
		return "unknown (" + err.Error() + ")"
	}
	return text
}
