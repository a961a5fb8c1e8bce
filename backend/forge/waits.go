package forge

import "time"

// What others are waited for. Each wait ends with their answer, or with the sentence that they did not answer.
const (
	// requestTime bounds one request, with reading its answer.
	requestTime = 30 * time.Second
	// ghTime bounds what gh does without a network. Where it has a login is then not known: other logins are looked
	// for.
	ghTime = 5 * time.Second
	// sshTime bounds how long ssh may take to read its configuration, which may run programs.
	sshTime = 5 * time.Second
	// outputWait is how long a program that gh or ssh started may keep its output open when it has ended. What comes
	// later is not read.
	outputWait = time.Second
)
