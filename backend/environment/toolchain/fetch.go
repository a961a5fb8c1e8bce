package toolchain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"

	"background-agents/backend/session"
)

// Limit is how long a fetch of all archives of one release may take. The largest are some 400 MB. It ends with the
// archives, or with a sentence.
const Limit = 20 * time.Minute

// Fetcher downloads releases. Its fields are not changed once it is in use; it may be used by many at a time.
type Fetcher struct {
	Client *http.Client // with the proxy and the certificates that the application uses; cookies are not sent
	Bases  Bases
	Dir    string // where temporary folders are made; "" is the system's
	// Progress, where set, is called with what was read so far of the archives of a release, and with the length of
	// those that were begun. Copy the Fetcher to have one for each fetch.
	Progress func(read, whole int64)
}

// Archive is a fetched release: verified archives in a private folder, which the caller removes with Remove.
type Archive struct {
	Parts []Part // in the order in which they are unpacked
	// Digest names the content of the tool's folder: it is of the version, of the verified checksums and of the layouts.
	Digest string
	folder string
}

// Part is one verified archive.
type Part struct {
	Path     string // a file that only this user can read
	Size     int64
	Checksum string // ALGORITHM:VALUE, as the maker published it
	Layout
}

// Remove removes the files.
func (a *Archive) Remove() error { return os.RemoveAll(a.folder) }

// Fetch downloads the archives of a tool for arch. The tool must be in the table, with a release that has a Source.
func (f *Fetcher) Fetch(ctx context.Context, t session.Toolchain, arch string) (*Archive, error) {
	d, known := Find(t.Name)
	r, found := Lookup(t.Name, t.Version)
	switch {
	case !known:
		return nil, &session.Error{Code: session.CodeInvalid, Message: fmt.Sprintf("There is no tool %q.", t.Name),
			Hint: "Choose one of the tools in the project's settings, or name its address and checksum."}
	case !found:
		return nil, &session.Error{Code: session.CodeInvalid,
			Message: fmt.Sprintf("There is no %s %q to choose.", d.Label, t.Version),
			Hint:    "Choose one of: " + list(Versions(t.Name)) + "."}
	case r.Source == nil:
		return nil, &session.Error{Code: session.CodeInvalid,
			Message: d.Label + " " + t.Version + " comes as packages of Debian and has no archive.",
			Hint:    "Add its packages to the image."}
	}
	return f.FetchRelease(ctx, d.Label+" "+t.Version, r, arch)
}

// FetchRelease downloads the archives of a release, such as one of Pinned. label names it in errors.
func (f *Fetcher) FetchRelease(ctx context.Context, label string, r Release, arch string) (*Archive, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, Limit, errLate)
	defer cancel()
	archive, err := f.fetch(ctx, r, arch)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause // the client's error says only that it was cut off
		}
		return nil, explain(label, arch, err)
	}
	return archive, nil
}

func (f *Fetcher) fetch(ctx context.Context, r Release, arch string) (_ *Archive, err error) {
	if arch != AMD64 && arch != ARM64 {
		return nil, errNoArch
	}
	x := newIndex(f.Client, f.Bases, r.Source.hosts(f.Bases))
	files, err := r.Source.files(ctx, x, r.Version, arch)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(f.Dir, "tool-") // 0700
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(folder)
		}
	}()
	archive := &Archive{folder: folder, Digest: digest(r.Version, arch, files)}
	progress := &progress{tell: f.Progress}
	for _, one := range files {
		part, err := x.download(ctx, folder, one, r.Max, progress)
		if err != nil {
			return nil, err
		}
		archive.Parts = append(archive.Parts, part)
	}
	return archive, nil
}

// digest is the same for the same archives wherever they were fetched from, and another one when a layout changes.
func digest(version, arch string, files []file) string {
	type part struct {
		Sum sum
		Layout
	}
	whole := struct {
		Version, Arch string
		Parts         []part
	}{Version: version, Arch: arch}
	for _, f := range files {
		whole.Parts = append(whole.Parts, part{f.sum, f.Layout})
	}
	text, err := json.Marshal(whole) // maps in order of their keys
	if err != nil {
		panic(err) // strings and numbers always can
	}
	hashed := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(hashed[:])
}
