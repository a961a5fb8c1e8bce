package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/sqlite"
	"background-agents/sandbox/wire"
)

const (
	app  = "build/bin/background-agents"
	bare = "build/bin/bare-window"
)

// painted is when the page had its first row drawn, as Unix milliseconds; null before.
const painted = `
if (window.__painted) return window.__painted;
if (!document.querySelector('.row') || window.__looking) return null;
window.__looking = true;
requestAnimationFrame(() => requestAnimationFrame(() => { window.__painted = performance.timeOrigin + performance.now() }));
return null`

// start is from the program's execution to its list of sessions drawn, with 1,000 sessions and 1,000,000 items stored,
// beside a bare Wails window. The driver looks every 25 ms, in both.
func start(ctx context.Context, o options) ([]row, error) {
	data, err := os.MkdirTemp("", "bga-start")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(data)
	if err := fill(ctx, data, o.small(1000, 20), 1000); err != nil {
		return nil, err
	}
	r, err := measure(o, row{Name: "start", Unit: "ms", Goal: "<= 1.15x"}, func(int) (float64, float64, error) {
		floor, err := opened(ctx, bare)
		if err != nil {
			return 0, 0, err
		}
		ours, err := opened(ctx, app, "BGA_HOME="+data)
		return ours, floor, err
	})
	return []row{r}, err
}

func opened(ctx context.Context, binary string, env ...string) (float64, error) {
	w, err := openWindow(ctx, binary, env...)
	if err != nil {
		return 0, err
	}
	defer w.close()
	var at float64
	if err := w.await(30*time.Second, painted, &at); err != nil {
		return 0, err
	}
	began, err := w.started()
	return at - float64(began.UnixMicro())/1000, err
}

// fill stores sessions with their items.
func fill(ctx context.Context, data string, sessions, items int) error {
	store, err := sqlite.Open(ctx, filepath.Join(data, "background-agents.db"))
	if err != nil {
		return err
	}
	defer store.Close()
	p := session.Project{ID: "project", Name: "project", Path: data}
	for i := range sessions {
		id := session.ID(fmt.Sprintf("s%07d", i))
		created := session.Millis(time.Now().UnixMilli() - int64(i)*60_000)
		s := session.Session{
			ID: id, Project: p.ID, Title: fmt.Sprintf("Session %d", i), Agent: "opencode", Branch: fmt.Sprintf("agents/s-%d", i),
			Status: session.Stopped, Sandbox: session.SandboxNone, Items: uint64(items), Rev: uint64(items), Turns: 1,
			CreatedAt: created, UpdatedAt: session.Millis(time.Now().UnixMilli()), TurnedAt: created,
		}
		all := make([]session.Item, items)
		for k := range all {
			n := uint64(k + 1)
			all[k] = session.Item{Session: id, ID: session.ItemID(fmt.Sprint("i", n)), Seq: n, Rev: n, Kind: session.KindMessage, Turn: 1, At: 1, DoneAt: 1, Text: eventText, Size: int64(len(eventText))}
		}
		if err := store.Save(ctx, session.Change{Project: &p, Session: &s, Items: all}); err != nil {
			return err
		}
	}
	return nil
}

// idle is what the window takes while nothing runs, memory beside the same page in Chromium.
func idle(ctx context.Context, o options) ([]row, error) {
	data, err := os.MkdirTemp("", "bga-idle")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(data)
	if err := fill(ctx, data, 20, 50); err != nil {
		return nil, err
	}
	w, err := openWindow(ctx, app, "BGA_HOME="+data)
	if err != nil {
		return nil, err
	}
	defer w.close()
	var at float64
	if err := w.await(30*time.Second, painted, &at); err != nil {
		return nil, err
	}
	settle := time.Duration(o.small(10, 2)) * time.Second
	time.Sleep(settle)
	wait := time.Duration(o.small(60, 3)) * time.Second
	before := tree(w.pid)
	cpu := treeTime(before)
	time.Sleep(wait)
	after := tree(w.pid)
	used := (treeTime(after) - cpu).Seconds() / wait.Seconds() * 100
	fresh := 0
	for _, pid := range after {
		if !slices.Contains(before, pid) {
			fresh++
		}
	}
	peer, err := chromium(ctx, settle)
	if err != nil {
		return nil, err
	}
	memory := treePSS(after)
	return []row{
		{Name: "idle memory", Value: memory, Floor: peer, Ratio: memory / peer, Unit: "MB PSS", Goal: "<= 0.6x"},
		{Name: "idle cpu", Value: used, Unit: "%", Goal: "<= 0.3"},
		{Name: "idle processes started", Value: float64(fresh), Unit: "in " + wait.String(), Goal: "0"},
	}, nil
}

