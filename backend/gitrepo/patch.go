package gitrepo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"background-agents/backend/session"
)

// Bounds of a patch; what is beyond them sets Truncated.
const (
	maxPatchLines = 20_000
	maxPatchBytes = 2 << 20
	maxPatchLine  = 4 << 10
	maxContext    = 1_000_000
)

// Patch returns one file's difference. A change of mode alone is a hunk without lines that says so in its heading.
func (r *Repos) Patch(ctx context.Context, p session.Project, s session.Session, rg session.Range, path string,
	o session.PatchOptions) (session.Patch, error) {
	patch := session.Patch{Path: path, Hunks: []session.Hunk{}}
	at, from, to, err := r.compared(ctx, p, s, rg)
	if err != nil {
		return patch, err
	}
	c, err := r.findChange(ctx, at, from, to, path)
	if err != nil {
		return patch, explain(err)
	}
	if c.oldMode != c.newMode && c.status != "added" && c.status != "deleted" {
		patch.Hunks = append(patch.Hunks, session.Hunk{Heading: "mode " + c.oldMode + " → " + c.newMode,
			Lines: []string{}})
	}
	if c.oldMode == modeSubmodule || c.newMode == modeSubmodule {
		patch.Hunks = append(patch.Hunks, submoduleHunk(c))
		return patch, nil
	}
	if c.oldID == c.newID {
		return patch, nil
	}
	// Blobs are compared, not trees, so that no other path and no attribute is looked at.
	before, after, err := r.blobOrEmpty(ctx, at, c)
	if err != nil {
		return patch, explain(err)
	}
	args := []string{"diff", "--patch", "--no-color", fmt.Sprintf("--unified=%d", min(max(o.Context, 0), maxContext))}
	if o.IgnoreWhitespace {
		args = append(args, "--ignore-all-space")
	}
	err = r.run(ctx, at, nil, func(out io.Reader) error { return parsePatch(out, &patch) },
		append(args, before, after)...)
	return patch, explain(err)
}

// findChange finds a file by its path after the change, or by the one before where it is gone. The path is given as
// Diff shows it.
func (r *Repos) findChange(ctx context.Context, at place, from, to, path string) (change, error) {
	path = rawPath(path)
	changes, err := r.rawDiff(ctx, at, from, to, false, path)
	if err != nil {
		return change{}, err
	}
	if len(changes) != 1 || changes[0].path != path || changes[0].status == "added" {
		// A new path may be a renamed one.
		if changes, err = r.rawDiff(ctx, at, from, to, true); err != nil {
			return change{}, err
		}
	}
	for _, c := range changes {
		if c.path == path {
			return c, nil
		}
	}
	return change{}, fail(session.CodeNotFound, fmt.Sprintf("%s did not change.", validPath(path)),
		"Look at the list of changed files again.", nil)
}

// blobOrEmpty names both sides; the empty blob is written first where it stands for a file that is not there.
func (r *Repos) blobOrEmpty(ctx context.Context, at place, c change) (before, after string, err error) {
	before, after = c.oldID, c.newID
	for _, side := range []*string{&before, &after} {
		if strings.Trim(*side, "0") == "" {
			if *side, err = r.line(ctx, at, "hash-object", "-w", "--stdin"); err != nil {
				return "", "", fmt.Errorf("compare: %w", err)
			}
		}
	}
	return before, after, nil
}

func submoduleHunk(c change) session.Hunk {
	h := session.Hunk{Heading: "submodule", Lines: []string{}}
	if c.oldMode == modeSubmodule {
		h.OldStart, h.OldLines = 1, 1
		h.Lines = append(h.Lines, "-Subproject commit "+c.oldID)
	}
	if c.newMode == modeSubmodule {
		h.NewStart, h.NewLines = 1, 1
		h.Lines = append(h.Lines, "+Subproject commit "+c.newID)
	}
	return h
}

var hunkHead = regexp.MustCompile(`^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)`)

// parsePatch reads the hunks of one file until a bound is met. Carriage returns stay: they are part of the file.
func parsePatch(out io.Reader, patch *session.Patch) error {
	br := bufio.NewReaderSize(out, 64<<10)
	var hunk *session.Hunk
	lines, size := 0, 0
	for {
		line, cut, err := readLine(br, maxPatchLine)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		patch.Truncated = patch.Truncated || cut
		if m := hunkHead.FindStringSubmatch(line); m != nil {
			patch.Hunks = append(patch.Hunks, session.Hunk{OldStart: number(m[1], 0), OldLines: number(m[2], 1),
				NewStart: number(m[3], 0), NewLines: number(m[4], 1),
				Heading: strings.TrimRight(m[5], "\r"), Lines: []string{}})
			hunk = &patch.Hunks[len(patch.Hunks)-1]
			continue
		}
		if hunk == nil {
			patch.Binary = patch.Binary || strings.HasPrefix(line, "Binary files ")
			continue
		}
		if lines, size = lines+1, size+len(line); lines > maxPatchLines || size > maxPatchBytes {
			patch.Truncated = true
			return errEnough
		}
		hunk.Lines = append(hunk.Lines, line)
	}
}

// readLine reads a line of any length and keeps at most limit bytes of it, as valid text, without its newline.
func readLine(br *bufio.Reader, limit int) (line string, cut bool, err error) {
	var b []byte
	for {
		part, err := br.ReadSlice('\n')
		if len(b) <= limit {
			b = append(b, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && len(b) == 0 {
			return "", false, err
		}
		break
	}
	if n := len(b); n > 0 && b[n-1] == '\n' {
		b = b[:n-1]
	}
	if len(b) > limit {
		return strings.ToValidUTF8(string(b[:limit]), "�") + "…", true, nil
	}
	return strings.ToValidUTF8(string(b), "�"), false, nil
}

func number(s string, absent int) int {
	if s == "" {
		return absent
	}
	n, _ := strconv.Atoi(s)
	return n
}
