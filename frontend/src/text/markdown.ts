import { Lexer, Tokenizer, type Token, type Tokens } from 'marked'

/** One top-level piece of a markdown text. key is its place in the text, so it stays the same while text is added. */
export interface Block {
  key: number
  token: Token
}

/** A paragraph with more than this is shown as plain text: nobody reads it, and inline rules are costly on it. */
const maxInline = 4000

const blankLine = /\n\s*\n/
const underline = /\n {0,3}(?:=+|-+)[ \t]*(?:\n|$)/
const address = /^(?:(?:https?|ftp|mailto|xmpp):|www\.|[\w.+-]+@)/i

/**
 * Two rules of the library are costly in WebKit, which interprets them: 25 ms for a paragraph of 15 KB that grows, with
 * every frame. They are asked only where what they look for can be.
 */
class Quick extends Tokenizer {
  override lheading(src: string): Tokens.Heading | undefined {
    const end = src.search(blankLine)
    return underline.test(end < 0 ? src : src.slice(0, end)) ? super.lheading(src) : undefined
  }

  override url(src: string): Tokens.Link | undefined {
    return address.test(src) ? super.url(src) : undefined
  }
}

/** The blocks of a markdown text. Text is never parsed as HTML; what looks like it stays text. */
export function parse(text: string, from = 0): Block[] {
  const blocks: Block[] = []
  let at = from
  for (const token of lex(text)) {
    if (token.type !== 'space' && token.type !== 'def') blocks.push({ key: at, token })
    at += token.raw.length
  }
  return blocks
}

function lex(text: string): Token[] {
  try {
    const lexer = new Lexer({ gfm: true, tokenizer: new Quick() })
    const tokens = lexer.blockTokens(text.replaceAll('\r\n', '\n'), [])
    for (const { src, tokens } of lexer.inlineQueue) {
      if (src.length <= maxInline) lexer.inlineTokens(src, tokens)
      else tokens.push({ type: 'text', raw: src, text: src } as Tokens.Text)
    }
    lexer.inlineQueue = []
    return tokens
  } catch {
    return [
      { type: 'paragraph', raw: text, text, tokens: [{ type: 'text', raw: text, text }] } as Tokens.Paragraph,
    ]
  }
}

/**
 * A markdown text that grows. update parses only what can still change: the last block and what was added, so that
 * a long answer costs no more per character than a short one, and blocks that are complete keep their identity.
 */
export class Growing {
  blocks: Block[] = []
  #text = ''

  update(text: string): Block[] {
    if (text === this.#text) return this.blocks
    const last = this.blocks.at(-1)
    const grows = last !== undefined && !text.includes('\r') && text.startsWith(this.#text)
    this.blocks = grows
      ? [...this.blocks.slice(0, -1), ...parse(text.slice(last.key), last.key)]
      : parse(text)
    this.#text = text
    return this.blocks
  }
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' }

/** Text of an inline token, with the character references that markdown knows. */
export function decode(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/gi, (all, dec, hex, name: string) => {
    const code = dec ? Number(dec) : hex ? parseInt(hex, 16) : 0
    if (code) return code <= 0x10ffff ? String.fromCodePoint(code) : all
    return entities[name?.toLowerCase()] ?? all
  })
}
