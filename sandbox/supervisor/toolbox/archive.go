package toolbox

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
)

type kind int

const (
	fileEntry kind = iota
	folderEntry
	linkEntry // symbolic
	hardEntry // another name of an entry before it
)

// entry is one file of an archive. target is where a link leads.
type entry struct {
	name   string
	kind   kind
	mode   fs.FileMode
	target string
	body   io.Reader
}

// walker returns what calls a function with each entry of an archive; it may be called more than once.
func walker(format string, spool *os.File, size int64) (func(func(entry) error) error, error) {
	switch format {
	case "zip":
		z, err := zip.NewReader(spool, size)
		if err != nil {
			return nil, err
		}
		return func(f func(entry) error) error { return walkZip(z, f) }, nil
	case "tar.gz":
		return fromStart(spool, func(f func(entry) error) error {
			z, err := gzip.NewReader(spool)
			if err != nil {
				return err
			}
			return walkTar(z, f)
		}), nil
	case "tar.xz":
		return fromStart(spool, func(f func(entry) error) error { return walkXz(spool, f) }), nil
	}
	return nil, fmt.Errorf("%q is no format of an archive", format)
}

func fromStart(spool *os.File, walk func(func(entry) error) error) func(func(entry) error) error {
	return func(f func(entry) error) error {
		if _, err := spool.Seek(0, io.SeekStart); err != nil {
			return err
		}
		return walk(f)
	}
}

// walkXz has xz unpack: the standard library can't.
func walkXz(spool *os.File, f func(entry) error) error {
	c := exec.Command("xz", "--decompress", "--stdout")
	var complaint bytes.Buffer
	c.Stdin, c.Stderr = spool, &complaint
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	walked := walkTar(out, f)
	if walked != nil {
		_ = c.Process.Kill()
	}
	err = c.Wait()
	if walked != nil {
		return walked
	}
	if err != nil {
		return fmt.Errorf("xz: %w: %s", err, strings.TrimSpace(complaint.String()))
	}
	return nil
}

func walkTar(r io.Reader, f func(entry) error) error {
	for t := tar.NewReader(r); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			_, err = io.Copy(io.Discard, r) // what follows the end is padding; xz must not meet a closed pipe
			return err
		}
		if err != nil {
			return err
		}
		e := entry{name: h.Name, mode: h.FileInfo().Mode(), target: h.Linkname, body: t}
		switch h.Typeflag {
		case tar.TypeReg:
			e.kind = fileEntry
		case tar.TypeDir:
			e.kind = folderEntry
		case tar.TypeSymlink:
			e.kind = linkEntry
		case tar.TypeLink:
			e.kind = hardEntry
		case tar.TypeXGlobalHeader:
			continue
		default:
			return fmt.Errorf("%q is neither a file, a folder nor a link", h.Name)
		}
		if err := f(e); err != nil {
			return err
		}
	}
}

func walkZip(z *zip.Reader, f func(entry) error) error {
	for _, file := range z.File {
		e := entry{name: file.Name, mode: file.Mode()}
		switch {
		case file.Mode().IsDir():
			e.kind = folderEntry
		case file.Mode()&fs.ModeSymlink != 0:
			e.kind = linkEntry
		case !file.Mode().IsRegular():
			return fmt.Errorf("%q is neither a file, a folder nor a link", file.Name)
		}
		body, err := file.Open()
		if err != nil {
			return err
		}
		if e.body = body; e.kind == linkEntry {
			var target []byte
			target, err = io.ReadAll(io.LimitReader(body, 4096))
			e.target = string(target)
		}
		if err == nil {
			err = f(e)
		}
		if err = errors.Join(err, body.Close()); err != nil {
			return err
		}
	}
	return nil
}
