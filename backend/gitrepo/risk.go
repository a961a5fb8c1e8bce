package gitrepo

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Why to look at a changed path first.
const (
	riskCI        = "ci"
	riskHook      = "hook"
	riskEditor    = "editor"
	riskAgent     = "agent"
	riskBuild     = "build"
	riskLink      = "link" // a symbolic link that leads out of the tree
	riskDeletion  = "deletion"
	riskMigration = "migration"
	riskLock      = "lock"
)

// runsElsewhere tells what runs code outside the sandbox from what only asks for attention.
func runsElsewhere(risk string) bool {
	switch risk {
	case riskCI, riskHook, riskEditor, riskAgent, riskBuild, riskLink:
		return true
	}
	return false
}

// riskyNames are base names, in lower case. riskyPaths are whole paths or, with a slash at the end, folders anywhere.
var (
	riskyNames = map[string]string{
		".gitattributes": riskHook, ".gitmodules": riskHook, ".lfsconfig": riskHook, ".gitconfig": riskHook,
		".envrc": riskHook, "lefthook.yml": riskHook, "lefthook.yaml": riskHook, ".lefthook.yml": riskHook,
		".pre-commit-config.yaml": riskHook, ".huskyrc": riskHook, ".lintstagedrc": riskHook, "mise.toml": riskHook,
		".mise.toml": riskHook, ".overcommit.yml": riskHook,
		".gitlab-ci.yml": riskCI, "jenkinsfile": riskCI, "azure-pipelines.yml": riskCI, ".travis.yml": riskCI,
		"appveyor.yml": riskCI, ".appveyor.yml": riskCI, "bitbucket-pipelines.yml": riskCI, ".drone.yml": riskCI,
		".woodpecker.yml": riskCI, ".cirrus.yml": riskCI, "cloudbuild.yaml": riskCI, "buildspec.yml": riskCI,
		"codeowners": riskCI, "dependabot.yml": riskCI,
		".devcontainer.json": riskEditor, ".exrc": riskEditor, ".vimrc": riskEditor, ".nvimrc": riskEditor,
		".nvim.lua": riskEditor, ".lvimrc": riskEditor, ".dir-locals.el": riskEditor, ".dir-locals-2.el": riskEditor,
		"agents.md": riskAgent, "claude.md": riskAgent, "claude.local.md": riskAgent, "gemini.md": riskAgent,
		".cursorrules": riskAgent, ".windsurfrules": riskAgent, ".clinerules": riskAgent, ".goosehints": riskAgent,
		"copilot-instructions.md": riskAgent, "opencode.json": riskAgent, "opencode.jsonc": riskAgent,
		".mcp.json": riskAgent, "mcp.json": riskAgent, ".aider.conf.yml": riskAgent,
		"makefile": riskBuild, "gnumakefile": riskBuild, "justfile": riskBuild, "taskfile.yml": riskBuild,
		"rakefile": riskBuild, ".npmrc": riskBuild, ".yarnrc": riskBuild, ".yarnrc.yml": riskBuild,
		".pnpmfile.cjs": riskBuild, "bunfig.toml": riskBuild, "build.rs": riskBuild, "setup.py": riskBuild,
		"conftest.py": riskBuild, "sitecustomize.py": riskBuild, "build.gradle": riskBuild,
		"build.gradle.kts": riskBuild, "settings.gradle": riskBuild, "settings.gradle.kts": riskBuild,
		"gradlew": riskBuild, "gradlew.bat": riskBuild, "mvnw": riskBuild, "mvnw.cmd": riskBuild,
		"cmakelists.txt": riskBuild, "configure": riskBuild, "binding.gyp": riskBuild, "pom.xml": riskBuild,
		"dockerfile": riskBuild, "docker-compose.yml": riskBuild, "compose.yaml": riskBuild, "compose.yml": riskBuild,
		"docker-compose.yaml": riskBuild, "tiltfile": riskBuild, "vagrantfile": riskBuild,
		"package-lock.json": riskLock, "npm-shrinkwrap.json": riskLock, "yarn.lock": riskLock,
		"pnpm-lock.yaml": riskLock, "bun.lock": riskLock, "bun.lockb": riskLock, "go.sum": riskLock,
		"cargo.lock": riskLock, "poetry.lock": riskLock, "uv.lock": riskLock, "gemfile.lock": riskLock,
		"composer.lock": riskLock, "pipfile.lock": riskLock, "flake.lock": riskLock, "mix.lock": riskLock,
		"packages.lock.json": riskLock,
	}
	riskyFolders = map[string]string{
		".github/workflows": riskCI, ".github/actions": riskCI, ".gitlab/ci": riskCI, ".circleci": riskCI,
		".buildkite": riskCI, ".forgejo/workflows": riskCI, ".gitea/workflows": riskCI, ".woodpecker": riskCI,
		".teamcity": riskCI,
		".husky":    riskHook, ".githooks": riskHook, ".git-hooks": riskHook, ".hooks": riskHook, ".lefthook": riskHook,
		".background-agents": riskHook, ".direnv": riskHook, "git/hooks": riskHook,
		".vscode": riskEditor, ".idea": riskEditor, ".devcontainer": riskEditor, ".zed": riskEditor,
		".vs": riskEditor, ".fleet": riskEditor, ".nvim": riskEditor, ".vim": riskEditor,
		".claude": riskAgent, ".codex": riskAgent, ".opencode": riskAgent, ".cursor": riskAgent,
		".windsurf": riskAgent, ".roo": riskAgent, ".gemini": riskAgent, ".clinerules": riskAgent,
		".goose": riskAgent, ".github/instructions": riskAgent, ".amazonq": riskAgent,
		".cargo": riskBuild, ".mvn": riskBuild, ".yarn": riskBuild, "gradle/wrapper": riskBuild,
		".config/mise": riskHook,
		"migrations":   riskMigration, "migrate": riskMigration, "db/migrate": riskMigration,
		"alembic/versions": riskMigration,
	}
	riskyEndings = map[string]string{
		".code-workspace": riskEditor, ".sublime-project": riskEditor, ".iml": riskEditor,
		".mk": riskBuild, ".vcxproj": riskBuild, ".csproj": riskBuild, ".targets": riskBuild, ".gemspec": riskBuild,
		".cmake": riskBuild,
	}
)

