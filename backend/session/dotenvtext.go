package session

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// DotenvText returns the text of a .env file, which is UTF-8, or UTF-16 as editors and PowerShell on Windows write it.
// What is neither is an error.
func DotenvText(data []byte) (string, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xEF\xBB\xBF")):
		data = data[3:]
	case bytes.HasPrefix(data, []byte("\xFF\xFE")):
		return utf16Text(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte("\xFE\xFF")):
		return utf16Text(data[2:], binary.BigEndian)
	}
	if bytes.IndexByte(data, 0) < 0 {
		return string(data), nil
	}
	// Without a mark at its start: each letter of a name and each = has one zero byte beside it.
	if len(data) >= 2 && data[0] != 0 && data[1] == 0 {
		return utf16Text(data, binary.LittleEndian)
	}
	if len(data) >= 2 && data[0] == 0 && data[1] != 0 {
		return utf16Text(data, binary.BigEndian)
	}
	return "", notText()
}

func utf16Text(data []byte, order binary.ByteOrder) (string, error) {
	if len(data)%2 != 0 {
		return "", notText()
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	text := string(utf16.Decode(units))
	if bytes.ContainsRune([]byte(text), 0) || bytes.ContainsRune([]byte(text), utf8.RuneError) {
		return "", notText()
	}
	return text, nil
}

func notText() error {
	return newError(CodeInvalid, "The .env text can't be read: it is neither UTF-8 nor UTF-16.",
		"Save it as UTF-8 and try again.", nil)
}
