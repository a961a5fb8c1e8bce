package session

// region returns the variables that make dates and times those of the user.
func (m *Manager) region() []string {
	if m.TimeZone == nil {
		return nil
	}
	if zone := m.TimeZone(); zone != "" {
		return []string{"TZ=" + zone}
	}
	return nil
}
