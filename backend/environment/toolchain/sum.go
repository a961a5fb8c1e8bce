package toolchain

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
)

// sum is a checksum in the form ALGORITHM:VALUE. sha256 and sha512 are of the file's bytes, in lower case hex. h1 is
// Go's hash of the names and contents in a zip, in base64.
type sum string

const hashOfZip = "h1"

// hexSum makes a checksum of hex digits, which must have the length of the algorithm.
func hexSum(algorithm, digits string) (sum, error) {
	digits = strings.ToLower(digits)
	raw, err := hex.DecodeString(digits)
	if err != nil || len(raw) != size(algorithm) {
		return "", fmt.Errorf("%w: %.140q is no %s checksum", errIndex, digits, algorithm)
	}
	return sum(algorithm + ":" + digits), nil
}

// integritySum makes a checksum of the integrity field of npm, of which only sha512 is strong enough.
func integritySum(integrity string) (sum, error) {
	for one := range strings.FieldsSeq(integrity) {
		encoded, found := strings.CutPrefix(one, "sha512-")
		if raw, err := base64.StdEncoding.DecodeString(encoded); found && err == nil && len(raw) == sha512.Size {
			return sum("sha512:" + hex.EncodeToString(raw)), nil
		}
	}
	return "", fmt.Errorf("%w: no sha512 in %.140q", errIndex, integrity)
}

func size(algorithm string) int {
	if algorithm == "sha512" {
		return sha512.Size
	}
	return sha256.Size
}

func (s sum) algorithm() string {
	algorithm, _, _ := strings.Cut(string(s), ":")
	return algorithm
}

// hash returns what computes s of a file's bytes.
func (s sum) hash() hash.Hash {
	if s.algorithm() == "sha512" {
		return sha512.New()
	}
	return sha256.New()
}

// sumFile reads a file that holds the checksum of one other file: bare hex digits, or sha256sum's line with its name.
func sumFile(text []byte, algorithm, name string) (sum, error) {
	fields := strings.Fields(string(text))
	switch {
	case len(fields) == 1:
		return hexSum(algorithm, fields[0])
	case len(fields) == 2 && plainName(fields[1]) == name:
		return hexSum(algorithm, fields[0])
	}
	return "", fmt.Errorf("%w: no checksum of %s in %.140q", errIndex, name, text)
}

// sumList finds a file in the output of sha256sum. found is false where the list is good and does not name it.
func sumList(text []byte, name string) (s sum, found bool, err error) {
	lines := 0
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if len(fields) != 2 {
			return "", false, fmt.Errorf("%w: %.140q is no line of a list of checksums", errIndex, line)
		}
		lines++
		if plainName(fields[1]) == name {
			s, err = hexSum("sha256", fields[0])
			return s, err == nil, err
		}
	}
	if lines == 0 {
		return "", false, fmt.Errorf("%w: the list of checksums is empty", errIndex)
	}
	return "", false, nil
}

// plainName is a name as sha256sum writes it, without the mark of a binary file and the folder it ran in.
func plainName(name string) string { return strings.TrimPrefix(strings.TrimPrefix(name, "*"), "./") }
