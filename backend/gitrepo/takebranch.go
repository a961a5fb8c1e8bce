package gitrepo

import (
	"context"
	"fmt"
	"io"
	"strings"

	"background-agents/backend/session"
)

// ReceiveBranch checks a commit that is not the session's result as Receive checks a result, and makes a branch of it in the user's
// repository. Where there is a branch of that name already the new one gets a number; none is ever moved.
func (r *Repos) ReceiveBranch(ctx context.Context, p session.Project, s session.Session, commit, wish string, bundle io.Reader) (string, error) {
	v, err := r.receive(ctx, p, s, "taken/"+commit, session.Checkpoint{Commit: commit, Files: commit}, bundle)
	if err != nil {
		return "", err
	}
	q, u, err := r.quarantine(ctx, p, s)
	if err != nil {
		return "", err
	}
	ctx, unlock, err := r.lock(ctx, p.ID, string(s.ID))
	if err != nil {
		return "", err
	}
	defer unlock()
	pub := &publishing{r: r, p: p, s: s, u: u, q: q, v: v}
	if err := pub.take(ctx, sessionRefs(s)+"taken/"+commit+"/commit"); err != nil {
		return "", explain(err)
	}
	const tries = 5
	for range tries {
		branch, err := r.FreeBranch(ctx, p, wish)
		if err != nil {
			return "", err
		}
		// From nothing: somebody may have made a branch of this name just now.
		err = r.quiet(ctx, u.place(), nil, "update-ref", "-m", "background-agents: from session "+string(s.ID),
			"refs/heads/"+branch, commit, strings.Repeat("0", len(commit)))
		if err == nil {
			return branch, nil
		}
		if !stderrHas(err, "already exists") && !stderrHas(err, "cannot lock ref") {
			return "", explain(fmt.Errorf("make branch: %w", err))
		}
	}
	return "", fail(session.CodeBranchExists, fmt.Sprintf("No branch %s could be made.", wish), "Rename the branches of that name, then try again.", nil)
}

// Dropped lists the commits that from has and to has not. What to has under another id, as after a rebase, is not dropped.
func (r *Repos) Dropped(ctx context.Context, p session.Project, s session.Session, from, to string) ([]session.CommitLine, error) {
	if err := checkCommits(from, to); err != nil {
		return nil, err
	}
	q, _, err := r.quarantine(ctx, p, s)
	if err != nil {
		return nil, err
	}
	held, err := r.commitsOf(ctx, inside(q), []string{from})
	if err != nil {
		return nil, explain(err)
	}
	if len(held) == 0 {
		return []session.CommitLine{{ID: from, Subject: "(not known on this computer any more)"}}, nil
	}
	list := []session.CommitLine{}
	err = r.run(ctx, inside(q), nil, func(out io.Reader) error {
		return eachLine(out, func(line string) error {
			id, subject, _ := strings.Cut(strings.TrimRight(line, " "), " ")
			list = append(list, session.CommitLine{ID: id, Subject: strings.ToValidUTF8(subject, "�")})
			return nil
		})
	}, "log", "--no-ext-diff", "--no-textconv", "--no-show-signature", "--cherry-pick", "--right-only",
		fmt.Sprintf("--max-count=%d", session.MaxPlanned), "--format=%H %<(200,trunc)%s", to+"..."+from)
	if err != nil {
		return nil, explain(fmt.Errorf("list dropped commits: %w", err))
	}
	return list, nil
}