// chromium returns the memory of the page, with its made-up sessions, in a Chromium window of its own.
func chromium(ctx context.Context, settle time.Duration) (float64, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	server := &http.Server{Handler: http.FileServer(http.Dir("frontend/dist"))}
	go func() { _ = server.Serve(l) }()
	defer server.Close()
	profile, err := os.MkdirTemp("", "bga-chromium")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(profile)
	cmd := exec.CommandContext(ctx, "chromium", "--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--user-data-dir="+profile, "--app=http://"+l.Addr().String()+"/?fake")
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	time.Sleep(settle + 3*time.Second)
	return treePSS(tree(cmd.Process.Pid)), nil
}

// eventLatency is from an event in a supervisor's journal to its text in the page of the real window, at 2,000 events a
// second, with the real channel, store, socket and pump between.
func eventLatency(ctx context.Context, o options) ([]row, error) {
	dir, err := os.MkdirTemp("", "bga-latency")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s, err := newStreamed(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer s.close()
	w, err := openWindow(ctx, app, "BGA_HOME="+dir)
	if err != nil {
		return nil, err
	}
	defer w.close()
	var ok bool
	if err := w.await(30*time.Second, `const row = document.querySelector('button.row'); if (!row) return null; row.click(); return true`, &ok); err != nil {
		return nil, err
	}
	if err := w.await(30*time.Second, `return document.querySelector('[role=log]') ? true : null`, &ok); err != nil {
		return nil, err
	}
	// Each event says when it was written; the page notes, after each change of the document, how old the newest is.
	const observe = `
window.__ages = [];
const log = document.querySelector('[role=log]');
let last = '';
new MutationObserver(() => {
  const text = log.textContent; const at = text.lastIndexOf('@');
  const stamp = text.slice(at + 1, at + 14);
  if (at < 0 || stamp === last || !/^\d{13}$/.test(stamp)) return;
  last = stamp; window.__ages.push(Date.now() - Number(stamp));
}).observe(log, { subtree: true, childList: true, characterData: true });
return true`
	if err := w.run(observe, &ok); err != nil {
		return nil, err
	}
	n := o.small(20_000, 1000)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for i := 0; i < n; i += 2 {
		<-tick.C
		for range 2 { // two a millisecond
			err := s.journal.Append(wire.Entry{Delta: &wire.Delta{
				Item: fmt.Sprint(s.journal.Epoch(), "-", i/1000), Kind: "message", Text: fmt.Sprintf("@%d ", time.Now().UnixMilli()),
			}})
			if err != nil {
				return nil, err
			}
		}
	}
	time.Sleep(time.Second)
	var ages []float64
	if err := w.run("return window.__ages", &ages); err != nil {
		return nil, err
	}
	if len(ages) == 0 {
		return nil, fmt.Errorf("no event was seen in the page")
	}
	slices.Sort(ages)
	return []row{{
		Name: "event-latency p95", Value: ages[len(ages)*95/100], Unit: "ms", Goal: "<= 60 ms", Runs: []float64{ages[len(ages)/2]},
		Note: fmt.Sprintf("%d changes seen, p50 %.0f ms", len(ages), ages[len(ages)/2]),
	}}, nil
}
