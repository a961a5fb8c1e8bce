package app

import (
	"context"
	"encoding/base64"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"background-agents/backend/control"
	"background-agents/backend/session"
)

// maxOutputPage bounds one page of an item's whole text in bytes.
const maxOutputPage = 1 << 20

// OutputPage is a part of an item's whole text. Next is the byte to go on from; End says that there is no more.
type OutputPage struct {
	Text string `json:"text"`
	Next int64  `json:"next"`
	End  bool   `json:"end"`
}

// Version says what runs, and where it keeps what it has.
type Version struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Home    string `json:"home"`
}

// State begins a page's stream of events again and returns the state that it starts from. page is a name that the page
// gave itself when it was loaded; its events are called "events:" and this name. Where the backend could not be opened
// before, it is tried again.
func (a *API) State(page string) (Batch, error) {
	a.w.door.retry()
	ops, err := a.w.door.ops()
	if err != nil {
		return Batch{}, err
	}
	b, err := a.w.pages.state(a.w.ctx, page, ops)
	a.w.door.lost(ops, err)
	return b, err
}

// Focus says which session's items and deltas the page wants; "" for none.
func (a *API) Focus(page string, id session.ID) {
	if p := a.w.pages.of(page); p != nil {
		p.focusOn(id)
	}
}

// Ack says that the page has applied the batch with this number, and all before.
func (a *API) Ack(page string, seq uint64) {
	if p := a.w.pages.of(page); p != nil {
		p.ack(seq)
	}
}

// PickFolder lets the user choose a folder; "" when they choose none.
func (a *API) PickFolder() (string, error) {
	return a.w.shell().PickFolder("Choose a project")
}

// Attach stores a file that the user pasted or dropped. data is base64: a Blob in a request ends WebKitGTK's process.
func (a *API) Attach(name, mime, data string) (session.Attachment, error) {
	if base64.StdEncoding.DecodedLen(len(data)) > session.MaxAttachmentBytes+3 {
		return session.Attachment{}, &session.Error{
			Code: session.CodeInvalid, Message: name + " is larger than 20 MB.", Hint: "Attach a smaller file, or add it to the repository.",
		}
	}
	return ask(a, func(c context.Context, o session.Operations) (session.Attachment, error) {
		return o.Attach(c, name, mime, base64.NewDecoder(base64.StdEncoding, strings.NewReader(data)))
	})
}

// OutputPage returns up to limit bytes of an item's whole text from offset. It never cuts a character.
func (a *API) OutputPage(id session.ID, item session.ItemID, offset int64, limit int) (OutputPage, error) {
	return ask(a, func(c context.Context, o session.Operations) (OutputPage, error) {
		// Four bytes more, to see where the last character ends and whether there is more.
		part := &section{skip: max(offset, 0), room: min(max(limit, utf8.UTFMax), maxOutputPage) + utf8.UTFMax}
		if err := o.Output(c, id, item, part); err != nil && !part.full() {
			return OutputPage{}, err
		}
		return part.page(max(offset, 0)), nil
	})
}

// section keeps a part of what is written to it, and ends the writing after that.
type section struct {
	skip int64
	room int
	data []byte
}

func (s *section) full() bool { return len(s.data) == s.room }

func (s *section) Write(p []byte) (int, error) {
	n := len(p)
	if s.skip >= int64(n) {
		s.skip -= int64(n)
		return n, nil
	}
	p = p[s.skip:]
	s.skip = 0
	s.data = append(s.data, p[:min(len(p), s.room-len(s.data))]...)
	if s.full() {
		return n, io.ErrShortWrite
	}
	return n, nil
}

func (s *section) page(offset int64) OutputPage {
	data, end := s.data, !s.full()
	if !end {
		data = data[:len(data)-utf8.UTFMax]
		for cut := 0; cut < utf8.UTFMax && len(data) > 1; cut++ {
			if r, size := utf8.DecodeLastRune(data); r != utf8.RuneError || size > 1 {
				break
			}
			data = data[:len(data)-1]
		}
	}
	return OutputPage{Text: strings.ToValidUTF8(string(data), "\uFFFD"), Next: offset + int64(len(data)), End: end}
}

// OpenURL opens a link in the browser: only one to the web or to a mail address.
func (a *API) OpenURL(link string) error {
	u, err := url.Parse(link)
	if err != nil || len(link) > 8<<10 || (u.Scheme != "https" && u.Scheme != "http" || u.Host == "") && u.Scheme != "mailto" {
		return &session.Error{Code: session.CodeInvalid, Message: "This link is not opened: it leads to no web page.", Hint: "Copy it if you trust it."}
	}
	a.w.shell().OpenURL(u.String())
	return nil
}

// OpenPath opens a session's worktree in the file manager, and nothing else.
func (a *API) OpenPath(path string) error {
	if !a.w.isWorktree(path) {
		return &session.Error{Code: session.CodeInvalid, Message: path + " is no session's worktree.", Hint: "Open a session and choose Open worktree."}
	}
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return &session.Error{Code: session.CodeNotFound, Message: "The worktree " + path + " is gone.", Hint: "Check it out again.", Err: err}
	}
	return openFolder(path)
}

var openers = map[string]string{"darwin": "open", "windows": "explorer"}

// openFolder gives a folder to the desktop. An absolute path is never taken for an option.
func openFolder(path string) error {
	name, ok := openers[runtime.GOOS]
	if !ok {
		name = "xdg-open"
	}
	cmd := exec.CommandContext(context.Background(), name, filepath.Clean(path)) // it outlives the window
	if err := cmd.Start(); err != nil {
		return &session.Error{Code: session.CodeNotFound, Message: "No file manager could be started.", Hint: "Open " + path + " yourself.", Err: err}
	}
	go func() { _ = cmd.Wait() }() // its end, and its result, are the desktop's
	return nil
}

// Version says what runs.
func (a *API) Version() Version {
	v := Version{Name: appName, Version: control.Version, Home: a.w.home}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v.Commit = s.Value
			}
		}
	}
	return v
}
