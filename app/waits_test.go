package app

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// waitFolders have their waits named; not the measurements, which wait for what they measure, nor what tests are made
// of.
var waitFolders = map[string]bool{"backend": true, "app": true}

var noWaits = []string{"backend/bench", "backend/redteam", "backend/session/sessiontest", "app/e2e"}

// waiting are the functions that wait, or that end a wait, and the fields that bound one.
var waiting = map[string]bool{
	"After": true, "AfterFunc": true, "NewTimer": true, "NewTicker": true, "Sleep": true, "Reset": true,
	"WithTimeout": true, "WithTimeoutCause": true, "WithDeadline": true, "WithDeadlineCause": true,
	"SetDeadline": true, "SetReadDeadline": true, "SetWriteDeadline": true,
}

var bounding = []string{"Timeout", "WaitDelay", "KeepAlive"}

// TestEachWaitIsANamedConstant: a wait without a name has no sentence that says when it ends and what happens then.
func TestEachWaitIsANamedConstant(t *testing.T) {
	found := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(filepath.ToSlash(path), "../")
		if d.IsDir() {
			first, _, _ := strings.Cut(name, "/")
			skip := name != ".." && !waitFolders[first] || d.Name() == "testdata"
			for _, folder := range noWaits {
				skip = skip || name == folder
			}
			if skip {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		found += checkWaits(t, path, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 50 {
		t.Errorf("only %d waits were found: this test looks at the wrong places", found)
	}
}

// checkWaits reports the waits of a file without a name, and the names without a sentence. It returns how many it
// looked at.
func checkWaits(t *testing.T, path, name string) (found int) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	line := func(n ast.Node) int { return files.Position(n.Pos()).Line }
	unnamed := func(n ast.Node) {
		found++
		if literalTime(n) {
			t.Errorf("%s:%d: give this wait a name and a sentence that says when it ends", name, line(n))
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.SelectorExpr); ok && waiting[f.Sel.Name] {
				for _, arg := range n.Args {
					if _, ok := arg.(*ast.FuncLit); !ok {
						unnamed(arg)
					}
				}
			}
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && bounds(key.Name) {
				unnamed(n.Value)
			}
		case *ast.AssignStmt:
			for i, to := range n.Lhs {
				if f, ok := to.(*ast.SelectorExpr); ok && bounds(f.Sel.Name) && i < len(n.Rhs) {
					unnamed(n.Rhs[i])
				}
			}
		case *ast.GenDecl:
			last := -1 // the line on which the last commented name ends
			for i, spec := range n.Specs {
				v, ok := spec.(*ast.ValueSpec)
				if !ok || n.Tok != token.CONST {
					continue
				}
				told := v.Doc != nil || v.Comment != nil || i == 0 && n.Doc != nil || last == line(v)-1
				if told {
					last = files.Position(v.End()).Line
				}
				for _, value := range v.Values {
					if literalTime(value) && !told {
						t.Errorf("%s:%d: say what %s is for, and when it ends", name, line(v), v.Names[0].Name)
					}
				}
			}
		}
		return true
	})
	return found
}

func bounds(field string) bool {
	for _, word := range bounding {
		if strings.HasSuffix(field, word) {
			return true
		}
	}
	return false
}

// literalTime reports whether a value is written in units of time, rather than by a name.
func literalTime(n ast.Node) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, ok := s.X.(*ast.Ident)
		if ok && pkg.Name == "time" {
			switch s.Sel.Name {
			case "Nanosecond", "Microsecond", "Millisecond", "Second", "Minute", "Hour":
				found = true
			}
		}
		return true
	})
	return found
}
