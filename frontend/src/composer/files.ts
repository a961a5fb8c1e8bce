import type { Backend } from '../backend/backend'
import type { Attachment, Failure } from '../backend/types'

/** As backend/session bounds them. */
export const maxAttachments = 20
const maxBytes = 20 * 1024 * 1024

/** Hands a pasted or dropped file to the application. */
export async function attach(backend: Backend, file: File): Promise<Attachment> {
  if (file.size > maxBytes) {
    const failure: Failure = {
      code: 'invalid',
      message: `“${file.name}” is larger than 20 MB.`,
      hint: 'Attach a smaller file, or put it into the repository.',
    }
    throw failure
  }
  const bytes = new Uint8Array(await file.arrayBuffer())
  return backend.attach(file.name || 'pasted', file.type || 'application/octet-stream', base64(bytes))
}

function base64(bytes: Uint8Array): string {
  const step = 0x8000 // String.fromCharCode takes only so many arguments
  let text = ''
  for (let i = 0; i < bytes.length; i += step) text += String.fromCharCode(...bytes.subarray(i, i + step))
  return btoa(text)
}

/** A long paste is kept as a file, so that the prompt stays readable. */
export const longPaste = 20_000
