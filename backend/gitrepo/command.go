package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// Bounds of what a command may say: of output that is collected, and of errors.
const (
	maxOutput = 256 << 20
	maxStderr = 64 << 10
)

// place is where a command runs. Only with configured set does git read the configuration of user and system.
type place struct {
	dir        string   // git directory, "" to let git find it from work
	tree       string   // working tree
	index      string   // index file, "" for the git directory's own
	work       string   // current directory, "" for dir
	configured bool     //
	network    *network // what a command that talks to a remote needs beside that; nil for all others
	borrow     []string // more object directories
	config     []string // name=value, after the fixed ones
	author     string   // of commits, with email
	email      string   //
	hostile    bool     // holds objects of an agent: no single allocation over 1 GiB (a delta can claim any size)
}

// fixed is the configuration of every command. Most of it matters only where the user's repository itself is read,
// whose own config file git always reads.
var fixed = []string{
	"core.hooksPath=" + os.DevNull, "core.fsmonitor=false", "core.untrackedCache=false", "core.attributesFile=" + os.DevNull,
	"core.pager=cat", "core.bigFileThreshold=32m", "core.longPaths=true", "core.protectNTFS=true", "core.protectHFS=true",
	"core.sparseCheckout=false", "core.splitIndex=false", "index.sparse=false", "core.sshCommand=false", "credential.helper=",
	"diff.external=", "diff.ignoreSubmodules=all", "submodule.recurse=false", "fetch.recurseSubmodules=false",
	"protocol.allow=never", "protocol.ext.allow=never", "protocol.http.allow=never", "protocol.https.allow=never",
	"protocol.ssh.allow=never", "protocol.git.allow=never", "protocol.file.allow=never",
	"transfer.fsckObjects=true", "fetch.fsckObjects=true", "fetch.writeCommitGraph=false", "gc.auto=0", "maintenance.auto=false",
	"filter.lfs.clean=", "filter.lfs.smudge=", "filter.lfs.process=", "filter.lfs.required=false", "lfs.url=file://" + os.DevNull,
	"worktree.useRelativePaths=false", "commit.gpgSign=false", "log.showSignature=false", "advice.detachedHead=false",
}

// command builds every git command there is. It dies with ctx, and with it all that it started.
func (r *Repos) command(ctx context.Context, at place, args ...string) *exec.Cmd {
	all := []string{"--no-pager", "--no-replace-objects", "--literal-pathspecs"}
	for _, c := range fixed {
		if at.network == nil || !ofUser[c] {
			all = append(all, "-c", c)
		}
	}
	for _, c := range at.config {
		all = append(all, "-c", c)
	}
	if at.dir != "" {
		all = append(all, "--git-dir="+at.dir)
	}
	if at.tree != "" {
		all = append(all, "--work-tree="+at.tree)
	}
	all = append(all, args[0])
	if strings.HasPrefix(args[0], "diff") {
		all = append(all, "--no-ext-diff", "--no-textconv")
	}
	cmd := exec.CommandContext(ctx, "git", append(all, args[1:]...)...)
	if cmd.Dir = at.work; cmd.Dir == "" {
		cmd.Dir = at.dir
	}
	cmd.Env = environ(at)
	cmd.ExtraFiles = heldFiles(ctx)
	cmd.WaitDelay = outputWait
	ownGroup(cmd)
	return cmd
}

