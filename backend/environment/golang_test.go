package environment

import "testing"

func TestGo(t *testing.T) {
	part := []string{" | go | go mod download | go test ./..."}
	for _, e := range []example{{
		name:  "go directive of mux is a minimum",
		files: memory{"go.mod": "module github.com/gorilla/mux\n\ngo 1.20\n", "Makefile": "test:\n\tgo test ./...\n"},
		tools: "go 1.27.4", parts: part, reasons: []string{`go.mod:3 go "1.20" minimum`},
	}, {
		name: "go directive of cobra is a minimum",
		files: memory{"go.mod": `module github.com/spf13/cobra

go 1.15

require (
	github.com/spf13/pflag v1.0.9
	go.yaml.in/yaml/v3 v3.0.4
)
`},
		tools: "go 1.27.4", parts: part, reasons: []string{`go.mod:3 go "1.15" minimum`},
	}, {
		name: "go-sqlite3 uses cgo",
		files: memory{"go.mod": "module github.com/mattn/go-sqlite3\n\ngo 1.21\n", "doc.go": "package sqlite3\n",
			"sqlite3.go": "package sqlite3\n\n/*\n#include <sqlite3.h>\n*/\nimport \"C\"\nimport (\n\t\"io\"\n)\n"},
		tools: "gcc 12.2, go 1.27.4", parts: part,
		reasons: []string{`go.mod:3 go "1.21" minimum`, `sqlite3.go:6 gcc "" any`},
	}, {
		name:  "toolchain is a pin",
		files: memory{"go.mod": "module a\n\ngo 1.24.0\n\ntoolchain go1.25.4\n"},
		tools: "go 1.25.4", parts: part, reasons: []string{`go.mod:3 go "1.24.0" minimum`, `go.mod:5 go "go1.25.4" pin`},
	}, {
		name:  "toolchain that is not available leaves the minimum",
		files: memory{"go.mod": "module a\n\ngo 1.24.0\n\ntoolchain go1.25.99\n"},
		tools: "go 1.27.4", parts: part, unknown: []string{`go.mod:5 go "go1.25.99" pin`},
	}, {
		name:  "minimum above all versions is unknown",
		files: memory{"go.mod": "module a\n\ngo 1.99\n"},
		tools: "", parts: part, reasons: []string{}, unknown: []string{`go.mod:3 go "1.99" minimum`},
	}, {
		name:  "go.mod without go directive takes the newest",
		files: memory{"go.mod": "module a\n"},
		tools: "go 1.27.4", parts: part, reasons: []string{`go.mod:0 go "" any`},
	}, {
		name: "workspace has a part for each module",
		files: memory{"go.work": "go 1.26.4\n\nuse (\n\t./api\n\t./cli\n)\n", "api/go.mod": "module api\n\ngo 1.24\n",
			"cli/go.mod": "module cli\n\ngo 1.25\n\ntoolchain go1.26.4\n"},
		tools: "go 1.26.4", parts: []string{"api | go | go mod download | go test ./...", "cli | go | go mod download | go test ./..."},
	}, {
		name:  "manager's pin wins over toolchain",
		files: memory{".tool-versions": "golang 1.24.4\n", "go.mod": "module a\n\ngo 1.24.0\ntoolchain go1.25.4\n"},
		tools: "go 1.24.4", parts: part,
	}, {
		name:  "malformed go.mod takes the newest",
		files: memory{"go.mod": "module (\x00"},
		tools: "go 1.27.4", parts: part,
	}} {
		e.run(t)
	}
}

func TestCgoIsSearchedInTheFirst32KBOnly(t *testing.T) {
	far := make([]byte, maxSource)
	for i := range far {
		far[i] = '\n'
	}
	example{name: "far", files: memory{"go.mod": "module a\ngo 1.24\n", "a.go": string(far) + "import \"C\"\n"},
		tools: "go 1.27.4"}.run(t)
}
