// Command bench measures what the product promises, each figure beside its floor: the least that the same work costs
// without us, in the same run. It prints a table and writes build/bench/result.json.
//
//	make bench            all of them
//	make bench B=spawn    those whose name has "spawn" in it
//	make bench ONCE=1     each once and small: whether it still runs
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// row is one line of the result. Value and Floor are in Unit; Ratio is Value / Floor, 0 where there is no floor.
type row struct {
	Name  string    `json:"name"`
	Value float64   `json:"value"`
	Floor float64   `json:"floor"`
	Ratio float64   `json:"ratio"`
	Unit  string    `json:"unit"`
	Goal  string    `json:"goal"`
	Note  string    `json:"note,omitempty"`
	Runs  []float64 `json:"runs"`
}

// benchmark is one named measurement. Its run returns one row or more.
type benchmark struct {
	name string
	run  func(ctx context.Context, o options) ([]row, error)
}

// options say how much work to do.
type options struct {
	once bool
	runs int // repetitions whose median counts
}

// small returns n, or less where only a trial is wanted.
func (o options) small(n, less int) int {
	if o.once {
		return less
	}
	return n
}

var benchmarks = []benchmark{
	{"spawn-cold", spawnCold},
	{"first-token", firstToken},
	{"resume", resume},
	{"checkpoint", checkpoint},
	{"sandbox-idle", sandboxIdle},
	{"link", link},
	{"egress", egressProxy},
	{"event-rate", eventRate},
	{"event-latency", eventLatency},
	{"start", start},
	{"idle", idle},
}

func main() {
	only := flag.String("only", "", "run those whose name contains this")
	once := flag.Bool("once", false, "run each once and small")
	out := flag.String("out", filepath.Join("build", "bench", "result.json"), "where to write the result")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *only, *once, *out); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, only string, once bool, out string) error {
	o := options{once: once, runs: 5}
	if once {
		o.runs = 1
	}
	var rows []row
	for _, b := range benchmarks {
		if !strings.Contains(b.name, only) {
			continue
		}
		began := time.Now()
		got, err := b.run(ctx, o)
		if err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
		fmt.Fprintf(os.Stderr, "%s measured in %v\n", b.name, time.Since(began).Round(time.Second))
		rows = append(rows, got...)
	}
	print(rows)
	return write(out, rows)
}

// measure runs f as often as asked and returns a row of the medians: f returns the value and its floor.
func measure(o options, r row, f func(run int) (value, floor float64, err error)) (row, error) {
	var floors []float64
	for i := range o.runs {
		v, fl, err := f(i)
		if err != nil {
			return r, err
		}
		r.Runs = append(r.Runs, v)
		floors = append(floors, fl)
	}
	r.Value, r.Floor = median(r.Runs), median(floors)
	if r.Floor != 0 {
		r.Ratio = r.Value / r.Floor
	}
	return r, nil
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 {
		return 0
	}
	return sorted[len(sorted)/2]
}

func print(rows []row) {
	fmt.Printf("%-26s %12s %12s %8s  %-8s %s\n", "name", "value", "floor", "ratio", "unit", "goal")
	for _, r := range rows {
		ratio := "-"
		if r.Ratio != 0 {
			ratio = fmt.Sprintf("%.2fx", r.Ratio)
		}
		fmt.Printf("%-26s %12.2f %12.2f %8s  %-8s %s\n", r.Name, r.Value, r.Floor, ratio, r.Unit, r.Goal)
	}
}

func write(path string, rows []row) error {
	result := struct {
		Date    string `json:"date"`
		Machine string `json:"machine"`
		Rows    []row  `json:"rows"`
	}{time.Now().UTC().Format(time.RFC3339), fmt.Sprintf("%s/%s, %d cores", runtime.GOOS, runtime.GOARCH, runtime.NumCPU()), rows}
	body, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, append(body, '\n'), 0o644)
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
