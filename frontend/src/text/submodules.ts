/** How many submodules are named in one sentence. */
const named = 10

/** Says which folders are empty in a sandbox; paths is not empty. */
export function emptySubmodules(paths: string[]): string {
  const more = paths.length > named ? ` and ${paths.length - named} more` : ''
  const names = paths.slice(0, named).join(', ') + more
  return `Submodules are not copied into the sandbox. These folders are empty there: ${names}.`
}
