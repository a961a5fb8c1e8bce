package agent

import (
	"encoding/base64"
	"io"
	"net/url"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/coder/acp-go-sdk"

	"background-agents/sandbox/wire"
)

// Bounds of what is sent inside a prompt; larger files are named, and the agent reads them.
const (
	maxImage    = 10 << 20
	maxEmbedded = 64 << 10
	maxFiles    = 100
)

// blocks returns a prompt as the agent takes it: images as images where it accepts them, short texts embedded, other texts as links,
// and of all else where it lies.
func (a *Agent) blocks(p wire.Prompt) []acp.ContentBlock {
	can := a.agentCan.AgentCapabilities.PromptCapabilities
	out := []acp.ContentBlock{acp.TextBlock(p.Text)}
	for _, f := range p.Files[:min(len(p.Files), maxFiles)] {
		uri := (&url.URL{Scheme: "file", Path: f.Path}).String()
		image := strings.HasPrefix(f.Mime, "image/")
		if image && can.Image {
			if b := readUpTo(f.Path, maxImage); b != nil {
				out = append(out, acp.ContentBlock{Image: &acp.ContentBlockImage{Type: "image", Data: base64.StdEncoding.EncodeToString(b), MimeType: f.Mime, Uri: &uri}})
				continue
			}
		}
		text := readUpTo(f.Path, maxEmbedded)
		switch {
		case text != nil && utf8.Valid(text) && !image && can.EmbeddedContext:
			out = append(out, acp.ResourceBlock(acp.EmbeddedResourceResource{TextResourceContents: &acp.TextResourceContents{Uri: uri, MimeType: &f.Mime, Text: string(text)}}))
		case strings.HasPrefix(f.Mime, "text/"):
			out = append(out, acp.ContentBlock{ResourceLink: &acp.ContentBlockResourceLink{Type: "resource_link", Name: f.Name, Uri: uri, MimeType: &f.Mime}})
		default:
			out = append(out, acp.TextBlock("\n\nAttached file “"+f.Name+"” ("+f.Mime+"): "+f.Path))
		}
	}
	return out
}

// readUpTo returns a file's content, nil where it cannot be read, is no ordinary file or is larger than limit.
func readUpTo(path string, limit int64) []byte {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil || !st.Mode().IsRegular() || st.Size() > limit {
		return nil
	}
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil || int64(len(b)) > limit {
		return nil
	}
	return b
}
