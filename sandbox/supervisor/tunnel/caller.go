package tunnel

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"background-agents/sandbox/wire"
)

// Bounds of a look at /proc.
const (
	maxSockets = 1 << 20 // bytes of the table of connections
	maxSteps   = 200_000 // open files looked at
)

// Callers returns the command lines of the process whose connection to the proxy has this port, and of those that
// started it, as far as the agent or a command that came in from outside; none where it is not found. It reads /proc,
// which tells of the processes of one user to one another, and only when somebody wants to know.
func Callers(ctx context.Context, port int) []string {
	return callers(ctx, port, EgressPort, os.Getpid())
}

func callers(ctx context.Context, port, proxy, self int) []string {
	pid := holder(ctx, sockets(port, proxy))
	var all []string
	for pid > 1 && pid != self && len(all) < wire.MaxCallers {
		line := commandLine(pid)
		parent := parentOf(pid)
		// The agent itself tells nothing beside the command that it runs.
		if line == "" || len(all) > 0 && parent == self {
			break
		}
		all = append(all, line)
		pid = parent
	}
	return all
}

// sockets returns the inodes of the connections from a loopback port to the proxy's. There is one, but for what has
// just ended.
func sockets(port, proxy int) []string {
	local, remote := fmt.Sprintf(":%04X", port), fmt.Sprintf(":%04X", proxy)
	var found []string
	for _, table := range []string{"net/tcp", "net/tcp6"} { // the latter has the IPv4 connections of Java
		f, err := os.Open("/proc/" + table)
		if err != nil {
			continue
		}
		lines := bufio.NewScanner(io.LimitReader(f, maxSockets))
		for lines.Scan() {
			// sl local_address rem_address st queues timer retrnsmt uid timeout inode
			columns := strings.Fields(lines.Text())
			if len(columns) > 9 && strings.HasSuffix(columns[1], local) && strings.HasSuffix(columns[2], remote) && columns[9] != "0" {
				found = append(found, "socket:["+columns[9]+"]")
			}
		}
		_ = f.Close()
	}
	return found
}

// holder returns the oldest process that holds one of the sockets, 0 where none does.
func holder(ctx context.Context, sockets []string) int {
	if len(sockets) == 0 {
		return 0
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0
	}
	var pids []int
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	steps := 0
	for _, pid := range pids {
		dir := processFile(pid, "fd")
		files, err := os.ReadDir(dir)
		if err != nil {
			continue // gone, or another user's
		}
		for _, file := range files {
			if steps++; steps > maxSteps || ctx.Err() != nil {
				return 0
			}
			if to, err := os.Readlink(filepath.Join(dir, file.Name())); err == nil && slices.Contains(sockets, to) {
				return pid
			}
		}
	}
	return 0
}

func processFile(pid int, name string) string { return filepath.Join("/proc", strconv.Itoa(pid), name) }

// commandLine returns a process's arguments in one line, with quotes where they hold spaces.
func commandLine(pid int) string {
	f, err := os.Open(processFile(pid, "cmdline"))
	if err != nil {
		return ""
	}
	defer f.Close()
	b, _ := io.ReadAll(io.LimitReader(f, wire.MaxCommand))
	if len(b) == 0 {
		return ""
	}
	var words []string
	for arg := range bytes.SplitSeq(bytes.TrimSuffix(b, []byte{0}), []byte{0}) {
		word := strings.ToValidUTF8(string(arg), "?")
		if word == "" || strings.ContainsAny(word, " \t\n'\"") {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		words = append(words, word)
	}
	line := strings.Join(words, " ")
	if len(line) > wire.MaxCommand {
		line = strings.ToValidUTF8(line[:wire.MaxCommand-len("…")], "") + "…"
	}
	return line
}

func parentOf(pid int) int {
	b, err := os.ReadFile(processFile(pid, "stat"))
	if err != nil {
		return 0
	}
	// pid (name) state ppid: the name may hold anything, parentheses too.
	columns := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(columns) < 2 {
		return 0
	}
	parent, _ := strconv.Atoi(columns[1])
	return parent
}
