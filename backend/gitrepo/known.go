package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// ancient are faults of commits and trees that git wrote, or let others write, in its first years. Histories have them, nothing is
// harmed by them, and a commit can't be changed later. git-fsck(1) lists them all.
var ancient = []string{
	"badDate", "badDateOverflow", "badEmail", "badName", "badTimezone", "missingEmail", "missingNameBeforeEmail",
	"missingSpaceBeforeDate", "missingSpaceBeforeEmail", "zeroPaddedDate", "zeroPaddedFilemode",
}

// strict is the option of index-pack that checks objects. skip is a file of ids that are not judged, "" for none.
func strict(skip string) string {
	list := make([]string, 0, len(ancient)+1)
	if skip != "" {
		list = append(list, "skiplist="+skip)
	}
	for _, fault := range ancient {
		list = append(list, fault+"=ignore")
	}
	return "--strict=" + strings.Join(list, ",")
}

// strictFetch is the configuration that makes a fetch check the same.
func strictFetch(skip string) []string {
	var config []string
	if skip != "" {
		config = append(config, "fetch.fsck.skipList="+skip)
	}
	for _, fault := range ancient {
		config = append(config, "fetch.fsck."+fault+"=ignore")
	}
	return config
}

var refusedObject = regexp.MustCompile(`object ([0-9a-f]{40}|[0-9a-f]{64}): `)

// maxJudged bounds how often a check is run again.
const maxJudged = 10

// judgeNew runs a check of objects that come in. git judges the .gitmodules and .gitattributes too that a new tree only takes over
// from an old one: where it refuses objects that known holds already, the check runs again without them. skip is "" at first.
func (r *Repos) judgeNew(ctx context.Context, known place, check func(skip string) error) error {
	err := check("")
	var skip []string
	for range maxJudged {
		var said *gitError
		if !errors.As(err, &said) || ctx.Err() != nil {
			return err
		}
		var named []string
		for _, m := range refusedObject.FindAllStringSubmatch(said.stderr, -1) {
			if !slices.Contains(skip, m[1]) {
				named = append(named, m[1])
			}
		}
		old, lookErr := r.held(ctx, known, named)
		if lookErr != nil || len(old) == 0 {
			return errors.Join(err, lookErr)
		}
		skip = append(skip, old...)
		if err = r.checkWithout(skip, check); err == nil {
			return nil
		}
	}
	return err
}

func (r *Repos) checkWithout(skip []string, check func(skip string) error) error {
	f, err := os.CreateTemp(r.config.DataDir, ".skip-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(strings.Join(skip, "\n") + "\n")
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return check(f.Name())
}

// held returns those of the ids that are objects of a repository.
func (r *Repos) held(ctx context.Context, at place, list []string) ([]string, error) {
	if len(list) == 0 {
		return nil, nil
	}
	out, err := r.output(ctx, at, ids(list), "cat-file", "--batch-check=%(objectname) %(objecttype)")
	if err != nil {
		return nil, fmt.Errorf("look up objects: %w", err)
	}
	var found []string
	for line := range strings.Lines(string(out)) {
		if id, kind, _ := strings.Cut(strings.TrimSpace(line), " "); kind != "missing" {
			found = append(found, id)
		}
	}
	return found, nil
}
