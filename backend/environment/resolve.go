package environment

import (
	"cmp"
	"fmt"
	"slices"

	"background-agents/backend/session"
)

// resolved is what the demands come to.
type resolved struct {
	tools   []session.Toolchain
	reasons []demand
	unknown []demand
}

// resolve finds the versions of all tools. Each demand is then a reason or unknown.
func (d *detector) resolve() resolved {
	byTool := map[string][]demand{}
	var order []string
	for _, n := range d.demands {
		if byTool[n.Tool] == nil {
			order = append(order, n.Tool)
		}
		byTool[n.Tool] = append(byTool[n.Tool], n)
	}
	var r resolved
	for _, tool := range order {
		r.tool(tool, byTool[tool], d.table(tool))
	}
	slices.SortFunc(r.tools, func(a, b session.Toolchain) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), slices.Compare(numbers(a.Version), numbers(b.Version)),
			cmp.Compare(a.Version, b.Version))
	})
	return r
}

func (r *resolved) tool(tool string, demands []demand, table []version) {
	var pins, minimums, anys []demand
	for _, n := range demands {
		if n.why == "" && len(table) > 0 && n.fits == nil {
			n.why = "The version can't be read."
		}
		if n.why == "" && len(table) == 0 {
			n.why = "No tool of this name is available."
		}
		switch {
		case n.why != "":
			r.unknown = append(r.unknown, n)
		case n.Rule == session.DemandPin:
			pins = append(pins, n)
		case n.Rule == session.DemandMinimum:
			minimums = append(minimums, n)
		default:
			anys = append(anys, n)
		}
	}
	c := choice{table: table}
	r.reasons = append(r.reasons, c.pins(pins)...)
	r.reasons = append(r.reasons, c.minimums(minimums)...)
	r.unknown = append(r.unknown, c.unmet...)
	if len(anys) > 0 {
		anys = slices.DeleteFunc(anys, func(n demand) bool { return len(c.chosen) == 0 && r.asksInVain(tool, n.dir) })
		r.reasons = append(r.reasons, c.minimums(anys)...)
	}
	for _, v := range c.chosen {
		r.tools = append(r.tools, session.Toolchain{Name: tool, Version: v.text})
	}
}

// asksInVain says whether a folder's files ask for a version that we don't have: then no other is proposed in its
// place.
func (r *resolved) asksInVain(tool, dir string) bool {
	return slices.ContainsFunc(r.unknown, func(n demand) bool { return n.Tool == tool && within(dir, n.dir) })
}

// choice is what has been chosen of one tool.
type choice struct {
	table  []version
	chosen []version
	scopes []string // the folders that a pin speaks for
	unmet  []demand
}

// choose says false where there are too many versions already.
func (c *choice) choose(v version) bool {
	if slices.ContainsFunc(c.chosen, func(o version) bool { return o.text == v.text }) {
		return true
	}
	if len(c.chosen) == maxVersions {
		return false
	}
	c.chosen = append(c.chosen, v)
	return true
}

// refuse puts demands to those that are not met. available says that only their number was too much.
func (c *choice) refuse(available bool, demands ...demand) {
	for _, n := range demands {
		n.why = fmt.Sprintf("No available version fits. The newest is %s.", clean(c.table[0].text))
		if available {
			n.why = fmt.Sprintf("The project asks for more than %d versions of it.", maxVersions)
		}
		c.unmet = append(c.unmet, n)
	}
}

// best is the newest version that the demand fits, one that it prefers before others.
func (c *choice) best(n demand) (version, bool) {
	return preferred(fitting(c.table, n), n)
}

func fitting(table []version, n demand) []version {
	var all []version
	for _, v := range table {
		if n.fits(v) {
			all = append(all, v)
		}
	}
	return all
}

// preferred is the first version that all demands prefer, or else the first.
func preferred(table []version, demands ...demand) (version, bool) {
	if len(table) == 0 {
		return version{}, false
	}
	for _, v := range table {
		if !slices.ContainsFunc(demands, func(n demand) bool { return n.prefer != nil && !n.prefer(v) }) {
			return v, true
		}
	}
	return table[0], true
}

// pins chooses, for each folder, the pins of the lowest rank that can be met. Those of higher ranks stay reasons.
func (c *choice) pins(pins []demand) []demand {
	slices.SortStableFunc(pins, func(a, b demand) int {
		return cmp.Or(higher(a.dir, b.dir), cmp.Compare(a.rank, b.rank))
	})
	won := map[string]rank{}
	var met []demand
	for _, n := range pins {
		if r, ok := won[n.dir]; ok && r < n.rank {
			met = append(met, n)
			continue
		}
		v, ok := c.best(n)
		if !ok || !c.choose(v) {
			c.refuse(ok, n)
			continue
		}
		won[n.dir] = n.rank
		c.scopes = append(c.scopes, n.dir)
		met = append(met, n)
	}
	return met
}

// minimums chooses one version that fits all, or as few as it takes. A version that is there already, and a pin for the
// folder, do.
func (c *choice) minimums(demands []demand) []demand {
	var met, open []demand
	for _, n := range demands {
		pinned := slices.ContainsFunc(c.scopes, func(dir string) bool { return within(n.dir, dir) })
		if pinned && !n.strict || slices.ContainsFunc(c.chosen, n.fits) {
			met = append(met, n)
		} else if _, ok := c.best(n); ok {
			open = append(open, n)
		} else {
			c.refuse(false, n)
		}
	}
	for len(open) > 0 {
		var group, rest []demand
		left := c.table
		for _, n := range open {
			if both := fitting(left, n); len(both) > 0 {
				group, left = append(group, n), both
			} else {
				rest = append(rest, n)
			}
		}
		v, _ := preferred(left, group...)
		if !c.choose(v) {
			c.refuse(true, open...)
			return met
		}
		met, open = append(met, group...), rest
	}
	return met
}
