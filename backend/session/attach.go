package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
)

var hashForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (m *Manager) attachmentPath(hash string) string { return filepath.Join(m.Attachments, hash) }

// Attach implements Operations: it keeps the bytes under their SHA-256 and returns what to put into a prompt.
func (m *Manager) Attach(_ context.Context, name, mime string, r io.Reader) (Attachment, error) {
	if err := os.MkdirAll(m.Attachments, 0o700); err != nil {
		return Attachment{}, fmt.Errorf("make attachments folder: %w", err)
	}
	f, err := os.CreateTemp(m.Attachments, "new-*")
	if err != nil {
		return Attachment{}, fmt.Errorf("create attachment: %w", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), io.LimitReader(r, MaxAttachmentBytes+1))
	if err != nil {
		return Attachment{}, fmt.Errorf("write attachment: %w", err)
	}
	if n > MaxAttachmentBytes {
		return Attachment{}, newError(CodeInvalid, "\""+name+"\" is larger than 20 MB.", "Attach a smaller file, or put it into the repository.", nil)
	}
	if err := f.Close(); err != nil {
		return Attachment{}, fmt.Errorf("write attachment: %w", err)
	}
	a := Attachment{Name: filepath.Base(name), Mime: mime, Size: n, Hash: hex.EncodeToString(h.Sum(nil))}
	if err := os.Rename(f.Name(), m.attachmentPath(a.Hash)); err != nil {
		return Attachment{}, fmt.Errorf("keep attachment: %w", err)
	}
	return a, nil
}

func (m *Manager) checkAttachment(a Attachment) error {
	if hashForm.MatchString(a.Hash) {
		if _, err := os.Stat(m.attachmentPath(a.Hash)); err == nil {
			return nil
		}
	}
	return newError(CodeNotFound, "The attachment \""+a.Name+"\" is gone.", "Attach it again.", nil)
}
