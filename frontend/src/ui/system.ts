/** What the window runs on. */
export const system = /Mac|iPhone|iPad/.test(navigator.platform)
  ? 'mac'
  : /Win/.test(navigator.platform)
    ? 'windows'
    : 'linux'
