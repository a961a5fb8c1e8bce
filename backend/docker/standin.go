package docker

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	images "github.com/docker/docker/api/types/image"

	"background-agents/backend/session"
)

// The stand-in's name is ours: a public name would lie about what it is.
const (
	standInTag    = "background-agents/base:node22"
	standInRootfs = "background-agents/base:bookworm"
	labelStandIn  = "background-agents.standin" // hash of what it was made from
)

//go:embed standin/Dockerfile
var standInDockerfile []byte

// standIn makes an image that serves as the public base where no registry can be reached. It is done in parts, each of
// which is kept until the whole is there, so that a run that was cut off goes on where it was.
type standIn struct {
	e      *Engine
	c      *connection
	public string
	p      *progress
	dir    string
	tag    string // standInTag
	debian string // standInRootfs
}

func (e *Engine) standIn(c *connection, public string, p *progress) *standIn {
	return &standIn{e: e, c: c, public: public, p: p, dir: filepath.Join(e.dir, "standin"), tag: standInTag, debian: standInRootfs}
}

// there reports whether the stand-in was made before, and for this computer's certificates as they are now.
func (s *standIn) there(ctx context.Context) bool {
	found, err := s.c.api.ImageInspect(ctx, s.tag)
	return err == nil && found.Config != nil && found.Config.Labels[labelStandIn] == s.content()
}

func (s *standIn) make(ctx context.Context) error {
	if err := s.possible(); err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	s.p.part(3)
	s.p.step(1, "Make a Debian root file system (about 130 MB)")
	if err := s.rootfs(ctx); err != nil {
		return err
	}
	s.p.step(2, "Hand it to the engine")
	if err := s.importRootfs(ctx); err != nil {
		return s.e.explain(s.c, "import root file system", err)
	}
	s.p.step(3, "Fetch Node and npm (about 60 MB)")
	node, err := s.node(ctx)
	if err != nil {
		return err
	}
	s.p.done()
	npmrc, err := s.npmrc(ctx)
	if err != nil {
		return err
	}
	err = s.e.build(ctx, s.c, buildSpec{
		tag: s.tag, args: map[string]string{"ROOTFS": s.debian},
		labels:  map[string]string{labelApp: "1", labelStandIn: s.content()},
		context: func(w *tar.Writer) error { return s.context(w, node, npmrc) },
	}, s.p)
	if err != nil {
		return err
	}
	return os.RemoveAll(s.dir) // the engine has all of it
}

// possible reports what this computer lacks.
func (s *standIn) possible() error {
	if runtime.GOOS == "linux" && s.c.arch != runtime.GOARCH {
		return s.impossible(fmt.Errorf("the engine's processor is %s, this computer's %s", s.c.arch, runtime.GOARCH), "")
	}
	return s.tools()
}

func (s *standIn) impossible(reason error, hint string) error {
	text := "Connect to a registry and Retry, load the image with `docker load`, or set SANDBOX_IMAGE to one that is there."
	if hint != "" {
		text = hint + " Or connect to a registry, and Retry."
	}
	return &session.Error{Code: session.CodeImage, Err: reason, Hint: text,
		Message: "The image " + s.public + " cannot be pulled, and a stand-in cannot be made here: " + cause(reason) + "."}
}

// importRootfs gives the engine the root file system, and then needs the file no more.
func (s *standIn) importRootfs(ctx context.Context) error {
	if s.imported(ctx) {
		return nil
	}
	f, err := os.Open(s.tarball())
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	r := &counter{r: f, tell: func(n int64) { s.p.grow("Handed over", n, info.Size()) }}
	body, err := s.c.api.ImageImport(ctx, images.ImportSource{Source: r, SourceName: "-"}, s.debian,
		images.ImportOptions{Changes: []string{`CMD ["bash"]`, "LABEL " + labelApp + "=1"}})
	if err != nil {
		return err
	}
	defer body.Close()
	if err := readMessages(body, func(message) {}); err != nil {
		return err
	}
	return os.Remove(s.tarball())
}

func (s *standIn) imported(ctx context.Context) bool {
	_, err := s.c.api.ImageInspect(ctx, s.debian)
	return err == nil
}

func (s *standIn) tarball() string { return filepath.Join(s.dir, "rootfs.tar") }

// context writes the build's files; node is the folder that npm installed into.
func (s *standIn) context(w *tar.Writer, node, npmrc string) error {
	modules := filepath.Join(node, "node_modules")
	bundle, err := os.ReadFile(caBundle())
	err = errors.Join(err,
		addFile(w, "Dockerfile", 0o644, standInDockerfile),
		addFile(w, "ca-certificates.crt", 0o644, bundle),
		addFile(w, "npmrc", 0o644, []byte(npmrc)),
		w.WriteHeader(&tar.Header{Name: "certificates/", Typeflag: tar.TypeDir, Mode: 0o755}))
	for _, path := range ownCertificates() {
		b, readErr := os.ReadFile(path)
		err = errors.Join(err, readErr, addFile(w, "certificates/"+filepath.Base(path), 0o644, b))
	}
	return errors.Join(err,
		addTree(w, "node", filepath.Join(modules, nodePackage(), "bin", "node")),
		addTree(w, "npm", filepath.Join(modules, "npm")))
}

// content names what the stand-in is made from, as far as it differs between computers and versions.
func (s *standIn) content() string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s %s %s %s", standInDockerfile, s.c.arch, nodeVersion, npmVersion)
	for _, path := range ownCertificates() {
		if b, err := os.ReadFile(path); err == nil {
			fmt.Fprintf(sum, "%q %q", path, b)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// ownCertificates returns the certificates that were added to this computer by its owner.
func ownCertificates() []string {
	all, _ := filepath.Glob("/usr/local/share/ca-certificates/*.crt") // the pattern is valid
	return all
}

// caBundle is the file of all certificates that this computer trusts.
func caBundle() string {
	if path := os.Getenv("SSL_CERT_FILE"); path != "" {
		return path
	}
	return "/etc/ssl/certs/ca-certificates.crt"
}

// addTree adds a file, or a folder with all files and links in it, under name.
func addTree(w *tar.Writer, name, root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		link := ""
		if info.Mode()&fs.ModeSymlink != 0 {
			if link, err = os.Readlink(path); err != nil {
				return err
			}
		}
		h, err := tar.FileInfoHeader(info, link)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		h.Name = filepath.ToSlash(filepath.Join(name, rel))
		h.Uid, h.Gid, h.Uname, h.Gname = 0, 0, "", ""
		if err := w.WriteHeader(h); err != nil || !info.Mode().IsRegular() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		_, err = io.Copy(w, f)
		return errors.Join(err, f.Close())
	})
}

// counter tells how much was read.
type counter struct {
	r    io.Reader
	n    int64
	tell func(int64)
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	c.tell(c.n)
	return n, err
}
