package gitrepo

import (
	"fmt"
	"slices"
	"testing"
)

func TestRiskThroughLinks(t *testing.T) {
	w := newWorld(t, map[string]string{"ci/old.yml": "on: push\n", "conf/x.json": "{}\n", ".idea": "-> conf", "build/rules": "all:\n",
		"Makefile": "-> build/rules", "p/manifest": "{}", "package.json": "-> p/manifest"})
	for name, c := range map[string]struct {
		files map[string]string
		risky []string // of the base's diff
	}{
		"folder is a link":                {map[string]string{".husky": "-> tools/h", "tools/h/pre-x*": "x"}, []string{".husky", "tools/h/pre-x"}},
		"link to what is there":           {map[string]string{".github/workflows": "-> ../ci"}, []string{".github/workflows"}},
		"link of the folder above":        {map[string]string{"sub/.github": "-> ../gh", "gh/workflows/x.yml": "on: push"}, []string{"gh/workflows/x.yml", "sub/.github"}},
		"links that hold one another":     {map[string]string{".github": "-> gh", "gh/workflows": "-> ../run", "run/x.yml": "on: push"}, []string{".github", "gh/workflows", "run/x.yml"}},
		"link to a link":                  {map[string]string{".vscode": "-> one", "one": "-> two", "two/tasks.json": "{}"}, []string{".vscode", "two/tasks.json"}},
		"file behind a link of the base":  {map[string]string{"conf/x.json": "evil"}, []string{"conf/x.json"}},
		"target of a linked file":         {map[string]string{"build/rules": "all: evil\n"}, []string{"build/rules"}},
		"scripts of a linked package":     {map[string]string{"p/manifest": `{"scripts":{"test":"evil"}}`}, []string{"p/manifest"}},
		"no scripts of a linked package":  {map[string]string{"p/manifest": `{"name":"x"}`}, nil},
		"another case":                    {map[string]string{".HUSKY": "-> Tools/H", "tools/h/f": "x"}, []string{".HUSKY", "tools/h/f"}},
		"two links lead out":              {map[string]string{"deep/a/b/up": "-> ../../..", "x": "-> deep/a/b/up/../outside", "deep/a/b/f": "x"}, []string{"deep/a/b/up", "x"}},
		"two links lead into the git dir": {map[string]string{"here": "-> .", "x": "-> here/.git/hooks"}, []string{"here", "x"}},
		"round in circles":                {map[string]string{"a": "-> b", "b": "-> a"}, []string{"a", "b"}},
		"link in itself":                  {map[string]string{"d/self": "-> .", "d/f": "x"}, nil},
		"plain link":                      {map[string]string{"readme": "-> old.txt", "docs": "-> conf"}, nil},
		"git hook anywhere":               {map[string]string{"hooks/anything": "x", "tools/hooks/pre-push.sh": "x", "src/hooks/useLogin.ts": "x", "git/hooks/x": "x"}, []string{"git/hooks/x", "hooks/anything", "tools/hooks/pre-push.sh"}},
	} {
		t.Run(name, func(t *testing.T) {
			write(t, w.agent, c.files)
			git(t, w.agent, "add", "-A", "-f")
			tree := git(t, w.agent, "write-tree")
			got, err := w.riskyBetween(w.ctx, place{dir: w.agent + "/.git"}, w.base, tree)
			if err != nil || !slices.Equal(got, append([]string{}, c.risky...)) {
				t.Errorf("risky are %q, not %q (%v)", got, c.risky, err)
			}
			git(t, w.agent, "reset", "-q", "--hard")
			git(t, w.agent, "clean", "-fdqx")
		})
	}
}

func TestAliasesAreBounded(t *testing.T) {
	l := links{}
	for i := range 2000 {
		l[fmt.Sprintf("l%d", i)] = "d"
		l[fmt.Sprintf("d/m%d", i)] = "../d"
	}
	names, more := aliases("d/f", l.targets())
	if !more || len(names) > maxAliases {
		t.Errorf("%d names, more is %v", len(names), more)
	}
	if names, more := aliases("e/f", l.targets()); more || len(names) != 1 {
		t.Errorf("%d names, more is %v", len(names), more)
	}
}
