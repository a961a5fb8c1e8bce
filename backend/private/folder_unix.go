//go:build !windows

package private

import (
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"sync"
	"syscall"
)

const (
	groupWrites = 0o020
	otherWrites = 0o002
)

// owned returns an error unless at belongs to the user or root.
func owned(dir, at string, info fs.FileInfo) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || st.Uid == 0 || int(st.Uid) == os.Getuid() {
		return nil
	}
	who, to := "user "+strconv.Itoa(int(st.Uid)), name(os.Getuid())
	if u, err := user.LookupId(strconv.Itoa(int(st.Uid))); err == nil {
		who = u.Username
	}
	if at != dir {
		to = "root" // a folder that holds other things, too
	}
	return exposed(dir, at, "belongs to "+who, "sudo chown "+to+" "+quote(at))
}

// closed returns an error where users other than the owner and root can write into a folder.
func closed(dir, at string, info fs.FileInfo) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || info.Mode()&fs.ModeSticky != 0 {
		return nil
	}
	mode, who, why := uint32(info.Mode().Perm()), "", "can be changed by every user of this computer"
	if mode&groupWrites != 0 && int(st.Gid) != primaryGroup() {
		who, why = "g", "can be changed by every user of the group "+group(st.Gid)
	}
	if mode&otherWrites != 0 {
		who, why = who+"o", "can be changed by every user of this computer"
	}
	if who == "" {
		return nil
	}
	command := "chmod " + who + "-w " + quote(at)
	if st.Uid == 0 && os.Getuid() != 0 {
		command = "sudo " + command
	}
	return exposed(dir, at, why, command)
}

// primaryGroup is the group that the user's account names. A process may have been given another, such as docker, by `sg`.
var primaryGroup = sync.OnceValue(func() int {
	if u, err := user.LookupId(strconv.Itoa(os.Getuid())); err == nil {
		if gid, err := strconv.Atoi(u.Gid); err == nil {
			return gid
		}
	}
	return os.Getgid()
})

func name(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return strconv.Itoa(uid)
}

func group(gid uint32) string {
	if g, err := user.LookupGroupId(strconv.Itoa(int(gid))); err == nil {
		return g.Name
	}
	return strconv.Itoa(int(gid))
}
