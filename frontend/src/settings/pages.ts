import type { Component } from 'svelte'
import type { IconName } from '../ui/icons'
import About from './About.svelte'
import Agents from './Agents.svelte'
import Appearance from './Appearance.svelte'
import Forge from './Forge.svelte'
import Projects from './Projects.svelte'
import Secrets from './Secrets.svelte'
import Providers from './Providers.svelte'
import Sessions from './Sessions.svelte'

interface Page {
  id: string
  title: string
  icon: IconName
  page: Component
}

/** The pages of the settings, in the order of their navigation; a page for each project follows on the last. */
export const pages: Page[] = [
  { id: 'appearance', title: 'Appearance', icon: 'eye', page: Appearance },
  { id: 'sessions', title: 'Sessions and limits', icon: 'box', page: Sessions },
  { id: 'models', title: 'Models', icon: 'cpu', page: Providers },
  { id: 'pull-requests', title: 'Pull requests', icon: 'pull', page: Forge },
  { id: 'agents', title: 'Agents', icon: 'bolt', page: Agents },
  { id: 'secrets', title: 'Secrets', icon: 'key', page: Secrets },
  { id: 'about', title: 'About', icon: 'info', page: About },
  { id: 'projects', title: 'Projects', icon: 'folder', page: Projects },
]
