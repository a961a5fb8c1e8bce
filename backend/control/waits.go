package control

import "time"

// What client and server wait for. Each wait ends with what is waited for, or as it says here.
const (
	// helloWait is how long a running application may take to say what it is. A client then says that it did not
	// answer.
	helloWait = 5 * time.Second
	// connectWait is how long the socket may take to be connected to: it is on this computer. A client then says that
	// nothing runs.
	connectWait = 5 * time.Second
	// headWait is how long a client may take to send the headers of a request. Its connection then ends.
	headWait = 10 * time.Second
	// readerWait is how long a watcher may read nothing. Its watch then ends, and it begins another: one that does not
	// read would hold its place for ever.
	readerWait = time.Minute
	// closeWait is how long a call that is under way may take to end when the application ends. It is then cut off, and
	// its client says that the application ended.
	closeWait = 3 * time.Second
)
