package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"background-agents/backend/session"
)

// limitFlags are what a project's sandboxes may use at most.
type limitFlags struct {
	memory, tmp string
	cpus        float64
}

func (f *limitFlags) add(to *pflag.FlagSet) {
	to.StringVar(&f.memory, "memory", "", "`SIZE` of memory of each sandbox, such as 8g or 1536m; 0: as in general")
	to.Float64Var(&f.cpus, "cpus", 0, "processors of each sandbox; 0: as in general")
	to.StringVar(&f.tmp, "tmp", "", "`SIZE` of /tmp, which is part of the memory; 0: the default")
}

var size = regexp.MustCompile(`^(\d{1,7})([mg]?)b?$`)

// megabytes reads 8g, 1536m, 1536 or 0.
func megabytes(flag, text string) (int, error) {
	found := size.FindStringSubmatch(strings.ToLower(text))
	if found == nil {
		return 0, usage{fmt.Errorf("--%s %q is not like 8g or 1536m", flag, text)}
	}
	n, _ := strconv.Atoi(found[1]) // seven digits always fit
	if found[2] == "g" {
		n <<= 10
	}
	return n, nil
}

// limit saves those that were named; the others stay as they are.
func (c *cli) limit(ctx context.Context, at *access, id session.ProjectID, f *limitFlags,
	given func(string) bool) error {
	var memory, tmp int
	var err error
	if given("memory") {
		if memory, err = megabytes("memory", f.memory); err != nil {
			return err
		}
	}
	if given("tmp") {
		if tmp, err = megabytes("tmp", f.tmp); err != nil {
			return err
		}
	}
	if math.IsNaN(f.cpus) || math.IsInf(f.cpus, 0) {
		return usage{fmt.Errorf("--cpus %g is not like 2 or 0.5", f.cpus)}
	}
	if !given("memory") && !given("cpus") && !given("tmp") {
		return nil
	}
	return changeProject(ctx, at, id, func(p *session.Project) error {
		if given("memory") {
			p.Limits.MemoryMB = memory
		}
		if given("cpus") {
			p.Limits.CPUs = f.cpus
		}
		if given("tmp") {
			p.Limits.TmpMB = tmp
		}
		return nil
	})
}

func limitText(w io.Writer, l session.Limits) {
	fmt.Fprintf(w, "Each has at most %d MB of memory, of which %d MB can be files in /tmp, and %g processors.\n",
		l.MemoryMB, l.TmpMB, l.CPUs)
}
