package scripted

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// call is one call of a tool: arguments, or for a free tool its input.
type call struct {
	Name  string
	Space string
	Args  map[string]any
	Input string
	Free  bool
}

// Names under which agents offer what a step needs, in lower case: OpenCode, Claude Code, Codex, and others alike.
var (
	bashTools  = []string{"bash", "exec_command", "shell_command", "shell", "run_shell_command", "execute"}
	writeTools = []string{"write", "write_file", "create_file"}
	editTools  = []string{"edit", "str_replace", "replace"}
	readTools  = []string{"read", "read_file"}
	todoTools  = []string{"todowrite", "update_plan", "todo_write"}
	taskTools  = []string{"task", "agent"}
	patchTools = []string{"apply_patch"}
)

// offered returns the first of the tools that the request offers, nil where it offers none.
func (c *conversation) offered(names []string) *tool {
	for _, name := range names {
		if i := slices.IndexFunc(c.Tools, func(t tool) bool { return strings.EqualFold(t.Name, name) }); i >= 0 {
			return &c.Tools[i]
		}
	}
	return nil
}

// resolve gives each step that needs a tool its call, or words where the agent offers none.
func (c *conversation) resolve(steps []step) []step {
	var all []step
	for _, s := range steps {
		switch s.Do {
		case "write", "edit", "read", "bash", "todo", "subagent", "pr", "tool":
		default:
			all = append(all, s)
			continue
		}
		if s.Do == "edit" && c.offered(editTools) != nil && c.offered(readTools) != nil {
			// Agents refuse to edit what has not been read.
			all = append(all, step{Do: "read", Call: c.call(step{Do: "read", Path: s.Path})})
		}
		if s.Call = c.call(s); s.Call == nil {
			s = step{Do: "text", Text: "I have no tool to " + inWords(s) + " here.\n"}
		}
		all = append(all, s)
	}
	return all
}

func inWords(s step) string {
	switch s.Do {
	case "bash":
		return "run `" + s.Text + "`"
	case "todo":
		return "keep a plan"
	case "subagent":
		return "start a subagent"
	case "pr":
		return "ask for a pull request"
	case "tool":
		return "call `" + s.Path + "`"
	}
	return s.Do + " `" + s.Path + "`"
}

// call returns the call that does a step, nil where nothing that is offered can.
func (c *conversation) call(s step) *call {
	switch s.Do {
	case "bash":
		return c.bash(s.Text, "Run "+firstWords(s.Text))
	case "read":
		if t := c.offered(readTools); t != nil {
			return t.fill(map[string]any{"path": c.path(s.Path)})
		}
		return c.bash("cat -- "+quote(s.Path), "Read "+s.Path)
	case "write":
		if t := c.offered(writeTools); t != nil {
			return t.fill(map[string]any{"path": c.path(s.Path), "content": s.Text})
		}
		if t := c.offered(patchTools); t != nil {
			return t.patch("Add", s.Path, "+"+strings.ReplaceAll(strings.TrimSuffix(s.Text, "\n"), "\n", "\n+"))
		}
		return c.bash(fmt.Sprintf("mkdir -p -- \"$(dirname -- %[1]s)\" && printf %%s %[2]s > %[1]s", quote(s.Path), quote(s.Text)), "Write "+s.Path)
	case "edit":
		if t := c.offered(editTools); t != nil {
			return t.fill(map[string]any{"path": c.path(s.Path), "old": s.Old, "new": s.Text})
		}
		if t := c.offered(patchTools); t != nil {
			return t.patch("Update", s.Path, "@@\n-"+strings.ReplaceAll(s.Old, "\n", "\n-")+"\n+"+strings.ReplaceAll(s.Text, "\n", "\n+"))
		}
		return c.bash(fmt.Sprintf("OLD=%s NEW=%s perl -0pi -e 's/\\Q$ENV{OLD}\\E/$ENV{NEW}/' -- %s", quote(s.Old), quote(s.Text), quote(s.Path)), "Edit "+s.Path)
	case "todo":
		if t := c.offered(todoTools); t != nil {
			return t.plan(s.Entries)
		}
	case "pr":
		if k := c.named("create_pull_request", "{}"); k != nil {
			k.Args = map[string]any{"title": s.Path, "body": s.Text}
			return k
		}
	case "tool":
		return c.named(s.Path, s.Text)
	case "subagent":
		if t := c.offered(taskTools); t != nil {
			return t.fill(map[string]any{"prompt": s.Text, "description": "Look into it", "subagent_type": t.subagent()})
		}
	}
	return nil
}

