package session

import (
	"strings"
	"testing"
)

func TestAgentIsToldWhatItsSandboxReallyHas(t *testing.T) {
	golang, gcc := Toolchain{"go", "1.26.4"}, Toolchain{"gcc", "12"}
	wanted := &Environment{Tools: []Toolchain{gcc, golang}, Packages: []string{"libpq-dev"}}
	asked := EnvironmentPlan{Packages: [][]string{{"gcc"}, {"libpq-dev"}}, Tools: []Toolchain{golang}}
	whole := ImageSpec{Packages: asked.Packages}
	for name, c := range map[string]struct {
		wanted *Environment
		made   EnvironmentPlan
		image  ImageSpec
		want   string
	}{
		"all":              {wanted, asked, whole, "gcc 12, go 1.26.4, libpq-dev"},
		"no environment":   {nil, asked, whole, ""},
		"a tool failed":    {wanted, EnvironmentPlan{}, whole, "gcc 12, libpq-dev"},
		"the image failed": {wanted, asked, ImageSpec{}, "go 1.26.4"},
		"both failed":      {wanted, EnvironmentPlan{}, ImageSpec{}, ""},
	} {
		if got := has(c.wanted, asked, c.made, c.image); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	many := &Environment{}
	for range 200 {
		many.Packages = append(many.Packages, strings.Repeat("p", 100))
	}
	if got := has(many, asked, asked, whole); len(got) > maxAnnounced {
		t.Errorf("%d bytes", len(got))
	}
}

func TestWhatIsAnnouncedGoesWithOnePrompt(t *testing.T) {
	s := Session{Environment: "go 1.26.4"}
	send := func(text string) string {
		p := Prompt{Text: text}
		announce(&s, &p)
		return p.sent()
	}
	for _, c := range []struct{ environment, text, note string }{
		{"go 1.26.4", " /compact", ""},
		{"go 1.26.4", strings.Repeat("x", MaxPromptText), ""},
		{"go 1.26.4", "one", "\n\nThis sandbox has these tools beside those of its base image: go 1.26.4."},
		{"go 1.26.4", "two", ""},
		{"", "three", "\n\nThis sandbox has the tools of its base image alone now."},
		{"", "four", ""},
	} {
		s.Environment = c.environment
		if got := send(c.text); got != c.text+c.note {
			t.Errorf("%.20q is sent as %.200q", c.text, got)
		}
	}
	old := Prompt{Text: "sent before", Note: "This sandbox has nothing."}
	s.Environment = "gcc 12"
	announce(&s, &old)
	if !strings.Contains(old.sent(), "gcc 12") || strings.Contains(old.sent(), "nothing") {
		t.Errorf("a prompt that is sent again says %q", old.sent())
	}
}
