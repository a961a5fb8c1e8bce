import type { Backend } from '../backend'

// A backend whose every text is an attack on the page: what an agent, a repository or a server could have written.

/** Calls `pwned` with the way in, if the page ever takes it for more than text. */
export const attack = [
  `<img src="/x" onerror="pwned('img')"><svg onload="pwned('svg')"></svg><script>pwned('script')</script>`,
  `<iframe srcdoc="<script>parent.pwned('frame')</script>"></iframe><img src="http://canary.invalid/beacon">`,
  `<style>@import url(http://canary.invalid/style);</style><link rel="stylesheet" href="http://canary.invalid/link">`,
  `<form action="http://canary.invalid/form"><button autofocus onfocus="pwned('focus')">x</button></form>`,
  `[link](javascript:pwned('link')) ![image](http://canary.invalid/image) [data](data:text/html,<script>pwned('data')</script>)`,
  `<a href="javascript:pwned('a')">a</a> [file](file:///etc/passwd) [vb](vbscript:pwned('vb')) <javascript:pwned('auto')>`,
  `[good](https://example.com/good) {@html pwned('svelte')} \${pwned('template')} "onmouseover="pwned('attribute')`,
  `\u001b]8;;javascript:pwned('osc')\u0007\u001b[31m\u001b]0;title\u0007\u202egpj.exe\u0000`,
].join(' ')

/** Words of the application's own and its ids: a page that got others of these would be talking to another application. */
const ours = new Set(
  (
    'id session project item parent kind status sandbox policy network category risk stop code hash commit files by answer' +
    ' agent theme density layer seq state tool'
  ).split(' '),
)

function poison(v: unknown): unknown {
  if (typeof v === 'string') return `${v} ${attack}`
  if (Array.isArray(v)) return v.map(poison)
  if (!v || typeof v !== 'object') return v
  return Object.fromEntries(
    Object.entries(v).map(([k, x]) => [
      k,
      typeof x === 'string' && ours.has(k) ? x : k === 'gone' ? x : poison(x),
    ]),
  )
}

/** The given backend with an attack in every text that it tells. */
export function hostile(b: Backend): Backend {
  return new Proxy(b, {
    get(target, name) {
      const f: unknown = Reflect.get(target, name)
      if (typeof f !== 'function') return f
      if (name === 'watch')
        return (told: (events: unknown) => void, ...rest: unknown[]) =>
          f.call(target, (events: unknown) => told(poison(events)), ...rest)
      return (...args: unknown[]) => {
        const out = f.apply(target, args)
        return out instanceof Promise ? out.then(poison) : out
      }
    },
  })
}
