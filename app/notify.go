package app

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"background-agents/backend/session"
)

// notifier decides which changes are worth a notification of the desktop: a turn that ended, a session that needs its
// user, one that failed. Each once, none for what was so before, none for what the user is looking at.
type notifier struct {
	watched func(session.ID) bool
	ready   bool // the desktop shows notifications
	told    map[session.ID]string
	unread  map[session.ID]int // notifications since the user last looked at the session
}

// maxUnread bounds the notifications of one session that its user has not looked at: what a sandbox does, however often, is
// not told without end.
const maxUnread = 5

// consider returns the notifications that the changes deserve.
func (n *notifier) consider(changes []change, r *roster) []Notification {
	var found []Notification
	for _, c := range changes {
		s := c.after
		if n.told == nil {
			n.told, n.unread = map[session.ID]string{}, map[session.ID]int{}
		}
		if !s.Unread {
			delete(n.unread, s.ID)
		}
		title, body, worth := n.news(c, r)
		if !worth {
			continue
		}
		id := string(s.ID) + "-" + strconv.Itoa(s.Turns) + "-" + string(s.Status)
		if p := r.permission(s.ID); s.Status == session.NeedsYou {
			id += "-" + p.ID
		}
		if n.told[s.ID] == id {
			continue
		}
		n.told[s.ID] = id
		if n.ready && !n.watched(s.ID) && n.unread[s.ID] < maxUnread {
			n.unread[s.ID]++
			found = append(found, Notification{ID: id, Title: harmless(title), Body: harmless(body), Session: string(s.ID)})
		}
	}
	return found
}

func (n *notifier) news(c change, r *roster) (title, body string, worth bool) {
	s, was := c.after, c.before.Does()
	if c.before.Status == "" || c.before.Status == s.Status && c.asked == c.asks {
		return "", "", false
	}
	switch {
	case s.Status == session.NeedsYou:
		return s.Title + " needs you", orElse(r.permission(s.ID).Title, s.Step), true
	case s.Status == session.Failed && was != session.Failed:
		body := "Open it to see why."
		if s.Error != nil {
			body = s.Error.Message
		}
		return s.Title + " failed", body, true
	case s.Status == session.Idle && was == session.Working && s.Turns > 0 && !s.Held:
		return s.Title + " has finished", changed(s.Diff), true
	}
	return "", "", false
}

// harmless keeps what an agent wrote from being more than text: desktops of Linux read tags in a notification, links and images
// among them. It is one line.
func harmless(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '<':
			return '‹'
		case r == '>':
			return '›'
		case unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
}

func changed(d session.DiffStat) string {
	switch d.Files {
	case 0:
		return "No files changed."
	case 1:
		return fmt.Sprintf("1 file changed, +%d −%d.", d.Added, d.Removed)
	}
	return fmt.Sprintf("%d files changed, +%d −%d.", d.Files, d.Added, d.Removed)
}

func orElse(s, other string) string {
	if s != "" {
		return s
	}
	return other
}
