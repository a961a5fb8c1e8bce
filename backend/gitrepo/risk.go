package gitrepo

import (
	"bufio"
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
		".gitattributes": riskHook, ".gitmodules": riskHook, ".lfsconfig": riskHook, ".gitconfig": riskHook, ".envrc": riskHook,
		"lefthook.yml": riskHook, "lefthook.yaml": riskHook, ".lefthook.yml": riskHook, ".pre-commit-config.yaml": riskHook,
		".huskyrc": riskHook, ".lintstagedrc": riskHook, "mise.toml": riskHook, ".mise.toml": riskHook, ".overcommit.yml": riskHook,
		".gitlab-ci.yml": riskCI, "jenkinsfile": riskCI, "azure-pipelines.yml": riskCI, ".travis.yml": riskCI, "appveyor.yml": riskCI,
		".appveyor.yml": riskCI, "bitbucket-pipelines.yml": riskCI, ".drone.yml": riskCI, ".woodpecker.yml": riskCI, ".cirrus.yml": riskCI,
		"cloudbuild.yaml": riskCI, "buildspec.yml": riskCI, "codeowners": riskCI, "dependabot.yml": riskCI,
		".devcontainer.json": riskEditor, ".exrc": riskEditor, ".vimrc": riskEditor, ".nvimrc": riskEditor, ".nvim.lua": riskEditor,
		".lvimrc": riskEditor, ".dir-locals.el": riskEditor, ".dir-locals-2.el": riskEditor,
		"agents.md": riskAgent, "claude.md": riskAgent, "claude.local.md": riskAgent, "gemini.md": riskAgent, ".cursorrules": riskAgent,
		".windsurfrules": riskAgent, ".clinerules": riskAgent, ".goosehints": riskAgent, "copilot-instructions.md": riskAgent,
		"opencode.json": riskAgent, "opencode.jsonc": riskAgent, ".mcp.json": riskAgent, "mcp.json": riskAgent, ".aider.conf.yml": riskAgent,
		"makefile": riskBuild, "gnumakefile": riskBuild, "justfile": riskBuild, "taskfile.yml": riskBuild, "rakefile": riskBuild,
		".npmrc": riskBuild, ".yarnrc": riskBuild, ".yarnrc.yml": riskBuild, ".pnpmfile.cjs": riskBuild, "bunfig.toml": riskBuild,
		"build.rs": riskBuild, "setup.py": riskBuild, "conftest.py": riskBuild, "sitecustomize.py": riskBuild, "build.gradle": riskBuild,
		"build.gradle.kts": riskBuild, "settings.gradle": riskBuild, "settings.gradle.kts": riskBuild, "gradlew": riskBuild,
		"gradlew.bat": riskBuild, "mvnw": riskBuild, "mvnw.cmd": riskBuild, "cmakelists.txt": riskBuild, "configure": riskBuild,
		"binding.gyp": riskBuild, "pom.xml": riskBuild, "dockerfile": riskBuild, "docker-compose.yml": riskBuild, "compose.yaml": riskBuild,
		"compose.yml": riskBuild, "docker-compose.yaml": riskBuild, "tiltfile": riskBuild, "vagrantfile": riskBuild,
		"package-lock.json": riskLock, "npm-shrinkwrap.json": riskLock, "yarn.lock": riskLock, "pnpm-lock.yaml": riskLock, "bun.lock": riskLock,
		"bun.lockb": riskLock, "go.sum": riskLock, "cargo.lock": riskLock, "poetry.lock": riskLock, "uv.lock": riskLock, "gemfile.lock": riskLock,
		"composer.lock": riskLock, "pipfile.lock": riskLock, "flake.lock": riskLock, "mix.lock": riskLock, "packages.lock.json": riskLock,
	}
	riskyFolders = map[string]string{
		".github/workflows": riskCI, ".github/actions": riskCI, ".gitlab/ci": riskCI, ".circleci": riskCI, ".buildkite": riskCI,
		".forgejo/workflows": riskCI, ".gitea/workflows": riskCI, ".woodpecker": riskCI, ".teamcity": riskCI,
		".husky": riskHook, ".githooks": riskHook, ".git-hooks": riskHook, ".hooks": riskHook, ".lefthook": riskHook,
		".background-agents": riskHook, ".direnv": riskHook,
		".vscode": riskEditor, ".idea": riskEditor, ".devcontainer": riskEditor, ".zed": riskEditor, ".vs": riskEditor, ".fleet": riskEditor,
		".nvim": riskEditor, ".vim": riskEditor,
		".claude": riskAgent, ".codex": riskAgent, ".opencode": riskAgent, ".cursor": riskAgent, ".windsurf": riskAgent, ".roo": riskAgent,
		".gemini": riskAgent, ".clinerules": riskAgent, ".goose": riskAgent, ".github/instructions": riskAgent, ".amazonq": riskAgent,
		".cargo": riskBuild, ".mvn": riskBuild, ".yarn": riskBuild, "gradle/wrapper": riskBuild, ".config/mise": riskHook,
		"migrations": riskMigration, "migrate": riskMigration, "db/migrate": riskMigration, "alembic/versions": riskMigration,
	}
	riskyEndings = map[string]string{
		".code-workspace": riskEditor, ".sublime-project": riskEditor, ".iml": riskEditor, ".mk": riskBuild, ".vcxproj": riskBuild,
		".csproj": riskBuild, ".targets": riskBuild, ".gemspec": riskBuild, ".cmake": riskBuild,
	}
)

// riskOfPath classifies by name alone, without regard to case.
func riskOfPath(p string) string {
	p = strings.ToLower(p)
	base := path.Base(p)
	if risk := riskyNames[base]; risk != "" && risk != riskLock {
		return risk
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

// maxRead bounds how much of package.json files and links is read to classify them. Bytes.
const maxRead = 1 << 20

// classify sets the risk of each change. It reads package.json, whose scripts count, and where new links lead.
func (r *Repos) classify(ctx context.Context, at place, changes []change) error {
	blobs := map[string][]byte{}
	for i := range changes {
		c := &changes[i]
		if c.risk = riskOfPath(c.path); c.risk == "" && c.old != "" {
			c.risk = riskOfPath(c.old)
		}
		if c.newMode == modeSubmodule || c.oldMode == modeSubmodule {
			c.risk = riskHook
		}
		if c.newMode == modeLink {
			blobs[c.newID] = nil
		}
		if path.Base(c.path) == "package.json" {
			blobs[c.oldID], blobs[c.newID] = nil, nil
		}
	}
	if err := r.readBlobs(ctx, at, blobs, maxRead); err != nil {
		return err
	}
	for i := range changes {
		c := &changes[i]
		switch {
		case c.newMode == modeLink && escapes(c.path, string(blobs[c.newID])):
			c.risk = riskLink
		case path.Base(c.path) == "package.json" && c.risk == "" && scriptsDiffer(blobs[c.oldID], blobs[c.newID]):
			c.risk = riskBuild
		}
		if c.status == "deleted" && !runsElsewhere(c.risk) {
			c.risk = riskDeletion
		}
	}
	return nil
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
	for _, field := range []string{"scripts", "bin", "husky", "lint-staged", "simple-git-hooks", "pre-commit", "packageManager", "workspaces"} {
		if !reflect.DeepEqual(a[field], b[field]) {
			return true
		}
	}
	return false
}
