// Package private keeps the application's files the user's own: it refuses folders that other users can change, and opens files
// without following links.
//
// What lies in the data folder decides what the application does: which servers get a key, which repositories are written to,
// where the log goes. A folder that someone else can write to, or that was prepared by a repository, must never be used as one.
// On Windows the access lists of the user's profile say who may change what is in it; there only links are refused.
package private
