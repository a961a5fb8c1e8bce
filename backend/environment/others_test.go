package environment

import "testing"

func TestRust(t *testing.T) {
	ripgrep := memory{
		"Cargo.toml": "[package]\nname = \"ripgrep\"\nrust-version.workspace = true\n\n[workspace]\nmembers = [\"crates/*\"]\n\n" +
			"[workspace.package]\nrust-version = \"1.85\"\n",
		"Cargo.lock": "", "crates/grep/Cargo.toml": "[package]\nname = \"grep\"\nrust-version = { workspace = true }\n"}
	for _, e := range []example{{
		name: "workspace of ripgrep is followed", files: ripgrep,
		tools: "gcc 12.2, rust 1.91.1", parts: []string{" | cargo | cargo fetch --locked | cargo test --workspace"},
		reasons: []string{`Cargo.toml:0 gcc "" any`, `Cargo.toml:9 rust "1.85" minimum`},
	}, {
		name: "member below a root that is not read otherwise",
		files: memory{"core/Cargo.toml": "[package]\nname = \"a\"\nworkspace = \"../ws\"\nrust-version.workspace = true\n",
			"ws/Cargo.toml": "[workspace]\npackage.rust-version = \"1.99\"\n"},
		tools: "gcc 12.2", unknown: []string{`ws/Cargo.toml:2 rust "1.99" minimum`},
	}, {
		name:  "channel with a version is a pin",
		files: memory{"rust-toolchain.toml": "[toolchain]\nchannel = \"1.79\"\n", "Cargo.toml": "[package]\nname = \"a\"\nrust-version = \"1.74\"\n"},
		tools: "gcc 12.2, rust 1.79.0", parts: []string{" | cargo | cargo fetch | cargo test --workspace"},
		reasons: []string{`Cargo.toml:0 gcc "" any`, `Cargo.toml:3 rust "1.74" minimum`, `rust-toolchain.toml:2 rust "1.79" pin`},
	}, {
		name: "older form of the file", files: memory{"rust-toolchain": "1.85.1\n"}, tools: "rust 1.85.1",
	}, {
		name: "stable is any", files: memory{"rust-toolchain": "stable\n"}, tools: "rust 1.91.1",
		reasons: []string{`rust-toolchain:1 rust "stable" any`},
	}, {
		name:  "nightly is unknown, and no stable is proposed for it",
		files: memory{"rust-toolchain.toml": "[toolchain]\nchannel = \"nightly-2025-01-01\"\n", "Cargo.toml": "[package]\nname = \"a\"\n"},
		tools: "gcc 12.2", unknown: []string{`rust-toolchain.toml:2 rust "nightly-2025-01-01" pin`},
	}} {
		e.run(t)
	}
}

func TestRuby(t *testing.T) {
	for _, e := range []example{{
		name: "gem with specs",
		files: memory{"a.gemspec": "Gem::Specification.new do |s|\n  s.required_ruby_version = [\">= 3.1\", \"< 3.4\"]\nend\n", "Gemfile": "gemspec\n",
			"spec/a_spec.rb": ""},
		tools: "gcc 12.2, ruby 3.3.10", parts: []string{" | ruby | bundle install | bundle exec rspec"},
		reasons: []string{`Gemfile:0 gcc "" any`, `a.gemspec:2 ruby ">= 3.1, < 3.4" minimum`},
	}, {
		name:  "lock file is a pin, after the Gemfile",
		files: memory{"Gemfile": "source 'x'\nruby '3.3.10'\n", "Gemfile.lock": "GEM\n\nRUBY VERSION\n   ruby 3.2.9p123\n", "Rakefile": ""},
		tools: "gcc 12.2, ruby 3.3.10", parts: []string{" | ruby | bundle install | bundle exec rake test"},
		reasons: []string{`Gemfile:0 gcc "" any`, `Gemfile:2 ruby "3.3.10" pin`, `Gemfile.lock:4 ruby "3.2.9" pin`},
	}, {
		name:  "approximate version",
		files: memory{"Gemfile": "# ruby '2.0'\nruby \"~> 3.2.0\"\n", ".ruby-version": "# none\n"},
		tools: "gcc 12.2, ruby 3.2.9", reasons: []string{`Gemfile:0 gcc "" any`, `Gemfile:2 ruby "~> 3.2.0" minimum`},
	}, {
		name:  ".ruby-version",
		files: memory{".ruby-version": "ruby-3.1\n", "Gemfile": "ruby file: \".ruby-version\"\n"},
		tools: "gcc 12.2, ruby 3.1.7",
	}, {
		name: "JRuby is unknown", files: memory{".ruby-version": "jruby-9.4\n"}, unknown: []string{`.ruby-version:1 ruby "jruby-9.4" pin`},
	}} {
		e.run(t)
	}
}

