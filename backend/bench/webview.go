package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// webview is a program with a real window, driven over WebDriver. The program is the production binary: a shim that is
// loaded with it lets the driver in.
type webview struct {
	driver *exec.Cmd
	base   string
	pid    int
	folder string
}

// openWindow starts the binary on a home of its own and returns when its page answers.
func openWindow(ctx context.Context, binary string, env ...string) (*webview, error) {
	root, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	w := &webview{}
	if w.folder, err = os.MkdirTemp("", "bga-window"); err != nil {
		return nil, err
	}
	pidFile := filepath.Join(w.folder, "pid")
	wrapper := filepath.Join(w.folder, "window.sh")
	lines := []string{"#!/bin/sh", "echo $$ > " + pidFile, "export HOME=" + w.folder, "unset XDG_DATA_HOME XDG_CACHE_HOME XDG_CONFIG_HOME"}
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		lines = append(lines, "export "+name+"='"+value+"'")
	}
	lines = append(lines, "export LD_PRELOAD="+filepath.Join(root, "build/bin/webdriver.so"), "exec "+filepath.Join(root, binary))
	if err := os.WriteFile(wrapper, []byte(strings.Join(lines, "\n")+"\n"), 0o755); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	w.driver = exec.CommandContext(ctx, "WebKitWebDriver", "--host=127.0.0.1", "--port="+port)
	if err := w.driver.Start(); err != nil {
		return nil, err
	}
	w.base = "http://127.0.0.1:" + port
	for range 100 {
		if c, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			_ = c.Close()
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	var session struct {
		ID string `json:"sessionId"`
	}
	err = w.ask("POST", "/session", map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{
		"webkitgtk:browserOptions": map[string]any{"binary": wrapper, "args": []string{}},
	}}}, &session)
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	w.base += "/session/" + session.ID
	body, err := os.ReadFile(pidFile)
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	w.pid, err = strconv.Atoi(strings.TrimSpace(string(body)))
	return w, err
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// ask sends a WebDriver command and decodes its value.
func (w *webview) ask(method, path string, body, value any) error {
	sent, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequest(method, w.base+path, bytes.NewReader(sent))
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var got struct {
		Value json.RawMessage `json:"value"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, path, got.Value)
	}
	return json.Unmarshal(got.Value, value)
}

// run runs a script in the page and decodes what it returns.
func (w *webview) run(script string, value any) error {
	return w.ask("POST", "/execute/sync", map[string]any{"script": script, "args": []any{}}, value)
}

// await runs a script until it returns something other than null.
func (w *webview) await(limit time.Duration, script string, value any) error {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(25 * time.Millisecond) {
		var raw json.RawMessage
		if err := w.run(script, &raw); err == nil && string(raw) != "null" {
			return json.Unmarshal(raw, value)
		}
	}
	return fmt.Errorf("the page does not answer %q", script)
}

// started returns when the program was executed, by the kernel's clock: hundredths of a second.
func (w *webview) started() (time.Time, error) {
	body, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", w.pid))
	if err != nil {
		return time.Time{}, err
	}
	_, rest, _ := strings.Cut(string(body), ") ")
	ticks, err := strconv.ParseInt(strings.Fields(rest)[19], 10, 64)
	if err != nil {
		return time.Time{}, err
	}
	uptime, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return time.Time{}, err
	}
	seconds, err := strconv.ParseFloat(strings.Fields(string(uptime))[0], 64)
	boot := time.Now().Add(-time.Duration(seconds * float64(time.Second)))
	return boot.Add(time.Duration(ticks) * 10 * time.Millisecond), err
}

func (w *webview) close() error {
	if w.pid != 0 {
		if p, err := os.FindProcess(w.pid); err == nil {
			_ = p.Kill()
		}
	}
	_ = w.driver.Process.Kill()
	_ = w.driver.Wait()
	return os.RemoveAll(w.folder)
}
