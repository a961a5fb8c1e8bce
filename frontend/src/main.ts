import { mount } from 'svelte'
import App from './App.svelte'
import { open } from './backend'
import { bridge } from './backend/bridge'
import { openQuick } from './backend/quick'
import QuickPrompt from './quick/QuickPrompt.svelte'
import './theme.css'
import { system } from './ui/system'

// index.html and quick.html are the pages of the main window and of the quick prompt. Both load this one script: a second
// file would cost the main window a request at its start.
const { dataset } = document.documentElement
dataset['os'] = system
const target = document.getElementById('app')!
try {
  if (dataset['page'] === 'quick') {
    if (!('go' in window)) bridge()
    mount(QuickPrompt, { target, props: { quick: openQuick() } })
  } else {
    mount(App, { target, props: { backend: await open() } })
  }
} catch (e) {
  target.textContent = e instanceof Error ? e.message : String(e)
  throw e
}
