//go:build ignore

// Writes docs/config.schema.json and docs/config.md from the schema.
package main

import (
	"log"
	"os"

	"background-agents/backend/projectconfig"
)

func main() {
	schema, err := projectconfig.JSONSchema()
	if err != nil {
		log.Fatal(err)
	}
	for path, data := range map[string][]byte{
		"../../docs/config.schema.json": schema, "../../docs/config.md": projectconfig.Reference(),
	} {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