func TestPHP(t *testing.T) {
	for _, e := range []example{{
		name: "laravel has two parts, the assets second",
		files: memory{"composer.json": "{\n\"require\": {\n\"php\": \"^8.2\",\n\"ext-dom\": \"*\",\n\"ext-json\": \"*\",\n\"ext-redis\": \"*\"\n},\n\"scripts\": {\"test\": [\"@php artisan test\"]}\n}",
			"package.json": `{"private":true,"scripts":{"dev":"vite"},"devDependencies":{"vite":"^7"}}`},
		tools: "composer 2.9.1, node 24.11.1, php 8.4.14", packages: "php-xml",
		parts: []string{" | composer | composer install | composer test", " | npm | npm install | "},
		reasons: []string{`composer.json:0 composer "" any`, `composer.json:3 php "^8.2" minimum`, `composer.json:4 php-xml "" any`,
			`package.json:0 node "" any`},
		unknown: []string{`composer.json:6 ext-redis "" any`},
	}, {
		name:  "alternatives, platform and PHPUnit",
		files: memory{"composer.json": `{"require":{"php":"~8.1 || 8.3.*"},"config":{"platform":{"php":"8.2.0"}},"require-dev":{"ext-pdo_sqlite":"*"}}`, "phpunit.xml.dist": ""},
		tools: "composer 2.9.1, php 8.4.14", packages: "php-sqlite3", parts: []string{" | composer | composer install | vendor/bin/phpunit"},
	}, {
		name: "hyphen", files: memory{"composer.json": `{"require":{"php":"8.1 - 8.3"}}`}, tools: "composer 2.9.1, php 8.3.27",
	}} {
		e.run(t)
	}
}

func TestDotnet(t *testing.T) {
	for _, e := range []example{{
		name: "feature band", files: memory{"global.json": "{\n\"sdk\": {\n\"version\": \"8.0.400\"\n}\n}", "App.sln": ""},
		tools: "dotnet 8.0.416", parts: []string{" | dotnet | dotnet restore | dotnet test"},
		reasons: []string{`global.json:3 dotnet "8.0.400" pin`},
	}, {
		name: "roll forward", files: memory{"global.json": `{"sdk":{"version":"8.0.100","rollForward":"latestMajor"}}`}, tools: "dotnet 10.0.100",
	}, {
		name: "exact", files: memory{"global.json": `{"sdk":{"version":"8.0.404","rollForward":"disable"}}`}, tools: "dotnet 8.0.404",
	}, {
		name: "none fits", files: memory{"global.json": `{"sdk":{"version":"8.0.500"}}`}, unknown: []string{`global.json:1 dotnet "8.0.500" pin`},
	}, {
		name:  "target frameworks run side by side",
		files: memory{"src/A.csproj": "<Project>\n<PropertyGroup>\n<TargetFrameworks>net8.0;net9.0-windows;netstandard2.0;net48</TargetFrameworks>\n"},
		tools: "dotnet 8.0.416, dotnet 9.0.307", parts: []string{"src | dotnet | dotnet restore | dotnet test"},
		reasons: []string{`src/A.csproj:3 dotnet "net8.0" minimum`, `src/A.csproj:3 dotnet "net9.0-windows" minimum`},
		unknown: []string{`src/A.csproj:3 dotnet "net48" minimum`},
	}, {
		name: "target without a version of its own", files: memory{"A.fsproj": "<TargetFramework>net6.0</TargetFramework>"}, tools: "dotnet 10.0.100",
	}} {
		e.run(t)
	}
}

