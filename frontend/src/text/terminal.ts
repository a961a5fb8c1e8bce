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
