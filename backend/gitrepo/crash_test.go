package gitrepo

const crashChild = "GITREPO_CRASH_CHILD"

func runCrashChild() {}
