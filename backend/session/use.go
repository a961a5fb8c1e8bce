package session

import "fmt"

// Use is what was asked of models. Tokens are as the providers count them, with what came from their caches. USD is what
// the tokens cost by the models' list prices; a model whose price is not known, and one that is paid by the month, adds
// nothing to it.
type Use struct {
	Requests int64   `json:"requests"`
	Input    int64   `json:"input"`
	Output   int64   `json:"output"`
	USD      float64 `json:"usd"`
	// Estimated is how many of the tokens are estimated from bytes: their provider did not tell, or nobody waited for it.
	Estimated int64 `json:"estimated"`
}

// Plus returns the sum of both.
func (u Use) Plus(v Use) Use {
	return Use{u.Requests + v.Requests, u.Input + v.Input, u.Output + v.Output, u.USD + v.USD, u.Estimated + v.Estimated}
}

// DayUse is what all sessions asked of their models on one day of the user's calendar.
type DayUse struct {
	Day string `json:"day"` // 2026-11-25
	Use Use    `json:"use"`
}

// Budget bounds what may be used; 0 is no bound. It is looked at before each request, so the last one may go beyond.
type Budget struct {
	USD    float64 `json:"usd"`
	Tokens int64   `json:"tokens"` // input and output together
}

// spent says in words which bound a use has reached, "" for none.
func (b Budget) spent(u Use) string {
	switch {
	case b.USD > 0 && u.USD >= b.USD:
		return fmt.Sprintf("$%.2f", b.USD)
	case b.Tokens > 0 && u.Input+u.Output >= b.Tokens:
		return fmt.Sprintf("%d tokens", b.Tokens)
	}
	return ""
}

func (b Budget) valid() error {
	if b.USD < 0 || b.Tokens < 0 || b.USD > 1e9 || b.USD != b.USD {
		return newError(CodeInvalid, "A budget cannot be less than nothing.", "Give dollars or tokens; 0 is no bound.", nil)
	}
	return nil
}

// total is what a session has used of its models so far.
func (u Usage) total() Use { return Use{u.Requests, u.Input, u.Output, u.Cost, u.Estimated} }

// plus returns the usage with a use added. Dollars are the only currency that there is.
func (u Usage) plus(v Use) Usage {
	sum := u.total().Plus(v)
	u.Requests, u.Input, u.Output, u.Cost, u.Currency = sum.Requests, sum.Input, sum.Output, sum.USD, "USD"
	u.Estimated = sum.Estimated
	return u
}
