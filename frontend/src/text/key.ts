import { lines } from './command'

/** A value that stands in a field and looks like a key. */
export interface PlainKey {
  /** The variable, the header, or the part of the address that it belongs to. */
  of: string
  value: string
  /** What a secret for it could be named. */
  secret: string
}

const telling = /auth|token|secret|passw|key|credential|cookie/i
const upper = (text: string) =>
  text
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replaceAll(/^[_0-9]+|_+$/g, '')
    .toUpperCase()

/** Long, of one word, and of letters and digits mixed: nobody types such by hand. */
const random = (value: string) =>
  /^[\w.~+/=:-]{20,}$/.test(value) &&
  /\d/.test(value) &&
  /[A-Za-z]/.test(value) &&
  !/^(https?:|[./])/.test(value)

const looksLike = (of: string, value: string) =>
  !value.includes('${') && (random(value) || (telling.test(of) && value.length >= 6))

/** The first value of a program's environment that looks like a key. */
export function keyInEnv(text: string): PlainKey | undefined {
  for (const line of lines(text)) {
    const [, of = '', value = ''] = /^([A-Za-z_]\w*)=(.*)$/.exec(line) ?? []
    if (of && looksLike(of, value)) return { of, value, secret: upper(of) }
  }
  return undefined
}

/** The first of an address or its headers; server is the name that they go by. */
export function keyInAddress(server: string, address: string, headers: string): PlainKey | undefined {
  const secret = `${upper(server) || 'SERVER'}_TOKEN`
  for (const line of lines(headers)) {
    const [, of = '', value = ''] = /^([^:\s]+):\s*(?:(?:Bearer|Basic|Token)\s+)?(.*)$/i.exec(line) ?? []
    if (of && looksLike(of, value)) return { of, value, secret }
  }
  for (const [, of = '', value = ''] of address.matchAll(/[?&]([^=&#]+)=([^&#]*)/g))
    if (looksLike(of, value)) return { of, value, secret }
  return undefined
}
