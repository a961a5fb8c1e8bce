// Command supervisor stands in for the real one where only the engine's side is tested: it starts in no time, in an
// image that has nothing else in it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	switch os.Args[1] {
	case "prepare": // while the image is built
		for _, dir := range []string{"/workspace", "/home/agent", "/home/supervisor", "/mirror", "/tool"} {
			check(os.MkdirAll(dir, 0o755))
			check(os.Chown(dir, 1000, 1000))
		}
	case "run":
		ended := make(chan os.Signal, 1)
		signal.Notify(ended, syscall.SIGTERM)
		<-ended
	case "exec": // -- COMMAND...
		path, err := exec.LookPath(os.Args[3])
		check(err)
		check(syscall.Exec(path, os.Args[3:], os.Environ()))
	case "connect":
		_, err := io.Copy(os.Stdout, os.Stdin)
		check(err)
	case "fill-tool": // unpacks nothing: keeps the head, and prints the digest that it names
		r := bufio.NewReader(os.Stdin)
		l, err := r.ReadBytes('\n')
		check(err)
		var head struct{ Digest string }
		check(json.Unmarshal(l, &head))
		_, err = io.Copy(io.Discard, r)
		check(err)
		check(os.WriteFile("/tool/head", l, 0o644))
		fmt.Println(head.Digest)
	case "fill-mirror": // prints the first commit that the bundle's head names
		r := bufio.NewReader(os.Stdin)
		for {
			l, err := r.ReadString('\n')
			check(err)
			if id, _, ok := strings.Cut(l, " "); ok && len(id) == 40 {
				check(os.WriteFile("/mirror/tip", []byte(id), 0o644))
				fmt.Println(id)
				break
			}
		}
		_, err := io.Copy(io.Discard, r)
		check(err)
	case "write":
		check(os.WriteFile(os.Args[2], []byte(os.Args[3]), 0o644))
	case "read":
		b, err := os.ReadFile(os.Args[2])
		check(err)
		_, _ = os.Stdout.Write(b)
	case "environ":
		fmt.Println(strings.Join(os.Environ(), "\n"))
	case "complain":
		fmt.Fprintln(os.Stderr, os.Args[2])
		os.Exit(3)
	case "eat": // this many megabytes of memory
		n, err := strconv.Atoi(os.Args[2])
		check(err)
		b := make([]byte, n<<20)
		for i := range b {
			b[i] = byte(i)
		}
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
