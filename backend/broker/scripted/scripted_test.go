package scripted

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestScriptsStepByStep(t *testing.T) {
	for script, want := range map[string][]said{
		"text a\\nb":                {{Text: "a\nb\n"}},
		"think why\ntext so":        {{Thought: "why\n", Text: "so\n"}},
		"bash ls -l | wc":           {{Call: `bash {"command":"ls -l | wc"}`}, {}},
		"write a.txt one\\ntwo\\\\": {{Call: `write {"content":"one\ntwo\\","filePath":"/workspace/a.txt"}`}, {}},
		`write "a b/ñ.txt" x`:       {{Call: `write {"content":"x","filePath":"/workspace/a b/ñ.txt"}`}, {}},
		"write /tmp/x":              {{Call: `write {"content":"","filePath":"/tmp/x"}`}, {}},
		"edit a.txt x => y z": {
			{Call: `read {"filePath":"/workspace/a.txt"}`}, {Call: `edit {"filePath":"/workspace/a.txt","newString":"y z","oldString":"x"}`}, {},
		},
		"read a.txt\ntext mid\nread b.txt\ntext end": {
			{Call: `read {"filePath":"/workspace/a.txt"}`}, {Text: "mid\n", Call: `read {"filePath":"/workspace/b.txt"}`}, {Text: "end\n"},
		},
		"todo x A; > B; C": {{Call: `todowrite {"todos":[{"content":"A","priority":"medium","status":"completed"},` +
			`{"content":"B","priority":"medium","status":"in_progress"},{"content":"C","priority":"medium","status":"pending"}]}`}, {}},
		"subagent write c.txt hi | text ok": {{Call: `task {"description":"Look into it","prompt":"demo: write c.txt hi\ndemo: text ok\n","subagent_type":"general"}`}, {}},
		"pr Fix it | Because":               {{Text: "I have no tool to ask for a pull request here.\n"}},
		"repeat 3 line":                     {{Text: "line 1\nline 2\nline 3\n"}},
		"repeat 2":                          {{Text: "1\n2\n"}},
		"empty\ntext never":                 {{}},
		"error 400\ntext never":             {{Status: 400, Error: "This is the error 400 that the script asked for."}},
		"text first\nerror 500":             {{Text: "first\n", Error: "This is the error 500 that the script asked for."}},
		"error 503 until 1000\ntext passed": {{Text: "passed\n"}},
		"error 503 until 99999999999999":    {{Status: 503, Error: "This is the error 503 that the script asked for."}},
		"dance":                             {{Text: "I do not understand the step `dance`.\n"}},
		"error 200":                         {{Text: "I do not understand the step `error 200`.\n"}},
	} {
		t.Run(script, func(t *testing.T) {
			got := turnOf(t, "Do it.\ndemo: "+strings.ReplaceAll(script, "\n", "\ndemo: ")+"\nThank you.")
			if len(got) != len(want) {
				t.Fatalf("%d answers, want %d: %+v", len(got), len(want), got)
			}
			for i, w := range want {
				if w.Status == 0 {
					w.Status = http.StatusOK
				}
				g := got[i]
				g.Chunks, g.In, g.Out = nil, 0, 0
				if !reflect.DeepEqual(g, w) {
					t.Errorf("answer %d:\n got %+v\nwant %+v", i+1, g, w)
				}
			}
		})
	}
}

func TestEachRepeatIsAChunkOfItsOwn(t *testing.T) {
	got := turnOf(t, "demo: repeat 5000 part")[0]
	if len(got.Chunks) != 5000 || got.Chunks[41] != "part 42\n" || got.Chunks[4999] != "part 5000\n" {
		t.Errorf("%d chunks, the 42nd %q", len(got.Chunks), got.Chunks[41])
	}
}

func TestChunksSetSizeAndPaceForWhatFollows(t *testing.T) {
	begun := time.Now()
	got := turnOf(t, "demo: chunks 4 10\ndemo: bash true\ndemo: text añb😀efgh")
	if want := []string{"añb😀", "efgh", "\n"}; !reflect.DeepEqual(got[1].Chunks, want) {
		t.Errorf("chunks %q, want %q", got[1].Chunks, want)
	}
	if took := time.Since(begun); took < 30*time.Millisecond {
		t.Errorf("three chunks of 10 ms took %v", took)
	}
}

func TestWithoutScriptASmallJobIsDone(t *testing.T) {
	listing := "abc1234 first commit\nREADME.md\nnotes/add-a-search-field.md\nsrc/a b.txt\n"
	got := turnOf(t, "Add a search field.\n\nIt should be fast.", listing)
	var calls []string
	for _, s := range got {
		name, _, _ := strings.Cut(s.Call, " ")
		calls = append(calls, name)
	}
	if want := []string{"bash", "todowrite", "read", "write", "bash", "bash", "todowrite", ""}; !reflect.DeepEqual(calls, want) {
		t.Fatalf("calls %q, want %q", calls, want)
	}
	if !strings.Contains(got[3].Call, `/workspace/notes/add-a-search-field-2.md`) {
		t.Errorf("a file that is there is written: %s", got[3].Call)
	}
	if last := got[7].Text; !strings.Contains(last, "## Done: Add a search field") || !strings.Contains(last, "| Wrote | `notes/add-a-search-field-2.md` |") {
		t.Errorf("summary: %s", last)
	}
}