// environ is the user's environment without anything that steers git, and with what every command needs.
func environ(at place) []string {
	var env []string
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		keep := !strings.HasPrefix(name, "GIT_") && name != "LANGUAGE" && name != "LC_ALL"
		if at.configured {
			switch name {
			case "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL":
				keep = true
			}
		}
		if at.network != nil {
			keep = keep && name != "SSH_ASKPASS" || sslOfUser[name]
		}
		if keep {
			env = append(env, kv)
		}
	}
	if at.network != nil {
		env = append(env, at.network.env()...)
	}
	env = append(env, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_REPLACE_OBJECTS=1", "GIT_NO_LAZY_FETCH=1",
		"GIT_LFS_SKIP_SMUDGE=1", "GIT_ATTR_NOSYSTEM=1", "GIT_PROTOCOL_FROM_USER=0")
	if at.hostile {
		env = append(env, "GIT_ALLOC_LIMIT=1g")
	}
	if !at.configured {
		name, email := at.author, at.email
		if name == "" {
			name, email = appName, appEmail
		}
		env = append(env, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_AUTHOR_NAME="+name,
			"GIT_AUTHOR_EMAIL="+email, "GIT_COMMITTER_NAME="+name, "GIT_COMMITTER_EMAIL="+email)
	}
	if at.index != "" {
		env = append(env, "GIT_INDEX_FILE="+at.index)
	}
	if len(at.borrow) > 0 {
		var quoted []string
		for _, dir := range at.borrow {
			quoted = append(quoted, quote(dir))
		}
		env = append(env, "GIT_ALTERNATE_OBJECT_DIRECTORIES="+strings.Join(quoted, string(os.PathListSeparator)))
	}
	return env
}

// Who writes reflogs, and commits for which there is no author.
const (
	appName  = "Background Agents"
	appEmail = "background-agents@localhost"
)

// run feeds stdin (may be nil) to a command and hands its output to read, which may stop early by returning errEnough.
func (r *Repos) run(ctx context.Context, at place, stdin io.Reader, read func(io.Reader) error, args ...string) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	cmd := r.command(ctx, at, args...)
	cmd.Stdin = stdin
	stderr := &tail{}
	cmd.Stderr = stderr
	if at.network != nil {
		cmd.Stderr = io.MultiWriter(stderr, &progressLines{tell: at.network.progress})
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("git %s: %w", args[0], err)
	}
	if err := cmd.Start(); err != nil {
		return notStarted(args[0], err)
	}
	readErr := read(stdout)
	if readErr != nil {
		stop()
	}
	err = cmd.Wait()
	switch {
	case errors.Is(readErr, errEnough):
		return nil
	case readErr != nil:
		return fmt.Errorf("git %s: %w", args[0], readErr)
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("git %s: %w", args[0], context.Cause(ctx))
	}
	e := &gitError{command: args[0], code: -1, stderr: stderr.String(), err: err}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		e.code = exit.ExitCode()
	}
	return e
}

var errEnough = errors.New("enough was read")

// output collects what a command says.
func (r *Repos) output(ctx context.Context, at place, stdin io.Reader, args ...string) ([]byte, error) {
	var b bytes.Buffer
	err := r.run(ctx, at, stdin, func(out io.Reader) error {
		n, err := b.ReadFrom(io.LimitReader(out, maxOutput+1))
		if err == nil && n > maxOutput {
			err = fmt.Errorf("more than %d bytes of output", maxOutput)
		}
		return err
	}, args...)
	return b.Bytes(), err
}

// line returns a command's output without the newline at its end.
func (r *Repos) line(ctx context.Context, at place, args ...string) (string, error) {
	b, err := r.output(ctx, at, nil, args...)
	return strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r"), err
}

// quiet runs a command for what it does.
func (r *Repos) quiet(ctx context.Context, at place, stdin io.Reader, args ...string) error {
	return r.run(ctx, at, stdin, discard, args...)
}

func discard(out io.Reader) error {
	_, err := io.Copy(io.Discard, out)
	return err
}

// splitZ splits output of -z.
func splitZ(b []byte) []string {
	s := strings.TrimSuffix(string(b), "\x00")
	if s == "" {
		return nil
	}
	return strings.Split(s, "\x00")
}

// tail keeps the last maxStderr bytes that were written.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if over := len(t.b) - maxStderr; over > 0 {
		t.b = append(t.b[:0], t.b[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.b) }
