package gitrepo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"background-agents/backend/session"
)

// FreeBranch returns a branch name from the wish that is not taken, by a number at its end if need be. It gives no
// name twice within an hour, so that sessions made at once get different ones.
func (r *Repos) FreeBranch(ctx context.Context, p session.Project, wish string) (string, error) {
	u, err := r.open(p)
	if err != nil {
		return "", err
	}
	out, err := r.output(ctx, u.place(), nil, "for-each-ref", "--format=%(refname)", "refs/heads/")
	if err != nil {
		return "", explain(err)
	}
	// Compared without case: two names that differ in case alone are one file on many disks.
	taken := map[string]bool{}    // branches, and folders of branches
	branches := map[string]bool{} // branches alone
	for line := range strings.Lines(strings.ToLower(string(out))) {
		name := strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "refs/heads/")
		branches[name] = true
		for ; name != ""; name = parent(name) {
			taken[name] = true
		}
	}
	name := cleanBranch(wish)
	for folder := parent(name); folder != ""; folder = parent(folder) {
		if branches[strings.ToLower(folder)] { // a branch cannot lie below another
			name = strings.ReplaceAll(name, "/", "-")
			break
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, at := range r.reserved {
		if time.Since(at) > time.Hour {
			delete(r.reserved, key)
		}
	}
	for n, try := 2, name; ; n++ {
		key := u.common + "\x00" + strings.ToLower(try)
		if _, held := r.reserved[key]; !held && !taken[strings.ToLower(try)] {
			r.reserved[key] = time.Now()
			return try, nil
		}
		try = fmt.Sprintf("%s-%d", name, n)
	}
}

func parent(branch string) string {
	if i := strings.LastIndexByte(branch, '/'); i >= 0 {
		return branch[:i]
	}
	return ""
}

// maxBranch keeps branch names, which become file names, short. Bytes.
const maxBranch = 120

// cleanBranch makes a valid branch name of any text (git-check-ref-format(1)), keeping letters of all scripts.
func cleanBranch(wish string) string {
	var parts []string
	for part := range strings.SplitSeq(strings.ToValidUTF8(wish, "-"), "/") {
		part = strings.Map(func(c rune) rune {
			if c <= ' ' || c == 0x7f || strings.ContainsRune("~^:?*[\\@{}\"'`$&|;<>()!#%", c) {
				return '-'
			}
			return c
		}, part)
		for strings.Contains(part, "..") {
			part = strings.ReplaceAll(part, "..", ".")
		}
		for strings.Contains(part, "--") {
			part = strings.ReplaceAll(part, "--", "-")
		}
		part = strings.Trim(part, "-.")
		for strings.HasSuffix(strings.ToLower(part), ".lock") {
			part = strings.Trim(part[:len(part)-len(".lock")], "-.")
		}
		if part != "" {
			parts = append(parts, part)
		}
	}
	name := strings.Join(parts, "/")
	if len(name) > maxBranch {
		name = strings.TrimRight(strings.ToValidUTF8(name[:maxBranch], ""), "-./")
		return cleanBranch(name) // the cut may have made a bad end
	}
	if name == "" || strings.EqualFold(name, "HEAD") {
		return "session"
	}
	return name
}

// checkBranch refuses what can't be a branch name, as far as that is seen without git.
func checkBranch(name string) error {
	if name == "" || name[0] == '-' || name == "HEAD" || strings.ContainsAny(name, "\x00\n") || len(name) > 250 {
		return notABranch(name)
	}
	return nil
}

func notABranch(name string) error {
	return fail(session.CodeInvalid, fmt.Sprintf("%q is not a valid branch name.", strings.ToValidUTF8(name[:min(len(name), 100)], "")),
		"Choose another name.", nil)
}

// CheckBranch refuses a name that a new branch can't have: one that git does not allow, that is taken, or that lies below or above
// another branch. Names that differ in case alone are one file on many disks.
func (r *Repos) CheckBranch(ctx context.Context, p session.Project, name string) error {
	u, err := r.open(p)
	if err != nil {
		return err
	}
	if err := r.checkRef(ctx, u, name); err != nil {
		return err
	}
	out, err := r.output(ctx, u.place(), nil, "for-each-ref", "--format=%(refname)", "refs/heads/")
	if err != nil {
		return explain(err)
	}
	lower := strings.ToLower(name)
	for line := range strings.Lines(string(out)) {
		branch := strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "refs/heads/")
		message, taken := "", strings.ToLower(branch)
		switch {
		case branch == name:
			message = fmt.Sprintf("The branch %s exists already.", name)
		case taken == lower:
			message = fmt.Sprintf("The branch %s exists already; %s differs from it only in case.", branch, name)
		case strings.HasPrefix(lower, taken+"/"):
			message = fmt.Sprintf("Git can't have a branch %s below the branch %s.", name, branch)
		case strings.HasPrefix(taken, lower+"/"):
			message = fmt.Sprintf("Git can't have a branch %s above the branch %s.", name, branch)
		default:
			continue
		}
		return fail(session.CodeBranchExists, message, "Choose another name.", nil)
	}
	return nil
}
