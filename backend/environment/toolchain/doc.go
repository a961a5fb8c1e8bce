// Package toolchain has the one definition of each tool that a project can get in its sandbox, and fetches its
// archives.
//
// A definition names the versions, where each comes from, what it needs and what it puts into the environment. A
// release is either a list of Debian packages, which become layers of the image, or a Source, whose archives become a
// read-only volume. Fetcher downloads the archives of a release on the host:
//
//   - addresses come from this package and from the maker's index, never from a project; the one exception is Pinned,
//     which has a checksum that the user has approved
//   - https only, and only to the hosts that the source lists, redirects included
//   - each index, archive and wait has a bound
//   - nothing is handed on before its checksum is verified, and a failed fetch leaves no file behind
//   - archives are never opened to be unpacked here: that is for a container without network
//
// The checksum database signs what it says about Go. For the others the checksum is in our table, or it comes over
// https from the maker's own index: an attacker who controls that host can publish another archive with another
// checksum.
package toolchain
