package session

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestLogDoesNotShowWhatIsKnown(t *testing.T) {
	var out bytes.Buffer
	h := &Hidden{}
	log := slog.New(slog.NewTextHandler(h.Writer(&out), nil))
	log.Info("before")
	h.add([]*known{{vault: "secret/global/A", name: "A", value: NewSecret("pass \"word\" 42")}})
	log.Error("exec", "err", errors.New(`refused: pass "word" 42`), "value", NewSecret("other"))
	if got := out.String(); !strings.Contains(got, "before") || !strings.Contains(got, `refused: [secret A]`) || strings.Contains(got, "word") || strings.Contains(got, "other") {
		t.Errorf("the log has %q", got)
	}
}

func TestWholeValuesOfAnEntryAreRedacted(t *testing.T) {
	r := redactorOf("s3cr3t-canary", "123456789")
	const s = "has s3cr3t-canary in it"
	for _, e := range []Entry{
		{Tool: &EntryTool{Tool: Tool{
			Title: s, Input: json.RawMessage(`{"command":"` + s + `"}`), Paths: []string{s}, Edits: []FileEdit{{Path: s}},
		}}},
		{Tool: &EntryTool{Tool: Tool{Input: json.RawMessage(`{"number":123456789}`)}}},
		{Plan: &EntryPlan{Entries: []PlanEntry{{Text: s}}}},
		{Permission: &EntryPermission{Permission: Permission{Title: s, Detail: s, Options: []PermissionOption{{Name: s}}}}},
		{Proposal: &EntryProposal{Proposal: Proposal{Title: s, Body: s}}},
		{Missing: &EntryMissing{Evidence: s}},
		{Agent: &EntryAgent{Title: s, Commands: []Command{{Description: s, Hint: s}}}},
		{TurnEnd: &EntryTurnEnd{Error: newError(CodeAgent, s, s, errors.New("cause"))}},
	} {
		before, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		after, err := json.Marshal(r.entry(e))
		if err != nil {
			t.Fatalf("%s: %v", before, err)
		}
		if strings.Contains(string(after), "canary") || strings.Contains(string(after), "123456789") {
			t.Errorf("%s becomes %s", before, after)
		}
		if again, _ := json.Marshal(e); !bytes.Equal(before, again) {
			t.Errorf("the entry itself was changed: %s", again)
		}
		var none *redactor
		if same, _ := json.Marshal(none.entry(e)); !bytes.Equal(before, same) {
			t.Errorf("without secrets %s becomes %s", before, same)
		}
	}
}

func TestOutputWithAPartLeftOutIsRedactedAtItsSeam(t *testing.T) {
	r := redactorOf("sk-live-0123456789abcdef")
	text := "one sk-live-0123456\n… 5000 bytes left out …\n6789abcdef two sk-live-0123456789abcdef end"
	got, size := r.output(text, 6000, true)
	if string(got) != "one [secret S0]\n… 5000 bytes left out …\n6789abcdef two [secret S0] end" {
		t.Errorf("%q", got)
	}
	if size <= int64(len(got)) {
		t.Errorf("size %d says that nothing is left out", size)
	}
	got, _ = r.output("a\n… 9 bytes left out …\n0123456789abcdef two", 6000, true)
	if string(got) != "a\n… 9 bytes left out …\n[secret S0] two" {
		t.Errorf("%q", got)
	}
	if got, size := r.output(strings.Repeat("sk-live-0123456789abcdef ", 30_000), 750_000, true); len(got) > MaxItemText || size <= int64(len(got)) {
		t.Errorf("%d bytes are kept, size %d", len(got), size)
	}
	var none *redactor
	if got, size := none.output("text", 4, true); string(got) != "text" || size != 4 {
		t.Errorf("%q %d", got, size)
	}
}
