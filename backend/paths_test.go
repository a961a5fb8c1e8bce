package backend_test

import (
	"path/filepath"
	"runtime"
	"testing"

	"background-agents/backend"
)

// Only the folder that everyone has takes over what the keychain kept for all folders together.
func TestDefaultFolderIsTheOneWithoutBGAHome(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Setenv("LOCALAPPDATA", t.TempDir())
	}
	t.Setenv("HOME", t.TempDir())
	t.Chdir(t.TempDir())
	t.Setenv("XDG_DATA_HOME", "")
	usual := func(home string) backend.Paths {
		t.Helper()
		t.Setenv("BGA_HOME", home)
		p, err := backend.DefaultPaths()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := usual("")
	if !p.Default {
		t.Errorf("%s is not the default", p.Data)
	}
	if named := usual(p.Data); !named.Default || named.Data != p.Data {
		t.Errorf("the default folder by its name is %+v", named)
	}
	if other := usual(filepath.Join(p.Data, "other")); other.Default {
		t.Errorf("%s is the default", other.Data)
	}
}