// gitHooks are the names by which git runs a file of its hooks folder (githooks(5)), which core.hooksPath can name
// anywhere. "update" is too usual a word. The folder hooks/ at the top is where they lie in a git directory; deeper
// ones are common in programs.
var gitHooks = map[string]bool{
	"applypatch-msg": true, "pre-applypatch": true, "post-applypatch": true, "pre-commit": true,
	"pre-merge-commit":   true,
	"prepare-commit-msg": true, "commit-msg": true, "post-commit": true, "pre-rebase": true, "post-checkout": true,
	"post-merge": true,
	"pre-push":   true, "pre-receive": true, "proc-receive": true, "post-receive": true, "post-update": true,
	"reference-transaction": true, "push-to-checkout": true, "pre-auto-gc": true, "post-rewrite": true,
	"sendemail-validate": true,
	"fsmonitor-watchman": true, "post-index-change": true,
}

// riskOfPath classifies by name alone, without regard to case.
func riskOfPath(p string) string {
	p = strings.ToLower(p)
	base := path.Base(p)
	if risk := riskyNames[base]; risk != "" && risk != riskLock {
		return risk
	}
	if strings.HasPrefix(p, "hooks/") || gitHooks[strings.TrimSuffix(base, path.Ext(base))] {
		return riskHook
	}
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		for folder := dir; ; {
			if risk := riskyFolders[folder]; risk != "" {
				return risk
			}
			_, rest, ok := strings.Cut(folder, "/")
			if !ok {
				break
			}
			folder = rest
		}
	}
	if risk := riskyEndings[path.Ext(base)]; risk != "" {
		return risk
	}
	if strings.HasPrefix(base, "dockerfile.") || strings.HasSuffix(base, ".dockerfile") {
		return riskBuild
	}
	return riskyNames[base]
}

// maxRead bounds how much of package.json files is read to classify them. Bytes.
const maxRead = 1 << 20

