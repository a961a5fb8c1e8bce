UPDATE sessions SET value = json_set(value, '$.turnedAt', COALESCE(
    NULLIF(value ->> 'workedSince', 0),
    (SELECT items.at FROM items WHERE items.session = sessions.id AND items.id = 'turn-' || (sessions.value ->> 'turns')),
    created_at));
