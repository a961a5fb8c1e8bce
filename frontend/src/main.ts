import { mount } from 'svelte'
import App from './App.svelte'
import { open } from './backend'
import './theme.css'
import { system } from './ui/system'

document.documentElement.dataset['os'] = system
const target = document.getElementById('app')!
mount(App, { target, props: { backend: await open() } })
