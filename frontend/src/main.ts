import { mount } from 'svelte'
import App from './App.svelte'
import { open } from './backend'
import './theme.css'

const target = document.getElementById('app')!
mount(App, { target, props: { backend: await open() } })
