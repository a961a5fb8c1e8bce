package environment

import (
	"path"
	"strings"
)

// reader collects what one file asks for.
type reader func(d *detector, f file)

// readers are the files that name versions, by their name or ending.
var readers = map[string]reader{
	".tool-versions": readToolVersions, "mise.toml": readMise, ".mise.toml": readMise,
	"go.mod": readGoMod, "go.work": readGoWork, ".go-version": readGoVersion,
	".nvmrc": readNodeVersion, ".node-version": readNodeVersion, "package.json": readPackage,
	".python-version": readPythonVersion, "pyproject.toml": readPyproject, "Pipfile": readPipfile,
	"setup.py": readSetupPy, "setup.cfg": readSetupCfg,
	"rust-toolchain": readRustToolchain, "rust-toolchain.toml": readRustToolchain, "Cargo.toml": readCargo,
	".java-version": readJavaVersion, ".sdkmanrc": readSdkman, "pom.xml": readPom,
	"build.gradle": readGradle, "build.gradle.kts": readGradle, "gradle-wrapper.properties": readGradleWrapper,
	".ruby-version": readRubyVersion, "Gemfile": readGemfile, "Gemfile.lock": readGemfileLock, "*.gemspec": readGemspec,
	"composer.json": readComposer,
	"global.json":   readGlobalJSON, "Directory.Build.props": readProject,
	"*.csproj": readProject, "*.fsproj": readProject, "*.vbproj": readProject,
	"mix.exs": readMix,
}

// partManifests name no versions but make their folder a part.
var partManifests = names(`requirements.txt deno.json deno.jsonc settings.gradle settings.gradle.kts *.sln *.slnx
	CMakeLists.txt meson.build configure.ac configure.in autogen.sh Makefile GNUmakefile makefile`)

// markers are files whose presence decides between commands.
var markers = names(`package-lock.json npm-shrinkwrap.json pnpm-lock.yaml yarn.lock .yarnrc.yml bun.lock bun.lockb
	uv.lock poetry.lock pdm.lock Pipfile.lock Cargo.lock mvnw gradlew Rakefile .rspec phpunit.xml phpunit.xml.dist
	requirements-dev.txt requirements-test.txt requirements_dev.txt requirements_test.txt
	dev-requirements.txt test-requirements.txt dev.txt test.txt tests.txt`)

func readerOf(f file) reader {
	if r := readers[f.base]; r != nil {
		return r
	}
	if r := readers["*"+path.Ext(f.base)]; r != nil {
		return r
	}
	switch {
	case f.dir == ".github/workflows" && (path.Ext(f.base) == ".yml" || path.Ext(f.base) == ".yaml"):
		return readWorkflow
	case f.base == "config.toml" && miseFolder(f.dir) != f.dir:
		return readMise
	}
	return nil
}

// miseFolder is the folder that a mise configuration speaks for: it may lie in .config/mise, .mise or mise.
func miseFolder(dir string) string {
	for _, own := range []string{".config/mise", ".mise", "mise"} {
		if dir == own {
			return ""
		}
		if above, ok := strings.CutSuffix(dir, "/"+own); ok {
			return above
		}
	}
	return dir
}
