package projectconfig

import "go.yaml.in/yaml/v3"

// field is one key of the file.
type field struct {
	name    string
	about   string // sentences for the reference
	unused  string // says that the key has no effect today
	example string // YAML
	kind    kind
	fields  []field // of a mapping
}

// kind is what a key's value may be.
type kind struct {
	words  string // for the reference
	schema func(f field) object
	read   func(p *parser, f field, n *yaml.Node)
}

const shownOnly = "It is shown and kept, and nothing runs it yet."

// schema are the keys at the top of the file.
var schema = []field{
	{name: "environment", kind: mapping, about: "What sandboxes have beside the base image.", fields: []field{
		{name: "tools", kind: tools,
			about: "Tools with their versions. They take precedence over what the project's other files ask for. " +
				"A version that `bga env` shows means that one; another, such as `24`, the newest release of its line. " +
				"Versions that the application does not have are shown with the proposal, and left out.",
			example: "tools:\n  go: 1.24.4\n  node: 24"},
		{name: "packages", kind: packages, about: "Debian packages, in addition to those that are detected.",
			example: "packages: [libpq-dev, imagemagick]"},
		{name: "variables", kind: variables,
			about: "Variables for the agent and everything it starts. They are not secret: use `bga secret` for keys. " +
				"A secret of the same name takes precedence. Names that control the shell, git, the proxy, certificates, " +
				"the loading of code or the agent itself are refused: `PATH`, `HOME`, `LD_*`, `NODE_OPTIONS`, " +
				"`BASH_ENV`, `GIT_*`, `*_PROXY`, `SSL_CERT_FILE` and the like.",
			example: "variables:\n  DATABASE_URL: postgres://localhost/test"},
		{name: "dockerfile", kind: unsupported, about: "Reserved for an image of the project's own.",
			unused: "It is not supported yet: a file that has it is refused."},
	}},
	{name: "setup", kind: commands,
		about: "Runs once in each new clone, before the agent starts. The file `.background-agents/setup.sh` is not run " +
			"then. It may take 15 minutes.",
		example: "setup: npm ci"},
	{name: "start", kind: commands,
		about: "Runs each time a sandbox starts, after `setup`. The file `.background-agents/start.sh` is not run then. " +
			"It may take 2 minutes; what it leaves running in the background goes on.",
		example: "start:\n  - redis-server --daemonize yes\n  - npm run migrate"},
	{name: "run", kind: commands, about: "Starts the project for a person to try.", unused: shownOnly,
		example: "run: npm run dev"},
	{name: "test", kind: commands, about: "Runs the project's tests.", unused: shownOnly, example: "test: npm test"},
	{name: "archive", kind: commands, about: "Runs before a session is archived.", unused: shownOnly,
		example: "archive: make clean"},
}
