// What a program wrote for a terminal, as the text that a terminal would show: no colours, no cursor tricks.

const escapes =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[PX^_][^\u001b]*(?:\u001b\\)?|[ -/]*[0-~])/g

const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g

/** Drops escape sequences and control characters, and lets a carriage return overwrite its line. */
export function plain(text: string): string {
  let out = text.includes('\u001b') ? text.replace(escapes, '') : text
  out = out.replaceAll('\r\n', '\n')
  if (out.includes('\r')) out = out.split('\n').map(overwrite).join('\n')
  return out.replace(controls, '')
}

function overwrite(line: string): string {
  const parts = line.split('\r')
  let shown = ''
  for (const part of parts) shown = part + shown.slice(part.length)
  return shown
}

const unseen =
  /\r(?!\n|$)|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/**
 * Shows what a reader would not see and what changes the order of what he sees: what is decided upon must be all there.
 * Such a character becomes its escape, "\u202e"; the carriage return of a line's end is none.
 */
export const visible = (text: string): string =>
  text.replace(unseen, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** A name of a file or branch on one line, with nothing unseen in it. */
export const shownName = (name: string): string =>
  visible(name).replaceAll('\n', '\\n').replaceAll('\t', '\\t')
