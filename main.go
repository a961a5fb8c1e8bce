// Background Agents runs coding agents in the background, each in its own sealed sandbox. This is its window; package
// app has it. It stands at the root because the Wails commands compile the root.
package main

import "background-agents/app"

func main() { app.Run() }
