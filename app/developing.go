//go:build dev

package app

// developing says that the page comes from a development server, which needs what the policy forbids.
const developing = true
