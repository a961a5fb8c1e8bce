//go:build !unsealed

package main

import "background-agents/sandbox/supervisor/seal"

func checkSandbox() error { return seal.Check() }
