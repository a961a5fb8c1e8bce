package session_test

import (
	"fmt"
	"testing"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

func BenchmarkTurn(b *testing.B) {
	for _, secrets := range []int{0, 30} {
		b.Run(fmt.Sprintf("%d secrets", secrets), func(b *testing.B) {
			ended := make(chan bool)
			engine := sessiontest.NewEngine(func(t *sessiontest.Turn) {
				for i := range 2000 {
					t.Say("m", fmt.Sprintf("a few words as models send them, %d of them. ", i))
				}
			})
			defer engine.Close()
			m, err := session.Open(ctx, session.Config{
				Store: sessiontest.NewMemory(), Engine: engine, Linker: sessiontest.Linker{}, Git: &sessiontest.Git{}, Broker: &sessiontest.Broker{},
				Egress: &sessiontest.Egress{}, Vault: &sessiontest.Vault{}, Environments: sessiontest.Environments{}, Agents: []session.Agent{{ID: "opencode"}}, Attachments: b.TempDir(),
			})
			if err != nil {
				b.Fatal(err)
			}
			defer m.Close()
			for i := range secrets {
				if _, err := m.SetSecret(ctx, session.SecretScope{}, fmt.Sprintf("S%d", i), session.DeliverEnv, session.NewSecret(fmt.Sprintf("sk-live-%032x", i*7919))); err != nil {
					b.Fatal(err)
				}
			}
			p, err := m.AddProject(ctx, "/code/shop")
			if err != nil {
				b.Fatal(err)
			}
			s, err := m.Create(ctx, session.NewSession{Project: p.ID})
			if err != nil {
				b.Fatal(err)
			}
			go func() {
				turns := 0
				_ = m.Watch(ctx, func(e session.Event) {
					for _, s := range e.Sessions {
						if s.Status == session.Idle && s.Pending == nil && s.Turns > turns {
							turns = s.Turns
							ended <- true
						}
					}
				})
			}()
			for b.Loop() {
				if _, err := m.Prompt(ctx, s.ID, session.NewPrompt{Text: "go"}); err != nil {
					b.Fatal(err)
				}
				<-ended
			}
			b.ReportMetric(2000*float64(b.N)/b.Elapsed().Seconds(), "pieces/s")
		})
	}
}
