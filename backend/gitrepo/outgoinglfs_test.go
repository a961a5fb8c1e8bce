package gitrepo

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestPushPlanNamesFilesThatGitLFSStores(t *testing.T) {
	w, remote := newPushWorld(t)
	pointerTo := func(content string) (oid, text string) {
		oid = fmt.Sprintf("%x", sha256.Sum256([]byte(content)))
		return oid, fmt.Sprintf("version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n", oid, len(content))
	}
	here, heldPointer := pointerTo("on this computer")
	_, lostPointer := pointerTo("in the sandbox")
	dir := filepath.Join(w.repo, ".git", "lfs", "objects", here[:2], here[2:4])
	w.must(os.MkdirAll(dir, 0o755))
	w.must(os.WriteFile(filepath.Join(dir, here), []byte("on this computer"), 0o644))
	stored := func() session.StoredFiles { t.Helper(); return w.planPush(session.PushTarget{}).Stored }
	if got := stored(); got.Count != 0 || got.Lost != 0 || got.Paths == nil {
		t.Fatalf("without any: %+v", got)
	}

	commit(t, w.agent, "assets", map[string]string{
		".gitattributes": "*.bin filter=lfs\n", "held.bin": heldPointer, "lost.bin": lostPointer,
		"no.bin":  "version https://git-lfs.github.com/spec/v1\noid sha256:../../../etc/passwd\nsize 1\n",
		"big.bin": lostPointer + strings.Repeat("x", maxPointer),
	})
	w.turn(2)
	if got := stored(); got.Count != 2 || got.Lost != 1 || strings.Join(got.Paths, " ") != "held.bin lost.bin" {
		t.Errorf("two of them: %+v", got)
	}

	w.must(w.push(w.planPush(session.PushTarget{})))
	if ran := exists(filepath.Join(remote, "lfs")); ran {
		t.Error("contents were sent")
	}
	git(t, w.agent, "mv", "lost.bin", "moved.bin")
	commit(t, w.agent, "move it", map[string]string{"x.txt": "x"})
	w.turn(3)
	if got := stored(); got.Count != 0 {
		t.Errorf("what was pushed before, and moved since: %+v", got)
	}
}
