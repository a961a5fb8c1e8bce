package session

import (
	"context"
	"time"
)

// What the domain waits for, beside what stands with what uses it. Each wait ends with the Manager, too.
const (
	// longWait is how long a session without anything to do is not looked at. It ends when something happens to it.
	longWait = 24 * time.Hour
	// firstRetry and lastRetry bound the pause before a step is tried again: it doubles from the one to the other. It
	// ends early when the engine is back or the user does something.
	firstRetry = 100 * time.Millisecond
	lastRetry  = 10 * time.Second
	// linkTries is the pause after which a channel that is lost again and again is taken for a sandbox that does not
	// answer: about seven seconds after the first try. A start fails then; a turn that has begun waits on.
	linkTries = 4 * time.Second
	// linkLasts is how long a channel lives that counts as one that works: the next one is made at once.
	linkLasts = 10 * time.Second
	// canceledPause is the pause after a step that was interrupted. It ends when what interrupted it has recorded why.
	canceledPause = 50 * time.Millisecond
	// engineWait is how long a start waits for an engine that answered before. It ends when the engine is back, or with
	// a failure, and the start is then repeated when the engine is back.
	engineWait = 30 * time.Second
	// engineCheck bounds one question to the engine for its state. It ends with its answer.
	engineCheck = 5 * time.Second
	// enginePause is the pause before the engine's events are asked for again after an error.
	enginePause = 2 * time.Second
	// answerWait is how long a supervisor may take to accept a prompt before the session says that it does not answer.
	// The prompt waits on: until the supervisor answers, the channel ends, or the user stops the session.
	answerWait = 10 * time.Second
	// cancelWait is how long a supervisor may take to accept the end of a turn. Afterwards its container is stopped.
	cancelWait = 5 * time.Second
	// stopWait is how long a turn may take to end after the supervisor has accepted that, its result written.
	// Afterwards its container is stopped; what the turn had done comes out at the next start.
	stopWait = time.Minute
	// stopCheck is how often the end of a turn is looked for until then.
	stopCheck = 100 * time.Millisecond
	// fetchWait bounds bringing a result out of a sandbox and checking it. It ends with the result, or with the
	// channel.
	fetchWait = 10 * time.Minute
	// suggestWait bounds the search for repositories. It ends with what was found.
	suggestWait = 5 * time.Second
	// keychainRetry is the pause before a running sandbox is followed whose secrets the keychain does not give out now.
	keychainRetry = time.Minute
	// idleRetry is the pause before a sandbox that idles is stopped again after an error.
	idleRetry = time.Minute
)

// errFetchLate is the error of a result that is not here after fetchWait.
var errFetchLate = newError(CodeTimeout, "The result was not brought out of the sandbox and checked within "+Spell(fetchWait)+".",
	"Try again when the computer is less busy; the files are in the sandbox.", context.DeadlineExceeded)

// What a session says it waits for.
const (
	stepEngineAway = "Waiting for Docker"
	stepNoAnswer   = "The sandbox does not answer. Stop ends it."
	stepSending    = "Sending the prompt"
	stepStopping   = "Stopping"
)
