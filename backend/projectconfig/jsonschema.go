package projectconfig

import (
	"bytes"
	"encoding/json"

	"background-agents/backend/session"
)

// object is a JSON object. Its keys are written in order of their names.
type object map[string]any

// JSONSchema is the schema of the file for editors (JSON Schema 2020-12).
func JSONSchema() ([]byte, error) {
	top := mappingSchema(field{fields: schema})
	top["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	top["title"] = session.ConfigPath
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(top)
	return out.Bytes(), err
}

func mappingSchema(f field) object {
	properties := object{}
	for _, f := range f.fields {
		s := f.kind.schema(f)
		s["description"] = f.about
		if f.unused != "" {
			s["description"] = f.about + " " + f.unused
		}
		properties[f.name] = s
	}
	return object{"type": "object", "additionalProperties": false, "properties": properties}
}

func toolsSchema(field) object {
	version := object{"type": []string{"string", "number"}, "pattern": versionPattern.String()}
	return object{"oneOf": []object{
		{"type": "object", "maxProperties": session.MaxEnvTools, "propertyNames": object{"pattern": toolPattern.String()},
			"additionalProperties": object{"oneOf": []object{version,
				{"type": "array", "items": version, "minItems": 1, "maxItems": maxVersions}}}},
		{"type": "array", "maxItems": session.MaxEnvTools,
			"items": object{"type": "string", "pattern": `^[a-z][a-z0-9-]{0,31}\s*=\s*[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$`}},
	}}
}

func packagesSchema(field) object {
	return object{"type": "array", "maxItems": session.MaxEnvPackages,
		"items": object{"type": "string", "pattern": session.PackagePattern}}
}

func variablesSchema(field) object {
	return object{"type": "object", "maxProperties": session.MaxVariables,
		"propertyNames": object{"pattern": session.VariablePattern},
		"additionalProperties": object{"type": []string{"string", "number", "boolean"},
			"maxLength": session.MaxVariableValue}}
}

func commandsSchema(field) object {
	command := object{"type": "string", "minLength": 1, "maxLength": session.MaxCommand}
	return object{"oneOf": []object{command,
		{"type": "array", "items": command, "minItems": 1, "maxItems": session.MaxCommands}}}
}

func unsupportedSchema(field) object { return object{"not": object{}} }
