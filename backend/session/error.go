package session

import "errors"

// Code says what kind of error happened; programs compare it, never the text.
type Code string

const (
	CodeInternal       Code = "internal"
	CodeInvalid        Code = "invalid"
	CodeNotFound       Code = "not_found"
	CodeConflict       Code = "conflict"
	CodeUnsaved        Code = "unsaved"
	CodeNoDocker       Code = "docker_missing"
	CodeDockerDown     Code = "docker_down"
	CodeDockerDenied   Code = "docker_denied"
	CodeDiskFull       Code = "disk_full"
	CodeImage          Code = "image_failed"
	CodeImageMissing   Code = "image_missing"
	CodeTool           Code = "tool_failed"  // a tool of a project's environment could not be fetched
	CodeToolRefused    Code = "tool_refused" // its archive is not the one that its maker published
	CodeSandboxGone    Code = "sandbox_gone"
	CodeSandbox        Code = "sandbox_failed"
	CodeSeal           Code = "seal_broken" // the sandbox is not sealed, so no agent runs in it
	CodeOutOfMemory    Code = "out_of_memory"
	CodeNotRepository  Code = "not_a_repository"
	CodeEmpty          Code = "repository_empty"
	CodeRepoMissing    Code = "repository_missing"
	CodeBaseMissing    Code = "base_missing"
	CodeBranchExists   Code = "branch_exists"
	CodeWorktreeTaken  Code = "worktree_taken"
	CodeQuarantine     Code = "result_refused"
	CodeAgent          Code = "agent_failed"
	CodeModel          Code = "model_failed"
	CodeModelKey       Code = "model_key"     // there is no key or login for the model's provider, or the provider refuses it
	CodeModelMissing   Code = "model_missing" // the provider does not have the model, or not for this account
	CodeBudget         Code = "budget_spent"
	CodeTranscriptFull Code = "transcript_full"
	CodeEmptyTurn      Code = "turn_empty"
	CodeHook           Code = "hook_failed"
	CodeJournal        Code = "journal_refused" // what a sandbox says of itself cannot be so
	CodeTimeout        Code = "timeout"
	CodeCancelled      Code = "cancelled"
	CodeInterrupted    Code = "interrupted"
	CodeNewerDatabase  Code = "database_newer"
	CodeDatabase       Code = "database_unusable" // damaged, or not writable
	CodeRunning        Code = "already_running"
	CodeExposed        Code = "folder_exposed" // others can change the data folder, or something in it leads elsewhere
	CodeUnapproved     Code = "unapproved"     // paths that run code elsewhere wait for the user's yes
	CodeSecretInside   Code = "secret_inside"  // what would leave holds the value of a secret
	CodeSecretMissing  Code = "secret_missing" // what a session starts with names a secret that it does not have
	CodeRemote         Code = "remote_failed"  // the remote refused, or was not reached
	CodeLogin          Code = "login_missing"  // the remote or the forge wants to know who asks
	CodeForge          Code = "forge_failed"
	CodeKeychain       Code = "keychain_failed" // answered, but not with what was asked
	CodeNoKeychain     Code = "keychain_missing"
	CodeKeychainLock   Code = "keychain_locked"
	CodeKeychainSlow   Code = "keychain_slow" // no answer in time: it may be asking the user
)

// Error is what a user is told: Message says what happened, Hint what to do, and Details, where set, is the text of
// others that Message sums up. AsError makes one of any other error. Err, where set, is the cause.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
	Details string `json:"details,omitempty"`
	Err     error  `json:"-"`
}

func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is an *Error with the same code, so that errors.Is(err, &Error{Code: c}) works.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Errorf-free constructor: one sentence and one hint.
func newError(code Code, message, hint string, cause error) *Error {
	return &Error{Code: code, Message: message, Hint: hint, Err: cause}
}

// CodeOf returns the code of the first *Error in err's chain, CodeInternal if there is none, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

// AsError returns err as a user is told of it.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return newError(CodeInternal, "Something went wrong: "+err.Error(), "Try again; `bga doctor` checks what this needs.", err)
}
