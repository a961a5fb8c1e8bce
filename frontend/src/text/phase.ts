const names: Record<string, string> = {
  image: 'Build the image',
  mirror: 'Bring the history of the project',
  container: 'Make the container',
  clone: 'Check out the branch',
  setup: 'Run the setup hook',
  agent: 'Start the agent',
}

/** What a phase of a session's start does, in words. */
export const phaseName = (name: string) => names[name] ?? name
