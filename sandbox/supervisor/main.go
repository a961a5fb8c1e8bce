// Command supervisor is what runs in a sandbox beside the agent: it prepares the workspace, runs the agent, keeps the
// journal of what happens, and is the sandbox's one way to the host.
//
//	supervisor run            the container's main process
//	supervisor connect        hands its standard streams to the running supervisor: the host's channel
//	supervisor mcp            copies its standard streams to the tools that the running supervisor has for agents
//	supervisor missing        tells the running supervisor of a command that a shell did not find
//	supervisor exec           runs a command as `bga exec` asks for it, with the same filter as all that the supervisor starts
//	supervisor seal           says whether the sandbox is sealed
//	supervisor ask            a hook of the agent: asks whether it may use a tool
//	supervisor fill-mirror    reads a git bundle and keeps its commit in the project's mirror
//	supervisor fill-tool      reads a tool's archives and unpacks them into its volume
//
// It runs as the agent's user: what the agent can break here is the agent's own sandbox. The host trusts none of it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"background-agents/sandbox/supervisor/agent"
	"background-agents/sandbox/supervisor/missing"
	"background-agents/sandbox/supervisor/seal"
	"background-agents/sandbox/supervisor/toolbox"
)

// toolFolder is where the volume of a tool is mounted while it is filled.
const toolFolder = "/tool"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	defer stop()
	if err := command(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "supervisor:", err)
		stop()
		os.Exit(exitCode(err))
	}
}

// exitCode is 2 for a hook, by which it says no, and what a shell ends with if a command could not run.
func exitCode(err error) int {
	switch {
	case len(os.Args) > 1 && os.Args[1] == "ask":
		return 2
	case errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist):
		return 127
	case len(os.Args) > 1 && os.Args[1] == "exec":
		return 126
	}
	return 1
}

func command(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("say what to do: run, connect, mcp, missing, exec, seal, ask, fill-mirror or fill-tool")
	}
	p := paths{}
	f := flag.NewFlagSet("supervisor "+args[0], flag.ContinueOnError)
	f.StringVar(&p.state, "state", "/home/supervisor", "folder of journal, outputs and attachments")
	f.StringVar(&p.home, "home", "/home/agent", "home folder of the agent")
	f.StringVar(&p.workspace, "workspace", "/workspace", "folder of the clone")
	f.StringVar(&p.mirror, "mirror", "/mirror", "the project's bare repository")
	f.StringVar(&p.secrets, "secrets", "/run/secrets", "folder in memory for secrets that are files")
	f.IntVar(&p.model, "model-port", 7300, "loopback port on which the agent finds its model")
	f.IntVar(&p.egress, "egress-port", 3128, "loopback port of the HTTP proxy")
	if err := f.Parse(args[1:]); err != nil {
		return err
	}
	switch args[0] {
	case "run":
		return run(ctx, p)
	case "exec":
		return execute(f.Args(), p)
	case "seal":
		return sealCheck(seal.Filter())()
	case "connect":
		return connect(ctx, p.socket(), os.Stdin, os.Stdout)
	case "mcp":
		return join(ctx, p.tools(), os.Stdin, os.Stdout)
	case "missing":
		return missing.Tell(p.missing(), f.Args())
	case "ask":
		return agent.Ask(ctx, os.Getenv(agent.AskVariable), os.Stdin, os.Stdout)
	case "fill-mirror":
		if err := seal.Filter(); err != nil {
			return err
		}
		tip, err := fillMirror(ctx, p.mirror, os.Stdin)
		if err == nil {
			_, err = fmt.Println(tip)
		}
		return err
	case "fill-tool":
		if err := seal.Filter(); err != nil {
			return err
		}
		digest, err := toolbox.Fill(toolFolder, os.Stdin)
		if err == nil {
			_, err = fmt.Println(digest)
		}
		return err
	}
	return fmt.Errorf("%q is not run, connect, mcp, missing, exec, seal, ask, fill-mirror or fill-tool", args[0])
}
