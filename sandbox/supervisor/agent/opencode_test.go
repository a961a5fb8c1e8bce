package agent

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"background-agents/sandbox/wire"
)

// These tests run the real OpenCode on a scripted model, where it is installed: in the sandbox's image.
// TestOpenCodeInTheImage runs them there.

// TestOpenCodeInTheImage runs this package's OpenCode tests in a container of the image that SANDBOX_IMAGE names,
// sealed as a sandbox is.
func TestOpenCodeInTheImage(t *testing.T) {
	image := os.Getenv("SANDBOX_IMAGE")
	if image == "" {
		t.Skip("SANDBOX_IMAGE names no image that has OpenCode")
	}
	binary := filepath.Join(t.TempDir(), "agent.test")
	build := exec.Command("go", "test", "-c", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command("docker", "create", "--network", "none", "--init", "--user", "1000:1000", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
		"--tmpfs", "/home/sandbox:rw,exec,uid=1000,gid=1000", "--env", "HOME=/home/sandbox", image, "/usr/local/bin/agent.test", "-test.v", "-test.run", "^TestOpenCode").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	id := strings.TrimSpace(string(out))
	defer exec.Command("docker", "rm", "--force", id).Run()
	if out, err := exec.Command("docker", "cp", binary, id+":/usr/local/bin/agent.test").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err = exec.Command("docker", "start", "--attach", id).CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}

// openCodeConfig is what the host gives a sandbox's OpenCode: one provider, whose models are all known, and no request
// but to it.
func openCodeConfig(url string) string {
	c := map[string]any{
		"autoupdate": false, "share": "disabled", "snapshot": false, "lsp": false, "formatter": false,
		"model": "demo/one", "small_model": "demo/one", "enabled_providers": []string{"demo"},
		"provider": map[string]any{"demo": map[string]any{"npm": "@ai-sdk/openai-compatible", "name": "Demo", "options": map[string]any{"baseURL": url, "apiKey": "placeholder"},
			"models": map[string]any{
				"one": map[string]any{"name": "One", "tool_call": true, "reasoning": true, "attachment": true, "modalities": map[string]any{"input": []string{"text", "image"}, "output": []string{"text"}}, "limit": map[string]any{"context": 128000, "output": 8192}},
				"two": map[string]any{"name": "Two", "tool_call": true, "limit": map[string]any{"context": 64000, "output": 8192}}}}},
		"permission": map[string]any{"*": "allow", "edit": "ask", "bash": "ask", "webfetch": "ask", "external_directory": "ask", "doom_loop": "allow", "question": "deny"},
		"agent": map[string]any{"title": map[string]any{"disable": true}, "explore": map[string]any{"permission": map[string]any{"edit": "deny", "bash": "deny"}},
			"plan": map[string]any{"permission": map[string]any{"edit": "deny", "bash": "deny", "task": map[string]any{"*": "deny", "explore": "allow"}}}},
	}
	b, _ := json.Marshal(c)
	return string(b)
}

// toldOpenCode is what the harness tells OpenCode of its sandbox.
const toldOpenCode = "This sandbox has go 1.25.4."

// openCodeHarness launches the real OpenCode in a small repository.
func openCodeHarness(t *testing.T, policy string, scripts map[string][]step) (*harness, *scriptedModel) {
	t.Helper()
	if _, err := exec.LookPath("opencode"); err != nil {
		t.Skip("OpenCode is not installed here; TestOpenCodeInTheImage runs this in the sandbox's image")
	}
	m := startModel(t, scripts)
	h := configure(t, "")
	if out, err := exec.Command("sh", "-ec", "cd '"+h.conf.Dir+"'; git init -q; git -c user.name=x -c user.email=x commit -q --allow-empty -m first; echo hello > README.md").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	models := filepath.Join(t.TempDir(), "models.json")
	os.WriteFile(models, []byte("{}"), 0o644)
	home := t.TempDir()
	h.conf.Start = wire.Start{Command: []string{"opencode", "acp"}, Policy: policy, Env: []string{"HOME=" + home, "OPENCODE_CONFIG_CONTENT=" + openCodeConfig(m.url),
		"OPENCODE_MODELS_PATH=" + models, "OPENCODE_DISABLE_MODELS_FETCH=1", "OPENCODE_DISABLE_AUTOUPDATE=1", "OPENCODE_DISABLE_SHARE=1", "OPENCODE_DISABLE_PROJECT_CONFIG=1"}}
	h.conf.Instructions, h.conf.Start.Instructions = filepath.Join(t.TempDir(), "instructions.md"), toldOpenCode
	begun := time.Now()
	h.launch()
	t.Logf("OpenCode was ready after %v", time.Since(begun).Round(time.Millisecond))
	return h, m
}

func TestOpenCodeHearsItsInstructions(t *testing.T) {
	h, m := openCodeHarness(t, "allow_all", map[string][]step{"told": {{text: "Done."}}})
	if stop, _, _, err := turnOf(h, "[[told]]"); stop != "end_turn" || err != nil {
		t.Fatalf("%s %v", stop, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.requests) != 1 || strings.Count(m.requests[0], toldOpenCode) != 1 || !strings.HasPrefix(strings.SplitN(m.requests[0], "\n", 3)[1], "system ") {
		t.Errorf("the model is asked %d times: %.3000q", len(m.requests), m.requests)
	}
}

func TestOpenCodeTurn(t *testing.T) {
	h, m := openCodeHarness(t, "allow_all", map[string][]step{"turn": {
		{think: "Let me see.", text: "I will work. ", tools: []call{{"todowrite", map[string]any{"todos": []any{map[string]any{"content": "write", "status": "in_progress", "priority": "high"}, map[string]any{"content": "run", "status": "pending", "priority": "low"}}}}}},
		{tools: []call{{"write", map[string]any{"filePath": "new.txt", "content": "1\n2\n"}}}},
		{tools: []call{{"edit", map[string]any{"filePath": "new.txt", "oldString": "2", "newString": "two\nthree"}}}},
		{tools: []call{{"bash", map[string]any{"command": "echo out; sleep 0.3; echo more; exit 3", "description": "run"}}}},
		{tools: []call{{"read", map[string]any{"filePath": "none.txt"}}}},
		{text: "All done. "},
	}})
	a := h.wait("agent", func(e wire.Entry) bool { return e.Agent != nil && e.Agent.Conversation != "" }).Agent
	if !a.Images || len(a.Options) != 3 || a.Options[0].Value != "demo/one" || len(a.Options[0].Choices) != 2 || a.Options[1].Category != "thought_level" || a.Options[2].Category != "mode" {
		t.Errorf("agent = %+v", a)
	}
	stop, in, out, err := turnOf(h, "[[turn]]")
	if stop != "end_turn" || in == 0 || out == 0 || err != nil {
		t.Errorf("%s %d %d %v", stop, in, out, err)
	}
	got := strings.Join(h.j.items(), "\n")
	for _, want := range []string{"thought: Let me see.", "message: I will work. ", "plan: in_progress write;pending run;", "tool: completed new.txt", "permission: once policy", "tool: failed read", "message: All done. "} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	var edits []wire.Edit
	var bash wire.Tool
	for _, e := range h.j.all() {
		if e.Tool != nil && e.Tool.Status == "completed" && e.Tool.Kind == "edit" {
			edits = append(edits, e.Tool.Edits...)
		}
		if e.Tool != nil && e.Tool.Kind == "execute" {
			bash = *e.Tool
		}
	}
	if len(edits) != 2 || edits[0] != (wire.Edit{Path: "new.txt", Added: 2}) || edits[1] != (wire.Edit{Path: "new.txt", Added: 2, Removed: 1}) {
		t.Errorf("edits = %+v", edits)
	}
	if bash.Output != "out\nmore\n" || bash.Status != "completed" {
		t.Errorf("bash = %+v", bash)
	}
	h.wait("live output", func(e wire.Entry) bool {
		return e.Tool != nil && e.Tool.Kind == "execute" && e.Tool.Status == "running" && e.Tool.Output == "out\n"
	})
	h.wait("commands", func(e wire.Entry) bool { return e.Agent != nil && len(e.Agent.Commands) > 0 })
	h.wait("usage", func(e wire.Entry) bool {
		return e.Usage != nil && e.Usage.ContextSize == 128000 && e.Usage.ContextUsed > 0
	})
	if n := len(m.seen()); n != 6 {
		t.Errorf("%d requests at the model, want 6: none for a title", n)
	}
}

func TestOpenCodePermissionsAndSubagents(t *testing.T) {
	run := []step{{text: "Sub works. ", tools: []call{{"bash", map[string]any{"command": "echo from sub", "description": "d"}}}}, {text: "Sub done. "}}
	h, _ := openCodeHarness(t, "ask", map[string][]step{
		"one":   {{tools: []call{{"bash", map[string]any{"command": "echo hi", "description": "d"}}}}, {text: "Ran. "}},
		"sub":   {{text: "Delegating. ", tools: []call{{"task", map[string]any{"description": "First", "prompt": "[[inner]] a", "subagent_type": "general"}}, {"task", map[string]any{"description": "Second", "prompt": "[[inner]] b", "subagent_type": "general"}}}}, {text: "Both done. "}},
		"inner": run,
	})
	answers := make(chan int)
	go func() {
		seen := map[string]bool{}
		for {
			select {
			case answers <- len(seen):
				return
			default:
			}
			for _, e := range h.j.all() {
				if p := e.Permission; p != nil && p.Answer == "" && !seen[p.ID] {
					seen[p.ID] = true
					if err := h.Answer(p.ID, "once"); err != nil {
						t.Error(err)
					}
				}
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	h.prompt("[[one]]")
	h.prompt("[[sub]]")
	if n := <-answers; n != 3 {
		t.Errorf("%d permissions were asked for, want 3", n)
	}
	tools := map[string]wire.Tool{}
	nested := map[string]string{}
	for _, e := range h.j.all() {
		if e.Tool != nil {
			tools[e.Tool.Item] = *e.Tool
		}
		if e.Delta != nil && e.Delta.Parent != "" {
			nested[e.Delta.Parent] += e.Delta.Text
		}
	}
	parents := 0
	for _, x := range tools {
		if x.Parent != "" && x.Kind == "execute" && x.Output == "from sub\n" && tools[x.Parent].Kind == "think" {
			parents++
		}
	}
	if parents != 2 || len(nested) != 2 {
		t.Errorf("%d nested tool calls, %q; entries:\n%s", parents, nested, show(h.j.all()))
	}
	for item, text := range nested {
		if !strings.Contains(text, "Sub done. ") {
			t.Errorf("%s says %q", item, text)
		}
	}
}

func TestOpenCodeCancelAndResume(t *testing.T) {
	h, m := openCodeHarness(t, "allow_all", map[string][]step{
		"long": {{tools: []call{{"bash", map[string]any{"command": "echo begun; sleep 60", "description": "d"}}}}, {text: "over"}},
		"slow": {{text: strings.Repeat("word ", 600), pause: 100 * time.Millisecond}},
		"back": {{text: "Again. "}},
	})
	for name, begun := range map[string]func(wire.Entry) bool{
		"[[long]]": func(e wire.Entry) bool { return e.Tool != nil && strings.Contains(e.Tool.Output, "begun") },
		"[[slow]]": func(e wire.Entry) bool { return e.Delta != nil && strings.Contains(e.Delta.Text, "word") },
	} {
		stops := make(chan string)
		go func() { stop, _, _, _ := turnOf(h, name); stops <- stop }()
		h.wait("begin of "+name, begun)
		since := time.Now()
		if err := h.Cancel(context.Background()); err != nil {
			t.Error(err)
		}
		if stop, took := <-stops, time.Since(since); stop != "cancelled" || took > 10*time.Second {
			t.Errorf("%s: %s after %v", name, stop, took)
		} else {
			t.Logf("%s was cancelled in %v, agent gone: %v", name, took.Round(time.Millisecond), h.gone())
		}
		if h.gone() { // on a loaded machine the grace may be too short: then it was killed, and starts over
			h.conf.Start.Conversation = h.Conversation()
			h.launch()
		}
	}
	h.conf.Start.Conversation, h.conf.Start.Mode, h.conf.Start.Model = h.Conversation(), "plan", "demo/two"
	h.Close()
	h.launch()
	if h.Conversation() != h.conf.Start.Conversation {
		t.Errorf("conversation %q became %q", h.conf.Start.Conversation, h.Conversation())
	}
	h.prompt("[[back]]")
	all := m.seen()
	if last := all[len(all)-1]; !strings.Contains(last, "[[long]]") || !strings.Contains(last, "[[back]]") {
		t.Errorf("the model was not told of the earlier turns: %s", last)
	}
}

func TestOpenCodeFailures(t *testing.T) {
	big := step{tools: []call{{"bash", map[string]any{"command": "seq 1 200000", "description": "d"}}}}
	h, _ := openCodeHarness(t, "allow_all", map[string][]step{
		"bad": {{status: 400}}, "big": {big, {text: "ok"}}, "limit": {{status: 429}}, "fine": {{text: "fine"}},
		"write": {{tools: []call{{"write", map[string]any{"filePath": "w.txt", "content": "x"}}}}, {tools: []call{{"bash", map[string]any{"command": "touch t.txt", "description": "d"}}}},
			{tools: []call{{"task", map[string]any{"description": "w", "prompt": "[[write]]", "subagent_type": "general"}}}}, {text: "tried"}},
	})
	if stop, _, _, err := turnOf(h, "[[bad]]"); stop != "error" || err == nil || err.Code != "model_failed" || !strings.Contains(err.Message, "scripted failure 400") {
		t.Errorf("%s, %v", stop, err)
	}
	h.prompt("[[big]]")
	var whole strings.Builder
	for _, e := range h.j.all() {
		if e.Tool != nil && e.Tool.Status == "completed" && e.Tool.Size > 1<<20 {
			b, err := os.ReadFile(filepath.Join(h.conf.Outputs, e.Tool.Item))
			whole.Write(b)
			if err != nil || int64(len(b)) != e.Tool.Size {
				t.Errorf("file of %d bytes, size %d: %v", len(b), e.Tool.Size, err)
			}
		}
	}
	if !strings.HasPrefix(whole.String(), "1\n2\n") || !strings.Contains(whole.String(), "\n200000") {
		t.Errorf("the whole output is not kept: %d bytes", whole.Len())
	}
	if err := h.SetOption(context.Background(), "mode", "plan"); err != nil {
		t.Error(err)
	}
	h.prompt("[[write]]")
	for _, name := range []string{"w.txt", "t.txt"} {
		if _, err := os.Stat(filepath.Join(h.conf.Dir, name)); err == nil {
			t.Errorf("plan mode wrote %s", name)
		}
	}
	done := make(chan string)
	go func() { stop, _, _, _ := turnOf(h, "[[limit]]"); done <- stop }()
	n := h.wait("notice of waiting", func(e wire.Entry) bool { return e.Notice != nil })
	if !strings.Contains(n.Notice.Text, "tries again") {
		t.Errorf("notice = %q", n.Notice.Text)
	}
	h.Cancel(context.Background())
	if stop := <-done; stop != "cancelled" {
		t.Errorf("stop = %s", stop)
	}
}