// named returns a call of the tool that has this name, whatever its server's name is before it.
func (c *conversation) named(name, args string) *call {
	for _, t := range c.Tools {
		if t.Name == name || strings.HasSuffix(t.Name, "_"+name) {
			k := &call{Name: t.Name, Space: t.Space}
			if json.Unmarshal([]byte(args), &k.Args) == nil {
				return k
			}
		}
	}
	return nil
}

func (c *conversation) bash(command, about string) *call {
	t := c.offered(bashTools)
	if t == nil {
		return nil
	}
	return t.fill(map[string]any{"command": command, "description": about})
}

// spellings are the names of arguments as agents have them.
var spellings = map[string][]string{
	"path":    {"filePath", "file_path", "path", "absolute_path", "filename"},
	"content": {"content", "contents", "text"},
	"old":     {"oldString", "old_string", "old_str"},
	"new":     {"newString", "new_string", "new_str"},
	"command": {"command", "cmd"},
	"prompt":  {"prompt"},
}

// fill returns a call of t with the arguments under the names that t's schema has; what it has no name for is left out.
func (t *tool) fill(args map[string]any) *call {
	filled := map[string]any{}
	for arg, value := range args {
		names := spellings[arg]
		if names == nil {
			names = []string{arg}
		}
		for _, name := range names {
			p, found := t.Schema.Properties[name]
			if !found {
				continue
			}
			if arg == "command" && p.Type == "array" {
				value = []string{"bash", "-lc", value.(string)}
			}
			filled[name] = value
			break
		}
	}
	return &call{Name: t.Name, Args: filled}
}

func (t *tool) patch(verb, path, body string) *call {
	text := "*** Begin Patch\n*** " + verb + " File: " + path + "\n" + body + "\n*** End Patch"
	if t.Free {
		return &call{Name: t.Name, Input: text, Free: true}
	}
	for _, name := range []string{"patchText", "input", "patch"} {
		if _, found := t.Schema.Properties[name]; found {
			return &call{Name: t.Name, Args: map[string]any{name: text}}
		}
	}
	return nil
}

// plan fills in a list of steps with the fields that its entries have.
func (t *tool) plan(entries []entry) *call {
	name, of := "todos", t.Schema.Properties["todos"].Items
	if of == nil {
		name, of = "plan", t.Schema.Properties["plan"].Items
	}
	if of == nil {
		return nil
	}
	list := []map[string]any{}
	for i, e := range entries {
		all := map[string]any{
			"content": e.Text, "step": e.Text, "activeForm": e.Text, "status": e.Status, "priority": "medium", "id": fmt.Sprint(i + 1),
		}
		for field := range all {
			if _, found := of.Properties[field]; !found {
				delete(all, field)
			}
		}
		list = append(list, all)
	}
	return &call{Name: t.Name, Args: map[string]any{name: list}}
}

// subagent returns the kind of subagent for any work.
func (t *tool) subagent() string {
	if kinds := t.Schema.Properties["subagent_type"].Enum; len(kinds) > 0 && !slices.Contains(kinds, "general") {
		return kinds[0]
	}
	if t.Name == strings.ToLower(t.Name) {
		return "general" // OpenCode
	}
	return "general-purpose" // Claude Code
}

func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

func firstWords(text string) string {
	words := strings.Fields(text)
	return strings.Join(words[:min(len(words), 4)], " ")
}
