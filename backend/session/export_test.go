package session

// Redact is what leaves the application goes through.
var Redact = (*Manager).redact
