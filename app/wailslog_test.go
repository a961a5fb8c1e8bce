package app

import (
	"strings"
	"testing"

	"github.com/wailsapp/wails/v2/pkg/logger"
)

// notes is a logger that keeps its errors.
type notes struct {
	logger.Logger
	errors []string
}

func (n *notes) Error(message string) { n.errors = append(n.errors, message) }

func TestCallsThatFailAreLoggedWithoutTheirArguments(t *testing.T) {
	n := &notes{}
	l := wailsLog{n}
	l.Error(`process message error: C{"name":"app.API.SetSecret","args":[{},"A","env","a -> canary"]} -> error parsing arguments: received 4 arguments to method 'app.API.SetSecret', expected 5`)
	l.Error("process message error: Ccanary")
	l.Error("cannot convert 1 to integer!")
	if len(n.errors) != 3 || strings.Contains(strings.Join(n.errors, ""), "canary") {
		t.Errorf("%q", n.errors)
	}
	if !strings.HasSuffix(n.errors[0], "expected 5") || n.errors[2] != "cannot convert 1 to integer!" {
		t.Errorf("%q", n.errors)
	}
}
