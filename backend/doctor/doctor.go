// Package doctor checks what sessions need, and says how to mend what is missing.
//
// Checks run side by side and each has a limit of its own, so that one thing that hangs (a network folder, a keychain that
// waits for its owner) delays the answer by seconds at most and hides nothing else. A check changes nothing on the
// computer, but for a file that it makes in the data folder and removes again.
package doctor

import (
	"context"
	"fmt"
	"time"

	"background-agents/backend/session"
)

// limit is how long one check may take.
const limit = 5 * time.Second

// Statuses of a check.
const (
	ok   = "ok"
	warn = "warn"
	fail = "fail"
)

// Config is what the checks look at. Each function is optional: without it, its check is left out.
type Config struct {
	Engine       func(ctx context.Context) (session.EngineState, error)
	ImageCurrent func(ctx context.Context) (bool, error) // of the default agent
	Room         func() (session.Room, error)            // where the application and the engine keep their data
	Keychain     func(ctx context.Context) error         // reads, and writes nothing
	Logins       func(ctx context.Context) session.Check // of other programs
	Git          func(ctx context.Context) (version string, err error)

	Data  string // the application's data folder
	Repos string // where projects are suggested
	Image string // SANDBOX_IMAGE, "" for the image that is built
	// Env looks up a variable where the application reads its configuration.
	Env func(name string) string
	// EnvFiles are the .env files that were read, EnvNames what they may set, and EnvIgnored what they set beside that.
	EnvFiles, EnvNames, EnvIgnored []string
	EnvSkipped                     int // lines of theirs that cannot be read
}

// Check runs all checks and returns what they found, always in the same order.
func Check(ctx context.Context, c Config) []session.Check {
	all := c.checks()
	found := make([]chan session.Check, len(all))
	for i, check := range all {
		// Buffered: a check that comes too late writes and is gone. It cannot be waited for, since a file system that hangs
		// ends with nobody's context.
		found[i] = make(chan session.Check, 1)
		go func() {
			ctx, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			found[i] <- check.run(ctx)
		}()
	}
	late := time.NewTimer(limit + limit/10)
	defer late.Stop()
	over := false
	list := make([]session.Check, 0, len(all))
	for i, check := range all {
		r := session.Check{Status: warn, Found: fmt.Sprintf("no answer within %s", limit), Hint: "Try again when the computer is less busy."}
		if check.needed {
			r.Status = fail
		}
		select {
		case r = <-found[i]:
		default:
			if !over {
				select {
				case r = <-found[i]:
				case <-late.C:
					over = true
				case <-ctx.Done():
					over = true
				}
			}
		}
		r.ID, r.Title, r.Needed = check.id, check.title, check.needed
		list = append(list, r)
	}
	return list
}

// check is one of the checks. run fills in Status, Found and Hint.
type check struct {
	id, title string
	needed    bool
	run       func(ctx context.Context) session.Check
}

func (c Config) checks() []check {
	var all []check
	add := func(there bool, id, title string, needed bool, run func(context.Context) session.Check) {
		if there {
			all = append(all, check{id, title, needed, run})
		}
	}
	add(c.Engine != nil, "docker", "Docker", true, c.docker)
	add(c.ImageCurrent != nil, "image", "Sandbox image", false, c.image)
	add(c.Git != nil, "git", "Git", true, c.git)
	add(c.Room != nil, "disk", "Free disk space", true, c.disk)
	add(c.Data != "", "data", "Data folder", true, c.data)
	add(c.Repos != "", "repos", "Projects folder (REPOS_DIR)", false, c.repos)
	add(c.Keychain != nil, "keychain", "Keychain", false, c.keychain)
	add(c.Logins != nil, "logins", "Logins found", false, c.Logins)
	add(true, "display", "Display", false, c.display)
	add(c.Env != nil, "environment", "Environment", false, c.environment)
	return all
}

func good(format string, args ...any) session.Check {
	return session.Check{Status: ok, Found: fmt.Sprintf(format, args...)}
}

func bad(status, hint, format string, args ...any) session.Check {
	return session.Check{Status: status, Found: fmt.Sprintf(format, args...), Hint: hint}
}

// told is a check that failed with an error that has a sentence and a hint.
func told(status string, err error) session.Check {
	known := session.AsError(err)
	return session.Check{Status: status, Found: known.Message, Hint: known.Hint}
}
