import { expect, test } from 'vitest'
import { keyInAddress, keyInEnv } from './key'

test('a key in an environment is found by its variable, or by its look', () => {
  expect(keyInEnv('DEBUG=1\nGITHUB_TOKEN=abcdef')).toEqual({
    of: 'GITHUB_TOKEN',
    value: 'abcdef',
    secret: 'GITHUB_TOKEN',
  })
  expect(keyInEnv('ghp=ghp_16C7e42F292c6912E7710c8')?.secret).toBe('GHP')
})

test('what is no key is none', () => {
  for (const env of [
    '',
    'DEBUG=1',
    'TOKEN=',
    'TOKEN=${TOKEN}',
    'FOLDER=/workspace/some/long/folder/number1',
    'URL=https://example.com/a/long/path/1',
  ])
    expect(keyInEnv(env), env).toBeUndefined()
  expect(keyInAddress('far', 'https://example.com/mcp?page=2', 'Accept: text/html')).toBeUndefined()
  expect(keyInAddress('far', 'https://example.com', 'Authorization: Bearer ${FAR_TOKEN}')).toBeUndefined()
})

test('of a header the scheme stays, and of an address all but the value', () => {
  expect(keyInAddress('my shop', 'https://example.com', 'Authorization: Bearer abc123')).toEqual({
    of: 'Authorization',
    value: 'abc123',
    secret: 'MY_SHOP_TOKEN',
  })
  expect(keyInAddress('', 'https://example.com/mcp?v=1&api_key=abc123', '')).toEqual({
    of: 'api_key',
    value: 'abc123',
    secret: 'SERVER_TOKEN',
  })
})
