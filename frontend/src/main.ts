import { mount } from 'svelte'
import App from './App.svelte'
import { open } from './backend'
import './theme.css'
import { system } from './ui/system'

document.documentElement.dataset['os'] = system
const target = document.getElementById('app')!
try {
  mount(App, { target, props: { backend: await open() } })
} catch (e) {
  target.textContent = e instanceof Error ? e.message : String(e)
  throw e
}
