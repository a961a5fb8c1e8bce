package gitrepo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// asIndexed returns those of paths whose files are as the index knows them by mode, size and time of change, and the
// blobs they are known as. git noted both when it last had written the file or compared it, with the user's filters.
// Times are compared to the nanosecond: an edit in the same second is seen, which git itself finds by reading the file.
func (r *Repos) asIndexed(ctx context.Context, at place, paths []string) (map[string]string, error) {
	known := map[string]string{}
	const most = 500 // paths in one command line
	for len(paths) > 0 {
		some := paths[:min(len(paths), most)]
		paths = paths[len(some):]
		args := append([]string{"ls-files", "--stage", "--debug", "-z", "--"}, some...)
		out, err := r.output(ctx, at, nil, args...)
		if err != nil {
			return nil, fmt.Errorf("read the index: %w", err)
		}
		for _, e := range parseEntries(string(out)) {
			info, err := os.Lstat(filepath.Join(at.tree, filepath.FromSlash(e.path)))
			if err == nil && info.Mode().IsRegular() && e.isOf(info) {
				known[e.path] = e.id
			}
		}
	}
	return known, nil
}

// indexEntry is what the index has of a file.
type indexEntry struct {
	path, id  string
	runs      bool  // it is executable
	sec, nsec int64 // time of change
	size      int64 // its low 32 bits; 0 where git is to look at the file
}

// isOf reports whether a file is as it was noted. Without fractions of a second an edit could go unseen.
func (e indexEntry) isOf(info os.FileInfo) bool {
	at := info.ModTime()
	return e.runs == (info.Mode()&0o100 != 0) && e.size == int64(uint32(info.Size())) &&
		e.nsec != 0 && e.nsec == int64(at.Nanosecond()) && e.sec == int64(uint32(at.Unix()))
}

// parseEntries reads what `git ls-files --stage --debug -z` prints: for each entry "MODE ID STAGE<tab>PATH<nul>" and
// five lines such as "  mtime: 1795898188:529846468". An entry that reads otherwise is left out.
func parseEntries(out string) (list []indexEntry) {
	for out != "" {
		head, rest, ok := strings.Cut(out, "\x00")
		if !ok {
			return list
		}
		var e indexEntry
		var fields []string
		head, e.path, _ = strings.Cut(head, "\t")
		if fields = strings.Fields(head); len(fields) == 3 {
			e.runs, e.id = fields[0] == "100755", fields[1]
		}
		times, sizes := false, false
		for strings.HasPrefix(rest, "  ") {
			var line string
			line, rest, _ = strings.Cut(rest, "\n")
			if text, ok := strings.CutPrefix(line, "  mtime: "); ok {
				sec, nsec, _ := strings.Cut(text, ":")
				var err [2]error
				e.sec, err[0] = strconv.ParseInt(sec, 10, 64)
				e.nsec, err[1] = strconv.ParseInt(nsec, 10, 64)
				times = err[0] == nil && err[1] == nil
			}
			if text, ok := strings.CutPrefix(line, "  size: "); ok {
				size, _, _ := strings.Cut(text, "\t")
				var err error
				e.size, err = strconv.ParseInt(size, 10, 64)
				sizes = err == nil
			}
		}
		out = rest
		if len(fields) == 3 && fields[2] == "0" && times && sizes {
			list = append(list, e)
		}
	}
	return list
}
