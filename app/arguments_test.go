package app

import (
	"strings"
	"testing"

	"background-agents/backend/control"
	"background-agents/backend/session"
)

func TestArguments(t *testing.T) {
	for _, c := range []struct {
		outcome string
		args    []string
		hidden  bool
		quick   bool
		text    string
		failure string
	}{
		{outcome: "none opens the window"},
		{outcome: "hidden begins in the tray", args: []string{"--hidden"}, hidden: true},
		{outcome: "the quick prompt is opened", args: []string{"--quick-prompt"}, quick: true},
		{outcome: "help is printed", args: []string{"--help"}, text: "Usage: background-agents"},
		{outcome: "the short form is known", args: []string{"-h"}, text: "Usage: background-agents"},
		{outcome: "version is printed", args: []string{"--hidden", "--version"}, text: control.Version + "\n", hidden: true},
		{outcome: "another option is refused", args: []string{"--hiden"}, failure: "--hiden"},
		{outcome: "a path is refused", args: []string{"/tmp"}, failure: "/tmp"},
	} {
		t.Run(c.outcome, func(t *testing.T) {
			got, err := parseArguments(c.args)
			if c.failure != "" {
				if known := session.AsError(err); known == nil || !strings.Contains(known.Message, c.failure) || known.Hint == "" {
					t.Fatalf("%+v", known)
				}
				return
			}
			if err != nil || got.hidden != c.hidden || got.quickPrompt != c.quick || !strings.Contains(got.text, c.text) || (c.text == "") != (got.text == "") {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestNoScreenNamesWhatWasTried(t *testing.T) {
	t.Setenv("DISPLAY", ":77")
	t.Setenv("WAYLAND_DISPLAY", "")
	if m := session.AsError(noScreen()).Message; m != "No display can be opened (DISPLAY=:77)." {
		t.Error(m)
	}
	t.Setenv("DISPLAY", "")
	if m := session.AsError(noScreen()).Message; !strings.Contains(m, "neither DISPLAY nor WAYLAND_DISPLAY") {
		t.Error(m)
	}
}
