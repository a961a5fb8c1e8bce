const names: Record<string, string> = {
  image: 'Preparing the sandbox image',
  tool: 'Fetching a tool',
  mirror: 'Copying the project history',
  container: 'Creating the sandbox',
  clone: 'Checking out the files',
  setup: 'Running the setup hook',
  start: 'Running the start hook',
  agent: 'Starting the agent',
}

/** What a phase of a session's start does, in words: the same as those of session.phaseStep in Go. */
export const phaseName = (name: string) => names[name] ?? name
