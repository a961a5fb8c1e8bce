package app

import (
	"os"
	"runtime"
	"slices"
	"strings"

	"background-agents/backend/control"
	"background-agents/backend/session"
)

const usage = `Background Agents runs coding agents in the background, each in its own sealed sandbox.

Usage: background-agents [--hidden | --quick-prompt]

  --hidden        start without showing the window, in the tray
  --quick-prompt  open the quick prompt, of the application that runs already if one does;
                  bind a key of your desktop to it
  --version       print the version
  --help          print this text

The command line is bga: see bga --help.
`

// arguments is what the program was started with.
type arguments struct {
	hidden      bool
	quickPrompt bool
	quickWindow bool   // be the quick prompt of the process that started this one
	text        string // what to print instead of opening the window
}

func parseArguments(args []string) (arguments, error) {
	var a arguments
	for _, arg := range args {
		switch {
		case slices.Contains([]string{"-h", "-help", "--help", "help"}, arg):
			a.text = usage
		case slices.Contains([]string{"-v", "-version", "--version", "version"}, arg):
			a.text = "background-agents " + control.Version + "\n"
		case arg == "--hidden":
			a.hidden = true
		case arg == quickPromptFlag:
			a.quickPrompt = true
		case arg == quickWindowFlag:
			a.quickWindow = true
		case runtime.GOOS == "darwin" && strings.HasPrefix(arg, "-psn_"): // the Finder of older systems adds it
		case developing: // Wails' development server has options of its own
		default:
			return a, &session.Error{Code: session.CodeInvalid, Message: "background-agents doesn't know “" + arg + "”.",
				Hint: "See background-agents --help. The command line is bga."}
		}
	}
	return a, nil
}

// noScreen says why no window can be opened.
func noScreen() error {
	var tried []string
	for _, name := range []string{"WAYLAND_DISPLAY", "DISPLAY"} {
		if v := os.Getenv(name); v != "" {
			tried = append(tried, name+"="+v)
		}
	}
	message := "There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set."
	if len(tried) > 0 {
		message = "No display can be opened (" + strings.Join(tried, ", ") + ")."
	}
	return &session.Error{Code: session.CodeInvalid, Message: message,
		Hint: "Start it from a desktop. Without one, use bga: it does the same in a terminal (bga --help)."}
}
