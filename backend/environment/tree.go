package environment

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"background-agents/backend/session"
)

// The bounds on what is read of a project.
const (
	maxManifests = 400 // the shallowest are read first
	maxSources   = 300 // .go files that are searched for cgo
	maxSource    = 32 << 10
	maxDepth     = 8
	maxPath      = 512 // bytes
	maxFolders   = 20_000
	maxRead      = 16 << 20 // bytes of all manifests together
)

// skippedFolders have files of others, or such as are made to be wrong.
var skippedFolders = names(`node_modules bower_components vendor third_party third-party thirdparty external deps Pods dist target
	testdata test-data test_data fixtures fixture __fixtures__ snapshots __snapshots__ mocks __mocks__ test tests fuzz
	examples example _examples _example samples sample demos demo templates template playground playgrounds`)

func names(list string) map[string]bool {
	set := map[string]bool{}
	for _, name := range strings.Fields(list) {
		set[name] = true
	}
	return set
}

// file is one manifest. Its place is its position among all of them: the shallowest first, then by path.
type file struct {
	path, dir, base string
	place           int
}

// tree is the part of a FileTree that detection looks at.
type tree struct {
	files     session.FileTree
	manifests []file
	places    map[string]int  // of manifests, by path
	present   map[string]bool // files with a known name, which may also be no manifests
	sources   []string        // .go files
	native    map[string]bool // folders with C or C++ files
	specs     map[string]bool // folders with a spec folder of Ruby
	read      map[string][]byte
	bytes     int
	documents map[string]document
}

func newTree(files session.FileTree) *tree {
	t := &tree{files: files, places: map[string]int{}, present: map[string]bool{}, native: map[string]bool{},
		specs: map[string]bool{}, read: map[string][]byte{}, documents: map[string]document{}}
	for _, p := range files.Paths() {
		if usable(p) {
			t.note(p)
		}
	}
	slices.SortFunc(t.manifests, func(a, b file) int { return shallower(a.path, b.path) })
	t.manifests = t.manifests[:min(len(t.manifests), maxManifests)]
	for i := range t.manifests {
		t.manifests[i].place = i
		t.places[t.manifests[i].path] = i
	}
	slices.SortFunc(t.sources, shallower)
	t.sources = t.sources[:min(len(t.sources), maxSources)]
	return t
}

func (t *tree) note(p string) {
	f := file{path: p, base: path.Base(p), dir: folder(p)}
	switch path.Ext(p) {
	case ".go":
		t.sources = append(t.sources, p)
	case ".c", ".cc", ".cpp", ".cxx":
		if len(t.native) < maxFolders {
			t.native[f.dir] = true
		}
	case ".rb":
		if before, _, ok := strings.Cut("/"+p, "/spec/"); ok && len(t.specs) < maxFolders {
			t.specs[strings.TrimPrefix(before, "/")] = true
		}
	}
	manifest := readerOf(f) != nil || partManifests[f.base] || partManifests["*"+path.Ext(p)]
	if (manifest || markers[f.base]) && len(t.present) < maxFolders {
		t.present[p] = true
	}
	if manifest {
		t.manifests = append(t.manifests, f)
	}
}

// usable says whether a path may be looked at and shown: paths come from the project too.
func usable(p string) bool {
	if p == "" || len(p) > maxPath || !utf8.ValidString(p) || path.Clean("/"+p) != "/"+p {
		return false
	}
	if strings.ContainsFunc(p, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return false
	}
	folders := strings.Split(p, "/")
	if len(folders) > maxDepth+1 {
		return false
	}
	return !slices.ContainsFunc(folders[:len(folders)-1], func(name string) bool { return skippedFolders[name] })
}

// text returns a file without its byte order mark, "" where it can't be read. Reading a file a second time is free.
func (t *tree) text(p string) []byte {
	if data, ok := t.read[p]; ok {
		return data
	}
	if len(t.read) >= maxManifests || t.bytes >= maxRead {
		return nil
	}
	data, err := t.files.Read(p)
	if err != nil {
		data = nil
	}
	data = bytes.TrimPrefix(data[:min(len(data), session.MaxTreeFile)], []byte("\xEF\xBB\xBF"))
	t.read[p] = data
	t.bytes += len(data)
	return data
}

// document returns a TOML or JSON file, parsed once.
func (t *tree) document(p string) document {
	doc, ok := t.documents[p]
	if !ok {
		if data := t.text(p); path.Ext(p) == ".json" {
			doc = parseJSON(data)
		} else {
			doc = parseTOML(data)
		}
		t.documents[p] = doc
	}
	return doc
}

// has returns the first of the names that the folder has, or "".
func (t *tree) has(dir string, bases ...string) string {
	for _, base := range bases {
		if t.present[path.Join(dir, base)] {
			return base
		}
	}
	return ""
}

// named are the manifests with one of these names, in order of their place. "*.csproj" are all with this ending.
func (t *tree) named(bases ...string) []file {
	var found []file
	for _, f := range t.manifests {
		if slices.Contains(bases, f.base) || slices.Contains(bases, "*"+path.Ext(f.base)) {
			found = append(found, f)
		}
	}
	return found
}

// folder is a path's folder, "" for the top.
func folder(p string) string {
	if dir := path.Dir(p); dir != "." {
		return dir
	}
	return ""
}

// within says whether dir is the folder above or one below it.
func within(dir, above string) bool {
	return above == "" || dir == above || strings.HasPrefix(dir, above+"/")
}

func shallower(a, b string) int {
	if n := strings.Count(a, "/") - strings.Count(b, "/"); n != 0 {
		return n
	}
	return strings.Compare(a, b)
}