// classify sets the risk of each change from a tree. A file counts by each name that it can be reached by in the new
// tree, also through symbolic links. It reads package.json, whose scripts count, and where links lead.
func (r *Repos) classify(ctx context.Context, at place, from string, changes []change) error {
	if len(changes) == 0 {
		return nil
	}
	before, many, err := r.linksOf(ctx, at, from)
	if err != nil {
		return err
	}
	linkBlobs := map[string][]byte{}
	for _, c := range changes {
		if c.newMode == modeLink {
			linkBlobs[c.newID] = nil
		}
	}
	if err := r.readBlobs(ctx, at, linkBlobs, maxTarget); err != nil {
		return err
	}
	after := before.after(changes, linkBlobs)
	targets, outward := after.targets(), after.outward()
	packages := map[string][]byte{}
	for i := range changes {
		c := &changes[i]
		names, more := aliases(c.path, targets)
		c.risk = riskOfNames(names, c.newMode == modeLink)
		if c.risk == "" && c.old != "" {
			c.risk = riskOfPath(c.old)
		}
		switch {
		case c.newMode == modeSubmodule || c.oldMode == modeSubmodule:
			c.risk = riskHook
		case c.newMode == modeLink && (many || outward[strings.ToLower(c.path)] ||
			escapes(c.path, string(linkBlobs[c.newID]))), more && c.risk == "":
			c.risk = riskLink
		}
		if c.isPackage = slices.ContainsFunc(names,
			func(name string) bool { return path.Base(name) == "package.json" }); c.isPackage {
			packages[c.oldID], packages[c.newID] = nil, nil
		}
	}
	if err := r.readBlobs(ctx, at, packages, maxRead); err != nil {
		return err
	}
	for i := range changes {
		c := &changes[i]
		if c.isPackage && c.risk == "" && scriptsDiffer(packages[c.oldID], packages[c.newID]) {
			c.risk = riskBuild
		}
		if c.status == "deleted" && !runsElsewhere(c.risk) {
			c.risk = riskDeletion
		}
	}
	return nil
}

// riskOfNames is the risk of a file by all its names: one for which code runs elsewhere before others. A link counts as
// the folder that it may stand for, with what lies in it.
func riskOfNames(names []string, link bool) string {
	found := ""
	for _, name := range names {
		risk := riskOfPath(name)
		if link && !runsElsewhere(risk) {
			if folder := riskOfLink(name); folder != "" {
				risk = folder
			}
		}
		if runsElsewhere(risk) {
			return risk
		}
		found = cmp.Or(found, risk)
	}
	return found
}

// riskOfLink is the risk of what lies in the folder that a link at p makes: the folder's own, or that of a risky folder
// below it.
func riskOfLink(p string) string {
	if risk := riskOfPath(p + "/x"); risk != "" {
		return risk
	}
	for folder := strings.ToLower(p); ; {
		for risky, risk := range riskyFolders {
			if strings.HasPrefix(risky, folder+"/") && runsElsewhere(risk) {
				return risk
			}
		}
		_, rest, ok := strings.Cut(folder, "/")
		if !ok {
			return ""
		}
		folder = rest
	}
}

// readBlobs fills in the blobs that are at most limit bytes long.
func (r *Repos) readBlobs(ctx context.Context, at place, blobs map[string][]byte, limit int) error {
	var wanted []string
	for id := range blobs {
		if strings.Trim(id, "0") != "" {
			wanted = append(wanted, id)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	slices.Sort(wanted)
	var small []string
	err := r.run(ctx, at, ids(wanted), func(out io.Reader) error {
		return eachLine(out, func(line string) error {
			f := strings.Fields(line)
			if len(f) == 3 && f[1] == "blob" {
				if size, err := strconv.Atoi(f[2]); err == nil && size <= limit {
					small = append(small, f[0])
				}
			}
			return nil
		})
	}, "cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)", "--buffer")
	if err != nil || len(small) == 0 {
		return err
	}
	return r.run(ctx, at, ids(small), func(out io.Reader) error {
		br := bufio.NewReader(out)
		for _, id := range small {
			b, err := readObject(br, limit)
			if err != nil {
				return err
			}
			blobs[id] = b
		}
		return nil
	}, "cat-file", "--batch", "--buffer")
}

// scriptsDiffer compares what package managers run. What cannot be read counts as different.
func scriptsDiffer(before, after []byte) bool {
	read := func(b []byte) (fields map[string]any, ok bool) {
		if b == nil {
			return nil, true
		}
		ok = json.Unmarshal(b, &fields) == nil
		return fields, ok
	}
	a, okA := read(before)
	b, okB := read(after)
	if !okA || !okB {
		return true
	}
	for _, field := range []string{"scripts", "bin", "husky", "lint-staged", "simple-git-hooks", "pre-commit",
		"packageManager", "workspaces"} {
		if !reflect.DeepEqual(a[field], b[field]) {
			return true
		}
	}
	return false
}
