package session_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// TestNoPortButStoreIsCalledUnderTheManagersLocks reads the package's source: what is called while Manager.writing or
// Manager.mu is held, through functions and callbacks, must not be a port. Ports may take minutes, and everything that
// changes waits for these locks.
func TestNoPortButStoreIsCalledUnderTheManagersLocks(t *testing.T) {
	c := readCalls(t, ".")
	for _, found := range c.underLock() {
		t.Error(found)
	}
	if c.locks < 30 || len(c.ports) < 50 || len(c.reaches) < 50 || len(c.called) < 5 {
		t.Errorf("%d places take a lock, %d ports, %d functions call one, %d parameters are called under a lock: "+
			"this test looks at the wrong things",
			c.locks, len(c.ports), len(c.reaches), len(c.called))
	}
}

// The control: each of these is found, and what only looks like it is not.
func TestPortsUnderALockAreFound(t *testing.T) {
	c := readCalls(t, "testdata/underlock")
	var found []string
	for _, text := range c.underLock() {
		_, text, _ = strings.Cut(text, ": ")
		found = append(found, text)
	}
	want := []string{
		"Engine.Stop is called under Manager.mu",
		"Engine.Stop is called under Manager.mu by middle, helper",
		"Engine.Stop is called under Manager.writing",
		"Engine.Stop is called under Manager.writing by helper",
		"Engine.Stop is called under Manager.writing by helper",
		"Engine.Stop is called under Manager.writing by middle, helper",
		"Manager.Room is called under Manager.writing",
	}
	slices.Sort(found)
	if !slices.Equal(found, want) {
		t.Errorf("found\n\t%s\nwant\n\t%s", strings.Join(found, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// region is code that runs under a lock.
type region struct {
	code     ast.Node
	from, to token.Pos
	lock     string
	free     []region // where the lock is given back in between
}

func (r region) has(at token.Pos) bool {
	return r.from <= at && at < r.to && !slices.ContainsFunc(r.free, func(f region) bool { return f.has(at) })
}

// underLock returns the calls of ports under a lock.
func (c *calls) underLock() []string {
	var regions []region
	for _, d := range c.decls {
		regions = append(regions, c.regions(d)...)
	}
	c.locks = len(regions)
	done := map[token.Pos]bool{}
	var found []string
	for len(regions) > 0 {
		r := regions[0]
		regions = regions[1:]
		if done[r.from] {
			continue
		}
		done[r.from] = true
		here(r.code, func(n ast.Node) {
			if !r.has(n.Pos()) {
				return
			}
			if way := c.way(n); way != nil {
				text := fmt.Sprintf("%s: %s is called under %s", c.files.Position(n.Pos()), way[len(way)-1], r.lock)
				if by := way[:len(way)-1]; len(by) > 0 {
					text += " by " + strings.Join(by, ", ")
				}
				found = append(found, text)
			}
			if call, ok := n.(*ast.CallExpr); ok {
				if p, ok := c.uses(call.Fun).(*types.Var); ok && c.called[p] == "" {
					c.called[p] = r.lock
					regions = append(regions, c.callbacks()...)
				}
			}
		})
	}
	return found
}

// regions returns what a function does while it holds a lock of the Manager's: from taking it to giving it back in the
// same list of statements, or to the end of that list. What follows where a branch gives it back is not under it.
func (c *calls) regions(d *ast.FuncDecl) (all []region) {
	ast.Inspect(d.Body, func(n ast.Node) bool {
		list := statements(n)
		for i, stmt := range list {
			name, locks := c.lockOf(stmt)
			if !locks {
				continue
			}
			r := region{code: n, from: stmt.End(), to: n.End(), lock: name}
			for _, next := range list[i+1:] {
				if other, again := c.lockOf(next); other == name && !again {
					r.to = next.Pos()
					break
				}
			}
			r.free = c.branches(n, r)
			all = append(all, r)
		}
		return true
	})
	return all
}

// branches returns where a branch within a region has given its lock back.
func (c *calls) branches(n ast.Node, r region) (free []region) {
	ast.Inspect(n, func(in ast.Node) bool {
		for _, stmt := range statements(in) {
			if name, locks := c.lockOf(stmt); in != n && name == r.lock && !locks {
				free = append(free, region{from: stmt.End(), to: in.End()})
			}
		}
		return true
	})
	return free
}

func statements(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n.List
	case *ast.CaseClause:
		return n.Body
	case *ast.CommClause:
		return n.Body
	}
	return nil
}

// lockOf returns the Manager's lock that a statement takes or gives back, "" for another statement.
func (c *calls) lockOf(stmt ast.Stmt) (name string, locks bool) {
	e, ok := stmt.(*ast.ExprStmt)
	if !ok {
		return "", false
	}
	call, ok := e.X.(*ast.CallExpr)
	if !ok {
		return "", false
	}
	s, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != "Lock" && s.Sel.Name != "Unlock" {
		return "", false
	}
	field, ok := s.X.(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	f, ok := c.info.Uses[field.Sel].(*types.Var)
	if !ok || !c.ofManager(f) || f.Name() != "writing" && f.Name() != "mu" {
		return "", false
	}
	return "Manager." + f.Name(), s.Sel.Name == "Lock"
}

func (c *calls) ofManager(f *types.Var) bool {
	manager := f.Pkg().Scope().Lookup("Manager").Type().Underlying().(*types.Struct)
	for field := range manager.Fields() {
		if field == f {
			return true
		}
	}
	return false
}

// callbacks returns the functions that are given to parameters which are called under a lock.
func (c *calls) callbacks() (all []region) {
	for _, d := range c.decls {
		ast.Inspect(d.Body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			f, ok := c.uses(call.Fun).(*types.Func)
			if !ok {
				return true
			}
			f = f.Origin()
			for i, arg := range call.Args {
				params := f.Signature().Params()
				if i >= params.Len() || c.called[params.At(i)] == "" {
					continue
				}
				all = append(all, region{code: arg, from: arg.Pos(), to: arg.End(), lock: c.called[params.At(i)]})
			}
			return true
		})
	}
	return all
}
