package session

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Only is one thing that exists in a session's sandbox alone: no result holds it, and it is lost with the sandbox. Kind
// is branch, tag, stash, ref, worktree, file, folder or repository. Name and Detail are in the sandbox's words.
type Only struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Detail string `json:"detail"`
	Commit string `json:"commit"` // what TakeBranch brings out; "" where it cannot
	Count  int    `json:"count"`  // commits that are nowhere else
}

// OnlyList is a bounded list; More counts what has no place in it.
type OnlyList struct {
	List []Only `json:"list"`
	More int    `json:"more"`
}

// Taken is a branch of an agent's that was brought into the user's repository.
type Taken struct {
	Name   string `json:"name"` // in the sandbox
	Commit string `json:"commit"`
	Branch string `json:"branch"` // in the user's repository
}

// maxTaken bounds how many taken branches a session remembers.
const maxTaken = 100

// String says what it is in a few words.
func (o Only) String() string {
	var more []string
	if o.Count > 0 && o.Kind != "stash" {
		more = append(more, count(o.Count, "commit"))
	}
	if o.Detail != "" {
		more = append(more, line(o.Detail, 100))
	}
	text := o.Kind + " " + line(o.Name, 200)
	if len(more) > 0 {
		text += " (" + strings.Join(more, ", ") + ")"
	}
	return text
}

// Lines are the list's, one for each thing.
func (l OnlyList) Lines() []string {
	var lines []string
	for _, o := range l.List {
		lines = append(lines, o.String())
	}
	if l.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", l.More))
	}
	return lines
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// line makes one line of what a sandbox says.
func line(s string, n int) string {
	return validPrefix(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s), n)
}

// without returns the list without what was taken and has not moved since.
func (l OnlyList) without(taken []Taken) OnlyList {
	l.List = slices.DeleteFunc(slices.Clone(l.List), func(o Only) bool {
		return o.Commit != "" && o.Detail == "" && slices.ContainsFunc(taken, func(t Taken) bool { return t.Name == o.Name && t.Commit == o.Commit })
	})
	return l
}

// setOnly keeps what the sandbox says that it alone has.
func setOnly(s *Session, l OnlyList) {
	s.Only = nil
	if l = l.without(s.Taken); len(l.List) > 0 || l.More > 0 {
		s.Only = &l
	}
}

// maxSaid bounds how many things a notice names.
const maxSaid = 10

// plain is a name that can be typed as it is.
var plain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/@{}-]*$`)

// sayOnly tells what is new in a turn. Files and folders that were left out have been told one by one.
func sayOnly(s *Session, b *batch, l OnlyList) {
	var before []Only
	if s.Only != nil {
		before = s.Only.List
	}
	var texts []string
	take := ""
	for _, o := range l.without(s.Taken).List {
		if o.Kind == "file" || o.Kind == "folder" || slices.Contains(before, o) {
			continue
		}
		if take == "" && o.Commit != "" && plain.MatchString(o.Name) {
			take = fmt.Sprintf(" `bga branches %s --take %s` brings it out.", s.ID, o.Name)
		}
		texts = append(texts, o.String())
	}
	if len(texts) == 0 {
		return
	}
	if n := len(texts); n > maxSaid {
		texts = append(texts[:maxSaid], fmt.Sprintf("and %d more", n-maxSaid))
	}
	notice(b, "Only in the sandbox, and not part of the result: "+strings.Join(texts, "; ")+"."+take)
}

// onlyWait bounds how long a sandbox is asked for what it alone has. It ends with its answer; else what it told last
// counts.
const onlyWait = 20 * time.Second

// askOnly brings the list up to date where the sandbox runs; else, and where it does not answer, the last known list
// counts.
func (m *Manager) askOnly(ctx context.Context, id ID) {
	l := m.runner(id).current()
	if l == nil {
		return
	}
	asked, cancel := context.WithTimeout(ctx, onlyWait)
	defer cancel()
	list, err := l.Only(asked)
	if err != nil {
		m.Log.Info("ask for what is in the sandbox alone", "session", id, "err", err)
		return
	}
	if err := m.set(ctx, id, func(s *Session) { setOnly(s, list) }); err != nil {
		m.Log.Error("record what is in the sandbox alone", "session", id, "err", err)
	}
}

// Branches implements Operations.
func (m *Manager) Branches(ctx context.Context, id ID) (OnlyList, error) {
	if _, err := m.session(id); err != nil {
		return OnlyList{}, err
	}
	m.askOnly(ctx, id)
	s, err := m.session(id)
	if err != nil || s.Only == nil {
		return OnlyList{List: []Only{}}, err
	}
	return *s.Only, nil
}

// TakeBranch implements Operations.
func (m *Manager) TakeBranch(ctx context.Context, id ID, name string) (Taken, error) {
	l, err := m.linked(ctx, id)
	if err != nil {
		return Taken{}, err
	}
	m.askOnly(ctx, id)
	s, p, err := m.sessionProject(id)
	if err != nil {
		return Taken{}, err
	}
	only, err := s.takeable(name)
	if err != nil {
		return Taken{}, err
	}
	wish := m.Settings().BranchPrefix + strings.TrimPrefix(only.Name, m.Settings().BranchPrefix)
	branch, err := m.runner(id).fetchBranch(ctx, l, p, s, only.Commit, wish)
	if err != nil {
		return Taken{}, err
	}
	t := Taken{Name: only.Name, Commit: only.Commit, Branch: branch}
	_, err = m.update(ctx, id, func(s *Session, b *batch) error {
		s.Taken = append(s.Taken[max(0, len(s.Taken)-maxTaken+1):len(s.Taken):len(s.Taken)], t)
		if s.Only != nil {
			setOnly(s, *s.Only)
		}
		notice(b, fmt.Sprintf("The agent's %s is now the branch %s in your repository.", only.String(), branch))
		return nil
	})
	return t, err
}

// takeable finds what of the sandbox can be brought out as a branch.
func (s Session) takeable(name string) (Only, error) {
	var names []string
	if s.Only != nil {
		for _, o := range s.Only.List {
			if o.Commit == "" {
				continue
			}
			if o.Name == name {
				return o, nil
			}
			names = append(names, line(o.Name, 100))
		}
	}
	if i := slices.IndexFunc(s.Taken, func(t Taken) bool { return t.Name == name }); i >= 0 {
		return Only{}, newError(CodeConflict, "It is the branch "+s.Taken[i].Branch+" in your repository already.", "Look at it with `git log "+s.Taken[i].Branch+"`.", nil)
	}
	hint := "Nothing there can be brought out as a branch."
	if len(names) > 0 {
		hint = "There is " + strings.Join(names[:min(len(names), maxSaid)], ", ") + "."
	}
	return Only{}, newError(CodeNotFound, "The sandbox alone has no branch “"+line(name, 100)+"”.", hint, nil)
}
