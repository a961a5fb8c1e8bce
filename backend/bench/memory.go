package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// sandboxIdle is what one idle sandbox adds besides the agent itself: the supervisor's memory and processor time.
func sandboxIdle(ctx context.Context, o options) ([]row, error) {
	in, err := install(ctx, 100)
	if err != nil {
		return nil, err
	}
	defer in.remove(ctx)
	before := ownPSS()
	id, err := in.create(ctx, "")
	if err != nil {
		return nil, err
	}
	if _, err := in.until(ctx, id, time.Minute, ready); err != nil {
		return nil, err
	}
	sb, err := in.Sandbox(ctx, id)
	if err != nil {
		return nil, err
	}
	pid, err := supervisorPID(ctx, sb.Container)
	if err != nil {
		return nil, err
	}
	wait := time.Duration(o.small(30, 2)) * time.Second
	cpu := cpuTime(pid)
	time.Sleep(wait)
	busy := (cpuTime(pid) - cpu).Seconds() / wait.Seconds() * 100
	return []row{
		{Name: "sandbox-idle memory", Value: pss(pid), Unit: "MB PSS", Goal: "<= 12", Note: "supervisor"},
		{Name: "sandbox-idle cpu", Value: busy, Unit: "%", Goal: "<= 0.1", Note: "supervisor"},
		{Name: "sandbox-idle host", Value: ownPSS() - before, Unit: "MB PSS", Goal: "<= 1", Note: "growth of the backend's process"},
	}, nil
}

// supervisorPID finds the supervisor among the container's processes, by its number on this machine.
func supervisorPID(ctx context.Context, container string) (int, error) {
	out, err := command(ctx, "", "docker", "top", container, "-eo", "pid,args")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if len(fields) > 2 && strings.HasSuffix(fields[1], "supervisor") && fields[2] == "run" {
			return strconv.Atoi(fields[0])
		}
	}
	return 0, fmt.Errorf("no supervisor among:\n%s", out)
}

func ownPSS() float64 { return pss(os.Getpid()) }

// pss returns a process's proportional set size in MB, 0 where it cannot be read.
func pss(pid int) float64 {
	f, err := os.Open(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) == 3 && fields[0] == "Pss:" {
			kb, _ := strconv.ParseFloat(fields[1], 64)
			return kb / 1024
		}
	}
	return 0
}

// cpuTime returns the processor time that a process has used.
func cpuTime(pid int) time.Duration {
	body, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(body), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond // the kernel counts in hundredths of a second
}

// tree returns a process and all below it.
func tree(root int) []int {
	below := map[int][]int{}
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		var pid, parent int
		if _, err := fmt.Sscan(e.Name(), &pid); err != nil {
			continue
		}
		body, err := os.ReadFile(filepath.Join("/proc", e.Name(), "stat"))
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(body), ") ")
		var state string
		if _, err := fmt.Sscan(rest, &state, &parent); err == nil {
			below[parent] = append(below[parent], pid)
		}
	}
	all := []int{root}
	for i := 0; i < len(all); i++ {
		all = append(all, below[all[i]]...)
	}
	return all
}

func treePSS(pids []int) (mb float64) {
	for _, pid := range pids {
		mb += pss(pid)
	}
	return mb
}

func treeTime(pids []int) (d time.Duration) {
	for _, pid := range pids {
		d += cpuTime(pid)
	}
	return d
}
