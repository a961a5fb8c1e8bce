package environment

import (
	"maps"
	"strings"

	"background-agents/backend/environment/toolchain"
	"background-agents/backend/session"
)

// toolCommands are the commands of our tools, and others' that a tool provides: make and ld come with the compiler.
var toolCommands = map[string]string{
	"go":       "go gofmt godoc",
	"gcc":      "gcc g++ cc c++ cpp ld ar as make nm objdump strip pkg-config",
	"cmake":    "cmake ctest cpack ninja",
	"java":     "java javac jar javadoc jshell",
	"maven":    "mvn",
	"gradle":   "gradle",
	"node":     "node npm npx corepack",
	"pnpm":     "pnpm pnpx",
	"yarn":     "yarn yarnpkg",
	"bun":      "bun bunx",
	"deno":     "deno",
	"python":   "python python3 pip pip3 venv ensurepip",
	"uv":       "uv uvx",
	"rust":     "cargo rustc rustup rustfmt rustdoc",
	"ruby":     "ruby bundle bundler gem irb rake erb",
	"php":      "php phpize",
	"composer": "composer",
	"dotnet":   "dotnet",
}

// packageCommands are commands of Debian's packages, of bookworm.
var packageCommands = map[string]string{
	"autoconf":             "autoconf autoreconf autoheader",
	"automake":             "automake aclocal",
	"bc":                   "bc",
	"bison":                "bison yacc",
	"clang":                "clang clang++",
	"default-mysql-client": "mysql mysqldump",
	"elixir":               "elixir mix iex",
	"erlang":               "erl erlc",
	"ffmpeg":               "ffmpeg ffprobe",
	"flex":                 "flex lex",
	"gettext":              "gettext msgfmt xgettext",
	"gfortran":             "gfortran",
	"ghostscript":          "gs",
	"graphviz":             "dot",
	"imagemagick":          "convert identify mogrify",
	"iproute2":             "ip ss",
	"libtool":              "libtoolize",
	"lsof":                 "lsof",
	"m4":                   "m4",
	"meson":                "meson",
	"nasm":                 "nasm",
	"netcat-openbsd":       "nc",
	"pandoc":               "pandoc",
	"poppler-utils":        "pdftotext pdftoppm",
	"postgresql-client":    "psql pg_dump pg_restore createdb",
	"protobuf-compiler":    "protoc",
	"r-base-core":          "R Rscript",
	"redis-tools":          "redis-cli",
	"shellcheck":           "shellcheck",
	"sqlite3":              "sqlite3",
	"strace":               "strace",
	"swig":                 "swig",
	"texinfo":              "makeinfo",
	"tree":                 "tree",
	"valgrind":             "valgrind",
	"vim":                  "vim vi",
	"xxd":                  "xxd",
	"zstd":                 "zstd",
}

// dependencyCommands are those that a project installs for itself, by the kinds of its parts.
var dependencyCommands = map[string]string{
	"npm pnpm yarn bun": "tsc eslint prettier vitest jest mocha vite next tsx ts-node webpack rollup esbuild turbo nx " +
		"playwright cypress",
	"python":   "pytest ruff mypy black flake8 tox nox pre-commit poetry",
	"ruby":     "rspec rubocop rails",
	"composer": "phpunit phpstan",
}

var remedies = func() map[string]session.Remedy {
	all := map[string]session.Remedy{}
	add := func(commands string, r session.Remedy) {
		for _, c := range strings.Fields(commands) {
			all[c] = r
		}
	}
	for tool, commands := range toolCommands {
		d, _ := toolchain.Find(tool)
		add(commands, session.Remedy{Tool: tool, Label: d.Label, Versions: toolchain.Versions(tool)})
	}
	for name, commands := range packageCommands {
		add(commands, session.Remedy{Packages: []string{name}})
	}
	for kinds, commands := range dependencyCommands {
		add(commands, session.Remedy{Advice: session.AdviceInstall, Kinds: strings.Fields(kinds)})
	}
	add("apt apt-get sudo su dpkg", session.Remedy{Advice: session.AdviceRoot})
	add("docker docker-compose podman", session.Remedy{Advice: session.AdviceDocker})
	return all
}()

// Remedies implements session.Environments.
func (*Environments) Remedies() map[string]session.Remedy { return maps.Clone(remedies) }
