package gitrepo

import (
	"fmt"
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestPushPlanNamesFilesWhoseFilterDidNotRun(t *testing.T) {
	w, _ := newPushWorld(t)
	raw := func() []session.RawFile { t.Helper(); return w.planPush(session.PushTarget{}).Raw }
	if got := raw(); got == nil || len(got) != 0 {
		t.Fatalf("without any: %v", got)
	}
	git(t, w.repo, "config", "filter.strip.clean", "sed /output/d")
	write(t, w.repo, map[string]string{".git/info/attributes": "*.ipynb filter=strip\n"})
	commit(t, w.agent, "files", map[string]string{
		".gitattributes":     "*.bin filter=lfs\n*.key filter=git-crypt\n*.odd filter=nobodys\nplain.bin -filter\n",
		"sub/.gitattributes": "*.dat filter=lfs\n",
		"raw.bin":            "raw", "pointer.bin": largePointer, "empty.bin": "", "plain.bin": "plain", "long.bin": largePointer + strings.Repeat("x", maxPointer),
		"a.key": "secret", "b.key": "\x00GITCRYPT\x00abc", "x.odd": "x", "x.ipynb": "{}", "sub/x.dat": "x", "x.dat": "x",
	})
	w.turn(2)
	want := "[{a.key git-crypt} {long.bin lfs} {raw.bin lfs} {sub/x.dat lfs} {x.ipynb strip}]"
	if got := fmt.Sprint(raw()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	w.must(w.push(w.planPush(session.PushTarget{})))
	git(t, w.agent, "mv", "raw.bin", "moved.bin")
	commit(t, w.agent, "move it", map[string]string{"x.txt": "x"})
	w.turn(3)
	if got := raw(); len(got) != 0 {
		t.Errorf("what was pushed before, and moved since: %v", got)
	}
}
