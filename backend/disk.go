package backend

import "background-agents/backend/session"

// roomOf returns how much room there is in the data folder and, where that is on this computer, in the engine's: what is left of the
// one that has less.
func roomOf(data string, engineRoot func() string) (session.Room, error) {
	room, err := freeRoom(data)
	if err != nil {
		return room, err
	}
	if root := engineRoot(); root != "" {
		if other, err := freeRoom(root); err == nil { // an engine in a virtual machine has its folder there
			room = room.Least(other)
		}
	}
	return room, nil
}
