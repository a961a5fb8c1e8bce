package main

import (
	"context"
	"fmt"
	"io"

	"background-agents/backend/session"
)

// progress says on standard error how a start comes along: the phases, and the steps of an image that is built.
type progress struct {
	w       io.Writer
	session session.ID // "" for the image alone
	agent   string     // whose image is built
	since   uint64     // number of the last item that is known already
	step    string
	phases  map[session.ItemID]session.Item
}

// show takes one event.
func (p *progress) show(at *access, e session.Event) {
	if p.phases == nil {
		p.phases = map[session.ItemID]session.Item{}
	}
	if e.State && p.session != "" {
		// What was quicker than the watch. Where it cannot be had, the next events will do.
		e.Items, _ = at.Items(context.Background(), p.session, p.since+1, 100)
	}
	for _, st := range e.Images {
		if st.Agent == p.agent {
			p.image(st)
		}
	}
	for _, it := range e.Items {
		if it.Session != p.session || it.Seq <= p.since || it.Phase == nil {
			continue
		}
		known := p.phases[it.ID]
		if it.Rev <= known.Rev { // read from the transcript, before the event came that says so
			continue
		}
		p.phases[it.ID] = it
		if known.Phase == nil || known.Phase.Status != it.Phase.Status {
			p.phase(it)
		}
	}
}

func (p *progress) image(i session.ImageState) {
	switch {
	case i.Status == "building" && i.Step != p.step && i.Step != "":
		p.step = i.Step
		fmt.Fprintf(p.w, "  image [%d/%d] %s\n", i.Done, i.Total, printable(short(i.Step, 100)))
	case i.Status == "current" && p.step != "":
		p.step = ""
		fmt.Fprintf(p.w, "  image %s: %s in %s\n", i.Name, sized(i.Size), took(i.Millis))
	}
}

func (p *progress) phase(it session.Item) {
	switch it.Phase.Status {
	case "done":
		fmt.Fprintf(p.w, "%s: %s\n", printable(it.Phase.Name), took(it.Phase.Millis))
	case "failed":
		fmt.Fprintf(p.w, "%s: failed after %s\n", printable(it.Phase.Name), took(it.Phase.Millis))
	}
}