func TestElixir(t *testing.T) {
	example{name: "Phoenix has two parts, the assets second",
		files: memory{"mix.exs": "defmodule A do\n  def project do\n    [elixir: \"~> 1.15\"]\n", "assets/package.json": `{"dependencies":{"a":"1"}}`},
		tools: "node 24.11.1", parts: []string{" | mix | mix deps.get | mix test", "assets | npm | npm install | "},
		unknown: []string{`mix.exs:0 erlang "" any`, `mix.exs:3 elixir "~> 1.15" minimum`}}.run(t)
}

func TestNative(t *testing.T) {
	for _, e := range []example{{
		name: "CMake before make", files: memory{"CMakeLists.txt": "", "Makefile": "test:\n", "a.c": ""}, tools: "cmake 4.1.2, gcc 12.2",
		parts: []string{" | cmake | cmake -B build && cmake --build build | ctest --test-dir build"},
	}, {
		name: "Meson", files: memory{"meson.build": "", "meson/meson.build": ""}, tools: "gcc 12.2", packages: "meson ninja-build",
		parts: []string{" | meson | meson setup build && ninja -C build | meson test -C build"},
	}, {
		name: "autotools of jq", files: memory{"configure.ac": "", "Makefile.am": "", "src/main.c": ""}, tools: "gcc 12.2",
		packages: "autoconf automake libtool", parts: []string{" | autotools | autoreconf -fi && ./configure && make | make check"},
		reasons: []string{`configure.ac:0 autoconf "" any`, `configure.ac:0 automake "" any`, `configure.ac:0 gcc "" any`,
			`configure.ac:0 libtool "" any`},
	}, {
		name: "autogen.sh", files: memory{"autogen.sh": ""}, tools: "gcc 12.2", packages: "autoconf automake libtool",
		parts: []string{" | autotools | ./autogen.sh && ./configure && make | make check"},
	}, {
		name: "Makefile with C files below src", files: memory{"Makefile": "all:\n\ncheck: all\n\t./run\n", "src/a.cpp": ""}, tools: "gcc 12.2",
		parts: []string{" | make | make | make check"},
	}, {
		name: "Makefile alone", files: memory{"Makefile": "test:\n"}, parts: []string{},
	}, {
		name:  "native part of a Node project",
		files: memory{"package.json": `{}`, "native/CMakeLists.txt": "", "native/a.cc": ""}, tools: "cmake 4.1.2, gcc 12.2, node 24.11.1",
		parts: []string{" | npm | npm install | "},
	}} {
		e.run(t)
	}
}

func TestWorkflowsNameSystemPackages(t *testing.T) {
	workflow := `on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - run: sudo apt-get update && sudo apt-get install -y --no-install-recommends redis-server libonig-dev=6.9 && make
      - name: more
        run: |
          # sudo apt-get install commented
          sudo apt install -t bookworm-backports "libpq-dev" ${{ matrix.compiler }} $EXTRA linux-headers-$(uname -r) \
            valgrind UPPER ./local.deb $(cat packages.txt) > log.txt
          echo apt-get is installed
          npm install left-pad
`
	example{name: "apt", files: memory{".github/workflows/ci.yml": workflow, ".github/workflows/note.txt": workflow},
		packages: "libpq-dev redis-server valgrind",
		reasons: []string{`.github/workflows/ci.yml:7 redis-server "" any`, `.github/workflows/ci.yml:11 libpq-dev "" any`,
			`.github/workflows/ci.yml:12 valgrind "" any`}}.run(t)
}
