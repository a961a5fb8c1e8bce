package gitrepo

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"background-agents/backend/session"
)

// fetchBase asks the base's remote for what is new, and returns where the base is now. It writes the one
// remote-tracking branch that the base is, or follows; a branch of the user's own stays where it is, and counts where
// it has what the remote lacks.
func (r *Repos) fetchBase(ctx context.Context, p session.Project, u repo, s session.Session, progress func(string)) (commit, from string, err error) {
	local, err := r.Resolve(ctx, p, s.BaseRef)
	if err != nil {
		return "", "", err
	}
	m, theirs, ours, err := r.upstream(ctx, u, s.BaseRef)
	if err != nil || theirs == "" {
		return local, "", err
	}
	ctx, cancel := limited(ctx, fetchTime, m.name+" ("+withoutCredentials(m.url)+") did not send what is new",
		"Check your network, or fetch in a terminal; then try again.")
	defer cancel()
	at, err := r.talk(ctx, u, m.url, progress)
	if err != nil {
		return "", "", err
	}
	at.config = append(at.config, "transfer.fsckObjects=false", "fetch.fsckObjects=false") // the user's own history, which may be old
	err = r.quiet(ctx, at, nil, "fetch", "--progress", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance",
		"--no-prune", "--no-show-forced-updates", "--refmap=", "--", m.name, "+"+theirs+":"+ours)
	if stderrHas(err, "couldn't find remote ref") {
		return "", "", fail(session.CodeBaseMissing, fmt.Sprintf("%s has no branch %s any more.", m.name, strings.TrimPrefix(theirs, "refs/heads/")),
			"Choose another base.", err)
	}
	if err != nil {
		return "", "", remoteFailed(err, m.name, m.url)
	}
	if commit, err = r.line(ctx, u.place(), "rev-parse", "--verify", "--quiet", ours+"^{commit}"); err != nil {
		return "", "", explain(err)
	}
	if ours == "refs/remotes/"+s.BaseRef {
		return commit, m.name, nil // as the remote has it now, whatever it was
	}
	err = r.quiet(ctx, u.place(), nil, "merge-base", "--is-ancestor", local, commit)
	if exited(err, 1) {
		return local, m.name, nil
	}
	return commit, m.name, explain(err)
}

// upstream finds the remote's branch that a base is, or follows: theirs at the remote, ours in the repository. theirs
// is "" if it has none.
func (r *Repos) upstream(ctx context.Context, u repo, base string) (m remote, theirs, ours string, err error) {
	remotes, err := r.remotes(ctx, u)
	if err != nil {
		return m, "", "", err
	}
	at := place{dir: u.common, configured: true}
	heads := r.quiet(ctx, u.place(), nil, "rev-parse", "--verify", "--quiet", "--end-of-options", "refs/heads/"+base) == nil
	for _, m := range remotes {
		if branch, ok := strings.CutPrefix(base, m.name+"/"); ok && !heads && r.checkRef(ctx, u, branch) == nil {
			return m, "refs/heads/" + branch, "refs/remotes/" + base, nil
		}
	}
	if !heads {
		return m, "", "", ctx.Err()
	}
	name, _ := r.line(ctx, at, "config", "--get", "branch."+base+".remote")
	merge, _ := r.line(ctx, at, "config", "--get", "branch."+base+".merge")
	branch, ok := strings.CutPrefix(merge, "refs/heads/")
	i := slices.IndexFunc(remotes, func(m remote) bool { return m.name == name })
	if i < 0 || !ok || r.checkRef(ctx, u, branch) != nil {
		return m, "", "", ctx.Err()
	}
	return remotes[i], merge, "refs/remotes/" + name + "/" + branch, nil
}
