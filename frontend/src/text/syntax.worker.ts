import bash from 'highlight.js/lib/languages/bash'
import c from 'highlight.js/lib/languages/c'
import cpp from 'highlight.js/lib/languages/cpp'
import csharp from 'highlight.js/lib/languages/csharp'
import css from 'highlight.js/lib/languages/css'
import diff from 'highlight.js/lib/languages/diff'
import dockerfile from 'highlight.js/lib/languages/dockerfile'
import go from 'highlight.js/lib/languages/go'
import ini from 'highlight.js/lib/languages/ini'
import java from 'highlight.js/lib/languages/java'
import javascript from 'highlight.js/lib/languages/javascript'
import json from 'highlight.js/lib/languages/json'
import kotlin from 'highlight.js/lib/languages/kotlin'
import makefile from 'highlight.js/lib/languages/makefile'
import markdown from 'highlight.js/lib/languages/markdown'
import php from 'highlight.js/lib/languages/php'
import python from 'highlight.js/lib/languages/python'
import ruby from 'highlight.js/lib/languages/ruby'
import rust from 'highlight.js/lib/languages/rust'
import sql from 'highlight.js/lib/languages/sql'
import swift from 'highlight.js/lib/languages/swift'
import typescript from 'highlight.js/lib/languages/typescript'
import xml from 'highlight.js/lib/languages/xml'
import yaml from 'highlight.js/lib/languages/yaml'
import { createLowlight } from 'lowlight'
import type { Span } from './syntax'

const lowlight = createLowlight({
  bash, c, cpp, csharp, css, diff, dockerfile, go, ini, java, javascript, json, kotlin, makefile, markdown, php,
  python, ruby, rust, sql, swift, typescript, xml, yaml,
}) // prettier-ignore

type Node = ReturnType<typeof lowlight.highlight>['children'][number]

/** Flattens the tree to lines of spans, each with the innermost scope that has a colour. */
function lines(nodes: Node[]): Span[][] {
  const out: Span[][] = [[]]
  const walk = (node: Node, scope: string) => {
    if (node.type === 'text') {
      node.value.split('\n').forEach((part, i) => {
        if (i) out.push([])
        if (part) out.at(-1)!.push([scope, part])
      })
    } else if (node.type === 'element') {
      const classes = node.properties['className']
      const name = Array.isArray(classes) ? String(classes[0] ?? '').replace('hljs-', '') : ''
      for (const child of node.children) walk(child, name || scope)
    }
  }
  for (const node of nodes) walk(node, '')
  return out
}

self.onmessage = (e: MessageEvent<{ id: number; code: string; language: string }>) => {
  const { id, code, language } = e.data
  try {
    self.postMessage({ id, lines: lines(lowlight.highlight(language, code).children) })
  } catch {
    self.postMessage({ id, lines: null })
  }
}
