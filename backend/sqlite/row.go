package sqlite

import (
	"bytes"
	"encoding/json"
	"fmt"

	"background-agents/backend/session"
)

type settingsRow struct {
	ID    int
	Value string
}

func (settingsRow) TableName() string { return "settings" }

type projectRow struct {
	ID    session.ProjectID
	Value string
}

func (projectRow) TableName() string { return "projects" }

type sessionRow struct {
	ID          session.ID
	Project     session.ProjectID
	CreatedAt   session.Millis `gorm:"autoCreateTime:false"`
	CursorEpoch string
	CursorSeq   uint64
	Value       string
}

func (sessionRow) TableName() string { return "sessions" }

type choicesRow struct {
	Session session.ID
	Value   string
}

func (choicesRow) TableName() string { return "choices" }

// choices is what the agent announced in a session.
type choices struct {
	Options  []session.Option  `json:"options"`
	Commands []session.Command `json:"commands"`
}

type itemRow struct {
	Session session.ID
	Seq     uint64
	ID      session.ItemID
	Rev     uint64
	Kind    session.Kind
	Turn    int
	Parent  session.ItemID
	At      session.Millis
	DoneAt  session.Millis
	Size    int64
	Details string
	Text    string
}

func (itemRow) TableName() string { return "items" }

// details is what a kind of item has beside its text.
type details struct {
	Prompt     *session.PromptInfo  `json:"prompt,omitempty"`
	Tool       *session.Tool        `json:"tool,omitempty"`
	Plan       []session.PlanEntry  `json:"plan,omitempty"`
	Permission *session.Permission  `json:"permission,omitempty"`
	Proposal   *session.Proposal    `json:"proposal,omitempty"`
	Missing    *session.MissingTool `json:"missing,omitempty"`
	Phase      *session.Phase       `json:"phase,omitempty"`
	Result     *session.TurnResult  `json:"result,omitempty"`
	Error      *session.Error       `json:"error,omitempty"`
}

func newItemRow(it session.Item) (itemRow, error) {
	row := itemRow{
		Session: it.Session, Seq: it.Seq, ID: it.ID, Rev: it.Rev, Kind: it.Kind, Turn: it.Turn, Parent: it.Parent,
		At: it.At, DoneAt: it.DoneAt, Size: it.Size, Text: it.Text,
	}
	if it.Prompt == nil && it.Tool == nil && it.Plan == nil && it.Permission == nil && it.Proposal == nil &&
		it.Missing == nil && it.Phase == nil && it.Result == nil && it.Error == nil {
		return row, nil
	}
	var err error
	row.Details, err = encode(details{
		it.Prompt, it.Tool, it.Plan, it.Permission, it.Proposal, it.Missing, it.Phase, it.Result, it.Error,
	})
	if err != nil {
		return row, fmt.Errorf("encode item %s: %w", it.ID, err)
	}
	return row, nil
}

// encode returns v as JSON in which <, > and & stay as they are: a tool's input is kept as the agent wrote it.
func encode(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", err
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

func (r itemRow) item() (session.Item, error) {
	it := session.Item{
		Session: r.Session, Seq: r.Seq, ID: r.ID, Rev: r.Rev, Kind: r.Kind, Turn: r.Turn, Parent: r.Parent,
		At: r.At, DoneAt: r.DoneAt, Size: r.Size, Text: r.Text,
	}
	if r.Details == "" {
		return it, nil
	}
	var d details
	if err := json.Unmarshal([]byte(r.Details), &d); err != nil {
		return it, damaged(fmt.Errorf("decode item %s of session %s: %w", r.ID, r.Session, err))
	}
	it.Prompt, it.Tool, it.Plan, it.Permission = d.Prompt, d.Tool, d.Plan, d.Permission
	it.Proposal, it.Missing, it.Phase, it.Result, it.Error = d.Proposal, d.Missing, d.Phase, d.Result, d.Error
	return it, nil
}

func newSessionRow(s session.Session) (sessionRow, error) {
	row := sessionRow{ID: s.ID, Project: s.Project, CreatedAt: s.CreatedAt, CursorEpoch: s.Cursor.Epoch, CursorSeq: s.Cursor.Seq}
	s.Options, s.Commands = nil, nil
	var err error
	if row.Value, err = encode(s); err != nil {
		return row, fmt.Errorf("encode session %s: %w", s.ID, err)
	}
	return row, nil
}

func (r sessionRow) session(announced string) (session.Session, error) {
	var s session.Session
	if err := json.Unmarshal([]byte(r.Value), &s); err != nil {
		return s, damaged(fmt.Errorf("decode session %s: %w", r.ID, err))
	}
	s.Cursor = session.Cursor{Epoch: r.CursorEpoch, Seq: r.CursorSeq}
	if announced == "" {
		return s, nil
	}
	var c choices
	if err := json.Unmarshal([]byte(announced), &c); err != nil {
		return s, damaged(fmt.Errorf("decode choices of session %s: %w", r.ID, err))
	}
	s.Options, s.Commands = c.Options, c.Commands
	return s, nil
}
