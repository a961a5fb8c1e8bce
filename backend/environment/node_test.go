package environment

import "testing"

const express = `{
  "name": "express",
  "version": "5.1.0",
  "dependencies": {
    "accepts": "^2.0.0"
  },
  "engines": {
    "node": ">= 18"
  },
  "scripts": {
    "lint": "eslint .",
    "test": "mocha --require test/support/env"
  }
}
`

func TestNode(t *testing.T) {
	for _, e := range []example{{
		name:  "engines takes the newest LTS that fits",
		files: memory{"package.json": express},
		tools: "node 24.11.1", parts: []string{" | npm | npm install | npm test"},
		reasons: []string{`package.json:8 node ">= 18" minimum`},
	}, {
		name:  "lock file makes it npm ci",
		files: memory{"package.json": `{"scripts":{"test":"echo \"Error: no test specified\" && exit 1"}}`, "package-lock.json": "{}"},
		tools: "node 24.11.1", parts: []string{" | npm | npm ci | "}, reasons: []string{`package.json:0 node "" any`},
	}, {
		name:  "range that only odd majors fit takes one",
		files: memory{"package.json": `{"engines":{"node":"^25.0.0"}}`},
		tools: "node 25.2.0",
	}, {
		name:  "alternatives and bounds",
		files: memory{"package.json": `{"engines":{"node":"^18.17.0 || ^20.3.0 || >=22.0.0 <23"}}`},
		tools: "node 22.21.0",
	}, {
		name: ".nvmrc of zod beats its devcontainer",
		files: memory{".nvmrc": "24\n", ".devcontainer/devcontainer.json": `{"image":"mcr.example/javascript-node:20"}`,
			"package.json":   "{\n\t\"private\": true,\n\t\"packageManager\": \"pnpm@10.22.0\",\n\t\"scripts\": {\"test\": \"vitest run\"}\n}",
			"pnpm-lock.yaml": "lockfileVersion: '9.0'\n"},
		tools: "node 24.11.1, pnpm 10.22.0", parts: []string{" | pnpm | pnpm install --frozen-lockfile | pnpm test"},
		reasons: []string{`.nvmrc:1 node "24" pin`, `package.json:3 pnpm "10.22.0" pin`, `pnpm-lock.yaml:1 pnpm ">=9" minimum`},
	}, {
		name: ".tool-versions of Hono wins over packageManager",
		files: memory{".tool-versions": "# tools\nbun 1.2.19\n", "bun.lock": "{}",
			"package.json": "{\n  \"packageManager\": \"bun@1.2.20\",\n  \"scripts\": {\"test\": \"vitest --run\"}\n}\n"},
		tools: "bun 1.2.19, node 24.11.1", parts: []string{" | bun | bun install --frozen-lockfile | bun run test"},
		reasons: []string{`.tool-versions:2 bun "1.2.19" pin`, `bun.lock:0 bun ">=1.1.39" minimum`, `package.json:0 node "" any`,
			`package.json:2 bun "1.2.20" pin`},
	}, {
		name:  "packageManager is taken where .tool-versions can't be met",
		files: memory{".tool-versions": "bun 1.2.99\n", "package.json": `{"packageManager":"bun@1.2.20"}`},
		tools: "bun 1.2.20, node 24.11.1", unknown: []string{`.tool-versions:1 bun "1.2.99" pin`},
	}, {
		name:    "checksum of packageManager is cut off",
		files:   memory{"package.json": `{"packageManager":"pnpm@9.1.0+sha512.67f5879916a9293e5cf059c23853d571beaf4f753c707f40cb22bed5fb1578c6"}`},
		tools:   "node 24.11.1, pnpm 9.1.0",
		reasons: []string{`package.json:0 node "" any`, `package.json:1 pnpm "9.1.0" pin`},
	}, {
		name:  "prerelease pin is no other version",
		files: memory{"package.json": `{"packageManager":"pnpm@10.14.0-0"}`, "pnpm-lock.yaml": "lockfileVersion: '9.0'\n"},
		tools: "node 24.11.1, pnpm 10.22.0", unknown: []string{`package.json:1 pnpm "10.14.0-0" pin`},
	}, {
		name:  "pnpm lock 6.0",
		files: memory{"package.json": `{}`, "pnpm-lock.yaml": "lockfileVersion: '6.0'\n"},
		tools: "node 24.11.1, pnpm 8.15.9",
	}, {
		name:  "pnpm lock 5.4",
		files: memory{"package.json": `{}`, "pnpm-lock.yaml": "lockfileVersion: 5.4\n"},
		tools: "node 24.11.1, pnpm 7.33.7",
	}, {
		name:  "yarn 1",
		files: memory{"package.json": `{"scripts":{"test":"jest"}}`, "yarn.lock": "# yarn lockfile v1\n\n\na@1:\n"},
		tools: "node 24.11.1, yarn 1.22.22", parts: []string{" | yarn | yarn --frozen-lockfile | yarn test"},
	}, {
		name:  "yarn berry",
		files: memory{"package.json": `{"scripts":{"test":"jest"}}`, "yarn.lock": "# generated\n\n__metadata:\n  version: 8\n"},
		tools: "node 24.11.1, yarn 4.11.0", parts: []string{" | yarn | yarn install --immutable | yarn test"},
	}, {
		name: "volta, lts names and devEngines",
		files: memory{"package.json": "{\n \"volta\": {\n  \"node\": \"20.19.5\"\n }\n}", "a/.nvmrc": "lts/jod", "b/.node-version": "v18.20.8",
			"c/package.json": "{\"scripts\":{},\n\"devEngines\":{\n\"runtime\":{\"name\":\"node\",\"version\":\"24.4.1\"}}}", "d/.nvmrc": "lts/*"},
		tools: "node 18.20.8, node 20.19.5, node 22.21.0, node 24.4.1",
		reasons: []string{`package.json:3 node "20.19.5" pin`, `a/.nvmrc:1 node "lts/jod" pin`, `b/.node-version:1 node "v18.20.8" pin`,
			`c/package.json:3 node "24.4.1" pin`},
		unknown: []string{`d/.nvmrc:1 node "lts/*" pin`}, // a fifth version
	}, {
		name: "two pins side by side, and a minimum that one of them fits",
		files: memory{"web/.nvmrc": "20", "web/package.json": `{"engines":{"node":">=18"}, "scripts":{"test":"x"}}`,
			"api/.nvmrc": "v24.4.1", "api/package.json": `{"scripts":{"test":"x"}}`, "tool/package.json": `{"engines":{"node":">=16"}}`},
		tools: "node 20.19.5, node 24.4.1",
		parts: []string{"api | npm | npm install | npm test", "web | npm | npm install | npm test"},
	}, {
		name:  "pin and range that nothing fits",
		files: memory{".nvmrc": "99", "package.json": `{"scripts":{"test":"x"}}`, "a/package.json": `{"engines":{"node":"<4"}}`},
		tools: "", reasons: []string{}, unknown: []string{`.nvmrc:1 node "99" pin`, `a/package.json:1 node "<4" minimum`},
	}, {
		name:    "compiled packages need a compiler",
		files:   memory{"package.json": "{\n\"dependencies\": {\n\"better-sqlite3\": \"^12\"\n},\n\"devDependencies\": {\n\"@playwright/test\": \"1\"}}"},
		tools:   "gcc 12.2, node 24.11.1, python 3.14.0",
		reasons: []string{`package.json:0 node "" any`, `package.json:3 gcc "" any`, `package.json:3 python "" any`},
		unknown: []string{`package.json:6 @playwright/test "" any`},
	}, {
		name: "workspace is one part, a folder with its own lock file another",
		files: memory{"package.json": `{"workspaces":["packages/*"],"scripts":{"test":"x"}}`, "package-lock.json": "{}",
			"packages/a/package.json": `{"scripts":{"test":"x"},"engines":{"node":">=20"}}`,
			"site/package.json":       `{"scripts":{"build":"x"}}`, "site/pnpm-lock.yaml": "lockfileVersion: '9.0'\n"},
		tools: "node 24.11.1, pnpm 10.22.0",
		parts: []string{" | npm | npm ci | npm test", "site | pnpm | pnpm install --frozen-lockfile | "},
	}, {
		name:  "deno",
		files: memory{"deno.json": `{"tasks":{"test":"deno test -A"}}`, "lib/deno.json": `{}`},
		tools: "deno 2.5.6", parts: []string{" | deno | deno install | deno task test"},
	}, {
		name:  "mise with several tools, a table and its own folder",
		files: memory{".config/mise/config.toml": "[env]\nA = 'b'\n[tools]\nnode = '22'\npython = ['3.12', '3.13']\nterraform = '1.9'\n\"core:go\" = { version = 'latest' }\n"},
		tools: "go 1.27.4, node 22.21.0, python 3.12.12, python 3.13.9",
		reasons: []string{`.config/mise/config.toml:4 node "22" pin`, `.config/mise/config.toml:5 python "3.12" pin`,
			`.config/mise/config.toml:5 python "3.13" pin`, `.config/mise/config.toml:7 go "" any`},
		unknown: []string{`.config/mise/config.toml:6 terraform "1.9" pin`},
	}, {
		name:  "malformed package.json takes the newest LTS",
		files: memory{"package.json": `{"engines":`},
		tools: "node 24.11.1", parts: []string{" | npm | npm install | "},
	}} {
		e.run(t)
	}
}
