package session_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"
)

// calls is what a package calls.
type calls struct {
	files *token.FileSet
	info  *types.Info
	decls map[types.Object]*ast.FuncDecl
	ports map[types.Object]string // methods of interfaces and functions of Config, by their names
	locks int
	// reaches has, for a function, the way to a port that it calls itself.
	reaches map[types.Object][]string
	// called are parameters that are called under a lock.
	called map[types.Object]string
}

// unknown imports packages without what is in them.
type unknown struct{}

func (unknown) Import(path string) (*types.Package, error) {
	p := types.NewPackage(path, path[strings.LastIndex(path, "/")+1:])
	p.MarkComplete()
	return p, nil
}

func readCalls(t *testing.T, dir string) *calls {
	t.Helper()
	c := &calls{
		files: token.NewFileSet(), decls: map[types.Object]*ast.FuncDecl{}, ports: map[types.Object]string{},
		reaches: map[types.Object][]string{}, called: map[types.Object]string{},
		info: &types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}},
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(c.files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	// Imported packages stay unknown. The errors that follow don't matter: those packages have no port, and don't lock
	// the Manager.
	check := types.Config{Importer: unknown{}, Error: func(error) {}}
	pkg, _ := check.Check(dir, c.files, files, c.info)
	c.findPorts(pkg)
	for _, f := range files {
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil {
				c.decls[c.info.Defs[d.Name]] = d
			}
		}
	}
	c.findReach()
	return c
}

// findPorts takes each interface of Config, what those return, and Config's functions but the clock.
func (c *calls) findPorts(pkg *types.Package) {
	var add func(t types.Type)
	seen := map[types.Type]bool{}
	add = func(t types.Type) {
		named, ok := t.(*types.Named)
		if !ok || seen[t] || named.Obj().Pkg() != pkg || named.Obj().Name() == "Store" {
			return
		}
		i, ok := named.Underlying().(*types.Interface)
		if !ok {
			return
		}
		seen[t] = true
		for m := range i.Methods() {
			c.ports[m] = named.Obj().Name() + "." + m.Name()
			for r := range m.Signature().Results().Variables() {
				add(r.Type())
			}
		}
	}
	config := pkg.Scope().Lookup("Config").Type().Underlying().(*types.Struct)
	for f := range config.Fields() {
		add(f.Type())
		if _, ok := f.Type().(*types.Signature); ok && f.Name() != "Now" {
			c.ports[f] = "Manager." + f.Name()
		}
	}
}

// here walks what a piece of code does on its own goroutine, in order.
func here(n ast.Node, f func(ast.Node)) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			return false
		case *ast.CallExpr:
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && (s.Sel.Name == "Go" || s.Sel.Name == "AfterFunc") {
				return false
			}
		}
		if n != nil {
			f(n)
		}
		return true
	})
}

// uses returns what a name, or the last name of a selection, stands for.
func (c *calls) uses(e ast.Expr) types.Object {
	switch e := e.(type) {
	case *ast.Ident:
		return c.info.Uses[e]
	case *ast.SelectorExpr:
		return c.info.Uses[e.Sel]
	}
	return nil
}

// findReach fills in reaches: functions that call a port, and those that call them.
func (c *calls) findReach() {
	for again := true; again; {
		again = false
		for f, d := range c.decls {
			if c.reaches[f] != nil {
				continue
			}
			here(d.Body, func(n ast.Node) {
				way := c.way(n)
				if way != nil && c.reaches[f] == nil {
					c.reaches[f] = append([]string{f.Name()}, way...)
					again = true
				}
			})
		}
	}
}

// way returns how a node leads to a port: by calling it, or by naming a function that does. The last of it is the port.
func (c *calls) way(n ast.Node) []string {
	e, ok := n.(ast.Expr)
	if !ok {
		return nil
	}
	if call, ok := n.(*ast.CallExpr); ok {
		if name := c.ports[c.uses(call.Fun)]; name != "" {
			return []string{name}
		}
		return nil
	}
	if id, ok := e.(*ast.Ident); ok {
		return c.reaches[c.info.Uses[id]]
	}
	return nil
}