func TestPromptsOfTheUserAreToldFromRemarksOfTheAgent(t *testing.T) {
	for outcome, c := range map[string]struct {
		messages []any
		want     string
	}{
		"the last prompt counts": {[]any{user("demo: text one"), user("demo: text two")}, "two\n"},
		"a reminder is none":     {[]any{user("demo: text one"), user("<system-reminder>\ndemo: text no\n</system-reminder>")}, "one\n"},
		"a reminder beside it":   {[]any{user("<environment_context>demo: text no</environment_context>\ndemo: text one")}, "one\n"},
		"parts are joined": {[]any{map[string]any{"role": "user", "content": []any{
			map[string]any{"type": "text", "text": "Called the Read tool with the following input: x"},
			map[string]any{"type": "image_url", "image_url": map[string]any{"url": "data:"}},
			map[string]any{"type": "text", "text": "demo: text one"},
		}}}, "one\n"},
		"a request to go on is none": {[]any{user("demo: text one"), user("Continue if you have next steps, or stop.")}, "one\n"},
		"HTML is the user's own":     {[]any{user("<div>\ndemo: text one\n</div>")}, "one\n"},
	} {
		got := post(t, "/v1/chat/completions", map[string]any{"messages": c.messages, "tools": openCodeTools})
		if got.Text != c.want {
			t.Errorf("%s: %q, want %q", outcome, got.Text, c.want)
		}
	}
}

func user(text string) any { return map[string]any{"role": "user", "content": text} }

func TestTitlesComeFromThePrompt(t *testing.T) {
	system := map[string]any{"role": "system", "content": "You are a title generator. Output a brief title."}
	got := post(t, "/v1/chat/completions", map[string]any{"messages": []any{system, user("# Fix the login, please!\ndemo: error 500")}})
	if got.Text != "Fix the login, please" {
		t.Errorf("title %q", got.Text)
	}
}

func TestWithoutToolsTheScriptIsSpoken(t *testing.T) {
	got := post(t, "/v1/messages", map[string]any{"messages": []any{user("demo: bash ls\ndemo: text end")}, "max_tokens": 10})
	if got.Text != "I have no tool to run `ls` here.\nend\n" || got.Call != "" {
		t.Errorf("%+v", got)
	}
}

func TestPatchIsUsedWhereItIsOffered(t *testing.T) {
	got := post(t, "/v1/responses", map[string]any{
		"input": "demo: write a/b.txt one\\ntwo\\n", "tools": []any{map[string]any{"type": "custom", "name": "apply_patch"}},
	})
	if want := `apply_patch "*** Begin Patch\n*** Add File: a/b.txt\n+one\n+two\n*** End Patch"`; got.Call != want {
		t.Errorf("%s, want %s", got.Call, want)
	}
}

func TestDropCutsAndHangWaits(t *testing.T) {
	server := httptest.NewServer(Handler())
	defer server.Close()
	ask := func(script string) (*http.Response, error) {
		body, _ := json.Marshal(map[string]any{"stream": true, "messages": []any{user("demo: text before\ndemo: " + script)}})
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/v1/messages", bytes.NewReader(body))
		return http.DefaultClient.Do(r)
	}
	answer, err := ask("drop")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err == nil || !strings.Contains(string(text), "before") {
		t.Errorf("drop: %v after %q", err, text)
	}
	answer, err = ask("hang")
	if err != nil {
		t.Fatal(err)
	}
	read := make(chan string)
	go func() {
		text, _ := io.ReadAll(answer.Body)
		read <- string(text)
	}()
	select {
	case text := <-read:
		t.Errorf("hang ended with %q", text)
	case <-time.After(100 * time.Millisecond):
	}
	_ = answer.Body.Close()
	if text := <-read; !strings.Contains(text, "before") {
		t.Errorf("hang sent %q", text)
	}
}

func TestNonsenseIsRefusedInTheProtocolsOwnWords(t *testing.T) {
	for path, want := range map[string]string{"/v1/messages": `"type":"error"`, "/v1/chat/completions": `"demo_error"`, "/v1/responses": `"demo_error"`} {
		for _, body := range []string{"", "null garbage", `{"messages":5,"input":5}`, "[1]"} {
			w := httptest.NewRecorder()
			Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
			if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s %q: %d %s", path, body, w.Code, w.Body)
			}
		}
	}
}

func TestModelsAndCountsAreAnswered(t *testing.T) {
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/models", nil))
	if !strings.Contains(w.Body.String(), `"id":"scripted"`) {
		t.Errorf("models: %s", w.Body)
	}
	w = httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v1/messages/count_tokens", strings.NewReader(strings.Repeat("x", 400))))
	if w.Body.String() != `{"input_tokens":`+strconv.Itoa(101)+"}\n" {
		t.Errorf("count: %s", w.Body)
	}
}
