package broker

import "strings"

// Cost is what a model costs by its provider's list, in dollars for a million tokens.
type Cost struct {
	Input   float64 `json:"input"`
	Output  float64 `json:"output"`
	Read    float64 `json:"cache_read"`  // input that came from the provider's cache; 0 where that costs the same
	Written float64 `json:"cache_write"` // input that went into it; likewise
	// Large is the price of requests with more than 200,000 tokens of input.
	Large *Cost `json:"context_over_200k"`
}

const large = 200_000

// tally is what one request has used, apart by price.
type tally struct {
	input, read, written, output int64
	usd                          float64 // as the provider said itself, 0 where it did not
}

func (t tally) in() int64 { return t.input + t.read + t.written }

// of returns what a request costs.
func (c Cost) of(t tally) float64 {
	if c.Large != nil && t.in() > large {
		c = *c.Large
	}
	if c.Read == 0 {
		c.Read = c.Input
	}
	if c.Written == 0 {
		c.Written = c.Input
	}
	return (float64(t.input)*c.Input + float64(t.read)*c.Read + float64(t.written)*c.Written + float64(t.output)*c.Output) / 1e6
}

// cost returns the price of a model as an answer names it: with its date or without.
func (e Endpoint) cost(model string) Cost {
	var best Model
	for _, m := range e.Models {
		if m.ID == model {
			return m.Cost
		}
		if strings.HasPrefix(model, m.ID+"-") && len(m.ID) > len(best.ID) {
			best = m
		}
	}
	return best.Cost
}
