package environment

import (
	"strings"
	"testing"
)

// ecosystems are small projects of each kind. kind is what the first part is built with.
var ecosystems = []struct {
	kind  string
	files memory
}{
	{"go", memory{"go.mod": "module a\n\ngo 1.24.0\n", "main.go": "package main\n"}},
	{"go", memory{"go.mod": "module a\n", "package.json": `{"devDependencies":{"prettier":"3"}}`}},
	{"go", memory{"go.work": "go 1.25\nuse ./x\n", "x/go.mod": "module x\n"}},
	{"npm", memory{"package.json": `{"scripts":{"test":"mocha"}}`}},
	{"npm", memory{"package.json": `{}`, "package-lock.json": "{}"}},
	{"npm", memory{"package.json": `{"packageManager":"npm@10.9.0"}`}},
	{"npm", memory{"package.json": `{"workspaces":["a"]}`, "a/package.json": `{"scripts":{"test":"x"}}`}},
	{"pnpm", memory{"package.json": `{}`, "pnpm-lock.yaml": "lockfileVersion: '9.0'\n"}},
	{"pnpm", memory{"package.json": `{"packageManager":"pnpm@10.22.0"}`}},
	{"yarn", memory{"package.json": `{}`, "yarn.lock": "# yarn lockfile v1\n"}},
	{"yarn", memory{"package.json": `{}`, "yarn.lock": "\n__metadata:\n"}},
	{"bun", memory{"package.json": `{}`, "bun.lock": "{}"}},
	{"bun", memory{"package.json": `{}`, "bun.lockb": "\x00"}},
	{"deno", memory{"deno.json": `{}`}},
	{"deno", memory{"deno.jsonc": "// a\n{}"}},
	{"python", memory{"pyproject.toml": "[project]\nname = 'a'\n"}},
	{"python", memory{"pyproject.toml": "[project]\nname = 'a'\n", "uv.lock": ""}},
	{"python", memory{"pyproject.toml": "[tool.poetry]\nname = 'a'\n", "poetry.lock": ""}},
	{"python", memory{"setup.py": "setup()\n"}},
	{"python", memory{"setup.cfg": "[options]\npackages = find:\n"}},
	{"python", memory{"requirements.txt": "flask\n"}},
	{"python", memory{"Pipfile": "[packages]\n"}},
	{"python", memory{"pyproject.toml": "[project]\nname = 'a'\n", "pdm.lock": ""}},
	{"cargo", memory{"Cargo.toml": "[package]\nname = 'a'\n"}},
	{"cargo", memory{"Cargo.toml": "[workspace]\nmembers = ['x']\n", "x/Cargo.toml": "[package]\nname = 'x'\n"}},
	{"maven", memory{"pom.xml": "<project/>"}},
	{"maven", memory{"pom.xml": "<project/>", "build.gradle": ""}},
	{"gradle", memory{"build.gradle": ""}},
	{"gradle", memory{"settings.gradle.kts": "", "app/build.gradle.kts": ""}},
	{"ruby", memory{"Gemfile": "source 'a'\n"}},
	{"ruby", memory{"a.gemspec": "Gem::Specification.new\n"}},
	{"composer", memory{"composer.json": `{}`}},
	{"mix", memory{"mix.exs": "defmodule A do\n"}},
	{"dotnet", memory{"a.sln": ""}},
	{"dotnet", memory{"src/a.csproj": "<TargetFramework>net9.0</TargetFramework>"}},
	{"cmake", memory{"CMakeLists.txt": "project(a)\n"}},
	{"meson", memory{"meson.build": "project('a', 'c')\n"}},
	{"autotools", memory{"configure.ac": "AC_INIT\n"}},
	{"make", memory{"Makefile": "all:\n", "a.c": ""}},
}

func TestEcosystemIsNamed(t *testing.T) {
	for _, e := range ecosystems {
		p := Detect(e.files, stable)
		if len(p.Parts) == 0 || p.Parts[0].Kind != e.kind {
			t.Errorf("%v is %+v, want %s", e.files, p.Parts, e.kind)
			continue
		}
		if len(p.Tools) == 0 && e.kind != "mix" {
			t.Errorf("%v has no tools", e.files)
		}
		for _, n := range p.Reasons {
			if lines := strings.Count(e.files[n.Path], "\n") + 1; n.Line < 0 || n.Line > lines {
				t.Errorf("%v: %+v is not a line of its file", e.files, n)
			}
		}
	}
}
