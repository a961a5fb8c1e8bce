package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"background-agents/backend/session"
)

// What is enough, and what is little.
const (
	leastDisk  = 1 << 30  // a session does not start with less
	littleDisk = 10 << 30 // an image and a few sessions
)

// leastGit is what package gitrepo needs.
var leastGit = [2]int{2, 39}

func (c Config) docker(ctx context.Context) session.Check {
	state, err := c.Engine(ctx)
	if err == nil && state.Error != nil {
		err = state.Error
	}
	if err != nil {
		return told(fail, err)
	}
	return good("%s at %s", state.Name, state.Host)
}

func (c Config) image(ctx context.Context) session.Check {
	name := cmp.Or(c.Image, "the built image")
	current, err := c.ImageCurrent(ctx)
	switch {
	case session.CodeOf(err) == session.CodeImage:
		return told(fail, err) // this application cannot build one
	case err != nil:
		return bad(warn, "See the check of Docker.", "not known while Docker does not answer")
	case current:
		return good("%s is there and current", name)
	case c.Image != "":
		return bad(warn, "The first session pulls it and puts the supervisor on top. It must have git and the agent.",
			"%s (SANDBOX_IMAGE) is not prepared yet", name)
	}
	return bad(warn, "The first session builds it; it takes a few minutes, once.", "not built yet, or of another version")
}

var gitVersion = regexp.MustCompile(`(\d+)\.(\d+)`)

func (c Config) git(ctx context.Context) session.Check {
	version, err := c.Git(ctx)
	if known := (*session.Error)(nil); errors.As(err, &known) {
		return told(fail, known)
	}
	if err != nil {
		return bad(fail, "Install git: https://git-scm.com/downloads", "git does not run: %v", err)
	}
	version = strings.TrimSpace(strings.TrimPrefix(version, "git version "))
	m := gitVersion.FindStringSubmatch(version)
	if m == nil {
		return bad(fail, "Install git: https://git-scm.com/downloads", "%q is no version", version)
	}
	major, _ := strconv.Atoi(m[1]) // digits, by the pattern
	minor, _ := strconv.Atoi(m[2])
	if major < leastGit[0] || major == leastGit[0] && minor < leastGit[1] {
		return bad(fail, "Install a newer one: https://git-scm.com/downloads", "%s is older than %d.%d", version, leastGit[0], leastGit[1])
	}
	return good("%s", version)
}

func (c Config) disk(context.Context) session.Check {
	room, err := c.Room()
	free := room.Bytes
	switch {
	case err != nil:
		return bad(warn, "Check that the data folder can be read.", "cannot be asked for: %v", err)
	case free < leastDisk:
		return bad(fail, "Free at least 1 GB: sessions do not start with less.", "%s are left", gigabytes(free))
	case free < littleDisk:
		return bad(warn, "An image and a few sessions take some gigabytes.", "%s are left", gigabytes(free))
	}
	if what, hint := room.Lack(); what != "" {
		return bad(fail, hint+".", "%s", what)
	}
	return good("%s are left", gigabytes(free))
}

func gigabytes(n int64) string {
	if n < 1<<30 {
		return fmt.Sprintf("%d MB", n>>20)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
}

func (c Config) data(context.Context) session.Check {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return bad(fail, "Make it, or choose another with BGA_HOME.", "%s cannot be made: %v", c.Data, err)
	}
	f, err := os.CreateTemp(c.Data, ".doctor-*")
	if err != nil {
		return bad(fail, "Change its rights, or choose another with BGA_HOME.", "%s cannot be written: %v", c.Data, err)
	}
	if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
		return bad(fail, "Check the disk, or choose another folder with BGA_HOME.", "%s: %v", c.Data, err)
	}
	return good("%s", c.Data)
}

func (c Config) repos(context.Context) session.Check {
	info, err := os.Stat(c.Repos)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return bad(warn, "Projects are suggested from there. Set REPOS_DIR to the folder that holds yours; any other can be added too.", "%s is not there", c.Repos)
	case err != nil:
		return bad(warn, "Set REPOS_DIR to a folder that can be read.", "%s: %v", c.Repos, err)
	case !info.IsDir():
		return bad(warn, "Set REPOS_DIR to the folder that holds your projects.", "%s is no folder", c.Repos)
	}
	return good("%s", c.Repos)
}

func (c Config) keychain(ctx context.Context) session.Check {
	if err := c.Keychain(ctx); err != nil {
		return told(warn, err)
	}
	return good("can be used")
}

func (c Config) display(context.Context) session.Check {
	if runtime.GOOS != "linux" {
		return good("the desktop")
	}
	for _, name := range []string{"WAYLAND_DISPLAY", "DISPLAY"} {
		if value := os.Getenv(name); value != "" {
			return good("%s=%s", name, value)
		}
	}
	return bad(warn, "The window needs one; `bga` does not.", "there is none")
}

// Variables that configure the application. Of a secret only that it is set is shown.
var variables = []struct {
	name   string
	secret bool
}{
	{"BGA_HOME", false}, {"REPOS_DIR", false}, {"SANDBOX_IMAGE", false}, {"SANDBOX_RUNTIME", false}, {"DOCKER_HOST", false},
	{"ANTHROPIC_API_KEY", true}, {"OPENAI_API_KEY", true}, {"ANTHROPIC_AUTH_TOKEN", true}, {"CLAUDE_CODE_OAUTH_TOKEN", true},
	{"ANTHROPIC_BASE_URL", true}, {"OPENAI_BASE_URL", true}, // an address may hold a password
}

func (c Config) environment(context.Context) session.Check {
	var set []string
	for _, v := range variables {
		switch value := c.Env(v.name); {
		case value == "":
		case v.secret:
			set = append(set, v.name+" is set")
		default:
			set = append(set, v.name+"="+value)
		}
	}
	found := "nothing is set"
	if len(set) > 0 {
		found = strings.Join(set, ", ")
	}
	if len(c.EnvFiles) > 0 {
		found += " (with " + strings.Join(c.EnvFiles, " and ") + ")"
	}
	switch {
	case len(c.EnvIgnored) > 0:
		return bad(warn, "A .env file may set "+strings.Join(c.EnvNames, ", ")+" only. Set the others in the environment itself.",
			"%s; ignored in the .env file: %s", found, strings.Join(c.EnvIgnored, ", "))
	case c.EnvSkipped > 0:
		return bad(warn, "Write each variable on one line as NAME=value.", "%s; lines of the .env file that can't be read: %d", found, c.EnvSkipped)
	}
	return good("%s", found)
}
