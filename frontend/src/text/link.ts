/** The address to open for a link in foreign text, or null where its kind is not one we open. */
export function safeURL(href: string): string | null {
  try {
    const url = new URL(href)
    return ['https:', 'http:', 'mailto:'].includes(url.protocol) ? url.href : null
  } catch {
    return null
  }
}
