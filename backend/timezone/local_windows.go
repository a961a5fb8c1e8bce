package timezone

import (
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

var defaultZone = windows.NewLazySystemDLL("icu.dll").NewProc("ucal_getDefaultTimeZone")

// Name returns the IANA name of the user's time zone, such as Europe/Berlin; "" where it is not known. Windows has
// names of its own; the ICU that comes with Windows 10 1903 and later translates them.
func Name() string {
	if tz := valid(os.Getenv("TZ")); tz != "" {
		return tz
	}
	if defaultZone.Find() != nil {
		return ""
	}
	var text [128]uint16
	var failed int32 // positive: a failure
	n, _, _ := defaultZone.Call(uintptr(unsafe.Pointer(&text[0])), uintptr(len(text)), uintptr(unsafe.Pointer(&failed)))
	if failed > 0 || int(n) > len(text) {
		return ""
	}
	return valid(windows.UTF16ToString(text[:n]))
}
