package gitrepo

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// Version returns the version of the git command, such as "2.39.5".
func Version(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "git", "--version").Output()
	if err != nil {
		return "", fmt.Errorf("ask git for its version: %w", NotFound(err))
	}
	version, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(string(out)), "git version "), " ")
	return version, nil
}
