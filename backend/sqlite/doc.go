// Package sqlite keeps projects, sessions, transcripts and settings in one SQLite file: a session.Store.
//
// What it guarantees:
//
//   - Save is one transaction. After it returned nil, all of the change survives a kill of the process; before that,
//     none of it is visible. A failed Save changes nothing.
//   - After a power cut the file is whole. What a Save completed (a prompt, the end of an item, of a turn) is synced
//     to the disk before it returns. A Save that only makes items grow that are still open is not: a power cut may take
//     the last moments of a running turn, the session's cursor with them, so that both still fit together.
//   - Deltas follow the revision that is stored. One that does not is refused, with its whole change: text is never
//     appended twice, nor with a gap.
//   - A file of a newer version, or one that is not a database, is refused and left as it is.
//   - Load reads no items, and no reader waits for a writer.
//
// One process writes the file. Several may read it.
//
// The schema lies in schema/, one file a version; sessions and projects are JSON documents beside the columns that are
// searched by, since they are always read and written whole.
package sqlite
