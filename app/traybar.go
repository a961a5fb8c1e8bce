//go:build !bindings && !(darwin && !cgo)

package app

import (
	"context"
	"sync"

	"fyne.io/systray"
)

// Places in the menu; what is more is in the window.
const (
	trayNeeds   = 5
	trayRunning = 8
)

// systrayBar shows the tray with fyne.io/systray. Its menu has a fixed number of places that are shown and hidden:
// items that come and go lose the clicks that are under way.
type systrayBar struct {
	ctx    context.Context
	cancel context.CancelFunc
	end    func()
	up     chan struct{} // closed when the menu is there
	wg     sync.WaitGroup

	mu      sync.Mutex
	needs   []*trayPlace
	running []*trayPlace
	rest    *systray.MenuItem
	icon    string
}

type trayPlace struct {
	menu        *systray.MenuItem
	allow, deny *systray.MenuItem
	session     trayAction
}

func newTrayBar() trayBar {
	b := &systrayBar{up: make(chan struct{})}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	return b
}

func (b *systrayBar) start(do func(trayAction)) {
	b.end = runTray(func() {
		b.build(do)
		close(b.up)
	})
}

func (b *systrayBar) stop() {
	b.cancel()
	b.end()
	b.wg.Wait()
}

func (b *systrayBar) present() bool { return trayHost() }

func (b *systrayBar) build(do func(trayAction)) {
	systray.SetIcon(trayIcons["idle"])
	systray.SetTooltip(appName)
	systray.SetOnTapped(func() { do(trayAction{Kind: "open"}) })
	b.on(systray.AddMenuItem("Open", ""), func() { do(trayAction{Kind: "open"}) })
	b.on(systray.AddMenuItem("New session", ""), func() { do(trayAction{Kind: "new"}) })
	b.on(systray.AddMenuItem("Quick prompt", ""), func() { do(trayAction{Kind: "spawn"}) })
	systray.AddSeparator()
	for range trayNeeds {
		p := &trayPlace{menu: systray.AddMenuItem("", "")}
		p.allow, p.deny = p.menu.AddSubMenuItem("Allow", ""), p.menu.AddSubMenuItem("Deny", "")
		b.choose(p.allow, p, "allow", do)
		b.choose(p.deny, p, "deny", do)
		b.choose(p.menu.AddSubMenuItem("Open", ""), p, "open", do)
		p.menu.Hide()
		b.needs = append(b.needs, p)
	}
	for range trayRunning {
		p := &trayPlace{menu: systray.AddMenuItem("", "")}
		b.choose(p.menu.AddSubMenuItem("Stop", ""), p, "stop", do)
		b.choose(p.menu.AddSubMenuItem("Open", ""), p, "open", do)
		p.menu.Hide()
		b.running = append(b.running, p)
	}
	b.rest = systray.AddMenuItem("", "")
	b.rest.Disable()
	b.rest.Hide()
	systray.AddSeparator()
	b.on(systray.AddMenuItem("Quit", ""), func() { do(trayAction{Kind: "quit"}) })
}

// on calls f for each click. Somebody must always receive: systray drops a click that nobody waits for.
func (b *systrayBar) on(m *systray.MenuItem, f func()) {
	b.wg.Go(func() {
		for {
			select {
			case <-m.ClickedCh:
				go f() // may ask the user, who may want another item meanwhile
			case <-b.ctx.Done():
				return
			}
		}
	})
}

func (b *systrayBar) choose(m *systray.MenuItem, p *trayPlace, kind string, do func(trayAction)) {
	b.on(m, func() {
		b.mu.Lock()
		a := trayAction{Kind: kind, Session: p.session.Session}
		b.mu.Unlock()
		do(a)
	})
}

func (b *systrayBar) show(v trayView) {
	select {
	case <-b.up:
	case <-b.ctx.Done():
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	systray.SetTooltip(v.tooltip())
	icon := "idle"
	if len(v.Needs) > 0 {
		icon = "needs"
	} else if len(v.Running) > 0 {
		icon = "active"
	}
	if icon != b.icon {
		b.icon = icon
		systray.SetIcon(trayIcons[icon])
	}
	for i, p := range b.needs {
		if i >= len(v.Needs) {
			p.menu.Hide()
			continue
		}
		n := v.Needs[i]
		p.session.Session = n.Session
		p.menu.SetTitle(line("● "+n.Title, n.Permission.Title))
		setShown(p.allow, choice(n.Permission, true) != "")
		setShown(p.deny, choice(n.Permission, false) != "")
		p.menu.Show()
	}
	for i, p := range b.running {
		if i >= len(v.Running) {
			p.menu.Hide()
			continue
		}
		p.session.Session = v.Running[i].Session
		p.menu.SetTitle(line(v.Running[i].Title, v.Running[i].Step))
		p.menu.Show()
	}
	more := max(0, len(v.Needs)-trayNeeds) + max(0, len(v.Running)-trayRunning)
	b.rest.SetTitle(andMore(more))
	setShown(b.rest, more > 0)
}

func setShown(m *systray.MenuItem, shown bool) {
	if shown {
		m.Show()
	} else {
		m.Hide()
	}
}
