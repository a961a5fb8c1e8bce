package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"background-agents/sandbox/supervisor/journal"
	"background-agents/sandbox/wire"
)

// Bounds of attachments.
const (
	maxUpload  = 64 << 20 // bytes of one
	maxUploads = 2000     // kept in a sandbox
)

// upload keeps an attachment where the agent can read it. The same bytes with the same name are one file.
func (s *session) upload(u wire.Upload, r io.Reader) (wire.File, error) {
	dir := s.paths.uploads()
	kept, err := os.ReadDir(dir)
	if err != nil {
		return wire.File{}, err
	}
	if len(kept) >= maxUploads {
		return wire.File{}, &wire.Error{Code: "conflict", Message: "This sandbox holds too many attachments.", Hint: "Begin a new session."}
	}
	f, err := os.CreateTemp(dir, ".upload-")
	if err != nil {
		return wire.File{}, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, hash), io.LimitReader(r, maxUpload+1))
	if err != nil {
		return wire.File{}, fmt.Errorf("receive %q: %w", u.Name, err)
	}
	if n > maxUpload {
		return wire.File{}, &wire.Error{Code: "invalid", Message: "The attachment is larger than 64 MB.", Hint: "Attach a smaller file."}
	}
	folder := filepath.Join(dir, hex.EncodeToString(hash.Sum(nil)[:8]))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return wire.File{}, err
	}
	path := filepath.Join(folder, safeName(u.Name))
	if err := os.Rename(f.Name(), path); err != nil {
		return wire.File{}, err
	}
	return wire.File{Path: path, Name: u.Name}, nil
}

// safeName makes a file name of what the user calls the file.
func safeName(name string) string {
	name = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '/' || r == unicode.ReplacementChar {
			return '_'
		}
		return r
	}, name)
	name = strings.TrimLeft(name, ".-")
	for len(name) > 200 {
		_, size := utf8.DecodeRuneInString(name)
		name = name[size:] // the end has the extension
	}
	if strings.TrimSpace(name) == "" {
		return "attachment"
	}
	return name
}

// output writes the whole text of an item.
func (s *session) output(item string, w io.Writer) error {
	missing := &wire.Error{Code: "not_found", Message: "The whole output is not there any more.", Hint: "What the transcript shows is all that is left of it."}
	item = journal.Local(item)
	if item == "" || item != filepath.Base(item) || strings.HasPrefix(item, ".") {
		return missing
	}
	f, err := os.Open(filepath.Join(s.paths.outputs(), item))
	if errors.Is(err, os.ErrNotExist) {
		return missing
	}
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}
