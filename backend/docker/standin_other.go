//go:build !linux

package docker

import (
	"context"
	"errors"
)

const (
	nodeVersion = ""
	npmVersion  = ""
)

var errOtherSystem = errors.New("it is made from Debian's packages, on Linux")

func nodePackage() string { return "" }

func (s *standIn) tools() error                          { return s.impossible(errOtherSystem, "") }
func (s *standIn) rootfs(context.Context) error          { return errOtherSystem }
func (s *standIn) node(context.Context) (string, error)  { return "", errOtherSystem }
func (s *standIn) npmrc(context.Context) (string, error) { return "", errOtherSystem }
