import type { Failure } from './types'

/** Whatever was thrown, as what a user is told. */
export function failureOf(e: unknown): Failure {
  if (isFailure(e)) return e
  const text = e instanceof Error ? e.message : String(e)
  try {
    const parsed: unknown = JSON.parse(text)
    if (isFailure(parsed)) return parsed
  } catch {
    // not one of ours
  }
  return {
    code: 'internal',
    message: `Something went wrong: ${text}`,
    hint: 'Try again. “Check this computer” in the settings says what is missing.',
  }
}

/** Whether the settings of models are where the user goes on: a key, a login or a model is missing. */
export const inModelSettings = ({ code }: Failure) => code === 'model_key' || code === 'model_missing'

function isFailure(e: unknown): e is Failure {
  return typeof e === 'object' && e !== null && 'message' in e && 'hint' in e && 'code' in e
}
