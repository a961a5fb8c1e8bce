// Package toolbox unpacks a tool's archives into its volume. The host has verified them; here they are unpacked, in a
// container without network that sees nothing but that volume.
package toolbox

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"background-agents/sandbox/wire"
)

// Bounds of one tool. A Rust with its standard library is 1.5 GB in 10,000 files, a .NET SDK 5,000 files.
const (
	maxHead    = 64 << 10
	maxEntries = 200_000
	maxBytes   = 8 << 30
)

// packed holds the archive while it is unpacked: zip files are read from their end, and shared folders are known after
// all entries.
const packed = ".archive"

// Fill reads wire.ToolArchives and their archives, unpacks them into the folder dir, which it empties first, and
// returns the digest. The folder is sealed last: one without its seal is not whole.
func Fill(dir string, in io.Reader) (digest string, err error) {
	r := bufio.NewReaderSize(in, maxHead)
	head, err := r.ReadSlice('\n')
	if err != nil {
		return "", fmt.Errorf("read what is to be unpacked: %w", err)
	}
	var tool wire.ToolArchives
	if err := json.Unmarshal(head, &tool); err != nil {
		return "", fmt.Errorf("read what is to be unpacked: %w", err)
	}
	if tool.Digest == "" || len(tool.Parts) == 0 {
		return "", errors.New("it has no digest, or no archive")
	}
	if err := empty(dir); err != nil {
		return "", err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", err
	}
	defer root.Close()
	f := &folder{root: root, left: maxBytes}
	for i, p := range tool.Parts {
		if err := f.part(p, r); err != nil {
			return "", fmt.Errorf("unpack archive %d of %d: %w", i+1, len(tool.Parts), err)
		}
	}
	if _, err := r.ReadByte(); err != io.EOF {
		return "", errors.New("there is more than the archives that were announced")
	}
	return tool.Digest, seal(root, tool.Digest)
}

// empty removes what a fill that was cut off has left.
func empty(dir string) error {
	list, err := os.ReadDir(dir)
	for _, e := range list {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	return err
}

// seal writes the digest when all else is on the disk.
func seal(root *os.Root, digest string) error {
	top, err := root.Open(".")
	if err != nil {
		return err
	}
	defer top.Close()
	f, err := root.OpenFile(wire.ToolSeal, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(digest)
	return errors.Join(err, f.Sync(), f.Close(), top.Sync())
}

// part unpacks one archive.
func (f *folder) part(p wire.ToolArchive, in io.Reader) (err error) {
	if p.Into != "" && !filepath.IsLocal(p.Into) || p.Size < 0 {
		return fmt.Errorf("%q is no folder of a tool", p.Into)
	}
	f.at, f.executables = p.Into, p.Executables
	body := &io.LimitedReader{R: in, N: p.Size}
	if p.Format == "file" {
		err = f.file(p.Name, 0o755, body)
		if err == nil && body.N > 0 {
			err = fmt.Errorf("%d of %d bytes did not come", body.N, p.Size)
		}
		return errors.Join(err, f.links(p.Links))
	}
	spool, err := f.root.OpenFile(packed, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, spool.Close(), f.root.Remove(packed)) }()
	if _, err := io.Copy(spool, body); err != nil || body.N > 0 {
		return errors.Join(fmt.Errorf("%d of %d bytes did not come", body.N, p.Size), err)
	}
	walk, err := walker(p.Format, spool, p.Size)
	if err != nil {
		return err
	}
	strip := p.Strip
	if strip < 0 {
		if strip, err = shared(walk); err != nil {
			return err
		}
	}
	if err := walk(func(e entry) error { return f.entry(e, strip) }); err != nil {
		return err
	}
	return f.links(p.Links)
}

// shared counts the leading folders that all entries of an archive have in common.
func shared(walk func(func(entry) error) error) (int, error) {
	var common []string
	first := true
	err := walk(func(e entry) error {
		if e.kind == folderEntry {
			return nil
		}
		folders := strings.Split(path.Dir(path.Clean(e.name)), "/")
		if folders[0] == "." {
			folders = nil
		}
		if first {
			common, first = folders, false
			return nil
		}
		n := 0
		for n < min(len(common), len(folders)) && common[n] == folders[n] {
			n++
		}
		common = common[:n]
		return nil
	})
	return len(common), err
}
